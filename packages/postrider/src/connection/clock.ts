/**
 * The time of a connection: how long it waits for what is owed, and how long its server takes.
 *
 * Layer: connection. RFC 5321 §4.5.3.2 (timeouts), RFC 2920 §3.1.
 */
import { SmtpTimeoutError } from "../errors/errors.js";
import { onAbort } from "../given/abort.js";
import type { ServerKnowledge } from "../session/knowledge.js";
import type { Session } from "../session/session.js";
import type { Transaction } from "../session/transaction.js";
import type { Expectation } from "../session/work.js";
import type { ReadingWatch } from "../submission/submission.js";

/** Limits of one connection, in milliseconds. */
export interface TimeLimits {
  /** For a reply to a command. */
  readonly timeout: number;
  /** For room in the transport, and for each chunk of the caller's stream. */
  readonly contentTimeout: number;
  /** For the verdict on content. */
  readonly deliveryTimeout: number;
  /** For the reply to QUIT. */
  readonly quitTimeout: number | undefined;
  /** For the reply to what was written ahead of a verdict, once that has come. */
  readonly patience: number;
}

/** How long to wait without progress; undefined while nothing is owed by the server, the transport or the caller's stream. */
export function timeLimit(session: Session, isBlocked: boolean, limits: TimeLimits): number | undefined {
  const { awaiting, isPouring, isAheadUnanswered } = session;
  if (isBlocked || isPouring) return limits.contentTimeout;
  if (awaiting === undefined) return undefined;
  if (awaiting.slot === "content" || awaiting.slot === "chunk") return limits.deliveryTimeout;
  if (isAheadUnanswered) return Math.min(limits.timeout, limits.patience);
  const isQuit = awaiting.slot === "command" && awaiting.work.verb === "QUIT";
  return isQuit ? Math.min(limits.timeout, limits.quitTimeout ?? limits.timeout) : limits.timeout;
}

/** Keeps the time of content that is read before there is a connection. */
export function readingWatch(timeout: number): ReadingWatch {
  return {
    begin: (late) => {
      const watchdog = new Watchdog(() => late(stalledContent(timeout)));
      watchdog.arm(timeout);
      return { progress: () => watchdog.progress(), end: () => watchdog.disarm() };
    },
  };
}

/** The error of content that stalls before anything of its message is written. */
export function stalledContent(timeout: number): SmtpTimeoutError {
  return new SmtpTimeoutError({ phase: "content", timeout, waitingFor: "the content of the message" });
}

/** One timer: it fires when nothing has moved for a while. */
export class Watchdog {
  readonly #onSilence: (timeout: number) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #timeout = 0;

  constructor(onSilence: (timeout: number) => void) {
    this.#onSilence = onSilence;
  }

  /** Starts to wait, or goes on waiting with another limit; the time that has passed counts only if the limit is the same. */
  arm(timeout: number): void {
    if (this.#timer !== undefined && this.#timeout === timeout) return;
    this.#start(timeout);
  }

  /** Something moved: the time starts anew. */
  progress(): void {
    if (this.#timer !== undefined) this.#start(this.#timeout);
  }

  disarm(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #start(timeout: number): void {
    clearTimeout(this.#timer);
    this.#timeout = timeout;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#onSilence(timeout);
    }, timeout);
  }
}

/** What a delayed acknowledgement costs at least, in milliseconds (RFC 1122 §4.2.3.2 allows 500; systems take 40). */
const DELAYED_MS = 15;
/** Groups that were slow before the server is asked one by one, and envelopes after which that was faster or was not. */
const SLOW_GROUPS = 3;
/** The least patience with something written ahead, in milliseconds. */
const LEAST_PATIENCE_MS = 1000;

/**
 * How long a server takes for MAIL, and for a group of commands beside the same commands one by one.
 *
 * QUIRK: a server with Nagle's algorithm on writes each reply of a group as a packet of its own, and holds the second back until the
 * first is acknowledged: 40 ms for what takes 1 ms one by one. That is noticed, and such a server is asked one by one. One that is as
 * slow then has work to do for a recipient, and gets groups again.
 */
export class GroupClock {
  readonly #knowledge: ServerKnowledge;
  readonly #now: () => number;
  /** When the first command of the group that is awaited was written. */
  #askedAt = 0;
  #asked: Expectation | undefined;
  /** The transaction whose envelope is being timed, and when its MAIL was written and answered. */
  #envelope: { readonly transaction: Transaction; readonly askedAt: number; readonly answeredAt: number } | undefined;
  /** The shortest round trip of a command alone. */
  #roundTrip = Number.POSITIVE_INFINITY;
  #slowGroups = 0;
  #oneByOne = 0;
  /** The shortest time of a command in the slow groups, and one by one. */
  #shortestInGroup = Number.POSITIVE_INFINITY;
  #shortestAlone = Number.POSITIVE_INFINITY;

  constructor(knowledge: ServerKnowledge, now: () => number = () => performance.now()) {
    this.#knowledge = knowledge;
    this.#now = now;
  }

  /** Milliseconds after which an envelope that was written ahead is taken for swallowed. */
  get patience(): number {
    return Math.max(LEAST_PATIENCE_MS, 4 * this.#knowledge.slowestMail);
  }

  /** Something was written; `awaiting` is what the server owes first. */
  written(awaiting: Expectation | undefined): void {
    if (awaiting === this.#asked) return;
    this.#asked = awaiting;
    this.#askedAt = this.#now();
  }

  /** Replies came; `awaiting` is what the server owes now. */
  heard(awaiting: Expectation | undefined): void {
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

  /** Times an envelope once all of it is answered. */
  #envelopeAnswered(now: number, awaiting: Expectation | undefined): void {
    const envelope = this.#envelope;
    if (envelope === undefined || isOf(awaiting, envelope.transaction)) return;
    const { transaction, askedAt, answeredAt } = envelope;
    // One by one, the next command of it is about to be written.
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

  /** @param each command, on average; other connections than the one that noticed leave it at that */
  #aloneAnswered(each: number): void {
    this.#shortestAlone = Math.min(this.#shortestAlone, each);
    if (++this.#oneByOne < SLOW_GROUPS || this.#shortestInGroup === Number.POSITIVE_INFINITY) return;
    if (this.#shortestAlone >= this.#shortestInGroup) this.#knowledge.groups = "fine after all";
  }
}

/** Whether the envelope of this transaction is still being answered. */
function isOf(awaiting: Expectation | undefined, transaction: Transaction): boolean {
  const isEnvelope = awaiting?.slot === "mail" || awaiting?.slot === "rcpt" || awaiting?.slot === "data";
  return isEnvelope && awaiting.transaction === transaction;
}

/** Whether every command of its envelope has its reply: DATA too, where the content goes that way and is not refused already. */
function isAnswered(transaction: Transaction): boolean {
  if (transaction.progress === "done") return true;
  return transaction.isEnvelopeAnswered && (transaction.framing === "bdat" || transaction.dataReply !== undefined);
}

export interface Deadline {
  /** Milliseconds. */
  readonly timeout: number;
  /** The caller's own signal. */
  readonly signal: AbortSignal | undefined;
  /** The error when time is up. */
  late(): Error;
}

/** Runs a step with a signal that fires when the caller's does, or when time is up; its reason is the error. */
export async function withDeadline<T>(deadline: Deadline, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { signal, timeout, late } = deadline;
  signal?.throwIfAborted();
  const controller = new AbortController();
  const leave = signal === undefined ? undefined : onAbort(signal, () => controller.abort(signal.reason));
  const timer = setTimeout(() => controller.abort(late()), timeout);
  try {
    return await run(controller.signal);
  } finally {
    clearTimeout(timer);
    leave?.();
  }
}
