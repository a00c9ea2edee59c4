/**
 * Who carries which message: connections in named queues, and the one function that moves them.
 *
 * Layer: pool.
 */
import { deliver } from "../client/deliver.js";
import { sayQuit } from "../client/farewell.js";
import { Turn } from "../client/turn.js";
import { isSmtpError, SmtpDisconnectedError } from "../errors.js";
import type { ResolvedPoolOptions } from "../options/pool-options.js";
import { Queue } from "../queue.js";
import type { SendResult } from "../result.js";
import type { Submission } from "../submission/submission.js";
import { Fleet } from "./fleet.js";
import { isOutOfRoom, isRefusal, Job, MAX_ATTEMPTS, mayBeSpent, mayTryAgain } from "./job.js";
import type { PoolStats } from "./pool-stats.js";
import { isFailure, type PooledConnection, queueFor } from "./pooled-connection.js";
import { RateLimiter, type RateTicket } from "./rate-limiter.js";
import { isHopeless, Relay } from "./relay.js";
import { Tally } from "./tally.js";

/** Messages for which one more connection is opened while others are being opened. */
const MESSAGES_PER_OPENING = 3;

export class Dispatcher {
  readonly #options: ResolvedPoolOptions;
  readonly #relays: readonly Relay[];
  readonly #limiter: RateLimiter | undefined;
  readonly #jobs = new Queue<Job>();
  /** Messages for which a connection of their own is being opened. */
  readonly #reserved = new Set<Job>();
  readonly #fleet = new Fleet();
  readonly #tally = new Tally();
  /** Messages that a connection has and that have no verdict, also when the connection is gone already. */
  #handed = 0;
  /** Ends what is being opened when the pool is closed. */
  readonly #closing = new AbortController();
  #wakeTimer: ReturnType<typeof setTimeout> | undefined;
  #turn = 0;
  #whenDone: (() => void) | undefined;

  constructor(options: ResolvedPoolOptions, now: () => number = () => performance.now()) {
    this.#options = options;
    const turn = new Turn();
    this.#relays = options.servers.map((server) => new Relay(server, turn, now));
    this.#limiter = options.rateLimit === undefined ? undefined : new RateLimiter(options.rateLimit, now);
  }

  /** How many messages keep every connection full. */
  get appetite(): number {
    const [first] = this.#options.servers;
    return this.#options.maxConnections * (first?.maxInFlight ?? 1) * 2;
  }

  get stats(): PoolStats {
    const { open, idle, bytes } = this.#fleet.load;
    const { sent, refused, failed, unknown } = this.#tally;
    return {
      open,
      idle,
      busy: open - idle,
      queued: this.#jobs.length + this.#reserved.size,
      sent,
      refused,
      failed,
      unknown,
      bytes,
    };
  }

  submit(submission: Submission, signal: AbortSignal | undefined): Promise<SendResult> {
    return new Promise<SendResult>((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const job = new Job(submission, signal, { resolve, reject });
      job.onAbort(() => this.#withdraw(job));
      this.#jobs.push(job);
      this.#dispatch();
    });
  }

  async verify(): Promise<void> {
    for (const relay of this.#relays) {
      const { connection } = await relay.open(this.#closing.signal);
      await sayQuit(connection).within();
    }
  }

  /** Resolves when every message has its verdict and every connection is closed. */
  async drain(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#whenDone = resolve;
      this.#checkDone();
    });
    this.#closing.abort(poolClosed());
    clearTimeout(this.#wakeTimer);
    await Promise.all([...this.#fleet.connections].map((pooled) => this.#leave(pooled)));
  }

  /** Closes at once. */
  abandon(): void {
    this.#closing.abort(poolClosed());
    for (const job of [...this.#reserved, ...this.#jobs.drain()]) this.#reject(job, job.lastError ?? poolClosed());
    this.#reserved.clear();
    for (const { connection } of this.#fleet.connections) connection.end({ kind: "closed" });
    this.#checkDone();
  }

  // --- messages -----------------------------------------------------------------------------------------------------

  #dispatch(): void {
    while (this.#jobs.length > 0) {
      const wait = this.#wait;
      if (wait > 0) return this.#wakeIn(wait);
      const pooled = this.#findRoom();
      if (pooled === undefined) return;
      const job = this.#jobs.shift();
      if (job !== undefined) this.#hand(job, pooled);
    }
  }

  /** The connection that carries the least; opens further ones when there is none, or when the server of choice has none. */
  #findRoom(): PooledConnection | undefined {
    const order = this.#order();
    const choice = order.find((relay) => relay.rest === 0);
    if (choice !== undefined && this.#fleet.countOf(choice) === 0) {
      if (!this.#mayOpen()) this.#giveWay(choice);
      if (this.#mayOpen()) this.#open(choice);
    }
    if (!this.#isAwaited(choice)) {
      for (const relay of order) {
        const best = this.#fleet.leastLoaded(relay);
        if (best !== undefined) return best;
      }
    }
    this.#widen(order);
    if (this.#fleet.count === 0) this.#wakeIn(Math.min(...order.map((relay) => relay.rest)));
    return undefined;
  }

  /** In turn means in turn: a server that has never failed is waited for. */
  #isAwaited(choice: Relay | undefined): boolean {
    if (choice === undefined || this.#options.strategy === "failover" || choice.failures > 0) return false;
    const opening = this.#fleet.openingOf(choice);
    return opening > 0 && opening === this.#fleet.countOf(choice);
  }

  /** Opens as many connections as the messages that wait are worth. */
  #widen(order: readonly Relay[]): void {
    while (this.#mayOpen() && this.#wantsMore()) {
      const awake = order.filter((relay) => relay.rest === 0);
      const [first] = awake;
      if (first === undefined) return;
      const isSpread = this.#options.strategy === "round-robin";
      this.#open(isSpread ? awake.reduce((a, b) => (this.#fleet.countOf(b) < this.#fleet.countOf(a) ? b : a)) : first);
    }
  }

  #hand(job: Job, pooled: PooledConnection): void {
    this.#turn++;
    this.#handed++;
    pooled.inFlight++;
    pooled.carried++;
    this.#move(pooled);
    const ticket = this.#limiter?.take();
    deliver(pooled.connection, this.#counted(job.submission, ticket), job.signal).then(
      (result) => {
        this.#tally.sent++;
        pooled.taken++;
        this.#judged(pooled);
        this.#settled(pooled);
        job.resolve(result);
        this.#next();
      },
      (error: unknown) => {
        if (ticket !== undefined) this.#limiter?.giveBack(ticket);
        const isSpent = pooled.taken > 0 && mayBeSpent(error) && job.renewals < this.#options.maxConnections;
        if (isRefusal(error) && !mayTryAgain(error)) this.#judged(pooled);
        // 503: the server is in a state that we do not know of.
        if ((isSpent || mayTryAgain(error)) && pooled.queue !== "closed") pooled.queue = "leaving";
        this.#settled(pooled);
        if (isSpent && !this.#closing.signal.aborted) this.#renewFor(job, pooled.relay, error);
        else this.#failed(job, pooled, error);
        this.#next();
      },
    );
  }

  /** The submission, which tells the limiter when it goes out. */
  #counted(submission: Submission, ticket: RateTicket | undefined): Submission {
    if (ticket === undefined) return submission;
    const begun = (): void => {
      this.#limiter?.use(ticket);
      // Only now it is known when the next place is free.
      this.#dispatch();
    };
    return { ...submission, begun };
  }

  /** The message goes first on a connection of its own: refused there too, it is the message. */
  #renewFor(job: Job, relay: Relay, error: unknown): void {
    job.renewals++;
    job.lastError = error;
    if (relay.rest === 0 && this.#mayOpen() && this.#wait === 0) this.#open(relay, job);
    else this.#jobs.unshift(job);
  }

  #failed(job: Job, pooled: PooledConnection, error: unknown): void {
    // A stream that cannot be read again: the reason is the failure before.
    if (job.lastError !== undefined && isSmtpError(error) && error.code === "message")
      return this.#reject(job, job.lastError);
    if (!mayTryAgain(error) || this.#closing.signal.aborted) return this.#reject(job, error);
    // A connection that worked and is found dead costs the message nothing, unless it is the message that kills them.
    const isUntried = isOutOfRoom(error);
    if (pooled.hasWorked && !isUntried) job.losses++;
    else if (!isUntried) job.attempts++;
    if (job.attempts >= this.#mostAttempts || job.losses >= MAX_ATTEMPTS + this.#options.maxConnections) {
      return this.#reject(job, error);
    }
    job.lastError = error;
    // What may have broken a connection goes behind those that may not.
    if (pooled.hasWorked || isUntried) this.#jobs.unshift(job);
    else this.#jobs.push(job);
    if (this.#fleet.count > 0 || this.#relays.some(({ failures }) => failures < MAX_ATTEMPTS)) return;
    for (const one of this.#jobs.drain()) this.#reject(one, one.lastError ?? error);
  }

  /** Milliseconds until the rate has a place for a message. */
  get #wait(): number {
    return this.#limiter?.wait ?? 0;
  }

  /** Every server is asked at least once. */
  get #mostAttempts(): number {
    return MAX_ATTEMPTS + this.#relays.length - 1;
  }

  #reject(job: Job, error: unknown): void {
    this.#tally.countError(error);
    job.reject(error);
  }

  #withdraw(job: Job): void {
    if (this.#jobs.remove(job) || this.#reserved.delete(job)) this.#reject(job, job.signal?.reason);
    this.#checkDone();
  }

  #next(): void {
    this.#dispatch();
    this.#checkDone();
  }

  #checkDone(): void {
    if (this.#jobs.length === 0 && this.#reserved.size === 0 && this.#handed === 0) this.#whenDone?.();
  }

  // --- connections --------------------------------------------------------------------------------------------------

  /** Puts a connection into the queue that its load says. */
  #move(pooled: PooledConnection): void {
    const to = queueFor(pooled, this.#options.maxMessagesPerConnection);
    const from = pooled.queue;
    if (to === from) return;
    pooled.queue = to;
    if (from === "idle") clearTimeout(pooled.idleTimer);
    if (to === "idle") pooled.idleTimer = setTimeout(() => void this.#leave(pooled), this.#options.idleTimeout);
  }

  #judged(pooled: PooledConnection): void {
    pooled.hasWorked = true;
    pooled.relay.worked();
  }

  #settled(pooled: PooledConnection): void {
    this.#handed--;
    pooled.inFlight--;
    this.#move(pooled);
    if (pooled.queue === "leaving" && pooled.inFlight === 0) void this.#leave(pooled);
  }

  /** QUIT, on a connection without messages; another may have taken its place already. */
  #leave(pooled: PooledConnection): Promise<void> {
    clearTimeout(pooled.idleTimer);
    pooled.queue = "leaving";
    pooled.farewell ??= sayQuit(pooled.connection).within();
    return pooled.farewell;
  }

  /** @param first goes out before all others on it. */
  #open(relay: Relay, first?: Job): void {
    if (first !== undefined) this.#reserved.add(first);
    const opened = this.#fleet.expect(relay);
    relay
      .open(this.#closing.signal)
      .then(
        ({ connection }) => {
          opened();
          // Too late for the signal that ends what is being opened, and for the farewells.
          if (this.#closing.signal.aborted) return connection.end({ kind: "closed" });
          const pooled: PooledConnection = {
            connection,
            relay,
            queue: "busy",
            inFlight: 0,
            carried: 0,
            taken: 0,
            hasWorked: false,
            farewell: undefined,
            idleTimer: undefined,
          };
          this.#fleet.add(pooled);
          this.#move(pooled);
          void connection.ended.then(() => this.#lost(pooled));
          if (first !== undefined && this.#reserved.delete(first)) this.#handFirst(first, pooled);
        },
        (error: unknown) => {
          opened();
          if (first !== undefined && this.#reserved.delete(first)) this.#jobs.unshift(first);
          this.#openFailed(error);
        },
      )
      .finally(() => this.#next());
  }

  #handFirst(job: Job, pooled: PooledConnection): void {
    // Another message may have taken the place while the connection was being opened.
    if (this.#wait > 0) this.#jobs.unshift(job);
    else this.#hand(job, pooled);
  }

  #lost(pooled: PooledConnection): void {
    clearTimeout(pooled.idleTimer);
    if (isFailure(pooled)) pooled.relay.fail();
    this.#fleet.delete(pooled);
    this.#next();
  }

  /** With no connection left and none coming, the messages that wait hear of it. */
  #openFailed(error: unknown): void {
    if (this.#fleet.count > 0) return;
    const isLast = this.#closing.signal.aborted || (isHopeless(error) && this.#relays.every((relay) => relay.rest > 0));
    for (const job of this.#jobs.drain()) {
      job.lastError = error;
      if (isLast || ++job.attempts >= this.#mostAttempts) this.#reject(job, error);
      else this.#jobs.push(job);
    }
  }

  /** A better server is back, and those behind it hold all places: one of theirs leaves, unless it is all there is. */
  #giveWay(better: Relay): void {
    if (this.#options.strategy !== "failover" || this.#closing.signal.aborted) return;
    const behind = this.#relays.slice(this.#relays.indexOf(better) + 1);
    for (const relay of behind.reverse()) {
      const pooled = this.#fleet.leastLoaded(relay);
      if (pooled === undefined || (pooled.inFlight > 0 && this.#fleet.count === 1)) continue;
      if (pooled.inFlight === 0) void this.#leave(pooled);
      pooled.queue = "leaving";
      return;
    }
  }

  /** The servers in the order in which they are asked. */
  #order(): readonly Relay[] {
    const relays = this.#relays;
    if (this.#options.strategy === "failover" || relays.length === 1) return relays;
    const start = this.#turn % relays.length;
    return [...relays.slice(start), ...relays.slice(0, start)];
  }

  #mayOpen(): boolean {
    return !this.#closing.signal.aborted && this.#fleet.count < this.#options.maxConnections;
  }

  #wantsMore(): boolean {
    return this.#fleet.opening * MESSAGES_PER_OPENING < this.#jobs.length;
  }

  #wakeIn(milliseconds: number): void {
    clearTimeout(this.#wakeTimer);
    if (milliseconds === Infinity) return;
    this.#wakeTimer = setTimeout(() => this.#dispatch(), Math.max(1, Math.ceil(milliseconds)));
  }
}

function poolClosed(): SmtpDisconnectedError {
  return new SmtpDisconnectedError("The pool was closed", { phase: "command" });
}
