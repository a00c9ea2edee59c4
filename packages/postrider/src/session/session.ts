/**
 * An SMTP session without I/O: bytes and work in, bytes and events out.
 *
 * Layer: session. RFC 5321 §3 and §4, RFC 2920 (pairing of replies), RFC 3030, RFC 2033 (LMTP), RFC 3207 §6, RFC 4954.
 *
 * Pairs each reply with the oldest expectation and applies the table of state.ts; window.ts decides what is written. Time, sockets
 * and promises belong to the connection.
 */
import type { SmtpReply } from "../reply.js";
import { type Capabilities, NO_CAPABILITIES, parseCapabilities } from "../wire/capabilities.js";
import { type ReplyFault, ReplyParser } from "../wire/reply.js";
import type { ServerKnowledge } from "./knowledge.js";
import { Redactor } from "./redactor.js";
import { TransactionReplies } from "./replies.js";
import { commandEvent, countsWhenCutOff, findViolation } from "./reply-table.js";
import { nextState, type SessionEvent, type State } from "./state.js";
import { isPositive, type Transaction } from "./transaction.js";
import { type Room, Window, type WindowOptions } from "./window.js";
import {
  type CommandWork,
  type Expectation,
  type SessionEventOut,
  traceReply,
  type WireTrace,
  type Work,
} from "./work.js";

/** PERF: one empty array for all calls. */
const NO_EVENTS: readonly SessionEventOut[] = [];
const NO_BYTES: readonly Uint8Array[] = [];

const UNASKED = "The server sent an unsolicited reply";

const FAULTS: Readonly<Record<ReplyFault["fault"], string>> = {
  "bad-line": "The server sent a line that is not an SMTP reply",
  "code-changed": "The server changed the code within one reply",
  "line-too-long": "The server sent a line that does not end",
  "reply-too-long": "The server sent a reply that does not end",
};

/** Bytes in, events and bytes out. */
export class Session {
  /** Masks secrets that the server echoes back. */
  readonly redactor: Redactor = new Redactor();
  readonly #parser = new ReplyParser();
  readonly #window: Window;
  readonly #transactions: TransactionReplies;
  readonly #trace: WireTrace | undefined;
  #state: State = "connecting";
  #capabilities: Capabilities | undefined;
  #lastReply: SmtpReply | undefined;
  /** A last reply without its CRLF. */
  #cutOff: SmtpReply | undefined;
  #events: SessionEventOut[] = [];
  /** Recipients accepted by RCPTs that the caller sent by hand. */
  #acceptedByHand = 0;
  #lostAhead = false;

  constructor(options: WindowOptions = {}) {
    this.#trace = options.trace;
    this.#window = new Window(options);
    this.#transactions = new TransactionReplies(this.#window, options.isLmtp === true, {
      move: (event) => this.#move(event),
      complete: (transaction) => this.#complete(transaction),
      sendAgain: (transaction) => this.#sendAgain(transaction),
      fault: (problem, reply, kind) => this.#fault(problem, `${reply.code} ${reply.message}`, kind),
    });
    this.#window.expect({ slot: "greeting" });
  }

  get state(): State {
    return this.#state;
  }

  /** What the server offered to the last EHLO; undefined before one was accepted. */
  get capabilities(): Capabilities | undefined {
    return this.#capabilities;
  }

  get lastReply(): SmtpReply | undefined {
    return this.#lastReply;
  }

  get knowledge(): ServerKnowledge {
    return this.#window.knowledge;
  }

  /** Whether one more message may begin. */
  get room(): Room {
    return this.#mayWrite() ? this.#window.room(this.#capabilities) : "none";
  }

  /** The largest envelope, in bytes, that may be written ahead of the open verdicts. */
  get roomAhead(): number {
    return this.#window.ahead.room;
  }

  /** The reply that may explain why the server closed the connection: a refusal, or a reply without its CRLF. */
  get closingReply(): SmtpReply | undefined {
    return this.#cutOff ?? ((this.#lastReply?.code ?? 0) >= 400 ? this.#lastReply : undefined);
  }

  /** The oldest expectation; undefined when no reply is awaited. */
  get awaiting(): Expectation | undefined {
    return this.#window.expected.peek();
  }

  /** Whether streamed content is being read. */
  get isPouring(): boolean {
    return this.#window.isPouring;
  }

  /** Whether the next reply is due to a MAIL that was written ahead of a verdict, and that verdict has come. */
  get isAheadUnanswered(): boolean {
    const { awaiting } = this;
    return awaiting?.slot === "mail" && awaiting.transaction.isAhead && this.#window.ahead.count === 0;
  }

  /** Whether the server ended the session while an envelope written ahead of a verdict was unanswered. */
  get lostAhead(): boolean {
    return this.#lostAhead;
  }

  /** The number of queued works. */
  get backlog(): number {
    return this.#window.queue.length;
  }

  enqueue(work: Work): void {
    this.#window.queue.push(work);
  }

  /** Removes queued work; false when some of it was written. */
  withdraw(work: Work): boolean {
    return this.#window.queue.remove(work);
  }

  withdrawTransaction(transaction: Transaction): boolean {
    for (const work of this.#window.queue) {
      if (work.kind === "transaction" && work.transaction === transaction) return this.withdraw(work);
    }
    return false;
  }

  /** Whether more work may be enqueued: the session can write, and its queue is empty. */
  get isAccepting(): boolean {
    return this.#mayWrite() && this.backlog === 0;
  }

  /** Bytes to write now, each element one write. Call it after every input, and when the transport has drained. */
  advance(): readonly Uint8Array[] {
    this.work();
    return this.#is("closed") ? NO_BYTES : this.#window.output.take();
  }

  /** Appends to the output what may be written now; `advance` returns it. */
  work(): void {
    this.#checkUnasked();
    try {
      this.#step();
    } catch (error) {
      // A bug of this library: the tables have no transition for this step, so the session ends.
      this.#fault("The session reached a state that it does not know", error instanceof Error ? error.message : "");
    }
  }

  #step(): void {
    while (this.#mayWrite()) {
      const step = this.#window.step(this.#state, this.#capabilities);
      if (step === "wait") break;
      if (step === "quit") this.#move("quit");
      const { current } = this.#window;
      if (step === "pull" && current !== undefined) this.#events.push({ type: "pull", transaction: current });
    }
  }

  get hasEvents(): boolean {
    return this.#events.length > 0;
  }

  /** Events since the last call, oldest first. */
  takeEvents(): readonly SessionEventOut[] {
    if (this.#events.length === 0) return NO_EVENTS;
    const events = this.#events;
    this.#events = [];
    return events;
  }

  receive(bytes: Uint8Array): void {
    if (this.#is("closed")) return;
    if (this.#is("securing")) {
      this.#injected(bytes);
      return;
    }
    this.#parser.push(bytes);
    while (!this.#is("closed")) {
      const reply = this.#parser.next();
      if (reply === undefined) return;
      if ("fault" in reply)
        this.#fault(FAULTS[reply.fault], reply.excerpt, "protocol", this.#window.expected.length === 0);
      else this.#pair(reply);
      if (this.#is("securing") && this.#parser.hasPending) this.#injected(bytes);
    }
  }

  /** Writes a canonical chunk of streamed content, after a `pull` event; false when the content was refused already. */
  pour(transaction: Transaction, chunk: Uint8Array): boolean {
    const isWanted = this.#isWanted(transaction);
    if (isWanted) this.#window.pour(transaction, chunk);
    return isWanted;
  }

  finishPouring(transaction: Transaction): void {
    if (this.#isWanted(transaction)) this.#window.finishPouring(transaction);
  }

  /** Answers a 334; `shown` replaces the line in traces. */
  respond(work: CommandWork, line: string, shown: string): void {
    if (this.#state === "authenticating") this.#window.respond(work, line, shown);
  }

  /** The TLS handshake is done: the capabilities from clear text are discarded (RFC 3207 §4.2). */
  secured(): void {
    this.#parser.reset();
    this.#capabilities = undefined;
    this.#move("secured");
  }

  /** The server has closed its side. QUIRK: some omit the last CRLF; `countsWhenCutOff` says which replies still count. */
  receiveEnd(): void {
    if (this.#is("closed") || this.#is("securing")) return;
    const reply = this.#parser.takeCutOff();
    if (reply === undefined) return;
    this.#cutOff = this.redactor.reply(reply);
    const awaited = this.#window.expected.peek();
    if (reply.code === 421 || (awaited !== undefined && countsWhenCutOff(awaited, reply))) this.#pair(reply);
  }

  /** The connection has ended. @param isLocal this side ended it, without a fault of the server. */
  end(isLocal = true): void {
    this.#move("end");
    const { knowledge, ahead } = this.#window;
    this.#lostAhead = !isLocal && this.#isAheadOpen();
    if (this.#lostAhead) this.#recordLoss(knowledge);
    else knowledge.endTrial(this.#window.ahead);
    if (!isLocal && ahead.count > 0) knowledge.shrink();
  }

  /** The server ended the connection, or timed out, with an unanswered envelope written ahead. */
  #recordLoss(knowledge: ServerKnowledge): void {
    if (knowledge.behind === "untried" || this.isAheadUnanswered) knowledge.refutedBehind();
    else knowledge.doubtBehind();
  }

  #isAheadOpen(): boolean {
    return this.#window.expected.some((one) => one.slot === "mail" && one.transaction.isAhead);
  }

  // --- replies -----------------------------------------------------------------------------------------------------

  #pair(given: SmtpReply): void {
    // SECURITY: a reply may quote a secret, so only the parsers of EHLO and AUTH see it unmasked.
    const reply = this.redactor.reply(given);
    this.#lastReply = reply;
    if (this.#trace !== undefined) traceReply(reply, this.#trace);
    const expectation = this.#window.expected.peek();
    if (expectation === undefined) {
      if (reply.code === 421) this.#goodbye(reply, true);
      else this.#fault(UNASKED, `${reply.code} ${reply.message}`, "protocol", true);
      return;
    }
    const violation = findViolation(expectation, reply);
    if (violation !== undefined) return this.#fault(violation, `${reply.code} ${reply.message}`);
    this.#window.expected.shift();
    this.#trace?.answered?.(expectation, reply);
    if (expectation.slot === "greeting") this.#greeting(reply);
    else if (expectation.slot === "command") this.#commandReply(expectation.work, reply, given);
    else if (expectation.slot === "reset") this.#resetReply(reply);
    else this.#transactions.apply(expectation, reply, this.#acceptedByHand);
    if (reply.code === 421) this.#goodbye(reply, false);
    else if (this.#state === "closing" && this.#window.expected.length === 0) {
      this.#events.push({ type: "finished", after: expectation.slot === "command" ? "quit" : "reset" });
    }
  }

  /**
   * Fails on a partial reply while nothing is awaited: its end must not be paired with the next command. Checked only before a
   * write, so that a 421 in two segments keeps its text.
   */
  #checkUnasked(): void {
    const { expected, queue, current } = this.#window;
    if (!this.#mayWrite() || expected.length > 0 || !this.#parser.hasPending) return;
    if (queue.length > 0 || current !== undefined) this.#fault(UNASKED, this.#parser.pendingExcerpt, "protocol", true);
  }

  #greeting(reply: SmtpReply): void {
    if (reply.code === 220) this.#move("greeting");
    this.#events.push({ type: "greeting", reply });
  }

  /** @param given the reply before masking. */
  #commandReply(work: CommandWork, reply: SmtpReply, given: SmtpReply): void {
    const event = commandEvent(work.verb, reply);
    if (event === "hello") {
      this.#capabilities = work.verb === "HELO" ? NO_CAPABILITIES : parseCapabilities(given);
    }
    if (event !== undefined) this.#move(event);
    if (event === "challenge" && !this.#is("authenticating")) {
      this.#fault("The server sent a challenge where AUTH is not allowed", `${reply.code} ${reply.message}`);
      return;
    }
    this.#countByHand(work.verb, reply);
    // The mechanism needs the challenge unmasked; it is not reported elsewhere.
    this.#events.push({ type: "reply", work, reply: event === "challenge" ? given : reply });
  }

  /** Counts recipients that the caller sent by hand: LMTP replies to the content once for each (RFC 2033 §4.2). */
  #countByHand(verb: string, reply: SmtpReply): void {
    if (!isPositive(reply)) return;
    if (verb === "RCPT") this.#acceptedByHand++;
    else if (this.#state !== "transaction" || verb === "MAIL") this.#acceptedByHand = 0;
  }

  #resetReply(reply: SmtpReply): void {
    // Without RSET the session takes no further message: it ends after the replies that are due.
    if (isPositive(reply)) this.#window.cleaned();
    else if (reply.code !== 421 && this.#window.expected.length > 0) {
      // SECURITY: the server may have added the commands behind RSET to the envelope that RSET should have cleared. QUIRK: the reply may
      // answer content of a refused BDAT, which the server ran as commands.
      this.knowledge.ranContent();
      this.#fault("The server refused RSET with commands behind it", `${reply.code} ${reply.message}`, "refuted");
      return;
    }
    this.#move(isPositive(reply) ? "reset" : "quit");
  }

  #complete(transaction: Transaction): void {
    this.#window.forget(transaction);
    if (transaction.isAhead) this.#window.knowledge.endTrial(this.#window.ahead);
    transaction.progress = "done";
    this.#events.push({ type: "settled", transaction });
    // A refused envelope is still open on the server: RSET at once, so that the next command finds a clean session.
    const isOpen = this.#state === "transaction" || transaction.isSpoilt;
    if (isOpen && this.#mayWrite() && !transaction.isManual && this.#window.expected.length === 0) this.#window.clean();
  }

  /** Its position may have been the reason of the refusal: it is sent again, alone, after all earlier replies. */
  #sendAgain(transaction: Transaction): void {
    this.#window.forget(transaction);
    transaction.restart();
    this.#window.queue.unshift({ kind: "transaction", transaction });
  }

  /** SECURITY: replies come in order, so commands behind a 421 were not run, and their messages may be sent again. */
  #goodbye(reply: SmtpReply, wasIdle: boolean): void {
    for (const expectation of this.#window.expected) {
      if ("transaction" in expectation) expectation.transaction.isDenied = true;
    }
    this.#move("end");
    this.#events.push({ type: "goodbye", reply, wasIdle });
  }

  #fault(problem: string, text: string, kind: "protocol" | "refuted" = "protocol", isUnasked = false): void {
    this.#move("end");
    const unaskedIn = !isUnasked ? undefined : this.#capabilities === undefined ? "greeting" : "command";
    this.#events.push({ type: "fault", kind, problem, excerpt: this.redactor.excerpt(text), unaskedIn });
  }

  /** SECURITY: bytes between the 220 to STARTTLS and the handshake were injected by an attacker (RFC 3207 §6). */
  #injected(bytes: Uint8Array): void {
    this.#move("end");
    this.#events.push({
      type: "fault",
      kind: "injection",
      problem: "bytes arrived in clear text after the reply to STARTTLS",
      excerpt: new TextDecoder().decode(bytes.subarray(0, 80)),
    });
  }

  #isWanted(transaction: Transaction): boolean {
    return !this.#is("closed") && this.#window.current === transaction && transaction.contentReplies.length === 0;
  }

  #mayWrite(): boolean {
    return (
      this.#state === "greeted" || this.#state === "ready" || this.#state === "transaction" || this.#state === "content"
    );
  }

  #is(state: State): boolean {
    return this.#state === state;
  }

  #move(event: SessionEvent): void {
    const next = nextState(this.#state, event);
    if (next === undefined) this.#fault(`The session is ${this.#state}, where ${event} may not happen`, "");
    else this.#state = next;
  }
}
