/**
 * A worker: claims what is due, as much as the transport has room for, and carries it.
 */
import { OptionError } from "postrider";
import type { Database, Session } from "../database/database.js";
import type { WorkSettings } from "../options.js";
import { type Claimed, claim, claimExpired } from "../store/claim.js";
import { allowProbe, claimProbe } from "../store/pause.js";
import { takeAllowance } from "../store/rates.js";
import { release } from "../store/settle.js";
import type { OutboxTransport } from "../types.js";
import { watch } from "../watch.js";
import { Courier } from "./courier.js";
import { Waker } from "./waker.js";

/** What a worker does and has done. */
export interface WorkerStats {
  /** Messages under way. */
  readonly inFlight: number;
  /** Messages that were claimed since it began. */
  readonly claimed: number;
  /** Attempts that ended, settled or not. */
  readonly finished: number;
  /** Why the last look for messages, or the last try to settle, failed; undefined when it did not. */
  readonly lastError: unknown;
}

/** Between two looks for messages whose time is over while others are not sent, in ms. */
const EXPIRY_PERIOD_MS = 1000;

const EXPIRY_BATCH = 100;

/** The longest pause while the database is away, in ms. */
const MAX_FAILURE_PAUSE_MS = 5000;

/** The most that one worker holds unless it is told. */
const MAX_BATCH = 10_000;

/** Made by `outbox.work()`. */
export class OutboxWorker implements AsyncDisposable {
  readonly #database: Database;
  readonly #transport: OutboxTransport;
  readonly #settings: WorkSettings;
  readonly #courier: Courier;
  readonly #waker: Waker | undefined;
  readonly #isOver = new AbortController();
  /** By domain, until when its rate lets nothing begin; by this machine's monotonic clock. */
  readonly #blocked = new Map<string, number>();
  readonly #under = new Set<Promise<unknown>>();
  /** @internal Takes no more, and all that was under way is settled. */
  readonly ended: Promise<void>;
  #wake: (() => void) | undefined;
  #isAwake = false;
  #claimed = 0;
  #finished = 0;
  #lastError: unknown;
  /** Until when the rate of all messages lets nothing begin. */
  #restUntil = Number.NEGATIVE_INFINITY;
  #lastExpiry = Number.NEGATIVE_INFINITY;

  /** @internal */
  constructor(database: Database, transport: OutboxTransport, settings: WorkSettings) {
    this.#database = database;
    this.#transport = transport;
    this.#settings = settings;
    const { lease, retryDelays } = settings;
    this.#courier = new Courier(database, transport, { lease, retryDelays, random: Math.random });
    if (settings.wake === "notify") {
      const { listen } = database;
      if (listen === undefined) throw new OptionError("wake", '"notify" needs PostgreSQL, by pg or postgres.js');
      this.#waker = new Waker(database, listen, () => this.wake());
    }
    settings.signal?.addEventListener("abort", this.#stopping, { once: true });
    if (settings.signal?.aborted === true) this.#isOver.abort();
    this.ended = this.#run().then(() => this.#settled());
  }

  /** What it does now, and has done since it began: a snapshot. */
  get stats(): WorkerStats {
    return {
      inFlight: this.#under.size,
      claimed: this.#claimed,
      finished: this.#finished,
      lastError: this.#lastError ?? this.#courier.lastError,
    };
  }

  /** Takes no more, and settles what is under way. */
  async stop(): Promise<void> {
    this.#stopping();
    await this.ended;
  }

  async #settled(): Promise<void> {
    await Promise.allSettled(this.#under);
    await this.#waker?.stop();
  }

  /** As `stop()`: lets the messages under way finish. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /** @internal Something was enqueued in this process. */
  wake(): void {
    this.#isAwake = true;
    this.#wake?.();
  }

  /**
   * Twice what the transport holds: each connection finds its next message ready, and a pool can learn that a server takes more. It grows
   * with what the pool has learned.
   */
  get #batch(): number {
    const { capacity = 1 } = this.#transport;
    return this.#settings.batch ?? Math.max(1, Math.min(MAX_BATCH, Math.floor(capacity > 1 ? capacity * 2 : 1)));
  }

  readonly #stopping = (): void => {
    this.#settings.signal?.removeEventListener("abort", this.#stopping);
    this.#isOver.abort();
    this.wake();
  };

  async #run(): Promise<void> {
    let failures = 0;
    let isFirst = true;
    while (!this.#isOver.signal.aborted) {
      this.#isAwake = false;
      try {
        if (isFirst) await allowProbe(this.#database.session, "credentials");
        isFirst = false;
        const isMore = await this.#look();
        failures = 0;
        this.#lastError = undefined;
        if (!isMore) await this.#pause(this.#settings.poll * (0.75 + Math.random() / 2));
      } catch (error) {
        this.#lastError = error;
        failures += 1;
        await this.#pause(Math.min(MAX_FAILURE_PAUSE_MS, this.#settings.poll * 2 ** Math.min(failures, 10)));
      }
    }
  }

  /** @returns whether there may be more that is due, and room for it */
  async #look(): Promise<boolean> {
    // While outcomes cannot be written, what is sent ends in doubt: one message at a time shows whether they can again.
    const isStuck = this.#courier.lastError !== undefined;
    if (isStuck && this.#under.size > 0) return false;
    const { lease } = this.#settings;
    const batch = this.#batch;
    const room = batch - this.#under.size;
    await this.#expire();
    // PERF: a claim costs a commit, so that a few places are filled by one.
    if (room < batch / 4 || performance.now() < this.#restUntil) return false;
    // PERF: half of it, so that one half is claimed while the other is settled.
    const limit = isStuck ? 1 : Math.min(room, Math.ceil(batch / 2));
    // What fails behind the claim takes the claim back: a message that was not sent is in no doubt.
    const look = async (session: Session) => {
      const claimed = await claim(session, { limit, lease, without: this.#blockedDomains() });
      return { count: claimed.length, allowed: await this.#withinRates(session, claimed) };
    };
    const isOneStatement = this.#settings.rates.length === 0;
    const method = isOneStatement ? "atomic" : "transaction";
    const haste = this.#under.size > 0 ? "patient" : "urgent";
    const { count, allowed } = await watch(
      "claim",
      () => ({ limit }),
      async (context) => {
        const taken = await this.#database[method](look, haste);
        if (context !== undefined) context.claimedCount = taken.allowed.length;
        return taken;
      },
    );
    for (const one of await this.#unlessOver(allowed)) this.#carry(one);
    // A claim takes one priority at a time, so there may be more below it.
    if (count > 0) return true;
    await this.#probe();
    return false;
  }

  /** Gives back what a claim has taken that was under way when the worker was told to stop. */
  async #unlessOver(claimed: readonly Claimed[]): Promise<readonly Claimed[]> {
    if (!this.#isOver.signal.aborted) return claimed;
    // What another worker may have sent is settled as in doubt.
    const back = claimed.filter(({ isInDoubt }) => !isInDoubt);
    const held = back.map(({ id, fence }) => ({ id, fence, delay: 0 }));
    try {
      await release(this.#database.session, held);
    } catch {
      // It would be in doubt when the lease ends, so it is sent.
      return claimed;
    }
    return claimed.filter(({ isInDoubt }) => isInDoubt);
  }

  /** Also while the transport is paused, and before what is due later. */
  async #expire(): Promise<void> {
    const now = performance.now();
    if (now - this.#lastExpiry < EXPIRY_PERIOD_MS) return;
    this.#lastExpiry = now;
    const { lease } = this.#settings;
    const expired = await this.#database.atomic((session) => claimExpired(session, EXPIRY_BATCH, lease), "patient");
    // There may be more: a relay that is away for days lets a whole queue expire.
    if (expired.length === EXPIRY_BATCH) this.#lastExpiry = Number.NEGATIVE_INFINITY;
    for (const one of expired) this.#carry(one);
  }

  /** One message of all workers shows whether a paused transport works again. */
  async #probe(): Promise<void> {
    const { lease } = this.#settings;
    const claimIt = async (session: Session) => (await claim(session, { limit: 1, lease, isProbe: true }))[0];
    const probe = await claimProbe(this.#database, lease, claimIt);
    if (probe === undefined) return;
    const [kept] = await this.#unlessOver([probe.claimed]);
    if (kept !== undefined) this.#carry(kept, true);
    else await probe.giveBack();
  }

  #carry(claimed: Claimed, isProbe = false): void {
    this.#claimed += 1;
    const carrying = this.#courier
      .carry(claimed, isProbe)
      .catch((error: unknown) => {
        this.#lastError = error;
      })
      .finally(() => {
        this.#under.delete(carrying);
        this.#finished += 1;
        // There is room for the next one.
        this.wake();
      });
    this.#under.add(carrying);
  }

  /** Gives back what may not begin yet. */
  async #withinRates(session: Session, claimed: readonly Claimed[]): Promise<readonly Claimed[]> {
    const { rates } = this.#settings;
    if (rates.length === 0 || claimed.length === 0) return claimed;
    const wanted = claimed.map(({ id, recipients }) => ({ id, domains: new Set(recipients.map((one) => one.domain)) }));
    const { allowed, delays } = await takeAllowance(session, rates, wanted);
    const back = claimed
      // What another worker may have sent is settled as in doubt, whatever the rates say.
      .filter(({ id, isInDoubt }) => !isInDoubt && !allowed.has(id))
      .map(({ id, fence }) => ({ id, fence, delay: delays.get(id) ?? 0 }));
    await release(session, back);
    const now = performance.now();
    if (allowed.size === 0 && rates.some(({ domain }) => domain === undefined)) {
      this.#restUntil = now + Math.min(this.#settings.poll, ...delays.values());
    }
    for (const { id, domains } of wanted) {
      const [domain] = domains;
      const delay = delays.get(id);
      if (delay === undefined || domain === undefined || domains.size > 1) continue;
      if (rates.some((rate) => rate.domain === domain)) this.#blocked.set(domain, now + delay);
    }
    return claimed.filter(({ id, isInDoubt }) => isInDoubt || allowed.has(id));
  }

  /** PERF: what a slow domain holds back is not claimed again and again. */
  #blockedDomains(): readonly string[] {
    const now = performance.now();
    for (const [domain, until] of this.#blocked) if (until <= now) this.#blocked.delete(domain);
    return [...this.#blocked.keys()];
  }

  #pause(time: number): Promise<void> {
    if (this.#isAwake) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve();
      };
      const timer = setTimeout(done, time);
      this.#wake = done;
    });
  }
}
