/**
 * The queue of one SmtpClient: a FIFO of calls, and the one connection that pulls from it.
 *
 * Layer: connection. RFC 9422 (MAILMAX, RCPTDOMAINMAX).
 *
 * The connection is replaced when the server's LIMITS are reached, and when the server failed on commands that were written ahead of
 * a verdict. The messages are not at fault then, and the new connection sends them one by one.
 */
import { isSmtpError, SmtpDisconnectedError } from "../errors/errors.js";
import { Queue } from "../queue.js";
import type { SmtpReply } from "../reply.js";
import { isAccepted, type SendResult } from "../result.js";
import type { CommandWork } from "../session/work.js";
import type { Delivery, Submission } from "../submission/submission.js";
import type { Connection } from "./connection.js";
import { BRIEF_QUIT_WAIT_MS, sendQuit } from "./connector.js";
import type { Ending } from "./ending.js";
import {
  abortedError,
  type QueuedItem,
  QueuedMessage,
  type Queuer,
  queueCommand,
  queueSubmission,
  type Source,
} from "./queued.js";

/** How a client gets another connection to the same server. */
export interface Renewal {
  /** False when a new connection would differ: a single-use socket, a session that the caller changed by hand. */
  mayRenew(): boolean;
  open(signal: AbortSignal): Promise<Connection>;
  /** Messages left after QUIT go to a new connection: QUIT was written before the server refused some recipients as too many. */
  readonly isQuitEarly?: true;
}

/** Calls wait here in their order. */
export class ClientQueue implements Source, Queuer {
  readonly #renewal: Renewal;
  readonly #items = new Queue<QueuedItem>();
  #connection: Connection | undefined;
  /** Messages that the server accepted on this connection. */
  #delivered = 0;
  /** Aborts the renewal that is under way. */
  #renewing: AbortController | undefined;
  /** Resolves when the renewal has succeeded or failed; undefined while there is none. */
  renewed: Promise<void> | undefined;
  /** Messages that the end of a connection returns one by one; they go back to the front together. */
  #returned: QueuedMessage[] = [];

  constructor(renewal: Renewal) {
    this.#renewal = renewal;
  }

  /** Undefined before the first connection. */
  get connection(): Connection | undefined {
    return this.#connection;
  }

  /** Whether another connection is being opened; calls then wait for it. */
  get isRenewing(): boolean {
    return this.#renewing !== undefined;
  }

  attach(connection: Connection): void {
    this.#connection = connection;
    this.#delivered = 0;
    connection.attach(this);
  }

  /** Queues a message. */
  send(submission: Submission, signal: AbortSignal | undefined): Promise<SendResult> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    return new Promise<SendResult>((resolve, reject) => {
      const message = queueSubmission(submission, this, { resolve, reject });
      message.follow(signal);
      this.add(message);
    });
  }

  /** Queues the content of an envelope that the caller sent by hand; resolves with the reply to it. @throws SmtpDataError */
  sendContent(delivery: Delivery, signal: AbortSignal | undefined): Promise<SmtpReply> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    return new Promise<SmtpReply>((resolve, reject) => {
      const message = new QueuedMessage(delivery, this, (verdict, given) =>
        isAccepted(verdict) ? resolve(verdict.reply) : reject(abortedError(verdict, given)),
      );
      message.follow(signal);
      this.add(message);
    });
  }

  /** Queues a command; resolves with its reply, whatever the code. */
  command(work: CommandWork, needsHello: boolean, signal?: AbortSignal): Promise<SmtpReply> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    return queueCommand(work, needsHello, signal, (command) => this.add(command));
  }

  /** Appends an item; it fails at once when the connection has ended and is not being replaced. */
  add(item: QueuedItem): void {
    this.#items.push(item);
    if (this.#renewing !== undefined) return;
    if (this.#connection?.ending === undefined) this.#connection?.wake();
    else this.#rejectWaiting(() => true, this.#endingError());
  }

  /** Milliseconds without progress. */
  get timeout(): number {
    return this.#connection?.timeout ?? Infinity;
  }

  /** Ends the connection and the renewal, and rejects all queued calls. */
  end(ending: Ending): void {
    this.#renewing?.abort(closedError());
    this.#connection?.end(ending);
    this.#rejectWaiting(() => true, closedError());
  }

  // --- for the connection -------------------------------------------------------------------------------------------

  next(accepts: (message: QueuedMessage) => boolean): QueuedItem | undefined {
    if (this.#renewing !== undefined) return undefined;
    for (let item = this.#items.peek(); item !== undefined; item = this.#items.peek()) {
      if (!item.isSettled) {
        if (item.kind === "message" && !accepts(item)) return undefined;
        this.#items.shift();
        item.holder = this.#connection;
        return item;
      }
      this.#items.shift();
    }
    return undefined;
  }

  begun(): void {}

  settled(message: QueuedMessage, verdict: unknown): void {
    message.holder = undefined;
    if (isAccepted(verdict)) this.#delivered++;
    else if (this.#mayRetry(message, verdict)) {
      this.#returned.push(message);
      return;
    }
    message.settle(verdict);
  }

  putBack(messages: readonly QueuedMessage[], taken?: QueuedMessage): void {
    if (taken !== undefined) taken.holder = undefined;
    this.#items.unshiftAll(messages);
    this.#connection?.wake();
  }

  spent(message: QueuedMessage, error: unknown): void {
    message.holder = undefined;
    if (this.#delivered === 0 || !this.#renewal.mayRenew()) {
      message.settle(error);
      return;
    }
    this.#items.unshift(message);
    this.#renew();
  }

  helloRefused(error: unknown): void {
    this.#rejectWaiting((item) => item.kind === "message" || item.needsHello, error);
  }

  ended(): void {
    const ending = this.#connection?.ending;
    // A connection that was replaced ended by its own QUIT.
    if (ending === undefined) return;
    this.#items.unshiftAll(this.#returned);
    this.#returned = [];
    if (this.#renewing !== undefined) return;
    const hasMessages = this.#items.some((item) => item.kind === "message" && !item.isSettled);
    const isRenewed = hasMessages && this.#shouldRenew(ending);
    // QUIT is meant for any connection; other commands were meant for the one that has ended.
    const isLost = (item: QueuedItem): boolean => item.kind === "command" && item.work.verb !== "QUIT";
    this.#rejectWaiting((item) => !isRenewed || isLost(item), this.#endingError());
    if (isRenewed) this.#renew();
  }

  withdrawn(message: QueuedMessage, reason: unknown): void {
    message.settle(reason);
  }

  // --- inside -------------------------------------------------------------------------------------------------------

  /** Whether the connection ended because of commands written ahead, and this message was not sent. */
  #mayRetry(message: QueuedMessage, error: unknown): boolean {
    const ending = this.#connection?.ending;
    if (ending === undefined || !message.isRepeatable || !this.#shouldRenew(ending)) return false;
    return isSmtpError(error) && error.code === "disconnected" && error.outcome === "not-sent";
  }

  /** Whether a connection that had delivered messages ended by a 421 or because of commands written ahead. */
  #shouldRenew({ kind }: Ending): boolean {
    if (this.#delivered === 0 || !this.#renewal.mayRenew()) return false;
    const isLost = kind === "lost" && this.#connection?.lostAhead === true;
    if (kind === "quit" && this.#renewal.isQuitEarly === true) return true;
    return kind === "swallowed" || kind === "refuted" || kind === "goodbye" || isLost;
  }

  #renew(): void {
    const renewing = new AbortController();
    this.#renewing = renewing;
    const before = this.#connection;
    this.renewed = this.#renewal.open(renewing.signal).then(
      (connection) => {
        this.#renewing = undefined;
        this.renewed = undefined;
        // The abort came after the connection was open.
        if (renewing.signal.aborted) connection.end({ kind: "closed" });
        this.attach(connection);
        if (before?.ending === undefined && before !== undefined) void sendQuit(before, BRIEF_QUIT_WAIT_MS);
      },
      (error: unknown) => {
        this.#renewing = undefined;
        this.renewed = undefined;
        // A connection at its message limit still takes commands.
        this.#rejectWaiting(({ kind }) => kind === "message" || before?.ending !== undefined, error);
        before?.wake();
      },
    );
  }

  #rejectWaiting(matches: (item: QueuedItem) => boolean, error: unknown): void {
    for (const item of this.#items.drain()) {
      if (!matches(item)) this.#items.push(item);
      else if (item.kind === "command") item.reject(error);
      else item.settle(error);
    }
  }

  #endingError(): unknown {
    return this.#connection?.errorFor({ phase: "command", outcome: "not-sent", isWritten: false }) ?? closedError();
  }
}

function closedError(): SmtpDisconnectedError {
  return new SmtpDisconnectedError("The connection was closed by close()", { phase: "command" });
}
