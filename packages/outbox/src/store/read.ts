/**
 * Reads messages, events, suppressions and counts.
 */
import { type Database, maybeNumber, maybeText, numberOf, type Session } from "../database/database.js";
import type { Row } from "../database/dialect.js";
import { MESSAGE_STATES, type MessageState, type RecipientState } from "../states.js";
import type {
  OutboxEvent,
  OutboxEventType,
  OutboxFilter,
  OutboxMessage,
  OutboxRecipient,
  OutboxStats,
  Suppression,
} from "../types.js";
import { domainKey, lookupOf } from "./lookup.js";
import { readPause } from "./pause.js";

/** Rows that are read at once. */
const PAGE = 500;

export async function getMessages(session: Session, ids: readonly string[]): Promise<OutboxMessage[]> {
  const { table, list } = session.dialect;
  const given = [JSON.stringify(ids)];
  const rows = await session.execute(`SELECT * FROM ${table("message")} WHERE id IN (${list})`, given);
  if (rows.length === 0) return [];
  const recipients = await session.execute(
    `SELECT * FROM ${table("recipient")} WHERE message IN (${list}) ORDER BY message, n`,
    given,
  );
  const byMessage = grouped(recipients);
  return rows.map((row) => messageOf(row, byMessage.get(String(row["id"])) ?? []));
}

function grouped(rows: readonly Row[]): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = String(row["message"]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return groups;
}

function messageOf(row: Row, recipients: readonly Row[]): OutboxMessage {
  const dueAt = maybeNumber(row["due_at"]);
  const isSending = numberOf(row["leased"]) > 0 && dueAt !== undefined;
  const state = String(row["state"]) as MessageState;
  return {
    id: String(row["id"]),
    key: maybeText(row["key"]),
    messageId: String(row["message_id"]),
    state: isSending && state === "waiting" ? "sending" : state,
    sender: String(row["sender"]),
    recipients: recipients.map((one) => recipientOf(one, isSending, dueAt)),
    attempt: numberOf(row["attempt"]),
    createdAt: new Date(numberOf(row["created_at"])),
    dueAt: dueAt === undefined ? undefined : new Date(dueAt),
    expiresAt: new Date(numberOf(row["expires_at"])),
    size: numberOf(row["size"]),
    tags: JSON.parse(String(row["tags"])),
  };
}

function recipientOf(row: Row, isSending: boolean, dueAt: number | undefined): OutboxRecipient {
  const state = String(row["state"]) as RecipientState;
  return {
    address: String(row["address"]),
    state: isSending && state === "waiting" ? "sending" : state,
    attempts: numberOf(row["attempts"]),
    reply: typeof row["reply"] === "string" ? JSON.parse(row["reply"]) : undefined,
    nextAt: state === "waiting" && !isSending && dueAt !== undefined ? new Date(dueAt) : undefined,
  };
}

export async function* findMessages(session: Session, filter: OutboxFilter): AsyncGenerator<OutboxMessage> {
  const { where, values } = conditions(session, filter);
  const { table } = session.dialect;
  const [beyond, order] = filter.order === "newest" ? ["<", "DESC"] : [">", "ASC"];
  let last: { at: number; id: string } | undefined;
  for (;;) {
    const after =
      last === undefined ? "" : ` AND (m.created_at ${beyond} ? OR (m.created_at = ? AND m.id ${beyond} ?))`;
    const rows = await session.execute(
      `SELECT m.id, m.created_at FROM ${table("message")} m WHERE ${where}${after} ORDER BY m.created_at ${order}, m.id ${order} LIMIT ${PAGE}`,
      last === undefined ? values : [...values, last.at, last.at, last.id],
    );
    const ids = rows.map((row) => String(row["id"]));
    const found = new Map((await getMessages(session, ids)).map((message) => [message.id, message]));
    for (const id of ids) {
      const message = found.get(id);
      if (message !== undefined) yield message;
    }
    const end = rows.at(-1);
    if (end === undefined || rows.length < PAGE) return;
    last = { at: numberOf(end["created_at"]), id: String(end["id"]) };
  }
}

function conditions({ dialect }: Session, filter: OutboxFilter): { where: string; values: unknown[] } {
  const where = ["true"];
  const values: unknown[] = [];
  const add = (condition: string, ...given: readonly unknown[]): void => {
    where.push(condition);
    values.push(...given);
  };
  const { state, recipient, domain, tag, key, before, after } = filter;
  if (state === "sending") add("m.state = 'waiting' AND m.leased > 0");
  else if (state === "waiting") add("m.state = 'waiting' AND m.leased = 0");
  else if (state !== undefined) add("m.state = ?", state);
  const having = (column: string): string =>
    `EXISTS (SELECT 1 FROM ${dialect.table("recipient")} r WHERE r.message = m.id AND r.${column} = ?)`;
  if (recipient !== undefined) add(having("lookup"), lookupOf(recipient));
  if (domain !== undefined) add(having("domain"), domainKey(domain));
  if (key !== undefined) add("m.key = ?", key);
  if (before !== undefined) add("m.created_at < ?", before.getTime());
  if (after !== undefined) add("m.created_at >= ?", after.getTime());
  for (const [name, value] of Object.entries(tag ?? {})) add(`${dialect.member("m.tags")} = ?`, name, value);
  return { where: where.join(" AND "), values };
}

/** Events behind a place, in order; only those that have one. */
export async function readEvents(
  session: Session,
  after: number,
  types: readonly OutboxEventType[] | undefined,
): Promise<{ events: OutboxEvent[]; last: number; isFull: boolean }> {
  const { table, list } = session.dialect;
  // The place goes on also over events of other types.
  const rows = await session.execute(
    `SELECT position, at, type, message, recipient, reply, attempt, reason FROM ${table("event")} WHERE position > ?${types === undefined ? "" : ` AND type IN (${list})`} ORDER BY position LIMIT ${PAGE}`,
    types === undefined ? [after] : [after, JSON.stringify(types)],
  );
  return {
    events: rows.map(eventOf),
    last: numberOf(rows.at(-1)?.["position"] ?? after),
    isFull: rows.length === PAGE,
  };
}

function eventOf(row: Row): OutboxEvent {
  return {
    id: String(row["position"]),
    at: new Date(numberOf(row["at"])),
    type: row["type"] as OutboxEventType,
    message: maybeText(row["message"]),
    recipient: maybeText(row["recipient"]),
    reply: typeof row["reply"] === "string" ? JSON.parse(row["reply"]) : undefined,
    attempt: maybeNumber(row["attempt"]),
    reason: maybeText(row["reason"]),
  };
}

export async function* readSuppressions(session: Session): AsyncGenerator<Suppression> {
  let last = "";
  for (;;) {
    const rows = await session.execute(
      `SELECT lookup, address, reason, at FROM ${session.dialect.table("suppression")} WHERE lookup > ? ORDER BY lookup LIMIT ${PAGE}`,
      [last],
    );
    for (const row of rows) {
      yield { address: String(row["address"]), reason: maybeText(row["reason"]), at: new Date(numberOf(row["at"])) };
    }
    const end = rows.at(-1);
    if (end === undefined || rows.length < PAGE) return;
    last = String(end["lookup"]);
  }
}

export async function readStats({ session }: Database): Promise<Omit<OutboxStats, "replies">> {
  const { table, now } = session.dialect;
  const counts = await session.execute(
    `SELECT CASE WHEN state = 'waiting' AND leased > 0 THEN 'sending' ELSE state END AS shown, count(*) AS messages FROM ${table("message")} GROUP BY 1`,
  );
  const [oldest] = await session.execute(
    `SELECT min(due_at) AS due FROM ${table("message")} WHERE due_at <= ${now} AND leased = 0`,
  );
  const domains = await session.execute(
    `SELECT domain, sum(CASE WHEN state = 'waiting' THEN 1 ELSE 0 END) AS waiting, sum(CASE WHEN state = 'unknown' THEN 1 ELSE 0 END) AS doubtful
FROM ${table("recipient")} WHERE state IN ('waiting', 'unknown') GROUP BY domain ORDER BY count(*) DESC, domain LIMIT 100`,
  );
  const of = (state: MessageState): number => numberOf(counts.find((row) => row["shown"] === state)?.["messages"] ?? 0);
  const due = maybeNumber(oldest?.["due"]);
  return {
    messages: Object.fromEntries(MESSAGE_STATES.map((state) => [state, of(state)])) as Record<MessageState, number>,
    oldestDue: due === undefined ? undefined : new Date(due),
    paused: await readPause(session),
    domains: domains.map((row) => ({
      domain: String(row["domain"]),
      waiting: numberOf(row["waiting"]),
      unknown: numberOf(row["doubtful"]),
    })),
  };
}
