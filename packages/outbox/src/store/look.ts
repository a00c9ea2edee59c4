/**
 * Reads what people look at: the events of one message, its content, and the replies that hold recipients up.
 */
import { bytesOf, maybeText, numberOf, type Session } from "../database/database.js";
import type { MessageState } from "../states.js";
import type { OutboxEvent, ReplyCount } from "../types.js";
import { readPart } from "./claim.js";
import { eventOf } from "./read.js";

/** Rows that are read at once: a message to a hundred thousand has an event for each of them. */
const PAGE = 1000;

/** Oldest first. Those that have no place yet are left out: the next reader sees them. */
export async function readHistory(session: Session, message: string): Promise<OutboxEvent[]> {
  const events: OutboxEvent[] = [];
  for (let last = 0; ; ) {
    const rows = await session.execute(
      `SELECT position, at, type, message, recipient, reply, attempt, reason FROM ${session.dialect.table("event")} WHERE message = ? AND position > ? ORDER BY position LIMIT ${PAGE}`,
      [message, last],
    );
    for (const row of rows) events.push(eventOf(row));
    if (rows.length < PAGE) return events;
    last = numberOf(rows.at(-1)?.["position"]);
  }
}

/** How many parts the content has; undefined: there is no such message, 0: it was purged. */
export async function countParts(session: Session, id: string): Promise<number | undefined> {
  const [row] = await session.execute(`SELECT parts FROM ${session.dialect.table("message")} WHERE id = ?`, [id]);
  return row === undefined ? undefined : numberOf(row["parts"]);
}

/** The content, part by part. */
export async function* readContent(session: Session, id: string, parts: number): AsyncGenerator<Uint8Array> {
  for (let part = 0; part < parts; part += 1) {
    const bytes = await readPart(session, id, part);
    // Purged while it was read.
    if (bytes === undefined) throw new Error("A part of the content is missing");
    yield bytes;
  }
}

/** The first bytes of the content. PERF: the rest of a part stays in the database. */
export async function readBeginning(session: Session, id: string, length: number): Promise<Uint8Array> {
  const [row] = await session.execute(
    `SELECT substr(bytes, 1, ?) AS bytes FROM ${session.dialect.table("content")} WHERE message = ? AND part = 0`,
    [length, id],
  );
  return row === undefined ? new Uint8Array(0) : bytesOf(row["bytes"]);
}

/** Replies that are counted apart. */
const MAX_REPLIES = 20;
/** PERF: messages of each state that are looked at, so that a million that failed, or are deferred, are not read for each look. */
const MAX_READ = 2500;
const TROUBLED: readonly MessageState[] = ["waiting", "unknown", "failed", "partly-delivered"];

/** The last replies to recipients that wait, failed or are in doubt; those that most have first. */
export async function readReplies(session: Session): Promise<ReplyCount[]> {
  const { table, member } = session.dialect;
  const newest = TROUBLED.map(
    (state, index) =>
      `SELECT id FROM (SELECT id FROM ${table("message")} WHERE state = '${state}' ORDER BY created_at DESC LIMIT ${MAX_READ}) AS n${index}`,
  ).join(" UNION ALL ");
  const rows = await session.execute(
    `SELECT ${member("r.reply")} AS code, ${member("r.reply")} AS enhanced, r.state AS state, count(*) AS recipients, max(${member("r.reply")}) AS example
FROM (${newest}) AS newest JOIN ${table("recipient")} r ON r.message = newest.id
WHERE r.reply IS NOT NULL AND r.state IN ('waiting', 'unknown', 'refused', 'expired')
GROUP BY 1, 2, 3 ORDER BY 4 DESC, 1 LIMIT ${MAX_REPLIES}`,
    ["code", "enhancedCode", "message"],
  );
  return rows.map((row) => ({
    code: numberOf(row["code"] ?? 0),
    enhancedCode: maybeText(row["enhanced"]),
    state: row["state"] as ReplyCount["state"],
    recipients: numberOf(row["recipients"]),
    example: maybeText(row["example"]) ?? "",
  }));
}
