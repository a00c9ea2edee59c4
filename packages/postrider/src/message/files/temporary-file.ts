/**
 * A spool: keeps a one-time stream for a second reading, in memory while it is small, then in a temporary file.
 *
 * Layer: message. With file-attachment.ts one of the two places that open files.
 */
import { Buffer } from "node:buffer";
import type { FileHandle } from "node:fs/promises";
import { isError, MessageError } from "../../errors/errors.js";
import { randomToken } from "../random-token.js";

const FIRST_BYTES = 64 * 1024;
/** Up to 1 MiB is kept in memory; more is written to the file in blocks of this size. */
const MAX_HELD_BYTES = 1024 * 1024;
const READ_BYTES = 256 * 1024;

/**
 * Keeps bytes in the order of writing, for one reading. The file is unlinked while it is in use, so that none is left behind however the
 * process ends.
 */
export class TemporaryFile {
  readonly #folder: string | undefined;
  /** PERF: grows by doubling, and is reused after each write to the file: a gigabyte makes no garbage. */
  #held: Buffer = Buffer.alloc(0);
  /** Bytes used in the buffer. */
  #used = 0;
  #file: FileHandle | undefined;
  #path: string | undefined;
  #fileBytes = 0;
  #isClosed = false;

  /** @param folder where the file is made; default: the temporary folder of the system, determined when it is needed */
  constructor(folder?: string) {
    this.#folder = folder;
  }

  /**
   * Copies the bytes. One write at a time.
   *
   * @throws MessageError (`"message"`) when they cannot be written
   */
  async write(bytes: Uint8Array): Promise<void> {
    for (let offset = 0; offset < bytes.length; ) {
      if (this.#used === MAX_HELD_BYTES) await this.#flush();
      const piece = bytes.subarray(offset, offset + MAX_HELD_BYTES - this.#used);
      this.#grow(this.#used + piece.length);
      this.#held.set(piece, this.#used);
      this.#used += piece.length;
      offset += piece.length;
    }
  }

  /** All bytes written; may be called once. */
  async *read(): AsyncGenerator<Uint8Array, void, undefined> {
    for (let offset = 0; offset < this.#fileBytes; ) {
      const length = Math.min(READ_BYTES, this.#fileBytes - offset);
      const piece = await this.#readPiece(length, offset);
      offset += piece.length;
      yield piece;
    }
    if (this.#isClosed) throw fault("cannot be read back from a temporary file that is closed", undefined);
    if (this.#used > 0) yield this.#held.subarray(0, this.#used);
  }

  /** Removes the file; a pending read or write fails. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#held = Buffer.alloc(0);
    this.#used = 0;
    const [file, path] = [this.#file, this.#path];
    this.#file = undefined;
    this.#path = undefined;
    await file?.close();
    if (path === undefined) return;
    const { unlink } = await import("node:fs/promises");
    await unlink(path).catch(() => undefined);
  }

  #grow(size: number): void {
    if (size <= this.#held.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(FIRST_BYTES, Math.min(MAX_HELD_BYTES, size * 2)));
    larger.set(this.#held.subarray(0, this.#used));
    this.#held = larger;
  }

  async #flush(): Promise<void> {
    try {
      this.#file ??= await this.#open();
      for (let offset = 0; offset < this.#used; ) {
        const { bytesWritten } = await this.#file.write(this.#held, offset, this.#used - offset, this.#fileBytes);
        offset += bytesWritten;
        this.#fileBytes += bytesWritten;
      }
    } catch (error) {
      throw fault("cannot be kept in a temporary file", error);
    }
    this.#used = 0;
  }

  async #open(): Promise<FileHandle> {
    // PERF: loaded on use: most programs never come here.
    const [{ open, unlink }, { tmpdir }, { join }] = await Promise.all([
      import("node:fs/promises"),
      import("node:os"),
      import("node:path"),
    ]);
    const path = join(this.#folder ?? tmpdir(), `postrider-${randomToken()}`);
    // SECURITY: an unguessable name, mode 0600, and "x": an existing file or link is never opened.
    const file = await open(path, "wx+", 0o600);
    // QUIRK: Windows may refuse to remove an open file; it is removed on closing then.
    await unlink(path).catch(() => {
      this.#path = path;
    });
    if (!this.#isClosed) return file;
    await file.close();
    throw new TypeError("closed while it was opened");
  }

  async #readPiece(length: number, offset: number): Promise<Buffer> {
    try {
      const buffer = Buffer.allocUnsafeSlow(length);
      const bytesRead = (await this.#file?.read(buffer, 0, length, offset))?.bytesRead ?? 0;
      if (bytesRead > 0) return buffer.subarray(0, bytesRead);
    } catch (error) {
      throw fault("cannot be read back from a temporary file", error);
    }
    throw fault("cannot be read back from a temporary file", undefined);
  }
}

function fault(what: string, cause: unknown): MessageError {
  const reason = isError(cause) ? `: ${cause.message}` : "";
  return new MessageError("message", `${what}${reason}`, { cause, phase: "content" });
}
