/**
 * The journal of a mail merge: what was begun and how it ended, so that a run which was killed can be taken up again without
 * anybody getting a second copy.
 *
 * A file to which lines of JSON are appended. The first says which run it is of. A row is "sending" on the disk before the server
 * hears of it, and its outcome follows; "sending" without outcome is unknown.
 *
 * One run writes at a time, and the file itself says which: a run appends a claim before it sends anything, and looks after each
 * line that it appends whether another claim came before that line. The lines have one order for everybody who has the file, also
 * for containers that share nothing else. So a run that was taken for dead and wakes up finds that it is no longer the holder before
 * its next row is sent, and what it had begun stands before the claim, where the new run has read it.
 */
import { randomUUID } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { dirname } from "node:path";
import { CliError, cannotWrite, systemCode } from "../../cli-error.js";
import { EXIT } from "../../exit-code.js";
import { openPrivate } from "../../private-file.js";
import {
  BEAT_MS,
  type Claim,
  hasEnded,
  type JournalClock,
  newClaim,
  ownProcess,
  type ProcessName,
  REAL_CLOCK,
  releaseLine,
} from "./claim.js";
import { DurableLines } from "./durable-lines.js";
import type { JournalEntry, RowState } from "./entries.js";
import { type Fingerprint, FORMAT, type Head, JournalReader } from "./reader.js";

export type { Fingerprint } from "./reader.js";

export interface JournalOptions {
  readonly clock?: JournalClock | undefined;
  /** Who opens it; default: this process. */
  readonly process?: ProcessName | undefined;
  /** Called with the words for the person before it waits for a run of which it cannot know whether it lives. */
  readonly onWait?: ((text: string) => void) | undefined;
}

export class Journal {
  /** The same for all runs of this journal. */
  readonly id: string;
  readonly #file: string;
  readonly #handle: FileHandle;
  readonly #reader: JournalReader;
  readonly #claim: Claim;
  readonly #lines: DurableLines;
  readonly #stopBeats: () => void;
  #beat: Promise<unknown> = Promise.resolve();
  #hasFailed = false;

  private constructor(handle: FileHandle, file: string, reader: JournalReader, claim: Claim, clock: JournalClock) {
    this.id = reader.head?.id ?? "";
    this.#file = file;
    this.#handle = handle;
    this.#reader = reader;
    this.#claim = claim;
    this.#lines = new DurableLines(handle, (bytes, lines) => this.#checkHeld(bytes, lines));
    this.#stopBeats = clock.every(BEAT_MS, () => {
      const now = new Date();
      this.#beat = handle.utimes(now, now).catch(() => undefined);
    });
  }

  /**
   * Opens the journal, or begins one.
   *
   * @throws CliError when it is of another run, damaged, in use, open to others, or cannot be written.
   */
  static async open(file: string, fingerprint: Fingerprint, options: JournalOptions = {}): Promise<Journal> {
    const { clock = REAL_CLOCK } = options;
    const handle = await openPrivate("the journal", file);
    try {
      const reader = new JournalReader(handle, file);
      await reader.readOn();
      await reader.checkOwnRemains();
      checkSameRun(reader.head, fingerprint, file);
      const claim = await claimJournal(handle, reader, file, fingerprint, options);
      checkSameRun(reader.head, fingerprint, file);
      return new Journal(handle, file, reader, claim, clock);
    } catch (error) {
      await handle.close().catch(() => undefined);
      throw systemCode(error) === undefined ? error : cannotWrite("the journal", file, error);
    }
  }

  /** Where each row stood when the journal was opened. */
  get states(): ReadonlyMap<number, RowState> {
    return this.#reader.states;
  }

  /** On the disk when it resolves, and before any other run's claim. @throws CliError when it cannot be written, or is another run's */
  async append(entry: JournalEntry): Promise<void> {
    try {
      await this.#lines.append(JSON.stringify(entry));
    } catch (error) {
      this.#hasFailed = true;
      throw error instanceof CliError ? error : cannotWrite("the journal", this.#file, error);
    }
  }

  async close(): Promise<void> {
    this.#stopBeats();
    await this.#beat;
    // After a failure nobody knows how the file ends; the next run finds out that this one is over.
    if (!this.#hasFailed) await this.#lines.append(releaseLine(this.#claim)).catch(() => undefined);
    await this.#lines.close();
  }

  /** PERF: reads nothing as long as the file has grown by nothing but the own lines. */
  async #checkHeld(written: number, lines: number): Promise<void> {
    const { size } = await this.#handle.stat();
    if (size === this.#reader.position + written) return this.#reader.skip(written, lines);
    await this.#reader.readOn();
    const { holder } = this.#reader;
    if (holder === undefined || holder.run === this.#claim.run) return;
    throw new CliError(
      EXIT.tryAgain,
      `another run (process ${holder.process.pid} on ${holder.process.host}) has taken over the journal ${this.#file}, because this run did not update it for a while`,
    );
  }
}

/** Becomes the one that writes. @throws CliError when another run is */
async function claimJournal(
  handle: FileHandle,
  reader: JournalReader,
  file: string,
  fingerprint: Fingerprint,
  options: JournalOptions,
): Promise<Claim> {
  for (;;) {
    const { holder } = reader;
    if (holder !== undefined && !(await isOver(holder, handle, file, options))) throw inUse(file, holder);
    const claim = newClaim(holder?.run, options.process ?? ownProcess());
    await appendClaim(claim, handle, reader, file, fingerprint);
    await reader.readOn();
    if (reader.holder?.run === claim.run) return claim;
    // Another claim came first: of a run that lives, or half a line of one that does not.
  }
}

function isOver(
  holder: Claim,
  handle: FileHandle,
  file: string,
  { clock = REAL_CLOCK, process = ownProcess(), onWait }: JournalOptions,
): Promise<boolean> {
  const { pid, host } = holder.process;
  const look = async (): Promise<string> => {
    const { mtimeMs, size } = await handle.stat();
    return `${mtimeMs} ${size}`;
  };
  return hasEnded(holder, process, clock, look, () =>
    onWait?.(`process ${pid} on ${host} has used the journal ${file}: looking whether it is still at work`),
  );
}

async function appendClaim(
  claim: Claim,
  handle: FileHandle,
  reader: JournalReader,
  file: string,
  fingerprint: Fingerprint,
): Promise<void> {
  const head = reader.head === undefined ? { journal: FORMAT, id: randomUUID(), of: fingerprint } : undefined;
  // Behind half a line, which a kill has left and nobody has relied on; it stays, and what follows says what it is.
  const { size } = await handle.stat();
  const isCut = size > reader.position;
  const [first, ...others] = [...(head === undefined ? [] : [head]), claim];
  const lines = [isCut ? { ...first, cut: true } : first, ...others].map((one) => `${JSON.stringify(one)}\n`);
  await handle.appendFile(`${isCut ? "\n" : ""}${lines.join("")}`);
  await handle.datasync();
  if (head !== undefined) await syncFolder(file);
}

function inUse(file: string, holder: Claim | undefined): CliError {
  const who = holder === undefined ? "" : ` (process ${holder.process.pid} on ${holder.process.host})`;
  return new CliError(EXIT.tryAgain, `another run${who} is using the journal ${file}`);
}

/** The name of a new file is on the disk only when its folder is. Windows cannot be asked for that. */
async function syncFolder(file: string): Promise<void> {
  if (process.platform === "win32") return;
  const folder = await open(dirname(file), "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function checkSameRun(head: Head | undefined, now: Fingerprint, file: string): void {
  if (head === undefined) return;
  const before = head.of;
  const names = new Set([...Object.keys(before), ...Object.keys(now)]);
  const different = [...names].filter((name) => before[name] !== now[name]);
  if (different.length === 0) return;
  throw new CliError(
    EXIT.data,
    `the journal ${file} belongs to another run, which differs in ${different.join(" and ")}.\n` +
      "Nothing was sent. Use the same files and options to resume that run, or another journal for a new run.",
  );
}
