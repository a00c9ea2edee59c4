/**
 * How long a server takes for MAIL, and for a group of commands beside the same commands one by one.
 *
 * Layer: client. RFC 2920 §3.1.
 *
 * QUIRK: a server with Nagle's algorithm on writes each reply of a group as a packet of its own, and holds the second back until the
 * first is acknowledged: 40 ms for what takes 1 ms one by one. That is noticed, and such a server is asked one by one.
 */
import type { ServerKnowledge } from "../protocol/knowledge.js";
import type { Transaction } from "../protocol/transaction.js";
import type { Expectation } from "../protocol/work.js";

/** What a delayed acknowledgement costs at least, in milliseconds (RFC 1122 §4.2.3.2 allows 500; systems take 40). */
const DELAYED_MS = 15;
/** Groups that were slow before the server is asked one by one. */
const SLOW_GROUPS = 3;
/** The least patience with something written ahead, in milliseconds. */
const LEAST_PATIENCE_MS = 1000;

export class GroupClock {
  readonly #knowledge: ServerKnowledge;
  readonly #now: () => number;
  /** When the first command of the group that is awaited was written. */
  #askedAt = 0;
  #asked: Expectation | undefined;
  /** The transaction whose envelope is being timed, when its first reply came, and how many commands it has. */
  #group: { readonly transaction: Transaction; readonly firstReplyAt: number } | undefined;
  /** The shortest round trip of a command alone. */
  #roundTrip = Infinity;
  #slowGroups = 0;

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
    if (before?.slot === "mail") this.#mailAnswered(before.transaction, now, awaiting);
    else this.#groupAnswered(now, awaiting);
    this.#askedAt = now;
  }

  #mailAnswered(transaction: Transaction, now: number, awaiting: Expectation | undefined): void {
    this.#knowledge.slowestMail = Math.max(this.#knowledge.slowestMail, now - this.#askedAt);
    if (isOf(awaiting, transaction)) this.#group = { transaction, firstReplyAt: now };
  }

  #groupAnswered(now: number, awaiting: Expectation | undefined): void {
    const group = this.#group;
    if (group === undefined || isOf(awaiting, group.transaction)) return;
    this.#group = undefined;
    const spread = now - group.firstReplyAt;
    const oneByOne = this.#roundTrip * (group.transaction.commands.recipients.length + 1);
    this.#slowGroups = spread > DELAYED_MS && spread > 2 * oneByOne ? this.#slowGroups + 1 : 0;
    if (this.#slowGroups >= SLOW_GROUPS) this.#knowledge.isSlowWithGroups = true;
  }
}

/** Whether the envelope of this transaction is still being answered. */
function isOf(awaiting: Expectation | undefined, transaction: Transaction): boolean {
  const isEnvelope = awaiting?.slot === "mail" || awaiting?.slot === "rcpt" || awaiting?.slot === "data";
  return isEnvelope && awaiting.transaction === transaction;
}
