/**
 * Lines at the end of a file that are on the disk when the promise resolves.
 *
 * PERF: a disk takes milliseconds to promise that it has written; lines that come meanwhile share the next promise.
 */
import type { FileHandle } from "node:fs/promises";

interface Waiting {
  readonly text: string;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

export class DurableLines {
  readonly #handle: FileHandle;
  readonly #check: (bytes: number, lines: number) => Promise<void>;
  #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;

  /**
   * @param handle opened for appending.
   * @param check called with how much was written, when they are on the disk; when it rejects, so do their lines.
   */
  constructor(handle: FileHandle, check: (bytes: number, lines: number) => Promise<void> = async () => undefined) {
    this.#handle = handle;
    this.#check = check;
  }

  /** @throws the system's error; after one, nothing more is taken: what follows could not be read. */
  append(text: string): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure.error);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ text: `${text}\n`, resolve, reject });
      this.#writing ??= this.#write();
    });
  }

  /** Waits for what was appended, and closes. */
  async close(): Promise<void> {
    await this.#writing;
    await this.#handle.close();
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        if (this.#failure !== undefined) throw this.#failure.error;
        const whole = batch.map(({ text }) => text).join("");
        await this.#handle.appendFile(whole);
        await this.#handle.datasync();
        await this.#check(Buffer.byteLength(whole), batch.length);
        for (const { resolve } of batch) resolve();
      } catch (error) {
        this.#failure = { error };
        for (const { reject } of batch) reject(error);
      }
    }
    // In the same turn in which nothing was waiting: a line that comes now starts the next.
    this.#writing = undefined;
  }
}
