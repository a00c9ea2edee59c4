/**
 * Messages as files in a Maildir, which mutt, Dovecot and others read: written to tmp/, then renamed to new/, so that whoever
 * looks sees whole messages only, and a program that is killed leaves no half one.
 *
 * Only files that an inbox has written are looked at; whatever else lies in the Maildir is left alone.
 */
import { existsSync, readdirSync, renameSync, rmSync } from "node:fs";
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { InboxOptionError } from "../errors.js";
import type { Delivery } from "../parse-message.js";
import { readTrace, writeTrace } from "./delivery-trace.js";
import type { StoreMirror } from "./message-store.js";

/** A message that was there before. */
export interface StoredDelivery {
  readonly delivery: Delivery;
  readonly read: boolean;
}

/** Seconds, microseconds and process, as Maildirs name files; then the id. */
const NAME = /^\d{10,}\.M\d{6}P(\d+)I([0-9a-f]{1,32})\.postrider-inbox(?:[:;]2,([A-Za-z]*))?$/;
/** Stands before the flags. QUIRK: on NTFS a colon would make it the name of a hidden stream. */
const INFO = process.platform === "win32" ? ";2," : ":2,";
const SEEN = "S";
/** Deleted, but to be had back while the inbox runs. */
const TRASHED = "T";

export class Maildir implements StoreMirror {
  readonly #folder: string;
  /** Where the file of a message is, as far as we know: another program may have moved it. */
  readonly #files = new Map<string, string>();
  readonly #writing = new Set<Promise<unknown>>();
  #lastMicroseconds = 0;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * Opens a Maildir, or makes one.
   *
   * @throws InboxOptionError when the folder cannot be made or read.
   */
  static async open(folder: string): Promise<Maildir> {
    const maildir = new Maildir(folder);
    try {
      for (const name of ["tmp", "new", "cur"]) await mkdir(join(folder, name), { recursive: true, mode: 0o700 });
      await maildir.#removeLeftovers();
      return maildir;
    } catch (error) {
      throw cannotBeUsed(error);
    }
  }

  /**
   * What inboxes have written here before, the oldest first; at most `limit`, the oldest beyond it are removed.
   *
   * @throws InboxOptionError when the folder cannot be read.
   */
  async *load(limit: number): AsyncGenerator<StoredDelivery> {
    let found: string[] = [];
    for (const folder of ["new", "cur"]) {
      const names = await readdir(join(this.#folder, folder)).catch((error: unknown) => {
        throw cannotBeUsed(error);
      });
      found.push(...names.filter((name) => NAME.test(name)).map((name) => join(folder, name)));
    }
    // Deleted when an inbox ended without a goodbye.
    for (const file of found.filter((one) => flagsOf(one).includes(TRASHED)))
      await rm(join(this.#folder, file), { force: true });
    found = found.filter((file) => !flagsOf(file).includes(TRASHED));
    found.sort((left, right) => (baseOf(left) < baseOf(right) ? -1 : 1));
    const tooMany = found.splice(0, Math.max(0, found.length - limit));
    for (const file of tooMany) await rm(join(this.#folder, file), { force: true });
    for (const file of found) {
      // A file that is gone was moved or deleted by another program since we looked.
      const content = await readFile(join(this.#folder, file)).catch(() => undefined);
      const delivery = content === undefined ? undefined : readTrace(content);
      if (delivery === undefined) continue;
      this.#files.set(delivery.id, file);
      yield { delivery, read: flagsOf(file).includes(SEEN) };
    }
  }

  /** Resolves when the message is on disk and in its place. */
  write(delivery: Delivery): Promise<void> {
    const written = this.#write(delivery);
    const done = written.catch(() => {}).finally(() => this.#writing.delete(done));
    this.#writing.add(done);
    return written;
  }

  remove(ids: readonly string[]): void {
    for (const id of ids) {
      const file = this.#locate(id);
      if (file !== undefined) rmSync(join(this.#folder, file), { force: true });
      this.#files.delete(id);
    }
  }

  discard(ids: readonly string[]): void {
    for (const id of ids) this.#setFlag(id, TRASHED, true);
  }

  restore(ids: readonly string[]): void {
    for (const id of ids) this.#setFlag(id, TRASHED, false);
  }

  markRead(id: string, read: boolean): void {
    this.#setFlag(id, SEEN, read);
  }

  #setFlag(id: string, flag: string, on: boolean): void {
    const file = this.#locate(id);
    if (file === undefined) return;
    const flags = new Set(flagsOf(file));
    if (on) flags.add(flag);
    else flags.delete(flag);
    const moved = join("cur", `${baseOf(file)}${INFO}${[...flags].sort().join("")}`);
    renameSync(join(this.#folder, file), join(this.#folder, moved));
    this.#files.set(id, moved);
  }

  /** Resolves when nothing is being written any more. */
  async close(): Promise<void> {
    await Promise.all(this.#writing);
  }

  async #write(delivery: Delivery): Promise<void> {
    const name = this.#nameFor(delivery);
    const draft = join(this.#folder, "tmp", name);
    try {
      await writeWhole(draft, [writeTrace(delivery), delivery.raw]);
      await rename(draft, join(this.#folder, "new", name));
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
    this.#files.set(delivery.id, join("new", name));
  }

  #nameFor({ id, receivedAt }: Delivery): string {
    // Never the same twice, and always in the order of arrival: names are what the order is read from later.
    const microseconds = Math.max(receivedAt.getTime() * 1000, this.#lastMicroseconds + 1);
    this.#lastMicroseconds = microseconds;
    const seconds = Math.floor(microseconds / 1_000_000);
    return `${seconds}.M${String(microseconds % 1_000_000).padStart(6, "0")}P${process.pid}I${id}.postrider-inbox`;
  }

  #locate(id: string): string | undefined {
    const known = this.#files.get(id);
    if (known === undefined || existsSync(join(this.#folder, known))) return known;
    // A mail reader moves what it has seen from new/ to cur/, and adds flags.
    for (const folder of ["cur", "new"]) {
      const name = readdirSync(join(this.#folder, folder)).find((one) => baseOf(one) === baseOf(known));
      if (name !== undefined) return join(folder, name);
    }
    return undefined;
  }

  /** Drafts of inboxes that were killed: their clients never heard 250. */
  async #removeLeftovers(): Promise<void> {
    const folder = join(this.#folder, "tmp");
    for (const name of await readdir(folder)) {
      const pid = NAME.exec(name)?.[1];
      if (pid !== undefined && !isRunning(Number(pid))) await rm(join(folder, name), { force: true });
    }
  }
}

async function writeWhole(path: string, parts: readonly Uint8Array[]): Promise<void> {
  // SECURITY: mail is for the eyes of its owner.
  const file: FileHandle = await open(path, "wx", 0o600);
  try {
    for (const part of parts) await file.writeFile(part);
    // On disk before it gets its name: a name with nothing behind it is what a power cut would leave.
    await file.sync();
  } finally {
    await file.close();
  }
}

function baseOf(file: string): string {
  return file.slice(Math.max(file.lastIndexOf("/"), file.lastIndexOf("\\")) + 1).split(":", 1)[0] ?? "";
}

function flagsOf(file: string): string {
  return /[:;]2,([A-Za-z]*)$/.exec(file)?.[1] ?? "";
}

function isRunning(pid: number): boolean {
  try {
    // Signal 0 asks and does nothing.
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process is a running one too.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

function cannotBeUsed(error: unknown): InboxOptionError {
  return new InboxOptionError("store", `cannot be used: ${error instanceof Error ? error.message : error}`, error);
}
