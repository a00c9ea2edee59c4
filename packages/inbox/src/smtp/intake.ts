/**
 * Takes the content of messages off the wire, within a budget shared by all connections.
 */
import type { Reply } from "./session-types.js";

const NO_ROOM: Reply = { code: 452, text: "4.3.1 Too much mail is arriving at once, try again later" };

/** The budget. */
export class Intake {
  readonly #budget: number;
  #held = 0;

  /** @param budget bytes of unfinished messages, over all connections. */
  constructor(budget: number) {
    this.#budget = budget;
  }

  /** Begins one message. */
  open(): IncomingContent {
    return new IncomingContent((bytes) => {
      this.#held += bytes;
      return this.#held <= this.#budget;
    });
  }
}

/** The content of one message; its bytes count against the budget until `release()`. */
export class IncomingContent {
  readonly #take: (bytes: number) => boolean;
  readonly #blocks = new Blocks();
  #size = 0;
  #refusal: Reply | undefined;

  /** @param take counts bytes (fewer, when negative); false when there is no room for them. */
  constructor(take: (bytes: number) => boolean) {
    this.#take = take;
  }

  /** Why the message is not taken, once there was no room for it. */
  get refusal(): Reply | undefined {
    return this.#refusal;
  }

  /** Copies a piece. SECURITY: what will be refused is not held while the rest of it comes in. */
  add(bytes: Uint8Array): void {
    if (this.#refusal !== undefined) return;
    this.#size += bytes.byteLength;
    if (this.#take(bytes.byteLength)) return this.#blocks.add(bytes);
    this.release();
    this.#refusal = NO_ROOM;
  }

  /** The whole content. */
  joined(): Uint8Array {
    return this.#blocks.joined();
  }

  /** Forgets it. */
  release(): void {
    this.#take(-this.#size);
    this.#size = 0;
    this.#blocks.clear();
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
