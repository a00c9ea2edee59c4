/**
 * What may be written now: the order of work, and how much of it may be unanswered.
 *
 * Layer: protocol. RFC 2920 (PIPELINING), RFC 3030 (CHUNKING), RFC 5321 §4.1.4.
 *
 * With PIPELINING, MAIL, every RCPT and DATA leave as one group, and the group of the next message right behind the
 * content of this one. With CHUNKING whole transactions follow each other, each led by RSET while an earlier outcome is
 * open (RFC 3030 §2: after a refused BDAT the state of the server is indeterminate until RSET). Without PIPELINING one
 * command at a time.
 */

import { Queue } from "../queue.js";
import type { SmtpReply } from "../reply.js";
import type { Capabilities } from "../wire/capabilities.js";
import { type BytesContent, ContentWriter, type Framing, writeContent } from "./content.js";
import { Output } from "./output.js";
import type { State } from "./state.js";
import type { Transaction } from "./transaction.js";
import type { CommandWork, Expectation, Work } from "./work.js";

export interface WindowLimits {
  /** Messages whose outcome is open; default 16. */
  readonly maxInFlight: number;
  /** Bytes of content whose outcome is open; default 1 MiB. */
  readonly maxInFlightBytes: number;
}

/** RFC 3030 §4.2 sets no limit; this much keeps a path of 50 ms busy with small messages, and costs little to lose. */
export const DEFAULT_LIMITS: WindowLimits = { maxInFlight: 16, maxInFlightBytes: 1024 * 1024 };

export interface WindowOptions {
  readonly isLmtp?: boolean | undefined;
  readonly limits?: WindowLimits | undefined;
  /** Default `"untried"`. */
  readonly chunking?: ChunkingState | undefined;
  readonly trace?: WireTrace | undefined;
}

/** Called with every line as it is written, secrets replaced. */
export interface WireTrace {
  client(line: string): void;
  server(line: string): void;
  content(bytes: number): void;
  /** Something was written that the server will answer; the same object comes back with the reply. */
  asked?(expectation: Expectation): void;
  answered?(expectation: Expectation, reply: SmtpReply): void;
}

/** What a step did: `"pull"`: streamed content may be poured; `"wait"`: nothing may be written before a reply. */
export type Step = "wrote" | "pull" | "quit" | "wait";

/** PERF: larger content waits for the envelope's replies, so that a refusal does not cost sending it for nothing. */
const EAGER_CONTENT_BYTES = 256 * 1024;

/** Whether BDAT may be used: not before a first one was accepted is it more than a claim of the server's. */
export type ChunkingState = "unused" | "untried" | "works" | "fails";

export class Window {
  readonly expected: Queue<Expectation> = new Queue();
  readonly output: Output = new Output();
  readonly queue: Queue<Work> = new Queue();
  chunking: ChunkingState;
  readonly #limits: WindowLimits;
  readonly #isLmtp: boolean;
  readonly #trace: WireTrace | undefined;
  /** The transaction that is not wholly written yet. */
  #current: Transaction | undefined;
  /** The first message by BDAT, until it has its answer: it may have to go again by DATA. */
  #trial: Transaction | undefined;
  #pouring: ContentWriter | undefined;
  /** All of it was poured, and its last chunk waits for the replies to those before. */
  #isPoured = false;
  #openCount = 0;
  #openBytes = 0;
  #isCleaning = false;
  #knowsReset = false;

  constructor(options: WindowOptions) {
    this.#limits = options.limits ?? DEFAULT_LIMITS;
    this.chunking = options.chunking ?? "untried";
    this.#isLmtp = options.isLmtp === true;
    this.#trace = options.trace;
  }

  get current(): Transaction | undefined {
    return this.#current;
  }

  get isPouring(): boolean {
    return this.#pouring !== undefined && !this.#isPoured;
  }

  /** Writes the next step of the work, if there is one and its turn has come. */
  step(state: State, capabilities: Capabilities | undefined): Step {
    if (this.#pouring !== undefined) return this.#lastChunk();
    const pipelining = capabilities?.extensions.has("PIPELINING") === true;
    if (this.#current !== undefined) return this.#continue(this.#current, state, pipelining);
    const work = this.queue.peek();
    if (work === undefined) return "wait";
    if (work.kind === "command") return this.#command(work, pipelining);
    if (!this.#mayBegin(work.transaction, pipelining)) return "wait";
    this.queue.shift();
    this.#current = work.transaction;
    work.transaction.framing = this.#framing(work.transaction, capabilities);
    return this.#continue(work.transaction, state, pipelining);
  }

  /** Something that the server will answer is written. */
  expect(expectation: Expectation): void {
    this.expected.push(expectation);
    this.#trace?.asked?.(expectation);
  }

  /** RSET, because the session is known to be unclean. */
  clean(): void {
    this.#isCleaning = !this.#knowsReset;
    this.#reset();
  }

  /** A RSET was accepted. */
  cleaned(): void {
    this.#knowsReset = true;
    this.#isCleaning = false;
  }

  /** A line that answers a challenge. */
  respond(work: CommandWork, line: string, shown: string): void {
    this.#say(line, shown);
    this.expect({ slot: "command", work });
  }

  /** One canonical chunk of the content that is being poured. */
  pour(transaction: Transaction, chunk: Uint8Array): void {
    const replies = this.#pouring?.push(chunk, this.output) ?? 0;
    for (let count = 0; count < replies; count++) this.expect({ slot: "chunk", transaction });
    this.#trace?.content(chunk.length);
  }

  /** The end of the content that was poured. */
  finishPouring(transaction: Transaction): void {
    // LMTP answers the last chunk once for each recipient (RFC 2033 §4.3), and once in all when an earlier chunk was refused:
    // after those are heard the number is known.
    this.#isPoured = this.#isLmtp && transaction.framing === "bdat" && this.expected.length > 0;
    if (this.#isPoured) return;
    this.#pouring?.finish(this.output);
    if (transaction.framing === "bdat") this.expect({ slot: "content", transaction });
    this.#contentSent(transaction);
  }

  /** The transaction has its verdict, or never will. */
  forget(transaction: Transaction): void {
    if (this.#trial === transaction) this.#trial = undefined;
    if (this.#current === transaction) {
      this.#current = undefined;
      this.#endPouring();
    }
    if (transaction.progress === "content-sent") {
      this.#openCount--;
      this.#openBytes -= transaction.size;
    }
  }

  #command(work: CommandWork, pipelining: boolean): Step {
    // QUIT may be the last of a group (RFC 2920 §3.1): the end of the session costs no round trip of its own.
    const mayFollow = pipelining && this.#trial === undefined && this.expected.peek()?.slot !== "command";
    const isLast = work.verb === "QUIT" && mayFollow;
    if (this.expected.length > 0 && !isLast) return "wait";
    this.queue.shift();
    this.#say(work.line, work.shown);
    this.expect({ slot: "command", work });
    return work.verb === "QUIT" ? "quit" : "wrote";
  }

  #mayBegin(transaction: Transaction, pipelining: boolean): boolean {
    if (this.expected.length === 0) return true;
    if (!pipelining || transaction.isManual || this.expected.peek()?.slot === "command") return false;
    if (this.#trial !== undefined) return false;
    if (this.#openCount >= this.#limits.maxInFlight) return false;
    return this.#openCount === 0 || this.#openBytes + transaction.size <= this.#limits.maxInFlightBytes;
  }

  #framing(transaction: Transaction, capabilities: Capabilities | undefined): Framing {
    if (transaction.isManual || capabilities?.extensions.has("CHUNKING") !== true) return "data";
    if (this.chunking === "works") return "bdat";
    // A stream cannot be sent again by DATA when the first BDAT fails.
    if (this.chunking !== "untried" || transaction.content.kind === "stream") return "data";
    this.#trial = transaction;
    return "bdat";
  }

  #continue(transaction: Transaction, state: State, pipelining: boolean): Step {
    if (transaction.progress === "content-sending") return this.#writeContent(transaction);
    const total = commandCount(transaction);
    if (transaction.written < total) return this.#writeEnvelope(transaction, total, state, pipelining);
    if (transaction.framing === "data") return "wait";
    const mayGuess = pipelining && transaction.content.kind === "bytes" && transaction.size <= EAGER_CONTENT_BYTES;
    return mayGuess || transaction.isEnvelopeAnswered ? this.#writeContent(transaction) : "wait";
  }

  #writeEnvelope(transaction: Transaction, total: number, state: State, pipelining: boolean): Step {
    // QUIRK: a server that does not know BDAT may take the content for commands and answer each of its lines. Whatever it says
    // to them comes before its reply to RSET, so nothing else is asked until that was heard.
    const isAlone = !pipelining || (transaction.isSecondTry && transaction.written === 0);
    // SECURITY: a server that refuses RSET would take content that follows at once for the recipients of the message before.
    const mustBeClean = this.#isCleaning && transaction.framing === "bdat";
    if (mustBeClean || (isAlone && this.expected.length > 0)) return "wait";
    if (transaction.written === 0 && !transaction.isManual && this.#needsReset(state)) {
      if (this.expected.length === 0) this.clean();
      else this.#reset();
      if (isAlone || (this.#isCleaning && transaction.framing === "bdat")) return "wrote";
    }
    const until = pipelining ? total : transaction.written + 1;
    while (transaction.written < until) this.#writeEnvelopeCommand(transaction);
    transaction.progress = "envelope-sent";
    return "wrote";
  }

  #needsReset(state: State): boolean {
    if (this.expected.length === 0) return state === "transaction";
    return this.chunking === "works" && this.#openCount > 0;
  }

  #writeEnvelopeCommand(transaction: Transaction): void {
    const { mail, recipients } = transaction.commands;
    const position = transaction.written++;
    const index = position - 1;
    const recipient = mail === undefined ? undefined : recipients[index];
    if (position === 0 && mail !== undefined) {
      this.#say(mail);
      this.expect({ slot: "mail", transaction });
    } else if (recipient !== undefined) {
      this.#say(recipient);
      this.expect({ slot: "rcpt", transaction, index });
    } else {
      this.#say("DATA");
      this.expect({ slot: "data", transaction });
    }
  }

  #writeContent(transaction: Transaction): Step {
    const { content, framing } = transaction;
    // 354 although no recipient was accepted: a lone dot ends it (RFC 2920 §3.1).
    const isEmpty = framing === "data" && !transaction.isEnvelopeAccepted;
    if (content.kind === "stream" && !isEmpty) {
      transaction.progress = "content-sending";
      this.#pouring = new ContentWriter(framing);
      // From here on a reply may come early: it then is the verdict on this content.
      if (framing === "data") this.expect({ slot: "content", transaction });
      return "pull";
    }
    if (isEmpty || content.kind === "stream") this.#say(".");
    else this.#writeBytes(content, framing);
    this.expect({ slot: "content", transaction });
    this.#contentSent(transaction);
    return "wrote";
  }

  #lastChunk(): Step {
    if (!this.#isPoured || this.expected.length > 0 || this.#current === undefined) return "wait";
    this.finishPouring(this.#current);
    return "wrote";
  }

  #endPouring(): void {
    this.#pouring = undefined;
    this.#isPoured = false;
  }

  #writeBytes(content: BytesContent, framing: Framing): void {
    if (this.#trace !== undefined) {
      if (framing === "bdat") this.#trace.client(`BDAT ${content.bytes.length} LAST`);
      this.#trace.content(content.bytes.length);
    }
    writeContent(content, framing, this.output);
  }

  #contentSent(transaction: Transaction): void {
    transaction.progress = "content-sent";
    this.#openCount++;
    this.#openBytes += transaction.size;
    this.#endPouring();
    if (this.#current === transaction) this.#current = undefined;
  }

  #reset(): void {
    this.#say("RSET");
    this.expect({ slot: "reset" });
  }

  #say(line: string, shown: string = line): void {
    this.#trace?.client(shown);
    this.output.line(`${line}\r\n`);
  }
}

/** MAIL, each RCPT, and DATA when that is how the content goes. */
function commandCount(transaction: Transaction): number {
  if (transaction.isManual) return 1;
  return 1 + transaction.commands.recipients.length + (transaction.framing === "data" ? 1 : 0);
}

/** Answers to a first BDAT that say "I do not know BDAT", when the envelope was accepted. */
export function deniesChunking(reply: SmtpReply): boolean {
  return reply.code === 500 || reply.code === 502 || reply.code === 503;
}
