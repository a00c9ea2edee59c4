/**
 * Removes what is not needed any more: content, and on request events and whole messages.
 */
import type { Database, Session } from "../database/database.js";

export interface Purge {
  /** Ms since 1970. */
  readonly before: number;
  readonly events: boolean;
  readonly messages: boolean;
}

/** For how long parts may wait for their message. */
const ORPHAN_AGE_MS = 86_400_000;

/** Rows of one transaction: a lock is short, and SQLite holds up the program. */
const BATCH = 500;

/** @returns how many messages lost their content */
export async function purge(database: Database, { before, events, messages }: Purge): Promise<number> {
  const { table, now } = database.dialect;
  const finished = `created_at < ? AND state NOT IN ('waiting', 'unknown')`;
  const content = await inBatches(database, (session) => purgeContent(session, `parts > 0 AND ${finished}`, before));
  await database.session.execute(
    `DELETE FROM ${table("content")} WHERE written_at < ${now} - ${ORPHAN_AGE_MS} AND NOT EXISTS (SELECT 1 FROM ${table("message")} m WHERE m.id = message)`,
  );
  if (messages) await inBatches(database, (session) => purgeMessages(session, finished, before));
  // The last event stays: the next one gets its place behind it.
  const seen = `position < (SELECT max(position) FROM ${table("event")} WHERE position IS NOT NULL) AND at < ?`;
  if (events) await inBatches(database, (session) => purgeEvents(session, seen, before));
  return content;
}

async function inBatches(database: Database, run: (session: Session) => Promise<number>): Promise<number> {
  for (let total = 0; ; ) {
    const count = await database.transaction(run);
    total += count;
    if (count < BATCH) return total;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function purgeContent(session: Session, which: string, before: number): Promise<number> {
  const { table, list } = session.dialect;
  const rows = await session.execute(
    `UPDATE ${table("message")} SET parts = 0 WHERE id IN (SELECT id FROM ${table("message")} WHERE ${which} LIMIT ${BATCH}) RETURNING id`,
    [before],
  );
  const ids = JSON.stringify(rows.map(({ id }) => id));
  if (rows.length > 0) await session.execute(`DELETE FROM ${table("content")} WHERE message IN (${list})`, [ids]);
  return rows.length;
}

async function purgeMessages(session: Session, which: string, before: number): Promise<number> {
  const { table, list } = session.dialect;
  const rows = await session.execute(
    `DELETE FROM ${table("message")} WHERE id IN (SELECT id FROM ${table("message")} WHERE ${which} LIMIT ${BATCH}) RETURNING id`,
    [before],
  );
  const ids = JSON.stringify(rows.map(({ id }) => id));
  if (rows.length > 0) await session.execute(`DELETE FROM ${table("recipient")} WHERE message IN (${list})`, [ids]);
  return rows.length;
}

async function purgeEvents(session: Session, which: string, before: number): Promise<number> {
  const { table } = session.dialect;
  const rows = await session.execute(
    `DELETE FROM ${table("event")} WHERE n IN (SELECT n FROM ${table("event")} WHERE ${which} LIMIT ${BATCH}) RETURNING n`,
    [before],
  );
  return rows.length;
}
