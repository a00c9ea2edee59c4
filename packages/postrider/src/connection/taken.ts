/**
 * What a connection has taken from its source and not settled: commands and messages, from being pulled to their verdict.
 *
 * Layer: connection.
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
import { judge, judgeContent, judgeInterrupted } from "../session/verdict.js";
import { type CommandWork, commandPhase } from "../session/work.js";
import type { Delivery, OpenedContent } from "../submission/submission.js";
import { isSendWatched, type ServerAttributes, watchSend } from "../watch.js";
import type { Capabilities } from "../wire/capabilities.js";
import { stalledContent, Watchdog } from "./clock.js";
import type { Standing } from "./ending.js";
import { releaseContent } from "./flow.js";
import { Allowance, limitError, splitMessage, splitRemaining } from "./parts.js";
import type { QueuedCommand, QueuedItem, QueuedMessage, Source } from "./queued.js";

/** What this needs of its connection. */
export interface TakenDesk {
  readonly server: ServerAttributes;
  readonly isSecure: boolean;
  readonly isLmtp: boolean;
  /** Milliseconds for each chunk of content that is read before MAIL. */
  readonly contentTimeout: number;
  /** The delivery as this connection sends it: signed, where it signs. */
  shape(delivery: Delivery): Delivery;
  /** Sends EHLO. */
  hello(): Promise<void>;
  /** Looks again, soon, at what may move. */
  schedule(): void;
  /** Bytes handed to the transport so far. */
  readonly bytesWritten: number;
}

export class Taken {
  readonly #session: Session;
  readonly #desk: TakenDesk;
  /** Undefined while the connection is being opened: nothing is pulled then. */
  source: Source | undefined;
  readonly #commands = new Map<CommandWork, QueuedCommand>();
  readonly #messages = new Map<Transaction, QueuedMessage>();
  /** Messages whose source counts them, in the order in which they will be written. */
  readonly #unbegun = new Queue<QueuedMessage>();
  /** It waits for the reply to EHLO. */
  #greeted: QueuedItem | undefined;
  /** Its content is being read, signed or composed. */
  #opening: QueuedMessage | undefined;
  readonly #openingWatch = new Watchdog((timeout) => this.#openingStalled(timeout));
  readonly #allowance = new Allowance();
  #isRetired = false;

  constructor(session: Session, desk: TakenDesk) {
    this.#session = session;
    this.#desk = desk;
  }

  /** Pulls what may begin now, and lets the session write it; false when there was nothing. */
  pull(): boolean {
    let hasTaken = false;
    while (!this.#isRetired && this.#greeted === undefined && this.#opening === undefined) {
      if (!this.#session.isAccepting) break;
      const item = this.source?.next(this.#accepts);
      if (item === undefined) break;
      hasTaken = true;
      this.#admit(item);
      this.#session.work();
    }
    return hasTaken;
  }

  /** Pulls nothing more; what it has is settled. */
  retire(): void {
    this.#isRetired = true;
  }

  /** A command that goes before everything that waits. */
  add(command: QueuedCommand): void {
    this.#commands.set(command.work, command);
    this.#session.enqueue(command.work);
  }

  /** A command whose line the session has already: a response to a challenge. */
  addWritten(command: QueuedCommand): void {
    this.#commands.set(command.work, command);
  }

  /** Tells of messages whose first bytes were written since the last time. */
  noteBegun(): void {
    for (let next = this.#unbegun.peek(); next !== undefined; next = this.#unbegun.peek()) {
      const { transaction } = next;
      // One that is to be asked again was on the wire.
      if (!next.isSettled && transaction?.progress === "queued" && !transaction.isSecondTry) return;
      this.#unbegun.shift();
      this.source?.begun(next);
    }
  }

  answer(work: CommandWork, reply: SmtpReply): void {
    const command = this.#commands.get(work);
    this.#commands.delete(work);
    command?.answer(reply);
  }

  settle(transaction: Transaction): void {
    const message = this.#messages.get(transaction);
    if (message === undefined) return;
    // A reply may come while the bytes that it answers are still being handed over.
    this.noteBegun();
    this.#messages.delete(transaction);
    // A refusal may come before the content was read to its end.
    releaseContent(message.content);
    this.#conclude(message, transaction);
  }

  find(transaction: Transaction): QueuedMessage | undefined {
    return this.#messages.get(transaction);
  }

  /** Gives an item up; false when some of it was written, so that only the end of the connection can stop it. */
  withdraw(item: QueuedItem): boolean {
    if (item === this.#greeted) {
      this.#greeted = undefined;
      return true;
    }
    if (item === this.#opening) {
      this.#stopOpening(item);
      return true;
    }
    if (item.kind === "command") {
      this.#commands.delete(item.work);
      return this.#session.withdraw(item.work);
    }
    const { transaction } = item;
    if (transaction === undefined) return true;
    this.#messages.delete(transaction);
    releaseContent(item.content);
    return this.#session.withdrawTransaction(transaction);
  }

  /** The connection has ended: every item gets the error that is true of it. */
  rejectAll(errorFor: (standing: Standing) => unknown): void {
    const commands = [...this.#commands.values()];
    const messages = [...this.#messages.values()];
    const greeted = this.#greeted;
    const opening = this.#opening;
    this.noteBegun();
    this.#commands.clear();
    this.#messages.clear();
    this.#greeted = undefined;
    if (opening !== undefined) this.#stopOpening(opening);
    for (const command of commands) command.reject(errorFor(commandStanding(command)));
    for (const message of messages) {
      releaseContent(message.content);
      const standing = messageStanding(message, this.#desk.bytesWritten);
      this.#settle(message, refusalOf(message) ?? errorFor(standing));
    }
    // EHLO was on its way for it: what happened to that happened to it.
    if (greeted?.kind === "command") greeted.reject(errorFor(HELLO));
    else if (greeted !== undefined) this.#settle(greeted, errorFor(HELLO));
    if (opening !== undefined) this.#settle(opening, errorFor(UNWRITTEN));
  }

  #settle(message: QueuedMessage, verdict: unknown): void {
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
    this.#greeted = item;
    this.#desk.hello().then(
      () => {
        // It may have been given up meanwhile.
        const waiting = this.#greeted;
        this.#greeted = undefined;
        if (waiting !== undefined) this.#admit(waiting);
        this.#desk.schedule();
      },
      (error: unknown) => {
        const waiting = this.#greeted;
        this.#greeted = undefined;
        if (waiting?.kind === "command") waiting.reject(error);
        else if (waiting !== undefined) this.#settle(waiting, error);
        this.source?.helloRefused(error);
        this.#desk.schedule();
      },
    );
  }

  /** A message, within the server's limits (RFC 9422). */
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
    if (isSendWatched()) message.watch = watchSend(this.#desk.server, message.delivery);
    try {
      this.#checkTls(message.delivery.envelope);
      const opened = this.#desk.shape(message.delivery).open(capabilities, this.#progress);
      if (opened instanceof Promise) this.#openLater(message, opened, capabilities);
      else this.#opened(message, opened, capabilities);
    } catch (error) {
      this.#notOpened(message, error);
    }
  }

  #openLater(message: QueuedMessage, opening: Promise<OpenedContent>, capabilities: Capabilities): void {
    // A source may give it up in the moment in which it is asked.
    if (this.#opening === message) this.#openingWatch.arm(this.#desk.contentTimeout);
    opening
      .then((opened) => this.#opened(message, opened, capabilities))
      .catch((error: unknown) => this.#notOpened(message, error))
      .finally(() => this.#desk.schedule());
  }

  /** Content that is ready, unless the message was given up meanwhile. @throws SmtpNotSupportedError */
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
    message.content = opened.source;
    message.isRepeatable = opened.content.kind === "bytes" || opened.reopen !== undefined;
    this.#messages.set(transaction, message);
    this.#allowance.take(message.delivery.envelope, capabilities.limits);
    if (message.isCounted) this.#unbegun.push(message);
    this.#session.enqueue({ kind: "transaction", transaction });
  }

  #notOpened(message: QueuedMessage, error: unknown): void {
    if (this.#opening !== message) return;
    this.#closeOpening();
    this.#settle(message, error);
  }

  #closeOpening(): void {
    this.#opening = undefined;
    this.#openingWatch.disarm();
  }

  #openingStalled(timeout: number): void {
    const message = this.#opening;
    if (message === undefined) return;
    this.#stopOpening(message);
    this.#settle(message, stalledContent(timeout));
    this.#desk.schedule();
  }

  #stopOpening(message: QueuedMessage): void {
    this.#closeOpening();
    message.delivery.close();
    this.#desk.schedule();
  }

  /** SECURITY: whoever strips STARTTLS from an EHLO may add REQUIRETLS to it (RFC 8689 §4.1: only over TLS). */
  #checkTls(envelope: Envelope | undefined): void {
    if (this.#desk.isSecure || !envelope?.mailParameters.some(({ keyword }) => keyword === "REQUIRETLS")) return;
    throw new SmtpNotSupportedError("REQUIRETLS", {
      reason: "REQUIRETLS asks for TLS on the whole way, and this connection has none",
      phase: "mail",
      hint: "Set startTls: true or useTls: true",
    });
  }

  #conclude(message: QueuedMessage, transaction: Transaction): void {
    const { envelope } = message.delivery;
    const verdict =
      envelope === undefined ? judgeContent(transaction) : judge(transaction, envelope, this.#desk.isLmtp);
    const split = isAccepted(verdict) ? splitRemaining(message, transaction, verdict) : undefined;
    if (split === undefined) {
      this.#settle(message, verdict);
    } else {
      this.#settle(split.done, split.verdict);
      this.source?.putBack([split.remaining]);
    }
  }

  readonly #progress = (): void => this.#openingWatch.progress();

  /** PERF: the same function each time. A stream, and an envelope too large for it, waits until nothing is ahead of it. */
  readonly #accepts = ({ delivery }: QueuedMessage): boolean => {
    const { room } = this.#session;
    if (room !== "ahead") return room === "free";
    return delivery.isStreamed !== true && envelopeBytes(delivery.envelope) <= this.#session.roomAhead;
  };
}

/** What does not go by the server's verdict: nothing was written, or EHLO was on its way. */
const UNWRITTEN: Standing = { phase: "mail", outcome: "not-sent", isWritten: false };
const HELLO: Standing = { phase: "hello", outcome: "not-sent", isWritten: true, isGreeting: true };

function commandStanding({ work }: QueuedCommand): Standing {
  return { phase: commandPhase(work.verb), outcome: "not-sent", isWritten: true };
}

/** @param bytesWritten what the transport took so far: content that it did not take to its end was not sent. */
function messageStanding({ transaction }: QueuedMessage, bytesWritten: number): Standing {
  if (transaction === undefined || transaction.progress === "queued") return UNWRITTEN;
  const outcome = bytesWritten < transaction.contentEnd ? "not-sent" : transaction.outcome;
  return { phase: transaction.phase, outcome, isWritten: true };
}

/** What the server had already said of it says more than that the connection is gone. */
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

/** Bytes of MAIL and every RCPT, about: the parameters that the server gets are not known yet. */
function envelopeBytes(envelope: Envelope | undefined): number {
  let total = 80;
  for (const { address, parameters } of envelope?.recipients ?? [])
    total += 16 + address.length + 80 * parameters.length;
  return total;
}
