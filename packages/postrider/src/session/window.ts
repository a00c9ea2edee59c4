/**
 * The window: what may be written now, in which order, and how much may be unanswered.
 *
 * Layer: session. RFC 2920 (PIPELINING), RFC 3030 (CHUNKING), RFC 5321 §4.1.4.
 *
 * Without PIPELINING commands go one at a time. With it MAIL, every RCPT and DATA are one group. On a server that is proven to take
 * commands ahead of a verdict (knowledge.ts), the group of the next message follows the content of this one directly. With CHUNKING
 * whole transactions follow each other, each led by RSET while an earlier verdict is open (RFC 3030 §2: after a refused BDAT the
 * state of the server is indeterminate until RSET).
 */
import { Queue } from "../queue.js";
import type { Capabilities } from "../wire/capabilities.js";
import { Ahead } from "./ahead.js";
import { type BytesContent, ContentWriter, type Framing, Output, writeContent } from "./content.js";
import { ServerKnowledge } from "./knowledge.js";
import { nextWindowState, type State, type WindowEvent, type WindowState } from "./state.js";
import type { Transaction } from "./transaction.js";
import type { CommandWork, Expectation, WireTrace, Work } from "./work.js";

export interface WindowOptions {
  readonly isLmtp?: boolean | undefined;
  /** Default: nothing is known of the server. */
  readonly knowledge?: ServerKnowledge | undefined;
  /** Bytes of content without a verdict; default 1 MiB. */
  readonly maxInFlightBytes?: number | undefined;
  readonly trace?: WireTrace | undefined;
  /** Default: one that stands still. */
  readonly clock?: SessionClock | undefined;
}

/** The time, which the session only reads: it is set before bytes and work are handed in. */
export interface SessionClock {
  /** Whole milliseconds. */
  readonly time: number;
}

/** The result of a step. `"pull"`: streamed content may be read; `"wait"`: nothing may be written before the next reply. */
export type Step = "wrote" | "pull" | "quit" | "wait";

/** Whether a further message may begin: no, ahead of an open verdict, or with no verdict open. */
export type Room = "none" | "ahead" | "free";

/** Holds the queue of work, the queue of expectations and the output. */
export class Window {
  readonly expected: Queue<Expectation> = new Queue();
  readonly output: Output = new Output();
  readonly queue: Queue<Work> = new Queue();
  readonly knowledge: ServerKnowledge;
  readonly ahead: Ahead;
  readonly clock: SessionClock;
  readonly #isLmtp: boolean;
  readonly #trace: WireTrace | undefined;
  #state: WindowState = "idle";
  /** The transaction that is partly written. */
  #current: Transaction | undefined;
  #pouring: ContentWriter | undefined;
  #isCleaning = false;
  #knowsReset = false;
  /** RSET was accepted, and nothing was written since. */
  #isClean = false;

  constructor(options: WindowOptions) {
    this.knowledge = options.knowledge ?? new ServerKnowledge();
    this.ahead = new Ahead(this.knowledge, options.maxInFlightBytes);
    this.clock = options.clock ?? { time: 0 };
    this.#isLmtp = options.isLmtp === true;
    this.#trace = options.trace;
  }

  get current(): Transaction | undefined {
    return this.#current;
  }

  get isPouring(): boolean {
    return this.#state === "pouring";
  }

  /** Whether one more message may begin; never while work is queued. */
  room(capabilities: Capabilities | undefined): Room {
    if (this.#state !== "idle" || this.queue.length > 0) return "none";
    if (this.expected.length === 0) return "free";
    if (!this.#isPipelining(capabilities) || !this.#mayFollow()) return "none";
    if (this.ahead.count === 0) return "free";
    return this.ahead.mayBeginAhead(capabilities) && !this.ahead.wouldTryChunking(capabilities) ? "ahead" : "none";
  }

  /** Writes the next step of the work, if the window allows one. */
  step(state: State, capabilities: Capabilities | undefined): Step {
    const pipelining = this.#isPipelining(capabilities);
    const current = this.#current;
    switch (this.#state) {
      case "idle":
        return this.#next(state, capabilities, pipelining);
      case "envelope":
        return current === undefined ? "wait" : this.#writeEnvelope(current, state, pipelining);
      case "waiting":
        if (current === undefined || !this.ahead.mayGoAhead(current, pipelining)) return "wait";
        this.#move("go-ahead");
        return this.#writeContent(current);
      case "content":
        return current === undefined ? "wait" : this.#writeContent(current);
      case "last-chunk":
        if (current === undefined || this.expected.length > 0) return "wait";
        this.#finishContent(current);
        return "wrote";
      case "pouring":
      case "over":
        return "wait";
    }
  }

  /** Appends an expectation: a command that the server will answer was written. */
  expect(expectation: Expectation): void {
    this.expected.push(expectation);
    this.#trace?.asked?.(expectation);
  }

  /** Writes RSET, because an envelope is open on the server. */
  clean(): void {
    this.#isCleaning = !this.#knowsReset;
    this.#reset();
  }

  /** A RSET was accepted. */
  cleaned(): void {
    this.#knowsReset = true;
    this.#isCleaning = false;
    this.#isClean = this.expected.length === 0;
  }

  /** Writes the response to a challenge. */
  respond(work: CommandWork, line: string, shown: string): void {
    this.#line(line, shown);
    this.expect({ slot: "command", work });
  }

  /** 354: the content of this transaction may be written. */
  goAhead(transaction: Transaction): void {
    if (this.#current === transaction) this.#move("go-ahead");
  }

  /** Writes one canonical chunk of streamed content. */
  pour(transaction: Transaction, chunk: Uint8Array): void {
    const replies = this.#pouring?.push(chunk, this.output) ?? 0;
    for (let count = 0; count < replies; count++) this.expect({ slot: "chunk", transaction });
    transaction.poured += chunk.length;
    this.#trace?.content(chunk.length);
  }

  /** Writes the end of streamed content. */
  finishPouring(transaction: Transaction): void {
    // LMTP replies to the last chunk once for each recipient (RFC 2033 §4.3), but only once when an earlier chunk was refused. The
    // number is known after the replies to the earlier chunks.
    if (this.#isLmtp && transaction.framing === "bdat" && this.expected.length > 0) this.#move("held");
    else this.#finishContent(transaction);
  }

  /** The transaction has its verdict, or is sent again. */
  forget(transaction: Transaction): void {
    this.ahead.forget(transaction);
    if (this.#current === transaction) {
      this.#current = undefined;
      this.#pouring = undefined;
      this.#move("dropped");
    }
  }

  #next(state: State, capabilities: Capabilities | undefined, pipelining: boolean): Step {
    const work = this.queue.peek();
    if (work === undefined) return "wait";
    if (work.kind === "command") return this.#command(work, pipelining);
    const { transaction } = work;
    const framing = this.ahead.framing(transaction, capabilities, pipelining);
    if (!this.#mayBegin(transaction, framing, capabilities)) return "wait";
    this.queue.shift();
    this.#begin(transaction, framing);
    return this.#writeEnvelope(transaction, state, pipelining);
  }

  #begin(transaction: Transaction, framing: Framing): void {
    this.#move("begin");
    this.#current = transaction;
    transaction.framing = framing;
    transaction.begunAt = this.clock.time;
    this.ahead.begin(transaction);
  }

  #command(work: CommandWork, pipelining: boolean): Step {
    // QUIT may be the last command of a group (RFC 2920 §3.1), which saves its round trip; not behind an envelope that may have to
    // be sent again.
    const isLast = work.verb === "QUIT" && pipelining && !this.ahead.hasAhead && this.#mayFollow();
    if (this.expected.length > 0 && !isLast) return "wait";
    this.queue.shift();
    this.#line(work.line, work.shown);
    this.expect({ slot: "command", work });
    if (work.verb !== "QUIT") return "wrote";
    this.#move("quit");
    return "quit";
  }

  #isPipelining(capabilities: Capabilities | undefined): boolean {
    return capabilities?.extensions.has("PIPELINING") === true && !this.knowledge.isSlowWithGroups;
  }

  /** Whether anything may be pipelined behind the unanswered commands. */
  #mayFollow(): boolean {
    return !this.ahead.isTryingChunking && this.expected.peek()?.slot !== "command";
  }

  #mayBegin(transaction: Transaction, framing: Framing, capabilities: Capabilities | undefined): boolean {
    if (this.expected.length === 0) return true;
    if (!this.#isPipelining(capabilities) || transaction.isManual || transaction.isSecondTry || !this.#mayFollow())
      return false;
    // SECURITY: the reply to the first BDAT must come before anything else is written.
    if (framing === "bdat" && !this.ahead.isChunkProven) return false;
    if (this.ahead.count === 0) return true;
    // A stream cannot be read twice, so it is never at risk ahead of a verdict.
    if (transaction.content.kind === "stream") return false;
    return this.ahead.mayBeginAhead(capabilities) && transaction.envelopeBytes <= this.ahead.room;
  }

  #writeEnvelope(transaction: Transaction, state: State, pipelining: boolean): Step {
    // A second try waits for all earlier replies, so that none of them is paired with it.
    const isAlone = !pipelining || (transaction.isSecondTry && transaction.written === 0);
    // SECURITY: a server that refuses RSET would deliver content behind it to the recipients of the previous message.
    const mustBeClean = this.#isCleaning && transaction.framing === "bdat";
    if (mustBeClean || (isAlone && this.expected.length > 0)) return "wait";
    if (transaction.written === 0 && !transaction.isManual && this.#needsReset(state, transaction)) {
      if (this.expected.length === 0) this.clean();
      else this.#reset();
      if (isAlone || (this.#isCleaning && transaction.framing === "bdat")) return "wrote";
    }
    const total = commandCount(transaction);
    const until = pipelining ? total : transaction.written + 1;
    while (transaction.written < until) this.#writeEnvelopeCommand(transaction);
    transaction.progress = "envelope-sent";
    if (transaction.written === total) this.#move("asked");
    return "wrote";
  }

  #needsReset(state: State, transaction: Transaction): boolean {
    if (this.expected.length > 0) return this.ahead.hasChunked;
    return state === "transaction" || (transaction.isSecondTry && !this.#isClean);
  }

  #writeEnvelopeCommand(transaction: Transaction): void {
    const { mail, recipients } = transaction.commands;
    const position = transaction.written++;
    const index = position - 1;
    const recipient = mail === undefined ? undefined : recipients[index];
    if (position === 0 && mail !== undefined) {
      this.#line(mail);
      this.expect({ slot: "mail", transaction });
    } else if (recipient !== undefined) {
      this.#line(recipient);
      this.expect({ slot: "rcpt", transaction, index });
    } else {
      this.#line("DATA");
      this.expect({ slot: "data", transaction });
    }
  }

  #writeContent(transaction: Transaction): Step {
    const { content, framing } = transaction;
    // 354 although no recipient was accepted: a lone dot ends the content (RFC 2920 §3.1).
    const isEmpty = framing === "data" && !transaction.isEnvelopeAccepted;
    if (content.kind === "stream" && !isEmpty) {
      transaction.progress = "content-sending";
      this.#pouring = new ContentWriter(framing);
      // An early reply is the verdict on this content.
      if (framing === "data") this.expect({ slot: "content", transaction });
      this.#move("pull");
      return "pull";
    }
    if (isEmpty || content.kind === "stream") this.#line(".");
    else this.#writeBytes(content, framing);
    this.expect({ slot: "content", transaction });
    this.#contentSent(transaction);
    return "wrote";
  }

  #finishContent(transaction: Transaction): void {
    this.#pouring?.finish(this.output);
    if (transaction.framing === "bdat") this.expect({ slot: "content", transaction });
    this.#contentSent(transaction);
  }

  #writeBytes(content: BytesContent, framing: Framing): void {
    if (this.#trace !== undefined) {
      if (framing === "bdat") this.#trace.client(`BDAT ${content.bytes.length} LAST`);
      this.#trace.content(content.bytes.length);
    }
    writeContent(content, framing, this.output);
    if (framing === "bdat") this.ahead.wrote(content.bytes.length);
  }

  #contentSent(transaction: Transaction): void {
    transaction.progress = "content-sent";
    transaction.contentEnd = this.output.length;
    this.#current = undefined;
    this.#pouring = undefined;
    this.#move("sent");
    this.ahead.sent(transaction);
  }

  #reset(): void {
    this.#line("RSET");
    this.expect({ slot: "reset" });
  }

  #line(line: string, shown: string = line): void {
    this.#trace?.client(shown);
    this.#isClean = false;
    this.output.line(`${line}\r\n`);
    this.ahead.wrote(line.length + 2);
  }

  #move(event: WindowEvent): void {
    this.#state = nextWindowState(this.#state, event);
  }
}

/** MAIL, each RCPT, and DATA when that is how the content goes. */
function commandCount(transaction: Transaction): number {
  if (transaction.isManual) return 1;
  return 1 + transaction.commands.recipients.length + (transaction.framing === "data" ? 1 : 0);
}
