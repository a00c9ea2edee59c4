/**
 * Settles attempts behind the fence: an attempt whose lease was taken by another changes nothing, and is told as `late`.
 */
import type { Session } from "../database/database.js";
import { DERIVED_STATE, type RecipientState } from "../states.js";
import type { OutboxReply } from "../types.js";
import { type NewEvent, writeEvents } from "./write-events.js";

export interface RecipientChange {
  readonly n: number;
  readonly state: RecipientState;
  /** Kept as it was when absent. */
  readonly reply?: OutboxReply | undefined;
  /** Whether it was sent to the server. */
  readonly isAttempt: boolean;
}

export interface Settlement {
  readonly id: string;
  readonly fence: number;
  readonly attempt: number;
  readonly failures: number;
  readonly doubts: number;
  /** Ms from now until what still waits is due. */
  readonly delay: number;
  /** The worker goes on with the message: the lease stays. */
  readonly keepsLease?: boolean;
  readonly changes: readonly RecipientChange[];
  readonly events: readonly NewEvent[];
  /** For the event `late`. */
  readonly summary: string;
}

/** @returns the ids of those that were in time. */
export async function settle(session: Session, settlements: readonly Settlement[]): Promise<ReadonlySet<string>> {
  const { table, now, records, least } = session.dialect;
  const rows = settlements.map(({ id, fence, attempt, failures, doubts, delay, keepsLease }) => ({
    message: id,
    fence,
    attempt,
    failures,
    doubts,
    delay,
    leased: keepsLease === true ? 1 : 0,
  }));
  const held = await session.execute(
    `UPDATE ${table("message")} AS m SET leased = x.leased, attempt = x.attempt, failures = x.failures, doubts = x.doubts,
due_at = CASE WHEN x.leased = 1 THEN m.due_at ELSE ${least(`${now} + x.delay`, "m.expires_at")} END
FROM ${records({ message: "text", fence: "bigint", attempt: "bigint", failures: "bigint", doubts: "bigint", delay: "bigint", leased: "bigint" })}
WHERE m.id = x.message AND m.fence = x.fence AND m.leased > 0 RETURNING id`,
    [JSON.stringify(rows)],
  );
  const inTime = new Set(held.map((row) => String(row["id"])));
  const settled = settlements.filter(({ id }) => inTime.has(id));
  const late = settlements.filter(({ id }) => !inTime.has(id));
  await changeRecipients(
    session,
    settled.flatMap(({ id, changes }) => changes.map((change) => ({ ...change, message: id }))),
  );
  await refresh(
    session,
    settled.filter(({ changes }) => changes.length > 0).map(({ id }) => id),
  );
  await writeEvents(session, [
    ...settled.flatMap(({ events }) => events),
    ...late.map(({ id, attempt, summary }) => ({ type: "late" as const, message: id, attempt, reason: summary })),
  ]);
  return inTime;
}

interface NamedChange extends RecipientChange {
  readonly message: string;
}

/** SECURITY: only a recipient that waits is changed; a person may have decided meanwhile. */
async function changeRecipients(session: Session, changes: readonly NamedChange[]): Promise<void> {
  if (changes.length === 0) return;
  const { table, records } = session.dialect;
  const rows = changes.map(({ message, n, state, reply, isAttempt }) => ({
    message,
    n,
    state,
    reply: reply === undefined ? undefined : JSON.stringify(reply),
    spent: isAttempt ? 1 : 0,
  }));
  await session.execute(
    `UPDATE ${table("recipient")} AS r SET state = x.state, reply = coalesce(x.reply, r.reply), attempts = r.attempts + x.spent
FROM ${records({ message: "text", n: "bigint", state: "text", reply: "text", spent: "bigint" })}
WHERE r.message = x.message AND r.n = x.n AND r.state = 'waiting'`,
    [JSON.stringify(rows)],
  );
}

/** Derives the state of messages from their recipients; one in which nothing waits is due no more. */
export async function refresh(session: Session, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const { table, list } = session.dialect;
  await session.execute(
    `UPDATE ${table("message")} AS m SET state = (SELECT ${DERIVED_STATE} FROM ${table("recipient")} r WHERE r.message = m.id) WHERE m.id IN (${list})`,
    [JSON.stringify(ids)],
  );
  await session.execute(
    `UPDATE ${table("message")} AS m SET due_at = NULL, leased = 0 WHERE m.id IN (${list}) AND m.state <> 'waiting'`,
    [JSON.stringify(ids)],
  );
}

/** Gives messages back that were not tried: at once, or after `delay` ms. */
export async function release(
  session: Session,
  held: readonly { readonly id: string; readonly fence: number; readonly delay: number }[],
): Promise<void> {
  if (held.length === 0) return;
  const { table, now, records, least } = session.dialect;
  await session.execute(
    `UPDATE ${table("message")} AS m SET leased = 0, due_at = ${least(`${now} + x.delay`, "m.expires_at")}
FROM ${records({ id: "text", fence: "bigint", delay: "bigint" })} WHERE m.id = x.id AND m.fence = x.fence AND m.leased > 0`,
    [JSON.stringify(held.map(({ id, fence, delay }) => ({ id, fence, delay })))],
  );
}
