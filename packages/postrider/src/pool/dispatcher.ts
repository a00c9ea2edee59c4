/**
 * Who carries which message: one queue that the connections pull from, and the connections that are opened and left for it.
 *
 * Layer: pool. No message waits while a server is awake and a place is free.
 */

import { Batcher } from "../connection/batcher.js";
import { BRIEF_QUIT_WAIT_MS, QUIT_WAIT_MS, sendQuit } from "../connection/connector.js";
import { type QueuedMessage, type Queuer, queueSubmission } from "../connection/queued.js";
import { isSmtpError, SmtpDisconnectedError } from "../errors/errors.js";
import type { ResolvedPoolOptions } from "../options/pool-options.js";
import { isAccepted, type SendResult } from "../result.js";
import type { Submission } from "../submission/submission.js";
import { Fleet, type Host, isFailure, PooledConnection, type QueueName } from "./fleet.js";
import { MessageQueue, RateLimiter } from "./message-queue.js";
import { isExhausted, isHopeless, isRefusal, MAX_ATTEMPTS, mayBeSpent, mayTryAgain, Relay } from "./relay.js";
import { type PoolStats, Tally } from "./stats.js";

/** Messages for which one more connection is opened while others are being opened. */
const MESSAGES_PER_OPENING = 3;

export class Dispatcher implements Host, Queuer {
  readonly #options: ResolvedPoolOptions;
  readonly #relays: readonly Relay[];
  readonly #limiter: RateLimiter | undefined;
  readonly #queue = new MessageQueue();
  /** Messages without a verdict. */
  #openCount = 0;
  /** Why a message failed the last time. */
  #lastError: unknown = poolClosed();
  readonly #fleet = new Fleet();
  readonly #tally = new Tally();
  /** Ends what is being opened when the pool is closed. */
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

  /** Messages that keep every connection full, as far as the servers are known by now. */
  get capacity(): number {
    const each = this.#relays.map(({ knowledge }) => (knowledge.behind === "works" ? knowledge.windowSize : 1));
    return this.#options.maxConnections * Math.max(...each);
  }

  get stats(): PoolStats {
    const { open, idle, bytes } = this.#fleet.load;
    const { sent, refused, failed, unknown } = this.#tally;
    return { open, idle, busy: open - idle, queued: this.#queue.length, sent, refused, failed, unknown, bytes };
  }

  submit(submission: Submission, signal: AbortSignal | undefined): Promise<SendResult> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    return new Promise<SendResult>((resolve, reject) => {
      const message = queueSubmission(submission, this, { resolve, reject }, this.#finished);
      message.follow(signal);
      this.#openCount++;
      this.#queue.push(message);
      this.#wakeOne();
    });
  }

  /** Connects to every server, and leaves. */
  async verify(signal: AbortSignal | undefined): Promise<void> {
    const either = signal === undefined ? this.#closing.signal : AbortSignal.any([signal, this.#closing.signal]);
    for (const relay of this.#relays) await sendQuit(await relay.open(either));
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

  /** Closes at once. */
  abandon(): void {
    this.#closing.abort(poolClosed());
    for (const message of this.#queue.drain()) message.settle(message.lastError ?? poolClosed());
    for (const { connection } of this.#fleet.connections) connection.end({ kind: "closed" });
    this.#checkDone();
  }

  // --- for the connections ------------------------------------------------------------------------------------------

  take(pooled: PooledConnection, accepts: (message: QueuedMessage) => boolean): QueuedMessage | undefined {
    const message = this.#queue.peek();
    // Without room it asks again by itself, with its next verdict.
    pooled.isHungry = message === undefined || accepts(message);
    pooled.isStuck = !pooled.isHungry && pooled.inFlight === 0;
    if (message === undefined || !pooled.isHungry) return undefined;
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
    // Only now it is known when the next place is free.
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
      if (from === "idle") this.#use(pooled);
      if (queue === "idle") this.#rest(pooled);
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

  /** Milliseconds until the rate has a place for a message. */
  get #rateWait(): number {
    return this.#limiter?.wait ?? 0;
  }

  /** Whether another connection should have the next message: one without any, or one to a server whose turn it is. */
  #isForAnother(pooled: PooledConnection): boolean {
    // Ahead of a verdict is behind a slow one: not while another place is free.
    if (pooled.inFlight > 0 && this.#mayOpen() && this.#awake().length > 0) return true;
    const idle = this.#fleet.firstIdle(this.#order);
    if (idle === undefined || idle === pooled) return false;
    if (pooled.inFlight === 0 && this.#order(idle.relay) >= this.#order(pooled.relay)) return false;
    idle.connection.wake();
    return true;
  }

  #failed(pooled: PooledConnection, message: QueuedMessage, error: unknown): void {
    const isSpent = pooled.accepted > 0 && mayBeSpent(error) && message.renewals < this.#options.maxConnections;
    if (isRefusal(error) && !mayTryAgain(error)) this.#worked(pooled);
    // 503: the server is in a state that is not known here.
    if (isSpent || mayTryAgain(error)) pooled.leave();
    if (this.#closing.signal.aborted || (!isSpent && !mayTryAgain(error)))
      return message.settle(this.#reasonOf(message, error));
    if (isSpent) message.renewals++;
    // A connection that worked and is found dead costs the message nothing, unless it is the message that kills them.
    else if (pooled.hasWorked) message.losses++;
    else message.attempts++;
    if (isExhausted(message, this.#relays.length, this.#options.maxConnections) || !message.isRepeatable) {
      return message.settle(error);
    }
    message.lastError = error;
    this.#lastError = error;
    // What may have broken a connection goes behind those that may not.
    if (pooled.hasWorked) this.#queue.giveBack(message);
    else this.#queue.push(message);
  }

  /** Every server has failed again and again, and no connection is left: the messages that wait hear why the last one failed. */
  #giveUp(): void {
    for (const message of this.#queue.drain()) message.settle(message.lastError ?? this.#lastError);
  }

  /** A stream that cannot be read again: the reason is the failure before. */
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

  /** PERF: at once for the connection that takes it; all else is looked at when everything of this turn is queued. */
  #wakeOne(): void {
    this.#fleet.firstIdle(this.#order)?.connection.wake();
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    // Behind the connections that were woken before, which may take all there is.
    queueMicrotask(() => queueMicrotask(this.#match));
  }

  /** Brings messages and connections together: wakes, opens, makes room, and sees to it that this is looked at again. */
  readonly #match = (): void => {
    this.#isScheduled = false;
    this.#checkDone();
    this.#spread();
    if (this.#queue.peek() === undefined) return;
    const wait = this.#rateWait;
    if (wait > 0) return this.#wakeIn(wait);
    for (const pooled of this.#fleet.connections) if (pooled.isHungry) pooled.connection.wake();
    this.#widen();
    const rest = this.#nextRest();
    if (rest !== undefined) this.#wakeIn(rest);
  };

  /** Milliseconds until the first server that rests may be asked again. */
  #nextRest(): number | undefined {
    let least: number | undefined;
    for (const { rest } of this.#relays) if (rest > 0 && (least === undefined || rest < least)) least = rest;
    return least;
  }

  /**
   * Sees to it that the server whose turn it is has a connection: in turn each of them, else the best that is awake. It is opened
   * beside the work: a connection to another takes the messages meanwhile.
   */
  #spread(): void {
    if (this.#relays.length === 1 || this.#openCount === 0 || this.#rateWait > 0) return;
    const isSpread = this.#options.strategy === "round-robin";
    for (const relay of isSpread ? this.#awake() : this.#awake().slice(0, 1)) {
      if (this.#fleet.countOf(relay) > 0 || (!isSpread && this.#fleet.count === 0)) continue;
      if (!this.#mayOpen()) this.#giveWay(relay);
      else this.#open(relay);
    }
  }

  /** Opens as many connections as the messages that wait are worth, less those that an idle connection is about to take. */
  #widen(): void {
    const waiting = this.#queue.length - this.#fleet.idleCount;
    while (this.#mayOpen() && this.#fleet.opening * MESSAGES_PER_OPENING < waiting) {
      const [first, ...others] = this.#awake();
      if (first === undefined) return;
      const isSpread = this.#options.strategy === "round-robin";
      const count = (relay: Relay): number => this.#fleet.countOf(relay);
      this.#open(isSpread ? others.reduce((a, b) => (count(b) < count(a) ? b : a), first) : first);
    }
  }

  /** A better server is back, and those behind it hold all places: one of theirs leaves. */
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
        // Too late for the signal that ends what is being opened, and for the farewells.
        if (this.#closing.signal.aborted) return connection.end({ kind: "closed" });
        const pooled = new PooledConnection(connection, relay, round, this);
        this.#fleet.add(pooled);
        this.#fleet.moved(pooled);
        this.#rest(pooled);
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

  /** With no connection left and none coming, the messages that wait hear of it. */
  #openFailed(error: unknown): void {
    if (this.#fleet.count > 0) return;
    const isLast = this.#closing.signal.aborted || (isHopeless(error) && this.#relays.every((relay) => relay.rest > 0));
    for (const message of this.#queue.drain()) {
      message.lastError = error;
      message.attempts++;
      if (isLast || isExhausted(message, this.#relays.length, this.#options.maxConnections)) message.settle(error);
      else this.#queue.push(message);
    }
  }

  #worked(pooled: PooledConnection): void {
    pooled.hasWorked = true;
    pooled.round = pooled.relay.round;
    pooled.relay.worked();
  }

  /** An idle connection does not keep the process alive. */
  #rest(pooled: PooledConnection): void {
    pooled.idleTimer = setTimeout(() => pooled.leave(), this.#options.idleTimeout);
    pooled.idleTimer.unref?.();
    pooled.connection.transport.keepAlive(false);
  }

  #use(pooled: PooledConnection): void {
    clearTimeout(pooled.idleTimer);
    pooled.connection.transport.keepAlive(true);
  }

  /** QUIT, on a connection without messages. */
  #leave(pooled: PooledConnection, limit: number): Promise<void> {
    clearTimeout(pooled.idleTimer);
    if (pooled.queue !== "closed") pooled.queue = "leaving";
    pooled.farewell ??= sendQuit(pooled.connection, limit);
    return pooled.farewell;
  }

  /** Servers that may be asked, the preferred one first. */
  #awake(): readonly Relay[] {
    return this.#relays.filter(({ rest }) => rest === 0);
  }

  /** Smaller comes first: by place in the list, or by what a server has been given so far. */
  readonly #order = (relay: Relay): number =>
    this.#options.strategy === "failover" ? this.#relays.indexOf(relay) : relay.handed;

  #mayOpen(): boolean {
    return !this.#closing.signal.aborted && this.#fleet.count < this.#options.maxConnections;
  }

  #wakeIn(milliseconds: number): void {
    clearTimeout(this.#wakeTimer);
    // A rate whose places are all taken: it is looked at again when one of them is used.
    if (milliseconds === Infinity) return;
    this.#wakeTimer = setTimeout(this.#match, Math.max(1, Math.ceil(milliseconds)));
  }
}

function poolClosed(): SmtpDisconnectedError {
  return new SmtpDisconnectedError("The pool was closed", { phase: "command" });
}
