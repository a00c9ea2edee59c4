/**
 * Settles attempts behind the fence: an attempt whose lease was taken by another changes nothing, and is told as `late`.
 */
import { numberOf, type Session } from "../database/database.js";
import type { Dialect, Row } from "../database/dialect.js";
import { DERIVED_STATE, type MessageState, messageState, type RecipientState } from "../states.js";
import type { OutboxReply } from "../types.js";
import { eventsStatement, type NewEvent, writeEvents } from "./write-events.js";

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
  /** The changes are all recipients of the message, or there are none. */
  readonly isWhole: boolean;
  /** For the event `late`. */
  readonly summary: string;
}

/**
 * Settles attempts whose messages have no recipients but those that were claimed: one statement in PostgreSQL.
 *
 * @returns the ids of those that were in time
 */
export async function settleWhole(session: Session, settlements: readonly Settlement[]): Promise<ReadonlySet<string>> {
  const { dialect } = session;
  const messages = {
    text: updateMessages(dialect, true),
    value: JSON.stringify(settlements.map((one) => ({ ...rowOf(one), state: stateOf(one) }))),
  };
  const changes = changesOf(settlements);
  const events = settlements.flatMap((one) => one.events);
  let held: readonly Row[];
  if (dialect.name === "postgres") {
    const changed = changeStatement(dialect, changes, "x.message IN (SELECT id FROM held)");
    const told = eventsStatement(dialect, events, "x.message IN (SELECT id FROM held)");
    held = await session.execute(
      `WITH held AS (${messages.text}), changed AS (${changed.text}), told AS (${told.text}) SELECT id FROM held`,
      [messages.value, changed.value, told.value],
    );
  } else {
    held = await session.execute(messages.text, [messages.value]);
    const ids = new Set(held.map((row) => String(row["id"])));
    await changeRecipients(session, changesOf(settlements.filter(({ id }) => ids.has(id))));
    await writeEvents(
      session,
      settlements.flatMap((one) => (ids.has(one.id) ? one.events : [])),
    );
  }
  const ids = new Set(held.map((row) => String(row["id"])));
  return withLate(session, settlements, ids);
}

/**
 * Settles attempts. A person may have decided about other recipients of the message, so that its state is derived anew. In a
 * transaction.
 *
 * @returns the ids of those that were in time
 */
export async function settle(session: Session, settlements: readonly Settlement[]): Promise<ReadonlySet<string>> {
  const text = updateMessages(session.dialect, false);
  const held = await session.execute(text, [JSON.stringify(settlements.map(rowOf))]);
  const inTime = new Set(held.map((row) => String(row["id"])));
  const settled = settlements.filter(({ id }) => inTime.has(id));
  await changeRecipients(session, changesOf(settled));
  await refresh(
    session,
    settled.filter(({ changes }) => changes.length > 0).map(({ id }) => id),
  );
  await writeEvents(
    session,
    settled.flatMap(({ events }) => events),
  );
  return withLate(session, settlements, inTime);
}

/** What is left of the others: settled before, by a COMMIT whose reply was lost, or taken by another worker, which is told. */
async function withLate(
  session: Session,
  settlements: readonly Settlement[],
  inTime: ReadonlySet<string>,
): Promise<ReadonlySet<string>> {
  const others = settlements.filter(({ id }) => !inTime.has(id));
  if (others.length === 0) return inTime;
  const rows = await session.execute(
    `SELECT id, fence FROM ${session.dialect.table("message")} WHERE id IN (${session.dialect.list})`,
    [JSON.stringify(others.map(({ id }) => id))],
  );
  const fences = new Map(rows.map((row) => [String(row["id"]), numberOf(row["fence"])]));
  const late = others.filter(({ id, fence }) => fences.get(id) !== fence);
  await writeEvents(
    session,
    late.map(({ id, attempt, summary }) => ({ type: "late", message: id, attempt, reason: summary })),
  );
  return new Set([...inTime, ...others.filter((one) => !late.includes(one)).map(({ id }) => id)]);
}

function rowOf({ id, fence, attempt, failures, doubts, delay, keepsLease }: Settlement): object {
  return { message: id, fence, attempt, failures, doubts, delay, leased: keepsLease === true ? 1 : 0 };
}

/** With no change all of it still waits. */
const stateOf = ({ changes }: Settlement): MessageState =>
  changes.length === 0 ? "waiting" : messageState(changes.map(({ state }) => state));

/** @param knowsState the state is given; one in which nothing waits is due no more */
function updateMessages({ table, now, records, least }: Dialect, knowsState: boolean): string {
  const due = `CASE WHEN x.leased = 1 THEN m.due_at ELSE ${least(`${now} + x.delay`, "m.expires_at")} END`;
  const changes = knowsState
    ? `state = x.state, due_at = CASE WHEN x.state = 'waiting' THEN ${due} END`
    : `due_at = ${due}`;
  const columns = {
    message: "text",
    fence: "bigint",
    attempt: "bigint",
    failures: "bigint",
    doubts: "bigint",
    delay: "bigint",
    leased: "bigint",
    ...(knowsState ? { state: "text" as const } : {}),
  } as const;
  return `UPDATE ${table("message")} AS m SET leased = x.leased, attempt = x.attempt, failures = x.failures, doubts = x.doubts, ${changes}
FROM ${records(columns)} WHERE m.id = x.message AND m.fence = x.fence AND m.leased > 0 RETURNING id`;
}

interface NamedChange extends RecipientChange {
  readonly message: string;
}

const changesOf = (settlements: readonly Settlement[]): NamedChange[] =>
  settlements.flatMap(({ id, changes }) => changes.map((change) => ({ ...change, message: id })));

async function changeRecipients(session: Session, changes: readonly NamedChange[]): Promise<void> {
  if (changes.length === 0) return;
  const { text, value } = changeStatement(session.dialect, changes);
  await session.execute(text, [value]);
}

/** SECURITY: only a recipient that waits is changed; a person may have decided meanwhile. */
function changeStatement(
  { table, records }: Dialect,
  changes: readonly NamedChange[],
  only?: string,
): { readonly text: string; readonly value: string } {
  const rows = changes.map(({ message, n, state, reply, isAttempt }) => ({
    message,
    n,
    state,
    reply: reply === undefined ? undefined : JSON.stringify(reply),
    spent: isAttempt ? 1 : 0,
  }));
  const text = `UPDATE ${table("recipient")} AS r SET state = x.state, reply = coalesce(x.reply, r.reply), attempts = r.attempts + x.spent
FROM ${records({ message: "text", n: "bigint", state: "text", reply: "text", spent: "bigint" })}
WHERE r.message = x.message AND r.n = x.n AND r.state = 'waiting'${only === undefined ? "" : ` AND ${only}`}`;
  return { text, value: JSON.stringify(rows) };
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
