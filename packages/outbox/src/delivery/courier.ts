/**
 * Carries claimed messages to the transport: renews their leases while they are under way, and settles them, several in one
 * transaction.
 */
import type { Database, Session } from "../database/database.js";
import { type Claimed, renew } from "../store/claim.js";
import { pauseByFault, resume } from "../store/pause.js";
import { type Settlement, settle, settleWhole } from "../store/settle.js";
import type { OutboxTransport } from "../types.js";
import { type OutboxAttemptContext, watch } from "../watch.js";
import { type Attempted, type AttemptRules, attempt, settleAhead } from "./attempt.js";

/** Pauses between tries to settle while the database is away, in ms. */
const SETTLE_PAUSES = [50, 200, 1000, 2000];

export interface CourierOptions extends AttemptRules {
  /** Ms. */
  readonly lease: number;
}

interface Held {
  readonly id: string;
  readonly fence: number;
  /** By this machine's monotonic clock; behind it, settling is another's. */
  until: number;
}

interface Pending {
  readonly run: readonly [Settlement, Attempted | undefined, boolean];
  readonly done: (inTime: boolean) => void;
  readonly failed: (error: unknown) => void;
}

export class Courier {
  readonly #database: Database;
  readonly #transport: OutboxTransport;
  readonly #options: CourierOptions;
  readonly #held = new Map<string, Held>();
  #renewing: NodeJS.Timeout | undefined;
  #pending: Pending[] = [];
  #isSettling = false;
  #lastError: unknown;

  constructor(database: Database, transport: OutboxTransport, options: CourierOptions) {
    this.#database = database;
    this.#transport = transport;
    this.#options = options;
  }

  /** Why the last try to settle failed; undefined when it did not. */
  get lastError(): unknown {
    return this.#lastError;
  }

  /**
   * One attempt, until it is settled.
   *
   * @throws DatabaseError when the lease ended before the database took the outcome; the message is then in doubt
   */
  async carry(claimed: Claimed, isProbe = false): Promise<void> {
    const { id, attempt: before, recipients, size } = claimed;
    this.#hold(claimed);
    try {
      await watch(
        "attempt",
        () => ({ id, attempt: before + 1, recipientCount: recipients.length, size }),
        (context) => this.#carry(claimed, isProbe, context),
      );
    } finally {
      this.#held.delete(claimed.id);
      if (this.#held.size === 0) this.#stopRenewing();
    }
  }

  async #carry(claimed: Claimed, isProbe: boolean, context: OutboxAttemptContext | undefined): Promise<void> {
    let rest = claimed;
    for (let ahead = settleAhead(rest); ahead !== undefined; ahead = settleAhead(rest)) {
      const inTime = await this.#settle(ahead.settlement);
      tell(context, ahead.settlement, inTime);
      if (!inTime || ahead.next === undefined) return;
      rest = ahead.next;
    }
    const attempted = await attempt(this.#transport, this.#database.session, rest, this.#options);
    const inTime = await this.#settle(attempted.settlement, attempted, isProbe);
    tell(context, attempted.settlement, inTime);
    if (context !== undefined && attempted.fault !== undefined) context.fault = attempted.fault.reason;
  }

  #hold({ id, fence }: Claimed): void {
    this.#held.set(id, { id, fence, until: performance.now() + this.#options.lease });
    this.#renewing ??= setInterval(() => void this.#renew(), this.#options.lease / 3).unref();
  }

  #stopRenewing(): void {
    clearInterval(this.#renewing);
    this.#renewing = undefined;
  }

  async #renew(): Promise<void> {
    const held = [...this.#held.values()];
    const until = performance.now() + this.#options.lease;
    try {
      await renew(this.#database.session, held, this.#options.lease);
      for (const one of held) one.until = until;
    } catch {
      // The next one tries again; when none succeeds in time, the lease ends and another worker takes over.
    }
  }

  #settle(settlement: Settlement, attempted?: Attempted, isProbe = false): Promise<boolean> {
    return new Promise((done, failed) => {
      this.#pending.push({ run: [settlement, attempted, isProbe], done, failed });
      if (!this.#isSettling) void this.#settleAll();
    });
  }

  /** PERF: what comes in while a transaction is under way is settled by the next one, together. */
  async #settleAll(): Promise<void> {
    this.#isSettling = true;
    // One turn, so that outcomes that came together are settled together.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#pending.length > 0) await this.#settleBatch(this.#pending.splice(0));
    this.#isSettling = false;
  }

  async #settleBatch(batch: readonly Pending[]): Promise<void> {
    for (let tries = 0; ; tries += 1) {
      try {
        const inTime = await this.#write(batch.map(({ run }) => run));
        this.#lastError = undefined;
        for (const { run, done } of batch) done(inTime.has(run[0].id));
        return;
      } catch (error) {
        this.#lastError = error;
        const left = Math.max(...batch.map(({ run }) => this.#held.get(run[0].id)?.until ?? 0)) - performance.now();
        const pause = SETTLE_PAUSES[Math.min(tries, SETTLE_PAUSES.length - 1)] ?? 1000;
        if (left < pause) {
          for (const { failed } of batch) failed(error);
          return;
        }
        await new Promise((resolve) => setTimeout(resolve, pause));
      }
    }
  }

  async #write(runs: readonly Pending["run"][]): Promise<ReadonlySet<string>> {
    const isPlain = ([{ isWhole }, attempted, isProbe]: Pending["run"]): boolean =>
      isWhole && !isProbe && attempted?.fault === undefined;
    const plain = runs.filter(isPlain).map(([settlement]) => settlement);
    const others = runs.filter((run) => !isPlain(run));
    const settled = await Promise.all([
      plain.length === 0
        ? new Set<string>()
        : this.#database.atomic((session) => settleWhole(session, plain), "patient"),
      others.length === 0
        ? new Set<string>()
        : this.#database.transaction((session) => settleOthers(session, others), "patient"),
    ]);
    return new Set(settled.flatMap((ids) => [...ids]));
  }
}

async function settleOthers(session: Session, runs: readonly Pending["run"][]): Promise<ReadonlySet<string>> {
  const inTime = await settle(
    session,
    runs.map(([settlement]) => settlement),
  );
  for (const [, attempted, isProbe] of runs) {
    if (attempted === undefined) continue;
    if (attempted.fault !== undefined) await pauseByFault(session, attempted.fault, isProbe);
    else if (isProbe && attempted.isReached) await resume(session, "a message went through", true);
    else if (isProbe) await pauseByFault(session, NOT_REACHED, true);
  }
  return inTime;
}

type Outcome = keyof NonNullable<OutboxAttemptContext["outcomes"]>;

/** Adds what was settled to the context of the channel. */
function tell(context: OutboxAttemptContext | undefined, { events }: Settlement, inTime: boolean): void {
  if (context === undefined) return;
  context.inTime = inTime;
  if (!inTime) return;
  const counts: Partial<Record<Outcome, number>> = { ...context.outcomes };
  // An assumption has two events: the doubt counts.
  for (const { type, reason } of events) {
    if (type === "accepted" && reason !== undefined) continue;
    counts[type as Outcome] = (counts[type as Outcome] ?? 0) + 1;
  }
  context.outcomes = counts;
}

const NOT_REACHED = { reason: "The connection broke before the server answered for a message", needsPerson: false };
