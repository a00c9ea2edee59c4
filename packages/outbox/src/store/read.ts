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
      last === undefined ? "" : ` AND m.created_at ${beyond}= ? AND (m.created_at ${beyond} ? OR m.id ${beyond} ?)`;
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
  const recipients = dialect.table("recipient");
  if (recipient !== undefined)
    add(`m.id IN (SELECT r.message FROM ${recipients} r WHERE r.lookup = ?)`, lookupOf(recipient));
  if (domain !== undefined) {
    // PERF: the message knows its domain when all recipients have the same, which spares SQLite the look at them.
    const one = `EXISTS (SELECT 1 FROM ${recipients} r WHERE r.message = m.id AND r.domain = ?)`;
    add(`(m.domain IS NULL OR m.domain = ?) AND ${one}`, domainKey(domain), domainKey(domain));
  }
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
  const of = types === undefined ? "" : ` AND type IN (${list})`;
  const rows = await session.execute(
    `SELECT page.*, place.last AS last
FROM (SELECT coalesce(max(position), 0) AS last FROM ${table("event")} WHERE position IS NOT NULL) AS place
LEFT JOIN (SELECT * FROM ${table("event")} WHERE position > ?${of} ORDER BY position LIMIT ${PAGE}) AS page ON true ORDER BY page.position`,
    types === undefined ? [after] : [after, JSON.stringify(types)],
  );
  const events = rows.filter((row) => row["position"] !== null).map(eventOf);
  const isFull = events.length === PAGE;
  // PERF: the place goes on over events of other types, so that these are passed over once.
  const last = isFull ? numberOf(rows.at(-1)?.["position"]) : Math.max(after, numberOf(rows[0]?.["last"] ?? 0));
  return { events, last, isFull };
}

export function eventOf(row: Row): OutboxEvent {
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
  // PERF: what is finished is counted in an index, and is not due. One statement, so that the counts are of one moment.
  const counts = await session.execute(
    `SELECT counted.state AS state, counted.messages AS messages, unfinished.sending AS sending, unfinished.due AS due
FROM (SELECT sum(CASE WHEN state = 'waiting' AND leased > 0 THEN 1 ELSE 0 END) AS sending,
min(CASE WHEN leased = 0 AND due_at <= ${now} THEN due_at END) AS due FROM ${table("message")} WHERE due_at IS NOT NULL) AS unfinished
CROSS JOIN (SELECT state, count(*) AS messages FROM ${table("message")} GROUP BY state) AS counted`,
  );
  const domains = await session.execute(
    `SELECT r.domain AS domain, sum(CASE WHEN r.state = 'waiting' THEN 1 ELSE 0 END) AS waiting, sum(CASE WHEN r.state = 'unknown' THEN 1 ELSE 0 END) AS doubtful
FROM ${table("message")} m JOIN ${table("recipient")} r ON r.message = m.id
WHERE m.state IN ('waiting', 'unknown') AND r.state IN ('waiting', 'unknown') GROUP BY r.domain ORDER BY count(*) DESC, r.domain LIMIT 100`,
  );
  const sending = numberOf(counts[0]?.["sending"] ?? 0);
  const counted = new Map(counts.map((row) => [String(row["state"]), numberOf(row["messages"])]));
  const of = (state: MessageState): number =>
    state === "sending" ? sending : (counted.get(state) ?? 0) - (state === "waiting" ? sending : 0);
  const due = maybeNumber(counts[0]?.["due"]);
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
