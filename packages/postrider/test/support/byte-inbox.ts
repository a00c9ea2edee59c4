/**
 * Bytes that came, to be taken by line or by count, in the order of arrival.
 */
const LF = 0x0a;

export class ByteInbox {
  #pending: Buffer = Buffer.alloc(0);
  #ended = false;
  #wake: (() => void) | undefined;

  /** Bytes that nobody took yet. */
  get pending(): Buffer {
    return this.#pending;
  }

  /** Forgets what nobody took yet, and goes on with this. */
  replace(bytes: Buffer): void {
    this.#pending = bytes;
  }

  push(chunk: Uint8Array): void {
    this.#pending = Buffer.concat([this.#pending, chunk]);
    this.#wake?.();
  }

  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  /** One line with its LF; undefined when the stream ended before it. */
  async line(): Promise<Buffer | undefined> {
    for (;;) {
      const end = this.#pending.indexOf(LF);
      if (end !== -1) return this.#take(end + 1);
      if (this.#ended) return undefined;
      await this.#more();
    }
  }

  async count(length: number): Promise<Buffer | undefined> {
    while (this.#pending.length < length) {
      if (this.#ended) return undefined;
      await this.#more();
    }
    return this.#take(length);
  }

  /** Lines up to the one that is a lone dot: all before it as it came, dots still doubled. */
  async content(): Promise<Buffer | undefined> {
    const lines: Buffer[] = [];
    for (;;) {
      const line = await this.line();
      if (line === undefined) return undefined;
      if (line.equals(Buffer.from(".\r\n"))) return Buffer.concat(lines);
      lines.push(line);
    }
  }

  #take(length: number): Buffer {
    const taken = this.#pending.subarray(0, length);
    this.#pending = this.#pending.subarray(length);
    return taken;
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = undefined;
        resolve();
      };
    });
  }
}
