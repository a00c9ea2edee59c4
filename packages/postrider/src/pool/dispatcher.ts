/**
 * Dispatcher of a pool: one queue that the connections pull from, and the opening and closing of connections for it.
 *
 * Layer: pool. Invariant: no message waits while a server is available and a connection may be opened.
 */

import { BRIEF_QUIT_WAIT_MS, QUIT_WAIT_MS, RequestGuard, sendQuit } from "../connection/connector.js";
import { type QueuedMessage, type Queuer, queueSubmission } from "../connection/queued.js";
import { Batcher } from "../connection/settings.js";
import { isSmtpError, SmtpDisconnectedError } from "../errors/errors.js";
import type { AttemptOptions } from "../options/connection-options.js";
import type { ResolvedPoolOptions } from "../options/pool-options.js";
import { isAccepted, type SendResult } from "../result.js";
import type { Submission } from "../submission/submission.js";
import { Fleet, isFailure, PooledConnection, type PoolSide, type QueueName } from "./fleet.js";
import { MessageQueue, RateLimiter } from "./message-queue.js";
import {
  isExhausted,
  isHopeless,
  isRefusal,
  MAX_ATTEMPTS,
  mayBeSpent,
  mayTryAgain,
  type PoolStats,
  Relay,
  Tally,
} from "./relay.js";

/** While connections are being opened, one more is opened for every so many queued messages. */
const MESSAGES_PER_OPENING = 3;

export class Dispatcher implements PoolSide, Queuer {
  readonly #options: ResolvedPoolOptions;
  readonly #relays: readonly Relay[];
  readonly #limiter: RateLimiter | undefined;
  readonly #queue = new MessageQueue();
  /** Messages without a verdict. */
  #openCount = 0;
  /** The error of the last failed attempt of any message. */
  #lastError: unknown = poolClosed();
  readonly #fleet = new Fleet();
  readonly #request = new RequestGuard();
  readonly #tally = new Tally();
  /** Aborts connection attempts when the pool is closed. */
  readonly #closing = new AbortController();
  #wakeTimer: ReturnType<typeof setTimeout> | undefined;
  #isScheduled = false;
  #whenDone: (() => void) | undefined;

  constructor(options: ResolvedPoolOptions, now: () => number = () => performance.now()) {
    this.#options = options;
    const batcher = new Batcher();
    this.#relays = options.servers.map((server) => new Relay(server, batcher, now));
    this.#limiter = options.rateLimit === undefined ? undefined : new RateLimiter(options.rateLimit, now);
  }

  /** Messages that keep every connection full, by what is known of the servers. */
  get capacity(): number {
    const each = this.#relays.map(({ knowledge }) => (knowledge.behind === "works" ? knowledge.windowSize : 1));
    return this.#options.maxConnections * Math.max(...each);
  }

  get stats(): PoolStats {
    const { open, idle, bytes } = this.#fleet.load;
    return { open, idle, busy: open - idle, queued: this.#queue.length, ...this.#tally, bytes };
  }

  submit(submission: Submission, signal: AbortSignal | undefined): Promise<SendResult> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    this.#request.enter(this.#openCount === 0 && this.#fleet.count === 0, this.#relays[0]?.options.target ?? {});
    return new Promise<SendResult>((resolve, reject) => {
      const message = queueSubmission(submission, this, { resolve, reject }, this.#finished);
      message.follow(signal);
      this.#openCount++;
      this.#queue.push(message);
      this.#wakeOne();
    });
  }

  /** Connects to every server, sends EHLO, logs in, and sends QUIT. */
  async verify({ timeout, signal }: AttemptOptions): Promise<void> {
    this.#request.enter(this.#openCount === 0 && this.#fleet.count === 0, this.#relays[0]?.options.target ?? {});
    const either = signal === undefined ? this.#closing.signal : AbortSignal.any([signal, this.#closing.signal]);
    for (const relay of this.#relays) await sendQuit(await relay.open(either, timeout));
  }

  /** Resolves when every message has its verdict and every connection is closed. */
  async drain(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#whenDone = resolve;
      this.#checkDone();
    });
    this.#closing.abort(poolClosed());
    clearTimeout(this.#wakeTimer);
    await Promise.all([...this.#fleet.connections].map((pooled) => this.#leave(pooled, QUIT_WAIT_MS)));
  }

  /** Closes at once: queued messages are rejected, connections are ended. */
  abandon(): void {
    this.#closing.abort(poolClosed());
    for (const message of this.#queue.drain()) message.settle(message.lastError ?? poolClosed());
    for (const { connection } of this.#fleet.connections) connection.end({ kind: "closed" });
    this.#checkDone();
  }

  // --- for the connections ------------------------------------------------------------------------------------------

  take(pooled: PooledConnection, accepts: (message: QueuedMessage) => boolean): QueuedMessage | undefined {
    const message = this.#queue.peek();
    // A connection without room asks again after its next verdict.
    pooled.wantsMessage = message === undefined || accepts(message);
    pooled.isStuck = !pooled.wantsMessage && pooled.inFlight === 0;
    if (message === undefined || !pooled.wantsMessage) return undefined;
    if (pooled.carried >= this.#options.maxMessagesPerConnection) {
      pooled.leave();
      return undefined;
    }
    if (this.#rateWait > 0 || this.#isForAnother(pooled)) return undefined;
    this.#queue.shift();
    pooled.relay.handed++;
    if (this.#limiter !== undefined) {
      this.#limiter.take();
      message.isCounted = true;
    }
    return message;
  }

  begun(message: QueuedMessage): void {
    if (!message.isCounted) return;
    message.isCounted = false;
    this.#limiter?.use();
    // The time of the next free place is known only now.
    this.#schedule();
  }

  putBack(messages: readonly QueuedMessage[]): void {
    for (const message of messages) this.#uncount(message);
    this.#queue.putBack(messages);
    this.#schedule();
  }

  judge(pooled: PooledConnection, message: QueuedMessage, verdict: unknown): void {
    this.#uncount(message);
    if (isAccepted(verdict)) {
      this.#worked(pooled);
      message.settle(verdict);
    } else {
      this.#failed(pooled, message, verdict);
    }
    this.#schedule();
  }

  moved(pooled: PooledConnection, from: QueueName): void {
    const { queue } = pooled;
    if (queue !== from) {
      this.#fleet.moved(pooled);
      if (from === "idle") this.#stopIdling(pooled);
      if (queue === "idle") this.#startIdling(pooled);
    }
    if (queue === "leaving" && pooled.inFlight === 0) void this.#leave(pooled, BRIEF_QUIT_WAIT_MS);
    this.#schedule();
  }

  lost(pooled: PooledConnection): void {
    clearTimeout(pooled.idleTimer);
    if (isFailure(pooled)) pooled.relay.fail(pooled.round);
    this.#fleet.delete(pooled);
    if (this.#fleet.count === 0 && this.#relays.every(({ failures }) => failures >= MAX_ATTEMPTS)) this.#giveUp();
    this.#schedule();
  }

  withdrawn(message: QueuedMessage, reason: unknown): void {
    message.settle(reason);
    this.#queue.withdrawn();
    this.#schedule();
  }

  // --- messages -----------------------------------------------------------------------------------------------------

  #uncount(message: QueuedMessage): void {
    if (!message.isCounted) return;
    message.isCounted = false;
    this.#limiter?.giveBack();
  }

  /** Milliseconds until the rate limit allows a message. */
  get #rateWait(): number {
    return this.#limiter?.wait ?? 0;
  }

  /** Whether the next message belongs to another connection: an idle one, or one to a server that comes first. */
  #isForAnother(pooled: PooledConnection): boolean {
    // A message written ahead of a verdict waits behind a slow one: a further connection is better.
    if (pooled.inFlight > 0 && this.#mayOpen() && this.#available().length > 0) return true;
    const idle = this.#fleet.firstIdle(this.#order);
    if (idle === undefined || idle === pooled) return false;
    if (pooled.inFlight === 0 && this.#order(idle.relay) >= this.#order(pooled.relay)) return false;
    idle.connection.wake();
    return true;
  }

  #failed(pooled: PooledConnection, message: QueuedMessage, error: unknown): void {
    const isSpent = pooled.accepted > 0 && mayBeSpent(error) && message.renewals < this.#options.maxConnections;
    if (isRefusal(error) && !mayTryAgain(error)) this.#worked(pooled);
    // After a 503 the state of the session is unknown.
    if (isSpent || mayTryAgain(error)) pooled.leave();
    if (this.#closing.signal.aborted || (!isSpent && !mayTryAgain(error)))
      return message.settle(this.#reasonOf(message, error));
    if (isSpent) message.renewals++;
    // The end of a connection that had worked is not counted as an attempt, but as a loss: the message may be what ends connections.
    else if (pooled.hasVerdict) message.losses++;
    else message.attempts++;
    if (isExhausted(message, this.#relays.length, this.#options.maxConnections) || !message.isRepeatable) {
      return message.settle(error);
    }
    message.lastError = error;
    this.#lastError = error;
    // A message that may have broken a fresh connection goes to the end of the queue.
    if (pooled.hasVerdict) this.#queue.giveBack(message);
    else this.#queue.push(message);
  }

  /** All servers have failed repeatedly and no connection is left: queued messages are rejected with the last error. */
  #giveUp(): void {
    for (const message of this.#queue.drain()) message.settle(message.lastError ?? this.#lastError);
  }

  /** The error of the attempt before, when a retry failed only because the stream cannot be read again. */
  #reasonOf({ lastError }: QueuedMessage, error: unknown): unknown {
    return lastError !== undefined && isSmtpError(error) && error.code === "message" ? lastError : error;
  }

  readonly #finished = (verdict: unknown, message: QueuedMessage): void => {
    this.#openCount--;
    if (isAccepted(verdict)) this.#tally.sent++;
    else this.#tally.countError(verdict, message);
    this.#schedule();
  };

  #checkDone(): void {
    if (this.#openCount === 0) this.#whenDone?.();
  }

  // --- connections --------------------------------------------------------------------------------------------------

  /** PERF: wakes an idle connection at once; the rest is done when all messages of this turn of the event loop are queued. */
  #wakeOne(): void {
    this.#fleet.firstIdle(this.#order)?.connection.wake();
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    // After the connections that were woken before: they may take all messages.
    queueMicrotask(() => queueMicrotask(this.#match));
  }

  /** Matches messages with connections: wakes connections, opens new ones, and sets the timer for the next look. */
  readonly #match = (): void => {
    this.#isScheduled = false;
    this.#checkDone();
    this.#spread();
    if (this.#queue.peek() === undefined) return;
    const wait = this.#rateWait;
    if (wait > 0) return this.#wakeIn(wait);
    for (const pooled of this.#fleet.connections) if (pooled.wantsMessage) pooled.connection.wake();
    // Before the look for servers: a backoff that ends between the two would leave nothing to wake it.
    const backoff = this.#nextBackoff();
    this.#widen();
    if (backoff !== undefined) this.#wakeIn(backoff);
  };

  /** Milliseconds until the end of the first backoff; undefined when every server is available. */
  #nextBackoff(): number | undefined {
    let least: number | undefined;
    for (const { backoff } of this.#relays) {
      if (backoff > 0 && (least === undefined || backoff < least)) least = backoff;
    }
    return least;
  }

  /**
   * Opens a connection to the server that comes first and has none: with round-robin to each, with failover to the best available
   * one. Connections to other servers take messages meanwhile.
   */
  #spread(): void {
    if (this.#relays.length === 1 || this.#openCount === 0 || this.#rateWait > 0) return;
    const isSpread = this.#options.strategy === "round-robin";
    for (const relay of isSpread ? this.#available() : this.#available().slice(0, 1)) {
      if (this.#fleet.countOf(relay) > 0 || (!isSpread && this.#fleet.count === 0)) continue;
      if (!this.#mayOpen()) this.#giveWay(relay);
      else this.#open(relay);
    }
  }

  /** Opens connections in proportion to the queue, less the messages that idle connections will take. */
  #widen(): void {
    const waiting = this.#queue.length - this.#fleet.idleCount;
    while (this.#mayOpen() && this.#fleet.opening * MESSAGES_PER_OPENING < waiting) {
      const [first, ...others] = this.#available();
      if (first === undefined) return;
      const isSpread = this.#options.strategy === "round-robin";
      const count = (relay: Relay): number => this.#fleet.countOf(relay);
      this.#open(isSpread ? others.reduce((a, b) => (count(b) < count(a) ? b : a), first) : first);
    }
  }

  /** Failover: a better server is available again, and connections to worse ones use all places: one of them leaves. */
  #giveWay(better: Relay): void {
    if (this.#options.strategy !== "failover" || this.#fleet.hasLeaving) return;
    const behind = [...this.#fleet.connections].filter(({ relay }) => this.#order(relay) > this.#order(better));
    const [least] = behind.sort((a, b) => a.inFlight - b.inFlight || this.#order(b.relay) - this.#order(a.relay));
    least?.leave();
  }

  #open(relay: Relay): void {
    const opened = this.#fleet.expect(relay);
    const { round } = relay;
    relay.open(this.#closing.signal).then(
      (connection) => {
        opened();
        // The pool was closed after the connection was open: the signal no longer ends it, and drain() has not seen it.
        if (this.#closing.signal.aborted) return connection.end({ kind: "closed" });
        const pooled = new PooledConnection(connection, relay, round, this);
        this.#fleet.add(pooled);
        this.#fleet.moved(pooled);
        this.#startIdling(pooled);
        connection.attach(pooled);
        this.#schedule();
      },
      (error: unknown) => {
        opened();
        this.#openFailed(error);
        this.#schedule();
      },
    );
  }

  /** With no connection open or being opened, the failure counts for every queued message. */
  #openFailed(error: unknown): void {
    if (this.#fleet.count > 0) return;
    const isLast =
      this.#closing.signal.aborted || (isHopeless(error) && this.#relays.every((relay) => relay.backoff > 0));
    for (const message of this.#queue.drain()) {
      message.lastError = error;
      message.attempts++;
      if (isLast || isExhausted(message, this.#relays.length, this.#options.maxConnections)) message.settle(error);
      else this.#queue.push(message);
    }
  }

  #worked(pooled: PooledConnection): void {
    pooled.hasVerdict = true;
    pooled.round = pooled.relay.round;
    pooled.relay.worked();
  }

  /** An idle connection does not keep the process alive. */
  #startIdling(pooled: PooledConnection): void {
    pooled.idleTimer = setTimeout(() => pooled.leave(), this.#options.idleTimeout);
    pooled.idleTimer.unref?.();
    pooled.connection.transport.keepAlive(false);
  }

  #stopIdling(pooled: PooledConnection): void {
    clearTimeout(pooled.idleTimer);
    pooled.connection.transport.keepAlive(true);
  }

  /** Sends QUIT on a connection without messages, once. */
  #leave(pooled: PooledConnection, limit: number): Promise<void> {
    clearTimeout(pooled.idleTimer);
    if (pooled.queue !== "closed") pooled.queue = "leaving";
    pooled.farewell ??= sendQuit(pooled.connection, limit);
    return pooled.farewell;
  }

  /** Servers that are not in backoff, the preferred one first. */
  #available(): readonly Relay[] {
    return this.#relays.filter(({ backoff }) => backoff === 0);
  }

  /** The order of servers, smaller first: by place in the list (failover), or by messages handed over so far (round-robin). */
  readonly #order = (relay: Relay): number =>
    this.#options.strategy === "failover" ? this.#relays.indexOf(relay) : relay.handed;

  #mayOpen(): boolean {
    return !this.#closing.signal.aborted && this.#fleet.count < this.#options.maxConnections;
  }

  #wakeIn(milliseconds: number): void {
    clearTimeout(this.#wakeTimer);
    // All places of the rate limit are taken: the next look comes when one is used.
    if (milliseconds === Infinity) return;
    this.#wakeTimer = setTimeout(this.#match, Math.max(1, Math.ceil(milliseconds)));
  }
}

const poolClosed = (): SmtpDisconnectedError => new SmtpDisconnectedError("The pool was closed", { phase: "command" });
