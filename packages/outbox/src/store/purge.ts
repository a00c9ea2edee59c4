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
  const { table } = database.dialect;
  const content = await purgeContents(database, before);
  await purgeOrphans(database.session);
  const finished = `created_at < ? AND state NOT IN (${UNFINISHED})`;
  if (messages) await inBatches(database, (session) => purgeMessages(session, finished, before));
  // The last event stays: the next one gets its place behind it.
  const seen = `position < (SELECT max(position) FROM ${table("event")} WHERE position IS NOT NULL) AND at < ?`;
  if (events) await inBatches(database, (session) => purgeEvents(session, seen, before));
  return content;
}

const UNFINISHED = "'waiting', 'unknown'";

async function inBatches(database: Database, run: (session: Session) => Promise<number>): Promise<number> {
  for (let total = 0; ; ) {
    const count = await database.transaction(run);
    total += count;
    if (count < BATCH) return total;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** PERF: along the content that is there, each once, and not along the messages, most of which have lost theirs long ago. */
async function purgeContents(database: Database, before: number): Promise<number> {
  const { table } = database.dialect;
  let last = "";
  return inBatches(database, async (session) => {
    const found = await session.execute(
      `SELECT c.message AS id FROM ${table("content")} c JOIN ${table("message")} m ON m.id = c.message
WHERE c.part = 0 AND c.message > ? AND m.created_at < ? AND m.state NOT IN (${UNFINISHED}) ORDER BY c.message LIMIT ${BATCH}`,
      [last, before],
    );
    last = String(found.at(-1)?.["id"] ?? last);
    await purgeContent(
      session,
      found.map(({ id }) => String(id)),
    );
    return found.length;
  });
}

async function purgeContent(session: Session, ids: readonly string[]): Promise<void> {
  const { table, list } = session.dialect;
  if (ids.length === 0) return;
  // A person may have asked for it again meanwhile.
  const rows = await session.execute(
    `UPDATE ${table("message")} SET parts = 0 WHERE id IN (${list}) AND state NOT IN (${UNFINISHED}) RETURNING id`,
    [JSON.stringify(ids)],
  );
  const gone = JSON.stringify(rows.map(({ id }) => id));
  await session.execute(`DELETE FROM ${table("content")} WHERE message IN (${list})`, [gone]);
}

/** Parts whose message was never written. PERF: they are found in the indexes, without a look at the bytes of the others. */
async function purgeOrphans(session: Session): Promise<void> {
  const { table, now } = session.dialect;
  await session.execute(
    `DELETE FROM ${table("content")} WHERE message IN (SELECT c.message FROM ${table("content")} c LEFT JOIN ${table("message")} m ON m.id = c.message WHERE m.id IS NULL)
AND written_at < ${now} - ${ORPHAN_AGE_MS}`,
  );
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
