/**
 * The journal of a mail merge: what was begun and how it ended, so that a run which was killed can be taken up again without
 * anybody getting a second copy.
 *
 * A file to which lines of JSON are appended. The first says which run it is of. A row is "sending" on the disk before the server
 * hears of it, and its outcome follows; "sending" without outcome is unknown.
 */
import { randomUUID } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { dirname } from "node:path";
import { CliError, cannotWrite, systemCode } from "../../cli-error.js";
import { EXIT } from "../../exit-code.js";
import { DurableLines } from "./durable-lines.js";
import { type JournalEntry, type RowState, readEntry, readObject, stateAfter } from "./entries.js";
import { type Lock, takeLock } from "./lock.js";

/** What a run is of: names of its inputs, in words for the person, and their digests. */
export type Fingerprint = Readonly<Record<string, string>>;

const FORMAT = "postrider-bulk-1";

/** How every journal begins. */
const HEAD_START = `{"journal":"${FORMAT}"`;

interface Head {
  readonly id: string;
  readonly of: Fingerprint;
}

export class Journal {
  /** The same for all runs of this journal. */
  readonly id: string;
  /** Where each row stood when the journal was opened. */
  readonly states: ReadonlyMap<number, RowState>;
  readonly #file: string;
  readonly #lines: DurableLines;
  readonly #lock: Lock;

  private constructor(parts: {
    file: string;
    head: Head;
    states: ReadonlyMap<number, RowState>;
    lines: DurableLines;
    lock: Lock;
  }) {
    this.#file = parts.file;
    this.id = parts.head.id;
    this.states = parts.states;
    this.#lines = parts.lines;
    this.#lock = parts.lock;
  }

  /**
   * Opens the journal, or begins one.
   *
   * @throws CliError when it is of another run, damaged, in use, or cannot be written.
   */
  static async open(file: string, fingerprint: Fingerprint): Promise<Journal> {
    const handle = await openForAppending(file);
    let lock: Lock | undefined;
    try {
      const { dev, ino } = await handle.stat();
      lock = await takeLock(`${dev}:${ino}`, file);
      const { head, states, end } = await readJournal(handle, file);
      if (head !== undefined) checkSameRun(head.of, fingerprint, file);
      if (head === undefined) await checkOwnRemains(handle, file);
      // What follows the last line end is half a line that a kill left: nobody had relied on it.
      await handle.truncate(end);
      const lines = new DurableLines(handle);
      const own = head ?? { id: randomUUID(), of: fingerprint };
      if (head === undefined) await begin(own, lines, file);
      return new Journal({ file, head: own, states, lines, lock });
    } catch (error) {
      lock?.release();
      await handle.close().catch(() => undefined);
      throw systemCode(error) === undefined ? error : cannotWrite("the journal", file, error);
    }
  }

  /** On the disk when it resolves. */
  async append(entry: JournalEntry): Promise<void> {
    try {
      await this.#lines.append(JSON.stringify(entry));
    } catch (error) {
      throw cannotWrite("the journal", this.#file, error);
    }
  }

  async close(): Promise<void> {
    await this.#lines.close();
    this.#lock.release();
  }
}

async function openForAppending(file: string): Promise<FileHandle> {
  try {
    // Addresses are in it, and replies about them: nobody else's business.
    const handle = await open(file, "a+", 0o600);
    if ((await handle.stat()).isFile()) return handle;
    await handle.close();
  } catch (error) {
    throw cannotWrite("the journal", file, error);
  }
  throw new CliError(EXIT.cannotCreate, `the journal ${file} must be a file`);
}

async function begin(head: Head, lines: DurableLines, file: string): Promise<void> {
  await lines.append(JSON.stringify({ journal: FORMAT, ...head }));
  // The name of a new file is on the disk only when its folder is. Windows cannot be asked for that.
  if (process.platform === "win32") return;
  const folder = await open(dirname(file), "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** A file without a whole line is a journal whose first line was cut off, or none at all, which is left alone. */
async function checkOwnRemains(handle: FileHandle, file: string): Promise<void> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_START.length), 0, HEAD_START.length, 0);
  if (HEAD_START.startsWith(buffer.toString("utf8", 0, bytesRead))) return;
  throw notOurs(file);
}

interface ReadJournal {
  readonly head: Head | undefined;
  readonly states: ReadonlyMap<number, RowState>;
  /** Bytes up to the end of the last whole line. */
  readonly end: number;
}

async function readJournal(handle: FileHandle, file: string): Promise<ReadJournal> {
  const states = new Map<number, RowState>();
  let head: Head | undefined;
  let number = 0;
  let end = 0;
  for await (const { text, bytes } of wholeLines(handle)) {
    number += 1;
    end += bytes;
    if (number === 1) {
      head = readHead(text, file);
      continue;
    }
    const entry = readEntry(text);
    if (entry === undefined) {
      throw new CliError(EXIT.data, `the journal ${file} is damaged at line ${number}; nothing was sent`);
    }
    states.set(entry.line, stateAfter(entry));
  }
  return { head, states, end };
}

const PIECE_BYTES = 256 * 1024;
const LF = 0x0a;

async function* wholeLines(handle: FileHandle): AsyncGenerator<{ readonly text: string; readonly bytes: number }> {
  let rest: Buffer = Buffer.alloc(0);
  for (let position = 0; ; ) {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(PIECE_BYTES), 0, PIECE_BYTES, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    rest = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
    let start = 0;
    for (let at = rest.indexOf(LF); at >= 0; at = rest.indexOf(LF, start)) {
      yield { text: rest.toString("utf8", start, at), bytes: at + 1 - start };
      start = at + 1;
    }
    rest = rest.subarray(start);
  }
}

function readHead(text: string, file: string): Head {
  const value = readObject(text);
  const { journal, id, of } = value ?? {};
  if (journal !== FORMAT || typeof id !== "string" || typeof of !== "object" || of === null) {
    throw notOurs(file);
  }
  return { id, of: of as Fingerprint };
}

function notOurs(file: string): CliError {
  return new CliError(EXIT.data, `${file} is no journal of postrider bulk; nothing was written to it`);
}

function checkSameRun(before: Fingerprint, now: Fingerprint, file: string): void {
  const names = new Set([...Object.keys(before), ...Object.keys(now)]);
  const different = [...names].filter((name) => before[name] !== now[name]);
  if (different.length === 0) return;
  throw new CliError(
    EXIT.data,
    `the journal ${file} is of another run: ${different.join(" and ")} ${different.length === 1 ? "is" : "are"} not what it was begun with.\n` +
      "Nothing was sent. Use the same files and options to go on with that run, or another journal for a new one.",
  );
}
