/**
 * The queue of one client: its calls in their order, and the one connection that they go out on.
 *
 * Layer: connection.
 *
 * The connection is replaced where the server's own limits end it (RFC 9422), and where it did not take what was written ahead: then
 * nothing is wrong with the messages, and the next connection asks plainly.
 */
import { isSmtpError, SmtpDisconnectedError } from "../errors/errors.js";
import { Queue } from "../queue.js";
import type { SmtpReply } from "../reply.js";
import { isAccepted, type SendResult } from "../result.js";
import type { CommandWork } from "../session/work.js";
import type { Delivery, Submission } from "../submission/submission.js";
import type { Connection } from "./connection.js";
import { BRIEF_FAREWELL_MS, sayQuit } from "./connector.js";
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
  /** False where another connection would not be the same: a socket that serves once, a session that the caller has changed. */
  mayRenew(): boolean;
  open(signal: AbortSignal): Promise<Connection>;
  /** What waits when the connection has ended by QUIT goes on: QUIT was written before a server found a transaction full. */
  readonly isQuitEarly?: true;
}

export class ClientQueue implements Source, Queuer {
  readonly #renewal: Renewal;
  readonly #items = new Queue<QueuedItem>();
  #connection: Connection | undefined;
  /** Messages that the server took on this connection. */
  #taken = 0;
  /** Ends the renewal that is under way. */
  #renewing: AbortController | undefined;
  /** Settles with the renewal, whatever comes of it; undefined while there is none. */
  renewed: Promise<void> | undefined;
  /** Messages come back from the end of a connection one by one, and go in front together. */
  #returned: QueuedMessage[] = [];

  constructor(renewal: Renewal) {
    this.#renewal = renewal;
  }

  /** Undefined before the first. */
  get connection(): Connection | undefined {
    return this.#connection;
  }

  /** Whether another connection is being opened, so that calls may wait for it. */
  get isRenewing(): boolean {
    return this.#renewing !== undefined;
  }

  attach(connection: Connection): void {
    this.#connection = connection;
    this.#taken = 0;
    connection.attach(this);
  }

  /** Sends a message after all that waits. */
  send(submission: Submission, signal: AbortSignal | undefined): Promise<SendResult> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    return new Promise<SendResult>((resolve, reject) => {
      const message = queueSubmission(submission, this, { resolve, reject });
      message.follow(signal);
      this.add(message);
    });
  }

  /** Sends content for an envelope that was opened by hand; resolves with the reply after it. @throws SmtpDataError */
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

  /** Sends a command after all that waits; resolves with its reply, whatever the code. */
  command(work: CommandWork, needsHello: boolean, signal?: AbortSignal): Promise<SmtpReply> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    return queueCommand(work, needsHello, signal, (command) => this.add(command));
  }

  /** Takes an item behind all that wait; on a connection that has ended, and is not replaced, it fails at once. */
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

  /** Ends the connection, and the renewal, and rejects what waits with what is true of it. */
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
    if (isAccepted(verdict)) this.#taken++;
    else if (this.#mayGoAgain(message, verdict)) {
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
    if (this.#taken === 0 || !this.#renewal.mayRenew()) {
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
    // One that was replaced has only said QUIT.
    if (ending === undefined) return;
    this.#items.unshiftAll(this.#returned);
    this.#returned = [];
    if (this.#renewing !== undefined) return;
    const hasMessages = this.#items.some((item) => item.kind === "message" && !item.isSettled);
    const isRenewed = hasMessages && this.#isWorthRenewing(ending);
    // QUIT ends whatever connection is there; other commands belong to the one that has ended.
    const isLost = (item: QueuedItem): boolean => item.kind === "command" && item.work.verb !== "QUIT";
    this.#rejectWaiting((item) => !isRenewed || isLost(item), this.#endingError());
    if (isRenewed) this.#renew();
  }

  withdrawn(message: QueuedMessage, reason: unknown): void {
    message.settle(reason);
  }

  // --- inside -------------------------------------------------------------------------------------------------------

  /** Whether the connection ended for what was written ahead, and not for this message. */
  #mayGoAgain(message: QueuedMessage, error: unknown): boolean {
    const ending = this.#connection?.ending;
    if (ending === undefined || !message.isRepeatable || !this.#isWorthRenewing(ending)) return false;
    return isSmtpError(error) && error.code === "disconnected" && error.outcome === "not-sent";
  }

  /** Whether a connection that worked came to its end through what was written ahead on it, or by a 421. */
  #isWorthRenewing({ kind }: Ending): boolean {
    if (this.#taken === 0 || !this.#renewal.mayRenew()) return false;
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
        // Too late for the signal.
        if (renewing.signal.aborted) connection.end({ kind: "closed" });
        this.attach(connection);
        if (before?.ending === undefined && before !== undefined) void sayQuit(before, BRIEF_FAREWELL_MS);
      },
      (error: unknown) => {
        this.#renewing = undefined;
        this.renewed = undefined;
        // A connection that only takes no more messages still takes commands.
        this.#rejectWaiting(({ kind }) => kind === "message" || before?.ending !== undefined, error);
        before?.wake();
      },
    );
  }

  #rejectWaiting(isMeant: (item: QueuedItem) => boolean, error: unknown): void {
    for (const item of this.#items.drain()) {
      if (!isMeant(item)) this.#items.push(item);
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
