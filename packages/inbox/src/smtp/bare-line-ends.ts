/**
 * Finds the line of one dot that a client means as the end of its message and that is none, because CR or LF stand there alone.
 *
 * SECURITY: to take it for the end would let a message smuggle in another; to wait on would leave the client waiting for ever.
 * RFC 5321 §2.3.8 (lines end with CRLF), §4.1.1.4 (the end of the content).
 */
import { Buffer } from "node:buffer";

const LF = 10;
const CR = 13;
const DOT = 46;
const START = [CR, LF];

/** Looks at content as it comes, in pieces of any size. */
export class BareLineEnds {
  /** The last bytes before the piece that comes next; content begins at the start of a line. */
  #before: readonly number[] = START;
  #done = false;

  /** True when a dot stands alone on a line that CR or LF alone begins or ends. Nothing behind the true end is looked at. */
  findIn(piece: Buffer): boolean {
    if (this.#done) return false;
    const bytes = Buffer.concat([Buffer.from(this.#before), piece]);
    for (let dot = bytes.indexOf(DOT); dot !== -1; dot = bytes.indexOf(DOT, dot + 1)) {
      const [before, after, next] = [bytes[dot - 1], bytes[dot + 1], bytes[dot + 2]];
      if ((before !== LF && before !== CR) || (after !== LF && after !== CR)) continue;
      const begins = before === LF && bytes[dot - 2] === CR;
      if (!begins || after === LF) return true;
      // What follows the CR is in the piece that comes next.
      if (next === undefined) break;
      if (next !== LF) return true;
      this.#done = true;
      return false;
    }
    // The longest that matters: CR LF . CR
    this.#before = [...bytes.subarray(-4)];
    return false;
  }
}
