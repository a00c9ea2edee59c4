/**
 * Commands and messages in flight on one connection, from being pulled to their verdict.
 *
 * Layer: connection. RFC 9422 (LIMITS), RFC 8689 §4.1 (REQUIRETLS).
 */
import { SmtpNotSupportedError } from "../errors/errors.js";
import { Queue } from "../queue.js";
import type { SmtpReply } from "../reply.js";
import { isAccepted } from "../result.js";
import { contentSize } from "../session/content.js";
import {
  type Envelope,
  type EnvelopeCommands,
  MANUAL_ENVELOPE,
  planEnvelope,
  splitEnvelope,
} from "../session/envelope.js";
import type { Session } from "../session/session.js";
import { Transaction } from "../session/transaction.js";
import { judge, judgeContent, judgeInterrupted, refusedByRcpt } from "../session/verdict.js";
import { type CommandWork, commandPhase } from "../session/work.js";
import type { Delivery, OpenedContent } from "../submission/submission.js";
import { isSendWatched, type ServerAttributes, watchSend } from "../watch.js";
import type { Capabilities } from "../wire/capabilities.js";
import { stalledContent, Watchdog } from "./clock.js";
import type { RequestState } from "./ending.js";
import { releaseContent } from "./flow.js";
import { Allowance, limitError, splitMessage, splitRemaining } from "./parts.js";
import type { QueuedCommand, QueuedItem, QueuedMessage, Source } from "./queued.js";

/** Nothing of the message was written. */
const UNWRITTEN: RequestState = { phase: "mail", outcome: "not-sent", isWritten: false };
/** EHLO was written for it. */
const HELLO_SENT: RequestState = { phase: "hello", outcome: "not-sent", isWritten: true, isGreeting: true };

/** The connection, as seen from here. */
export interface InFlightHost {
  readonly server: ServerAttributes;
  readonly isSecure: boolean;
  readonly isLmtp: boolean;
  /** Milliseconds for each chunk of content that is read before MAIL. */
  readonly contentTimeout: number;
  /** The delivery as this connection sends it: with DKIM signatures, when it has signers. */
  shape(delivery: Delivery): Delivery;
  /** Sends EHLO. */
  hello(): Promise<void>;
  /** Schedules a pass of the write loop. */
  schedule(): void;
  /** Bytes handed to the transport so far. */
  readonly bytesWritten: number;
}

/** Pulls items from the source into the session, and reports their verdicts back. */
export class InFlight {
  readonly #session: Session;
  readonly #host: InFlightHost;
  /** Undefined while the connection is being opened: nothing is pulled then. */
  source: Source | undefined;
  /**
   * In the order of writing. PERF: a Map whose keys come and go leaves its outgrown tables behind, each pointing to the next; once one
   * of them is in the old generation, the messages in all later ones survive every scavenge.
   */
  readonly #commands = new Queue<QueuedCommand>();
  readonly #messages = new Queue<QueuedMessage>();
  /** Counted messages of which nothing is written, in the order of writing. */
  readonly #unwritten = new Queue<QueuedMessage>();
  /** The item that waits for the reply to EHLO. */
  #awaitingHello: QueuedItem | undefined;
  /** The message whose content is being read, signed or composed. */
  #opening: QueuedMessage | undefined;
  readonly #openingWatch = new Watchdog((timeout) => this.#openingStalled(timeout));
  readonly #allowance = new Allowance();
  #isRetired = false;

  constructor(session: Session, host: InFlightHost) {
    this.#session = session;
    this.#host = host;
  }

  /** Pulls items while the window has room, and has the session write them; false when there was none. */
  pull(): boolean {
    let hasTaken = false;
    while (!this.#isRetired && this.#awaitingHello === undefined && this.#opening === undefined) {
      if (!this.#session.isAccepting) break;
      const item = this.source?.next(this.#accepts);
      if (item === undefined) break;
      hasTaken = true;
      this.#admit(item);
      this.#session.work();
    }
    return hasTaken;
  }

  /** Stops pulling; items in flight still get their verdict. */
  retire(): void {
    this.#isRetired = true;
  }

  /** Adds a command ahead of the source's items. */
  add(command: QueuedCommand): void {
    this.#commands.push(command);
    this.#session.enqueue(command.work);
  }

  /** Adds a command whose line is already written: the response to a challenge. */
  addWritten(command: QueuedCommand): void {
    this.#commands.push(command);
  }

  /** Reports messages whose first bytes were written since the last call. */
  noteBegun(): void {
    for (let next = this.#unwritten.peek(); next !== undefined; next = this.#unwritten.peek()) {
      const { transaction } = next;
      // A second try was written before.
      if (!next.isSettled && transaction?.progress === "queued" && !transaction.isSecondTry) return;
      this.#unwritten.shift();
      this.source?.begun(next);
    }
  }

  answer(work: CommandWork, reply: SmtpReply): void {
    const command = this.#commands.find((candidate) => candidate.work === work);
    if (command === undefined) return;
    this.#commands.remove(command);
    command.answer(reply);
  }

  complete(transaction: Transaction): void {
    const message = this.find(transaction);
    if (message === undefined) return;
    // A reply may arrive while write() of the bytes that it answers is still running.
    this.noteBegun();
    this.#messages.remove(message);
    // A refusal may come before the content was read to the end.
    releaseContent(message.content);
    this.#conclude(message, transaction);
  }

  find(transaction: Transaction): QueuedMessage | undefined {
    const oldest = this.#messages.peek();
    if (oldest?.transaction === transaction) return oldest;
    return this.#messages.find((message) => message.transaction === transaction);
  }

  /** Withdraws an item; false when some of it was written, so that the connection must end. */
  withdraw(item: QueuedItem): boolean {
    if (item === this.#awaitingHello) {
      this.#awaitingHello = undefined;
      return true;
    }
    if (item === this.#opening) {
      this.#stopOpening(item);
      return true;
    }
    if (item.kind === "command") {
      this.#commands.remove(item);
      return this.#session.withdraw(item.work);
    }
    const { transaction } = item;
    if (transaction === undefined) return true;
    this.#messages.remove(item);
    releaseContent(item.content);
    return this.#session.withdrawTransaction(transaction);
  }

  /** The connection has ended: every item is rejected according to how far it had come. */
  rejectAll(errorFor: (state: RequestState) => unknown): void {
    const awaitingHello = this.#awaitingHello;
    const opening = this.#opening;
    this.noteBegun();
    const commands = this.#commands.drain();
    const messages = this.#messages.drain();
    this.#awaitingHello = undefined;
    if (opening !== undefined) this.#stopOpening(opening);
    for (const command of commands) command.reject(errorFor(commandState(command)));
    for (const message of messages) {
      releaseContent(message.content);
      const state = messageState(message, this.#host.bytesWritten);
      this.#report(message, refusalOf(message) ?? errorFor(state));
    }
    // Its EHLO was written, so it gets the same error as EHLO.
    if (awaitingHello?.kind === "command") awaitingHello.reject(errorFor(HELLO_SENT));
    else if (awaitingHello !== undefined) this.#report(awaitingHello, errorFor(HELLO_SENT));
    if (opening !== undefined) this.#report(opening, errorFor(UNWRITTEN));
  }

  #report(message: QueuedMessage, verdict: unknown): void {
    message.watch?.(verdict);
    message.watch = undefined;
    this.source?.settled(message, verdict);
  }

  #admit(item: QueuedItem): void {
    const { capabilities } = this.#session;
    if (capabilities === undefined && (item.kind === "message" || item.needsHello)) this.#helloFirst(item);
    else if (item.kind === "message") this.#admitMessage(item, capabilities as Capabilities);
    else this.add(item);
  }

  #helloFirst(item: QueuedItem): void {
    this.#awaitingHello = item;
    this.#host.hello().then(
      () => {
        // It may have been withdrawn meanwhile.
        const waiting = this.#awaitingHello;
        this.#awaitingHello = undefined;
        if (waiting !== undefined) this.#admit(waiting);
        this.#host.schedule();
      },
      (error: unknown) => {
        const waiting = this.#awaitingHello;
        this.#awaitingHello = undefined;
        if (waiting?.kind === "command") waiting.reject(error);
        else if (waiting !== undefined) this.#report(waiting, error);
        this.source?.helloRefused(error);
        this.#host.schedule();
      },
    );
  }

  /** Applies the server's LIMITS (RFC 9422). */
  #admitMessage(message: QueuedMessage, capabilities: Capabilities): void {
    const { envelope } = message.delivery;
    const { limits } = capabilities;
    const envelopes = envelope === undefined ? [] : splitEnvelope(envelope, limits);
    if (envelopes.length > 1) {
      this.source?.putBack(splitMessage(message, envelopes), message);
    } else if (this.#allowance.fits(envelopes, limits)) {
      this.#open(message, capabilities);
    } else {
      this.source?.spent(message, limitError(envelopes, limits));
    }
  }

  #open(message: QueuedMessage, capabilities: Capabilities): void {
    this.#opening = message;
    if (isSendWatched()) message.watch = watchSend(this.#host.server, message.delivery);
    try {
      this.#checkTls(message.delivery.envelope);
      const opened = this.#host.shape(message.delivery).open(capabilities, this.#progress);
      if (opened instanceof Promise) this.#openAsync(message, opened, capabilities);
      else this.#opened(message, opened, capabilities);
    } catch (error) {
      this.#openFailed(message, error);
    }
  }

  #openAsync(message: QueuedMessage, opening: Promise<OpenedContent>, capabilities: Capabilities): void {
    // The caller's stream may abort the message while it is being opened.
    if (this.#opening === message) this.#openingWatch.arm(this.#host.contentTimeout);
    opening
      .then((opened) => this.#opened(message, opened, capabilities))
      .catch((error: unknown) => this.#openFailed(message, error))
      .finally(() => this.#host.schedule());
  }

  /** The content is ready; ignored when the message was withdrawn meanwhile. @throws SmtpNotSupportedError */
  #opened(message: QueuedMessage, opened: OpenedContent, capabilities: Capabilities): void {
    if (this.#opening !== message) return releaseContent(opened.source);
    let transaction: Transaction;
    try {
      transaction = new Transaction(plan(message.delivery, opened, capabilities), opened.content);
    } catch (error) {
      releaseContent(opened.source);
      throw error;
    }
    this.#closeOpening();
    message.transaction = transaction;
    message.extensions = capabilities.extensions;
    message.content = opened.source;
    message.isRepeatable = opened.content.kind === "bytes" || opened.reopen !== undefined;
    this.#messages.push(message);
    this.#allowance.take(message.delivery.envelope, capabilities.limits);
    if (message.isCounted) this.#unwritten.push(message);
    this.#session.enqueue({ kind: "transaction", transaction });
  }

  #openFailed(message: QueuedMessage, error: unknown): void {
    if (this.#opening !== message) return;
    this.#closeOpening();
    this.#report(message, error);
  }

  #closeOpening(): void {
    this.#opening = undefined;
    this.#openingWatch.disarm();
  }

  #openingStalled(timeout: number): void {
    const message = this.#opening;
    if (message === undefined) return;
    this.#stopOpening(message);
    this.#report(message, stalledContent(timeout));
    this.#host.schedule();
  }

  #stopOpening(message: QueuedMessage): void {
    this.#closeOpening();
    message.delivery.close();
    this.#host.schedule();
  }

  /** SECURITY: an attacker who strips STARTTLS from the EHLO reply may add REQUIRETLS to it (RFC 8689 §4.1: only over TLS). */
  #checkTls(envelope: Envelope | undefined): void {
    if (this.#host.isSecure || !envelope?.mailParameters.some(({ keyword }) => keyword === "REQUIRETLS")) return;
    throw new SmtpNotSupportedError("REQUIRETLS", {
      reason: "REQUIRETLS demands TLS on every hop, and this connection has none",
      phase: "mail",
      hint: "Set startTls: true or useTls: true",
    });
  }

  #conclude(message: QueuedMessage, transaction: Transaction): void {
    const { envelope } = message.delivery;
    const verdict =
      envelope === undefined ? judgeContent(transaction) : judge(transaction, envelope, this.#host.isLmtp);
    const split = isAccepted(verdict) ? splitRemaining(message, transaction, verdict) : undefined;
    if (split === undefined) {
      this.#report(message, verdict);
    } else {
      this.#report(split.done, split.verdict);
      this.source?.putBack([split.remaining]);
    }
  }

  readonly #progress = (): void => this.#openingWatch.progress();

  /** A stream, or an envelope too large for the room, waits until no verdict is open. PERF: a field, so no closure per call. */
  readonly #accepts = ({ delivery }: QueuedMessage): boolean => {
    const { room } = this.#session;
    if (room !== "ahead") return room === "free";
    return delivery.isStreamed !== true && envelopeBytes(delivery.envelope) <= this.#session.roomAhead;
  };
}

function commandState({ work }: QueuedCommand): RequestState {
  return { phase: commandPhase(work.verb), outcome: "not-sent", isWritten: true };
}

/** @param bytesWritten taken by the transport so far: content whose end it did not take was not sent. */
function messageState({ transaction, delivery: { envelope } }: QueuedMessage, bytesWritten: number): RequestState {
  if (transaction === undefined || transaction.progress === "queued") return UNWRITTEN;
  const outcome = bytesWritten < transaction.contentEnd ? "not-sent" : transaction.outcome;
  const refused = envelope === undefined ? [] : refusedByRcpt(transaction, envelope);
  return { phase: transaction.phase, outcome, isWritten: true, refused };
}

/** A refusal that had already arrived explains more than the lost connection. */
function refusalOf({ transaction, delivery }: QueuedMessage): unknown {
  if (transaction === undefined || delivery.envelope === undefined) return undefined;
  return judgeInterrupted(transaction, delivery.envelope);
}

/** Shapes the envelope for the server. @throws SmtpNotSupportedError */
function plan({ envelope }: Delivery, opened: OpenedContent, capabilities: Capabilities): EnvelopeCommands {
  if (envelope === undefined) return MANUAL_ENVELOPE;
  const { content, hasUtf8Headers } = opened;
  const facts = { size: contentSize(content), hasEightBit: content.hasEightBit, hasUtf8Headers };
  return planEnvelope(envelope, facts, capabilities);
}

/** An upper estimate of the bytes of MAIL and every RCPT: the exact parameters are not known before the content is open. */
function envelopeBytes(envelope: Envelope | undefined): number {
  let total = 80;
  for (const { address, parameters } of envelope?.recipients ?? [])
    total += 16 + address.length + 80 * parameters.length;
  return total;
}
