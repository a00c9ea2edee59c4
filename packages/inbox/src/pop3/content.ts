/**
 * A message as RETR and TOP give it: in pieces, its dots doubled, and a dot behind it.
 *
 * RFC 1939 §3 (responses of several lines), §7 (TOP).
 */
import { DotStuffer } from "postrider/wire";

const CR = 0x0d;
const LF = 0x0a;
/** As much as is held for one connection besides the message itself. */
const PIECE_BYTES = 64 * 1024;
const END = ".\r\n";

/** @param bodyLines lines of the body that are given; undefined: all. */
export function* contentPieces(raw: Uint8Array, bodyLines: number | undefined): Generator<Uint8Array | string> {
  // A bare LF is a line end to some clients, so a dot behind one is doubled, too.
  const dots = new DotStuffer();
  const top = bodyLines === undefined ? undefined : new TopLines(bodyLines);
  let end = 0;
  while (end < raw.length && top?.isComplete !== true) {
    const piece = raw.subarray(end, end + PIECE_BYTES);
    const wanted = top === undefined ? piece : piece.subarray(0, top.lengthIn(piece));
    end += wanted.length;
    yield dots.push(wanted);
  }
  const isWhole = end === 0 || (raw[end - 2] === CR && raw[end - 1] === LF);
  yield isWhole ? END : `\r\n${END}`;
}

/** Bytes that the client receives for a message, dots not doubled. */
export function transferSize(raw: Uint8Array): number {
  const isWhole = raw.length === 0 || (raw.at(-2) === CR && raw.at(-1) === LF);
  return raw.length + (isWhole ? 0 : 2);
}

/** Counts the lines of the header, the empty line, and some lines of the body. */
class TopLines {
  #left: number;
  #isBody = false;
  #isComplete = false;
  /** Bytes of the current line so far, its CR not counted. */
  #lineLength = 0;

  constructor(bodyLines: number) {
    this.#left = bodyLines;
  }

  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** How much of the next piece belongs to it. */
  lengthIn(piece: Uint8Array): number {
    let at = 0;
    while (at < piece.length) {
      const end = piece.indexOf(LF, at);
      const until = end === -1 ? piece.length : end;
      this.#lineLength += until - at - (until > at && piece[until - 1] === CR ? 1 : 0);
      if (end === -1) return piece.length;
      at = end + 1;
      if (this.#endLine()) return at;
    }
    return at;
  }

  #endLine(): boolean {
    if (this.#isBody) this.#left -= 1;
    else this.#isBody = this.#lineLength === 0;
    this.#lineLength = 0;
    this.#isComplete = this.#isBody && this.#left <= 0;
    return this.#isComplete;
  }
}
