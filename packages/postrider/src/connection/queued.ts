/**
 * What waits for a connection: messages and commands, from the call that made them to their verdict, and where a connection gets them.
 *
 * Layer: connection. A connection pulls: when it may begin something it asks its source. So there is one queue, one place to withdraw
 * from, and a connection that is busy, broken or about to leave simply does not ask.
 */

import { isSmtpError, type SmtpOutcome } from "../errors/errors.js";
import { AbortedInFlight, onAbort } from "../given/abort.js";
import type { SmtpReply } from "../reply.js";
import { isAccepted, type SendResult } from "../result.js";
import type { Transaction } from "../session/transaction.js";
import type { CommandWork } from "../session/work.js";
import type { Delivery, Submission } from "../submission/submission.js";

/** Whoever has an item: the connection that took it. */
export interface Holder {
  abort(item: QueuedItem, reason: unknown): void;
}

/** Where one connection gets its messages. */
export interface Source {
  /** The next item, taken; undefined when there is none for this connection now: `wake()` tells it to ask again. */
  next(accepts: (message: QueuedMessage) => boolean): QueuedItem | undefined;
  /** The first bytes of a message that is counted were written. */
  begun(message: QueuedMessage): void;
  /** A message that this connection had has its verdict, or the error that is true of it. */
  settled(message: QueuedMessage, verdict: unknown): void;
  /** Messages of which nothing was written: they go in front of all others, in their order. `taken` one they come from. */
  putBack(messages: readonly QueuedMessage[], taken?: QueuedMessage): void;
  /** The connection takes no more messages by the server's own limits (RFC 9422); the error is for who cannot open another. */
  spent(message: QueuedMessage, error: unknown): void;
  /** EHLO was refused: so is all that needs it. */
  helloRefused(error: unknown): void;
  /** The connection has ended, and everything that it had is settled. */
  ended(): void;
}

/** Where a message waits: told when it is given up there. */
export interface Queuer {
  withdrawn(message: QueuedMessage, reason: unknown): void;
}

export type QueuedItem = QueuedCommand | QueuedMessage;

/** A command of the caller's, or of this side's own. */
export class QueuedCommand {
  readonly kind = "command";
  readonly work: CommandWork;
  /** Whether EHLO must come before it. */
  readonly needsHello: boolean;
  holder: Holder | undefined;
  /** Takes back the listener on the caller's signal. */
  release: (() => void) | undefined;
  readonly #resolve: (reply: SmtpReply) => void;
  readonly #reject: (error: unknown) => void;
  #isSettled = false;

  constructor(
    work: CommandWork,
    needsHello: boolean,
    resolve: (reply: SmtpReply) => void,
    reject: (error: unknown) => void,
  ) {
    this.work = work;
    this.needsHello = needsHello;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** Whatever comes later is not heard. */
  get isSettled(): boolean {
    return this.#isSettled;
  }

  answer(reply: SmtpReply): void {
    if (this.#settle()) this.#resolve(reply);
  }

  reject(error: unknown): void {
    if (this.#settle()) this.#reject(error);
  }

  abort(reason: unknown): void {
    if (this.holder === undefined) this.reject(reason);
    else this.holder.abort(this, reason);
  }

  #settle(): boolean {
    if (this.#isSettled) return false;
    this.#isSettled = true;
    this.release?.();
    return true;
  }
}

/** A promise for the reply to a command that `queue` takes; the signal withdraws it. */
export function queueCommand(
  work: CommandWork,
  needsHello: boolean,
  signal: AbortSignal | undefined,
  queue: (command: QueuedCommand) => void,
): Promise<SmtpReply> {
  return new Promise<SmtpReply>((resolve, reject) => {
    const command = new QueuedCommand(work, needsHello, resolve, reject);
    if (signal !== undefined) command.release = onAbort(signal, () => command.abort(signal.reason));
    queue(command);
  });
}

/** A message, or one of the transactions that it needs. */
export class QueuedMessage {
  readonly kind = "message";
  readonly delivery: Delivery;
  readonly queuer: Queuer;
  readonly #finish: (verdict: unknown, message: QueuedMessage) => void;
  /** The connection that has it; undefined while it waits. */
  holder: Holder | undefined;
  /** What it became on the connection that has it, or had it last. */
  transaction: Transaction | undefined;
  /** The chunks of streamed content that has been opened. */
  content: AsyncIterator<Uint8Array> | undefined;
  /** Whether content that is on its way could be opened again. */
  isRepeatable = true;
  /** Set once it needs several transactions: these are sent in its place. */
  parts: readonly QueuedMessage[] | undefined;
  /** Takes back the listener on the caller's signal. */
  release: (() => void) | undefined;
  /** Set while somebody watches: told of the verdict of this attempt. */
  watch: ((verdict: unknown) => void) | undefined;
  /** Attempts that failed before the server had done any work on that connection. */
  attempts = 0;
  /** Connections that had worked before, and were found dead or died under it. */
  losses = 0;
  /** Connections that had carried messages and took no more when its turn came. */
  renewals = 0;
  /** Why it failed the last time: what the caller hears when it cannot be tried again. */
  lastError: unknown;
  /** It counts against the rate of its pool from when it is taken, and with its time from when it is written. */
  isCounted = false;
  #isSettled = false;

  /**
   * @param queuer told when it is given up while no connection has it.
   * @param finish called once, with what the server accepted or with the error.
   */
  constructor(delivery: Delivery, queuer: Queuer, finish: (verdict: unknown, message: QueuedMessage) => void) {
    this.delivery = delivery;
    this.queuer = queuer;
    this.#finish = finish;
  }

  get isSettled(): boolean {
    return this.#isSettled;
  }

  /** What is true of it when nothing further comes. */
  get outcome(): SmtpOutcome {
    const isUnknown = this.parts?.some((part) => part.outcome === "unknown") ?? this.transaction?.outcome === "unknown";
    return isUnknown ? "unknown" : "not-sent";
  }

  /** The caller's signal gives it up. A signal may outlive a million messages: it is let go with the verdict. */
  follow(signal: AbortSignal | undefined): void {
    if (signal !== undefined) this.release = onAbort(signal, () => this.abort(signal.reason));
  }

  abort(reason: unknown): void {
    if (this.#isSettled) return;
    if (this.parts !== undefined) for (const part of this.parts) part.abort(reason);
    else if (this.holder === undefined) this.queuer.withdrawn(this, reason);
    else this.holder.abort(this, reason);
  }

  /** The last word on it. */
  settle(verdict: unknown): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.release?.();
    this.#finish(verdict, this);
  }
}

/** How the call that made a message hears of it. */
export interface Settling {
  resolve(result: SendResult): void;
  reject(error: unknown): void;
}

/** @param count told of the verdict before the caller is. */
export function queueSubmission(
  submission: Submission,
  queuer: Queuer,
  { resolve, reject }: Settling,
  count?: (verdict: unknown, message: QueuedMessage) => void,
): QueuedMessage {
  return new QueuedMessage(submission, queuer, (verdict, message) => {
    count?.(verdict, message);
    if (!isAccepted(verdict)) {
      return reject(abortedError(verdict, message));
    }
    const { envelope, messageId } = submission;
    const sender = envelope.sender?.address ?? "";
    const recipients = envelope.recipients.map((recipient) => recipient.address);
    resolve({ envelope: { sender, recipients }, ...verdict, messageId });
  });
}

/** The error for the edge of the library: it tells there whether an aborted message may have been delivered. */
export function abortedError(verdict: unknown, { outcome }: QueuedMessage): unknown {
  const isReason = !isSmtpError(verdict) && !(verdict instanceof AbortedInFlight);
  return isReason && outcome === "unknown" ? new AbortedInFlight(verdict) : verdict;
}
