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
  #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;

  /** @param handle opened for appending. */
  constructor(handle: FileHandle) {
    this.#handle = handle;
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
        await this.#handle.appendFile(batch.map(({ text }) => text).join(""));
        await this.#handle.datasync();
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
