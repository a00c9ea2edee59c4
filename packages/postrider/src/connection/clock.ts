/**
 * Timeouts of a connection, and the measurement of its server's reply times.
 *
 * Layer: connection. RFC 5321 §4.5.3.2 (timeouts), RFC 2920 §3.1.
 */
import { SmtpTimeoutError } from "../errors/errors.js";
import { onAbort } from "../given/abort.js";
import type { ServerKnowledge } from "../session/knowledge.js";
import type { Session } from "../session/session.js";
import type { Transaction } from "../session/transaction.js";
import type { SessionClock } from "../session/window.js";
import type { Expectation } from "../session/work.js";
import type { ReadingWatch } from "../submission/submission.js";
import type { ConnectionSettings } from "./settings.js";

/** The least delay of a delayed acknowledgement, in milliseconds (RFC 1122 §4.2.3.2 allows 500; systems take 40). */
const DELAYED_MS = 15;
/** Consecutive slow groups after which commands go out one by one, and envelopes after which that is compared. */
const SLOW_GROUPS = 3;
/** The shortest timeout for the reply to a command that was written ahead of a verdict, in milliseconds. */
const LEAST_PATIENCE_MS = 1000;

/** A timer that fires later than this, in milliseconds, belongs to a process that did not run meanwhile. */
const FROZEN_MS = 100;

/** Milliseconds that a process gets to read what came while it was frozen. Its event loop turns at least once in them. */
const THAW_MS = 20;

/**
 * Calls back at once; after input that has arrived when the process was frozen since (Lambda, SIGSTOP, a debugger).
 *
 * QUIRK: the first thing that a thawed process runs are its timers, before it reads the replies that came meanwhile.
 */
function afterThaw(startedAt: number, timeout: number, callback: () => void): void {
  if (performance.now() - startedAt - timeout < FROZEN_MS) callback();
  else setTimeout(callback, THAW_MS);
}

/** One timer, which fires after `timeout` ms without progress. */
export class Watchdog {
  readonly #onTimeout: (timeout: number) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #timeout = 0;
  #startedAt = 0;

  constructor(onTimeout: (timeout: number) => void) {
    this.#onTimeout = onTimeout;
  }

  /** Starts the timer. With the same limit a running timer goes on; with another limit it starts again. */
  arm(timeout: number): void {
    if (this.#timer !== undefined && this.#timeout === timeout) return;
    this.#start(timeout);
  }

  /** Restarts a running timer. */
  progress(): void {
    if (this.#timer !== undefined) this.#start(this.#timeout);
  }

  disarm(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #start(timeout: number): void {
    this.#startedAt = performance.now();
    // PERF: Node moves a timer at a fraction of the cost of a new one. QUIRK: its mock timers have a refresh() that does nothing, and
    // are no primitives.
    if (typeof this.#timer === "object" && timeout === this.#timeout && Symbol.toPrimitive in this.#timer) {
      this.#timer.refresh();
      return;
    }
    clearTimeout(this.#timer);
    this.#timeout = timeout;
    this.#timer = setTimeout(() => {
      const [timer, startedAt] = [this.#timer, this.#startedAt];
      afterThaw(startedAt, timeout, () => {
        if (this.#timer !== timer || this.#startedAt !== startedAt) return;
        this.#timer = undefined;
        this.#onTimeout(timeout);
      });
    }, timeout);
  }
}

/** The time limit of one step. */
export interface Deadline {
  /** Milliseconds. */
  readonly timeout: number;
  /** The caller's own signal. */
  readonly signal: AbortSignal | undefined;
  /** Makes the timeout error. */
  late(): Error;
}

/** Runs a step with a signal that fires on the caller's abort or on the timeout; its reason is the error. */
export async function withDeadline<T>(deadline: Deadline, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { signal, timeout, late } = deadline;
  signal?.throwIfAborted();
  const controller = new AbortController();
  const leave = signal === undefined ? undefined : onAbort(signal, () => controller.abort(signal.reason));
  const startedAt = performance.now();
  let isOver = false;
  const expire = (): void => {
    if (!isOver) controller.abort(late());
  };
  const timer = setTimeout(() => afterThaw(startedAt, timeout, expire), timeout);
  try {
    return await run(controller.signal);
  } finally {
    isOver = true;
    clearTimeout(timer);
    leave?.();
  }
}

/** The time for a session, which reads no clock by itself. */
export class Clock implements SessionClock {
  time = 0;

  /** Takes the time. PERF: whole milliseconds are small integers, which are not allocated. */
  tick(): void {
    this.time = Math.floor(performance.now());
  }
}

/** Limits of one connection, in milliseconds. */
export interface TimeLimits {
  /** For each step while the connection is being opened. */
  readonly attemptTimeout: number | undefined;
  /** For a reply to a command. */
  readonly timeout: number;
  /** For the transport to drain, and for each chunk of the caller's stream. */
  readonly contentTimeout: number;
  /** For the reply to QUIT. */
  readonly quitTimeout: number | undefined;
  readonly settings: Pick<ConnectionSettings, "timeout" | "tlsTimeout" | "authTimeout" | "deliveryTimeout">;
}

/** Milliseconds for each reply of STARTTLS or AUTH. */
export function stepTimeout({ attemptTimeout, settings }: TimeLimits, step: "tlsTimeout" | "authTimeout"): number {
  return attemptTimeout ?? settings[step] ?? settings.timeout;
}

/**
 * The timeout that applies now; undefined while neither the server, the transport nor the caller's stream owes anything.
 *
 * @param patience for the reply to an envelope that was written ahead of a verdict, counted from that verdict.
 */
export function timeLimit(
  session: Session,
  isBlocked: boolean,
  limits: TimeLimits,
  patience: number,
): number | undefined {
  const { awaiting, isPouring, isAheadUnanswered } = session;
  if (isBlocked || isPouring) return limits.contentTimeout;
  if (awaiting === undefined) return undefined;
  if (awaiting.slot === "content" || awaiting.slot === "chunk") return limits.settings.deliveryTimeout;
  if (isAheadUnanswered) return Math.min(limits.timeout, patience);
  if (awaiting.slot !== "command") return limits.timeout;
  switch (awaiting.work.verb) {
    case "AUTH":
      return stepTimeout(limits, "authTimeout");
    case "STARTTLS":
      return stepTimeout(limits, "tlsTimeout");
    case "QUIT":
      return Math.min(limits.timeout, limits.quitTimeout ?? limits.timeout);
    default:
      return limits.timeout;
  }
}

/** The timeout for content that is read before a connection is open. */
export function readingWatch(timeout: number): ReadingWatch {
  return {
    begin: (late) => {
      const watchdog = new Watchdog(() => late(stalledContent(timeout)));
      watchdog.arm(timeout);
      return { progress: () => watchdog.progress(), end: () => watchdog.disarm() };
    },
  };
}

/** The error of content that stalls before any of its message is written. */
export function stalledContent(timeout: number): SmtpTimeoutError {
  return new SmtpTimeoutError({ phase: "content", timeout, waitingFor: "the content of the message" });
}

/**
 * Measures how long a server takes for MAIL, and compares a pipelined group with the same commands one by one.
 *
 * QUIRK: a server with Nagle's algorithm on writes each reply of a group as a packet of its own, and delays the second until the
 * first is acknowledged: 40 ms instead of 1 ms. Such a server gets its commands one by one. If that is not faster, the server itself
 * needs the time for each recipient, and it gets groups again.
 */
export class GroupClock {
  readonly #knowledge: ServerKnowledge;
  readonly #now: () => number;
  /** When the oldest unanswered command was written. */
  #askedAt = 0;
  #asked: Expectation | undefined;
  /** The envelope that is being timed, and when its MAIL was written and answered. */
  #envelope: { readonly transaction: Transaction; readonly askedAt: number; readonly answeredAt: number } | undefined;
  /** The shortest round trip of a single command. */
  #roundTrip = Number.POSITIVE_INFINITY;
  #slowGroups = 0;
  #oneByOne = 0;
  /** The shortest time per command, in milliseconds: in slow groups, and one by one. */
  #shortestInGroup = Number.POSITIVE_INFINITY;
  #shortestAlone = Number.POSITIVE_INFINITY;

  constructor(knowledge: ServerKnowledge, now: () => number = () => performance.now()) {
    this.#knowledge = knowledge;
    this.#now = now;
  }

  /** Milliseconds after which an envelope that was written ahead counts as swallowed by the server. */
  get patience(): number {
    return Math.max(LEAST_PATIENCE_MS, 4 * this.#knowledge.slowestMail);
  }

  /** Bytes were written; `awaiting` is the oldest expectation. */
  written(awaiting: Expectation | undefined): void {
    if (awaiting === this.#asked) return;
    this.#asked = awaiting;
    this.#askedAt = this.#now();
  }

  /** Replies arrived; `awaiting` is the oldest expectation now. */
  received(awaiting: Expectation | undefined): void {
    const now = this.#now();
    const before = this.#asked;
    if (before === awaiting) return;
    this.#asked = awaiting;
    if (before?.slot === "command" && awaiting === undefined)
      this.#roundTrip = Math.min(this.#roundTrip, now - this.#askedAt);
    if (before?.slot === "mail") this.#mailAnswered(before.transaction, now);
    this.#envelopeAnswered(now, awaiting);
    this.#askedAt = now;
  }

  #mailAnswered(transaction: Transaction, now: number): void {
    this.#knowledge.slowestMail = Math.max(this.#knowledge.slowestMail, now - this.#askedAt);
    this.#envelope = { transaction, askedAt: this.#askedAt, answeredAt: now };
  }

  /** Evaluates an envelope once all its replies are in. */
  #envelopeAnswered(now: number, awaiting: Expectation | undefined): void {
    const envelope = this.#envelope;
    if (envelope === undefined || isOf(awaiting, envelope.transaction)) return;
    const { transaction, askedAt, answeredAt } = envelope;
    // One by one, its next command is not written yet.
    if (!isAnswered(transaction)) return;
    this.#envelope = undefined;
    const commands = transaction.commands.recipients.length + 1;
    const each = (now - askedAt) / commands;
    if (this.#knowledge.groups === "slow") this.#aloneAnswered(each);
    else if (this.#knowledge.groups === "fine") this.#groupAnswered(now - answeredAt, commands, each);
  }

  /** @param spread of the replies of the group @param each command, on average */
  #groupAnswered(spread: number, commands: number, each: number): void {
    const isSlow = spread > DELAYED_MS && spread > 2 * commands * this.#roundTrip;
    this.#slowGroups = isSlow ? this.#slowGroups + 1 : 0;
    this.#shortestInGroup = isSlow ? Math.min(this.#shortestInGroup, each) : Number.POSITIVE_INFINITY;
    if (this.#slowGroups >= SLOW_GROUPS) this.#knowledge.groups = "slow";
  }

  /** Decides only on the connection that measured the slow groups. @param each command, on average */
  #aloneAnswered(each: number): void {
    this.#shortestAlone = Math.min(this.#shortestAlone, each);
    if (++this.#oneByOne < SLOW_GROUPS || this.#shortestInGroup === Number.POSITIVE_INFINITY) return;
    if (this.#shortestAlone >= this.#shortestInGroup) this.#knowledge.groups = "fine after all";
  }
}

/** Whether the next reply belongs to the envelope of this transaction. */
function isOf(awaiting: Expectation | undefined, transaction: Transaction): boolean {
  const isEnvelope = awaiting?.slot === "mail" || awaiting?.slot === "rcpt" || awaiting?.slot === "data";
  return isEnvelope && awaiting.transaction === transaction;
}

/** Whether every command of its envelope has its reply, DATA included unless it was refused before. */
function isAnswered(transaction: Transaction): boolean {
  if (transaction.progress === "done") return true;
  return transaction.isEnvelopeAnswered && (transaction.framing === "bdat" || transaction.dataReply !== undefined);
}
