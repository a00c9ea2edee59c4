/**
 * What the lines of a journal come to, read on whenever there are more: which run it is of, where each row stands, and who may write.
 *
 * Every process that reads the same lines comes to the same holder: a claim holds when nobody holds the journal, or when it names
 * the holder as the one that it takes over from; any other claim came too late.
 */
import type { FileHandle } from "node:fs/promises";
import { CliError } from "../../cli-error.js";
import { EXIT } from "../../exit-code.js";
import { type Claim, readClaim, readRelease } from "./claim.js";
import { type RowState, readEntry, readObject, stateAfter } from "./entries.js";

/** What a run is of: names of its inputs, in words for the person, and their digests. */
export type Fingerprint = Readonly<Record<string, string>>;

export const FORMAT = "postrider-bulk-1";

/** How every journal begins. */
const HEAD_START = `{"journal":"${FORMAT}"`;

export interface Head {
  readonly id: string;
  readonly of: Fingerprint;
}

export class JournalReader {
  readonly #handle: FileHandle;
  readonly #file: string;
  readonly #states = new Map<number, RowState>();
  #head: Head | undefined;
  #holder: Claim | undefined;
  #position = 0;
  #line = 0;
  /** A line that makes no sense: what a kill cut off when the next line says so, else a damage. */
  #odd: { readonly line: number } | undefined;

  constructor(handle: FileHandle, file: string) {
    this.#handle = handle;
    this.#file = file;
  }

  get head(): Head | undefined {
    return this.#head;
  }

  /** The claim that holds; undefined when nobody writes. */
  get holder(): Claim | undefined {
    return this.#holder;
  }

  get states(): ReadonlyMap<number, RowState> {
    return this.#states;
  }

  /** Bytes of the whole lines that were read. */
  get position(): number {
    return this.#position;
  }

  /** Own lines need no reading. */
  skip(bytes: number, lines: number): void {
    this.#position += bytes;
    this.#line += lines;
  }

  /** Reads what is there beyond the last line read. @throws CliError when it is no journal, or damaged. */
  async readOn(): Promise<void> {
    for await (const { text, bytes } of wholeLines(this.#handle, this.#position)) {
      this.#line += 1;
      this.#position += bytes;
      this.#take(text);
    }
    if (this.#odd === undefined) return;
    if (this.#head === undefined) throw notOurs(this.#file);
    throw this.#damaged(this.#odd.line);
  }

  /** A file without a whole line is a journal whose first line was cut off, or none at all, which is left alone. @throws CliError */
  async checkOwnRemains(): Promise<void> {
    if (this.#line > 0) return;
    const { buffer, bytesRead } = await this.#handle.read(Buffer.alloc(HEAD_START.length), 0, HEAD_START.length, 0);
    if (!isStartOfHead(buffer.toString("utf8", 0, bytesRead))) throw notOurs(this.#file);
  }

  #take(text: string): void {
    const value = readObject(text) ?? {};
    if (this.#odd !== undefined) {
      if (value["cut"] !== true) throw this.#head === undefined ? notOurs(this.#file) : this.#damaged(this.#odd.line);
      this.#odd = undefined;
    }
    if (this.#head === undefined) return this.#takeFirst(text, value);
    const ended = readRelease(value);
    const claim = readClaim(value);
    const entry = readEntry(value);
    if (claim !== undefined) {
      if (this.#holder === undefined || this.#holder.run === claim.after) this.#holder = claim;
    } else if (ended !== undefined) {
      if (this.#holder?.run === ended) this.#holder = undefined;
    } else if (entry !== undefined) {
      this.#states.set(entry.line, stateAfter(entry));
    } else if (readHead(value) === undefined) {
      // Of two runs that began a journal at the same time, the second head says nothing.
      this.#odd = { line: this.#line };
    }
  }

  #takeFirst(text: string, value: Readonly<Record<string, unknown>>): void {
    this.#head = readHead(value);
    if (this.#head !== undefined) return;
    if (this.#line > 1 || !isStartOfHead(text)) throw notOurs(this.#file);
    this.#odd = { line: this.#line };
  }

  #damaged(line: number): CliError {
    return new CliError(EXIT.data, `the journal ${this.#file} is damaged at line ${line}; nothing was sent`);
  }
}

/** Whether a text is the first line of a journal, cut off anywhere. */
function isStartOfHead(text: string): boolean {
  return HEAD_START.startsWith(text.slice(0, HEAD_START.length));
}

function readHead({ journal, id, of }: Readonly<Record<string, unknown>>): Head | undefined {
  if (journal !== FORMAT || typeof id !== "string" || typeof of !== "object" || of === null) return undefined;
  return { id, of: of as Fingerprint };
}

function notOurs(file: string): CliError {
  return new CliError(EXIT.data, `${file} is not a journal of postrider bulk; nothing was written to it`);
}

const PIECE_BYTES = 256 * 1024;
const LF = 0x0a;

async function* wholeLines(
  handle: FileHandle,
  start: number,
): AsyncGenerator<{ readonly text: string; readonly bytes: number }> {
  let rest: Buffer = Buffer.alloc(0);
  for (let position = start; ; ) {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(PIECE_BYTES), 0, PIECE_BYTES, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    rest = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
    let from = 0;
    for (let at = rest.indexOf(LF); at >= 0; at = rest.indexOf(LF, from)) {
      yield { text: rest.toString("utf8", from, at), bytes: at + 1 - from };
      from = at + 1;
    }
    rest = rest.subarray(from);
  }
}
