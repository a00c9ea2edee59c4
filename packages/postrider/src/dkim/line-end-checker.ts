/**
 * Says no to line ends that would be others on the wire: a signature over them could not be verified.
 *
 * Layer: dkim. RFC 6376 §5.3 (normalise first, then sign).
 */
import { MessageError } from "../errors.js";

const LF = 0x0a;
const CR = 0x0d;

export class LineEndChecker {
  #previous = 0;

  /** @throws MessageError */
  push(chunk: Uint8Array): void {
    let previous = this.#previous;
    for (let index = 0; index < chunk.length; index++) {
      const byte = chunk[index] as number;
      if ((byte === LF) !== (previous === CR)) throw fault();
      previous = byte;
    }
    this.#previous = previous;
  }

  /** @throws MessageError */
  finish(): void {
    if (this.#previous === CR) throw fault();
  }
}

function fault(): MessageError {
  return new MessageError("message", "only CRLF may end a line of a message to be signed");
}
