/**
 * Queued messages and commands, and the source that a connection pulls them from.
 *
 * Layer: connection.
 *
 * A connection asks its source when its window has room. So there is one queue and one place to withdraw an item from, and a
 * connection that is busy, broken or closing does not ask.
 */
import { isSmtpError, type SmtpOutcome } from "../errors/errors.js";
import { AbortedInFlight, onAbort } from "../given/abort.js";
import type { SmtpReply } from "../reply.js";
import { isAccepted, type SendResult, type TransferFacts } from "../result.js";
import type { Transaction } from "../session/transaction.js";
import type { CommandWork } from "../session/work.js";
import type { Delivery, Submission } from "../submission/submission.js";

/** The connection that took an item. */
export interface Holder {
  abort(item: QueuedItem, reason: unknown): void;
}

/** Where a connection pulls its items from: the queue of a client or of a pool. */
export interface Source {
  /** Removes and returns the next item; undefined when there is none for this connection now. `wake()` makes it ask again. */
  next(accepts: (message: QueuedMessage) => boolean): QueuedItem | undefined;
  /** The first bytes of a message with `isCounted` were written. */
  begun(message: QueuedMessage): void;
  /** A message of this connection has its verdict: what the server accepted, or an error. */
  settled(message: QueuedMessage, verdict: unknown): void;
  /** Returns unwritten messages to the front of the queue, in their order. `taken` is the message that they are parts of. */
  putBack(messages: readonly QueuedMessage[], taken?: QueuedMessage): void;
  /** The server's LIMITS (RFC 9422) allow no more on this connection; `error` is for a source that cannot open another. */
  spent(message: QueuedMessage, error: unknown): void;
  /** EHLO was refused: items that need it fail. */
  helloRefused(error: unknown): void;
  /** The connection has ended, and all its items are settled. */
  ended(): void;
}

/** The queue in which a message waits: called when the message is aborted there. */
export interface Queuer {
  withdrawn(message: QueuedMessage, reason: unknown): void;
}

export type QueuedItem = QueuedCommand | QueuedMessage;

/** A command of the caller or of the connection itself. */
export class QueuedCommand {
  readonly kind = "command";
  readonly work: CommandWork;
  /** Whether EHLO must come before it. */
  readonly needsHello: boolean;
  holder: Holder | undefined;
  /** Removes the listener on the caller's signal. */
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

  /** Later calls are ignored. */
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

/** A promise for the reply to a command, which `queue` appends; the signal withdraws it. */
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

/** A message, or one of the transactions that it was split into. */
export class QueuedMessage {
  readonly kind = "message";
  readonly delivery: Delivery;
  readonly queuer: Queuer;
  readonly #finish: (verdict: unknown, message: QueuedMessage) => void;
  /** The connection that has it; undefined while it waits. */
  holder: Holder | undefined;
  /** Its transaction on the current or last connection. */
  transaction: Transaction | undefined;
  /** The extensions of the server that has `transaction`. */
  extensions: SendResult["extensions"] | undefined;
  /** The open iterator of streamed content. */
  content: AsyncIterator<Uint8Array> | undefined;
  /** False once a stream was opened that cannot be opened again. */
  isRepeatable = true;
  /** Set once it was split: the messages that are sent in its place. */
  parts: readonly QueuedMessage[] | undefined;
  /** Removes the listener on the caller's signal. */
  release: (() => void) | undefined;
  /** The diagnostics of this attempt, called with its verdict. */
  watch: ((verdict: unknown) => void) | undefined;
  /** Failed attempts on connections that had not yet delivered anything. */
  attempts = 0;
  /** Attempts lost with a connection that had delivered something before. */
  losses = 0;
  /** Connections that had reached their LIMITS when they pulled it. */
  renewals = 0;
  /** The error of the last attempt: the call rejects with it when there is no further attempt. */
  lastError: unknown;
  /** It counts against the rate limit of its pool: reserved when pulled, timed when written. */
  isCounted = false;
  #isSettled = false;

  /**
   * @param queuer called when it is aborted while no connection has it.
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

  /** Its outcome if the connection ended now. */
  get outcome(): SmtpOutcome {
    const isUnknown = this.parts?.some((part) => part.outcome === "unknown") ?? this.transaction?.outcome === "unknown";
    return isUnknown ? "unknown" : "not-sent";
  }

  /** Aborts it with the caller's signal. The listener is removed with the verdict: a signal may outlive a million messages. */
  follow(signal: AbortSignal | undefined): void {
    if (signal !== undefined) this.release = onAbort(signal, () => this.abort(signal.reason));
  }

  abort(reason: unknown): void {
    if (this.#isSettled) return;
    if (this.parts !== undefined) for (const part of this.parts) part.abort(reason);
    else if (this.holder === undefined) this.queuer.withdrawn(this, reason);
    else this.holder.abort(this, reason);
  }

  /** Ends it with its final verdict; later calls are ignored. */
  settle(verdict: unknown): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.release?.();
    this.#finish(verdict, this);
  }
}

/** The deferred of the call that made a message. */
export interface Deferred {
  resolve(result: SendResult): void;
  reject(error: unknown): void;
}

/** Makes a submission a queued message. @param count called with the verdict before the caller's promise settles. */
export function queueSubmission(
  submission: Submission,
  queuer: Queuer,
  { resolve, reject }: Deferred,
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
    const { accepted, refused, reply } = verdict;
    const { size, extensions, envelopeTime, contentTime } = factsOf(message);
    resolve({
      envelope: { sender, recipients },
      accepted,
      refused,
      reply,
      messageId,
      size,
      extensions,
      envelopeTime,
      contentTime,
    });
  });
}

const NO_FACTS: TransferFacts = { size: 0, extensions: new Map(), envelopeTime: 0, contentTime: 0 };

/** The size of a message, and how it went; the times of several transactions are added up. */
function factsOf(message: QueuedMessage): TransferFacts {
  const { parts, extensions, transaction } = message;
  const own =
    transaction?.progress === "done" && extensions !== undefined ? transferFacts(transaction, extensions) : NO_FACTS;
  return parts === undefined ? own : parts.map(factsOf).reduce(joinFacts, own);
}

function transferFacts(transaction: Transaction, extensions: TransferFacts["extensions"]): TransferFacts {
  const { size, poured, begunAt, envelopeAt, answeredAt } = transaction;
  return {
    size: poured === 0 ? size : poured,
    extensions,
    envelopeTime: envelopeAt - begunAt,
    contentTime: answeredAt - envelopeAt,
  };
}

function joinFacts(one: TransferFacts, other: TransferFacts): TransferFacts {
  return {
    size: Math.max(one.size, other.size),
    extensions: other.extensions.size > 0 ? other.extensions : one.extensions,
    envelopeTime: one.envelopeTime + other.envelopeTime,
    contentTime: one.contentTime + other.contentTime,
  };
}

/** Wraps the reason of an abort in AbortedInFlight when the message may have been delivered, for `outcomeOf`. */
export function abortedError(verdict: unknown, { outcome }: QueuedMessage): unknown {
  const isReason = !isSmtpError(verdict) && !(verdict instanceof AbortedInFlight);
  return isReason && outcome === "unknown" ? new AbortedInFlight(verdict) : verdict;
}
