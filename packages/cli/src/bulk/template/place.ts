/**
 * Where a text of a template stands in its file, so that a fault in it can be told with the line to look at.
 */

/** A text that is part of a file, or of the command line. */
export interface Place {
  /** What it is: `hello.md`, `Subject in hello.md`, `--subject`. */
  readonly name: string;
  /**
   * The line of the file for a line of the text, both from 1; undefined when the file has no such lines.
   *
   * @param words what stands there, for a line of the text that is several of the file.
   */
  lineOf(row: number, words?: string): number | undefined;
}

/** A text that begins at a line of the file, and has the same lines. */
export function atLine(name: string, line: number): Place {
  return { name, lineOf: (row) => line + row - 1 };
}

/** A text of the command line. */
export function onCommandLine(flag: string): Place {
  return { name: flag, lineOf: () => undefined };
}

/**
 * A text that was encoded in a message: its line is the one of the file that holds the same words. Base64 has no such lines.
 *
 * @param source lines of the message, from `sourceLines`.
 */
export function encoded(name: string, text: string, source: readonly SourceLine[]): Place {
  const rows = text.split(/\r\n|\n|\r/);
  return {
    name,
    lineOf: (row, words = "") => {
      const whole = comparable(rows[row - 1] ?? "");
      const found = whole === "" ? undefined : source.find((one) => one.words.includes(whole));
      const pieces = found?.pieces.map(comparable) ?? [];
      const piece = pieces.findIndex((one) => one.includes(comparable(words)));
      return found === undefined ? undefined : found.line + Math.max(0, piece);
    },
  };
}

/** One line as its author wrote it; quoted-printable may have broken it into several of the file. */
export interface SourceLine {
  /** Of the file, from 1. */
  readonly line: number;
  /** As it stands there, and as quoted-printable means it, without blanks. */
  readonly words: string;
  /** The lines of the file that it is made of. */
  readonly pieces: readonly string[];
}

export function sourceLines(message: Uint8Array): readonly SourceLine[] {
  const lines: SourceLine[] = [];
  let pieces: string[] = [];
  for (const [index, text] of Buffer.from(message).toString("latin1").split(/\r?\n/).entries()) {
    lines.push({ line: index + 1, words: comparable(text), pieces: [text] });
    // Softly broken lines are one (RFC 2045 §6.7).
    pieces.push(text);
    if (/=[ \t]*$/.test(text)) continue;
    const decoded = pieces
      .map((piece) => piece.replace(/=[ \t]*$/, ""))
      .join("")
      .replace(/=([0-9A-F]{2})/gi, (_match, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
    lines.push({ line: index + 2 - pieces.length, words: comparable(decoded), pieces });
    pieces = [];
  }
  return lines;
}

/** What is the same in every charset and folding. */
function comparable(text: string): string {
  return text.replace(/[^\x21-\x7e]/g, "");
}

/** `hello.md, line 7`; `line 2 of its text` where the file has no such line. */
export function say(place: Place, row: number, words?: string): string {
  const line = place.lineOf(row, words);
  if (line !== undefined) return `${place.name}, line ${line}`;
  return row === 1 ? place.name : `${place.name}, line ${row} of its text`;
}
