/**
 * Lines of a file in UTF-8, with their ends: CRLF, LF or CR.
 */
import { CliError } from "../../cli-error.js";
import { EXIT } from "../../exit-code.js";

/** SECURITY: a line without end must not fill the memory. */
const MAX_LINE_LENGTH = 1024 * 1024;

/** @throws CliError when it is no UTF-8, or a line is too long. */
export async function* readLines(
  bytes: AsyncIterable<Uint8Array>,
  file: string,
): AsyncGenerator<readonly string[], void, undefined> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let line = 1;
  let rest = "";
  const decode = (piece: Uint8Array | undefined): string => {
    try {
      return piece === undefined ? decoder.decode() : decoder.decode(piece, { stream: true });
    } catch {
      throw new CliError(EXIT.data, `${file} is not UTF-8 (at line ${line} or later); save it as UTF-8`);
    }
  };
  for await (const piece of bytes) {
    const text = rest + decode(piece);
    const end = endOfLines(text);
    rest = text.slice(end);
    if (rest.length > MAX_LINE_LENGTH) throw new CliError(EXIT.data, `${file} has a line that is longer than 1 MiB`);
    if (end === 0) continue;
    const lines = text.slice(0, end).match(LINES) ?? [];
    line += lines.length;
    yield lines;
  }
  const last = rest + decode(undefined);
  if (last !== "") yield last.match(LINES) ?? [];
}

/** With CRLF, LF or CR, which old Macs and some exports write; the last may have no end. */
const LINES = /[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+$/g;

/** A CR at the very end may be half of a CRLF. */
function endOfLines(text: string): number {
  const cr = text.length < 2 ? -1 : text.lastIndexOf("\r", text.length - 2);
  return Math.max(text.lastIndexOf("\n"), cr) + 1;
}
