/**
 * Takes the content of messages off the wire, within a budget shared by all connections.
 */
import type { SMTPServerDataStream } from "smtp-server";

/** Why a message was not taken, in the words and code of the reply. */
export class IntakeError extends Error {
  readonly responseCode: number;
  constructor(responseCode: number, message: string) {
    super(message);
    this.responseCode = responseCode;
  }
}

export class Intake {
  readonly #budget: number;
  #held = 0;

  /** @param budget bytes of unfinished messages, over all connections. */
  constructor(budget: number) {
    this.#budget = budget;
  }

  /**
   * Reads one message and hands its bytes to `keep`; they count against the budget until that is done.
   *
   * @throws IntakeError when the message is too large or there is no room; the stream is read to its end all the same.
   */
  async take(stream: SMTPServerDataStream, keep: (raw: Uint8Array) => Promise<void>): Promise<void> {
    const content = new Blocks();
    let size = 0;
    let refusal: IntakeError | undefined;
    const release = (): void => {
      this.#held -= size;
      size = 0;
      content.clear();
    };
    try {
      for await (const chunk of stream as AsyncIterable<Uint8Array>) {
        if (refusal !== undefined) continue;
        size += chunk.byteLength;
        this.#held += chunk.byteLength;
        content.add(chunk);
        refusal = this.#refusal(stream);
        // SECURITY: what will be refused is not held while the rest of it comes in.
        if (refusal !== undefined) release();
      }
      if (refusal !== undefined) throw refusal;
      await keep(content.joined());
    } finally {
      release();
    }
  }

  #refusal(stream: SMTPServerDataStream): IntakeError | undefined {
    if (stream.sizeExceeded) return new IntakeError(552, "Message exceeds the maximum size");
    return this.#held > this.#budget
      ? new IntakeError(452, "Too much mail is arriving at once, try again later")
      : undefined;
  }
}

const BLOCK_BYTES = 64 * 1024;

/** Bytes in blocks. PERF: content comes in pieces as small as one line, and an object for each takes more than the line. */
class Blocks {
  #blocks: Uint8Array[] = [];
  /** Bytes of the last block that are used. */
  #used = 0;

  add(chunk: Uint8Array): void {
    let offset = 0;
    while (offset < chunk.byteLength) {
      const last = this.#blocks.at(-1);
      if (last === undefined || this.#used === last.byteLength) {
        this.#blocks.push(new Uint8Array(BLOCK_BYTES));
        this.#used = 0;
        continue;
      }
      const piece = chunk.subarray(offset, offset + last.byteLength - this.#used);
      last.set(piece, this.#used);
      this.#used += piece.byteLength;
      offset += piece.byteLength;
    }
  }

  clear(): void {
    this.#blocks = [];
    this.#used = 0;
  }

  joined(): Uint8Array {
    const whole = new Uint8Array(Math.max(0, (this.#blocks.length - 1) * BLOCK_BYTES + this.#used));
    for (const [index, block] of this.#blocks.entries()) {
      const isLast = index === this.#blocks.length - 1;
      whole.set(isLast ? block.subarray(0, this.#used) : block, index * BLOCK_BYTES);
    }
    return whole;
  }
}
