/**
 * Removes what is not needed any more: content, and on request events and whole messages.
 *
 * PERF: each table is walked once along an index. A page is as many rows as were looked at, not as many as fit: rows that stay cost no
 * statement a long scan. What a page removes goes in transactions of a few hundred rows, or a few megabytes.
 */
import { type Database, maybeNumber, numberOf, type Session } from "../database/database.js";
import type { Row } from "../database/dialect.js";

export interface Purge {
  /** Ms since 1970. */
  readonly before: number;
  readonly events: boolean;
  readonly messages: boolean;
}

/** For how long parts may wait for their message. */
const ORPHAN_AGE_MS = 86_400_000;

/** Rows of one page: a lock is short, and SQLite holds up the program. */
const PAGE = 500;
const EVENT_PAGE = 2000;

/** Content of one part, the most of most messages. */
const PART_BYTES = 1024 * 1024;

/** Most bytes of content, and most recipients, of one transaction; the recipients of one message go together. */
const MAX_BYTES = 4 * PART_BYTES;
const MAX_RECIPIENTS = 2000;

/** Events are in the order of their time, but for long transactions: behind so many newer ones, no older one is looked for. */
const MAX_NEWER_EVENTS = 20_000;

/** What still needs its content. */
const UNFINISHED = "'waiting', 'unknown'";

/** @returns how many messages lost their content */
export async function purge(database: Database, { before, events, messages }: Purge): Promise<number> {
  const content = await purgeContents(database, before);
  if (messages) await purgeMessages(database, before);
  if (events) await purgeEvents(database, before);
  return content;
}

/** As long as another process waits between two tries for the lock of SQLite, in ms. */
const MIN_PAUSE_MS = 6;

/**
 * One transaction. In SQLite a pause follows that is as long: another process that enqueues tries for the lock now and then, and would
 * seldom find it free.
 */
async function inStep<T>(database: Database, run: (session: Session) => Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await database.transaction(run);
  const pause = database.dialect.name === "sqlite" ? Math.max(MIN_PAUSE_MS, performance.now() - start) : 0;
  await new Promise((resolve) => (pause === 0 ? setImmediate(resolve) : setTimeout(resolve, pause)));
  return result;
}

/** PERF: along the content that is there, and not along the messages, most of which have lost theirs long ago. */
async function purgeContents(database: Database, before: number): Promise<number> {
  const { session, dialect } = database;
  const message = dialect.table("message");
  let purged = 0;
  for (let last = ""; ; ) {
    // Subqueries among the columns: each is one look at an index, whatever the planner takes the tables for.
    const rows = await session.execute(
      `SELECT c.message AS id, (SELECT 1 FROM ${message} m WHERE m.id = c.message) AS known,
(SELECT m.size FROM ${message} m WHERE m.id = c.message AND m.created_at < ? AND m.state NOT IN (${UNFINISHED})) AS size
FROM ${dialect.table("content")} c WHERE c.part = 0 AND c.message > ? ORDER BY c.message LIMIT ${PAGE}`,
      [before, last],
    );
    const finished = rows.filter(({ size }) => maybeNumber(size) !== undefined);
    for (const group of groupsOf(finished, "size", MAX_BYTES)) purged += await purgeContent(database, group);
    await purgeOrphans(database, idsOf(rows.filter(({ known }) => maybeNumber(known) === undefined)));
    if (rows.length < PAGE) return purged;
    last = String(rows.at(-1)?.["id"]);
  }
}

const idsOf = (rows: readonly Row[]): string[] => rows.map(({ id }) => String(id));

/** Neighbours whose values in a column are at most `max` in sum; a row that has more is alone. */
function groupsOf(rows: readonly Row[], column: string, max: number): Row[][] {
  const groups: Row[][] = [];
  let sum = 0;
  for (const row of rows) {
    const value = numberOf(row[column]);
    const group = sum + value <= max ? groups.at(-1) : undefined;
    if (group === undefined) groups.push([row]);
    else group.push(row);
    sum = group === undefined ? value : sum + value;
  }
  return groups;
}

/** @returns how many of the messages lost their content */
async function purgeContent(database: Database, rows: readonly Row[]): Promise<number> {
  const { table, list } = database.dialect;
  const isLong = rows.some(({ size }) => numberOf(size) > MAX_BYTES);
  const gone = await inStep(database, async (session) => {
    // A person may have asked for it again meanwhile.
    const marked = await session.execute(
      `UPDATE ${table("message")} SET parts = 0 WHERE id IN (${list}) AND state NOT IN (${UNFINISHED}) RETURNING id`,
      [JSON.stringify(idsOf(rows))],
    );
    if (!isLong)
      await session.execute(`DELETE FROM ${table("content")} WHERE message IN (${list})`, [
        JSON.stringify(idsOf(marked)),
      ]);
    return idsOf(marked);
  });
  if (isLong) for (const id of gone) await removeParts(database, id);
  return gone.length;
}

/** From the end, so that the first part, by which it is found, is there until all are gone. */
async function removeParts(database: Database, id: string): Promise<void> {
  const content = database.dialect.table("content");
  const [row] = await database.session.execute(`SELECT max(part) AS last FROM ${content} WHERE message = ?`, [id]);
  for (let end = numberOf(row?.["last"] ?? 0) + 1; end > 0; end -= MAX_BYTES / PART_BYTES) {
    const from = Math.max(0, end - MAX_BYTES / PART_BYTES);
    await inStep(database, (session) =>
      session.execute(`DELETE FROM ${content} WHERE message = ? AND part >= ?`, [id, from]),
    );
  }
}

/** Parts whose message was never written. */
async function purgeOrphans(database: Database, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const { table, list, now } = database.dialect;
  const old = await database.session.execute(
    `SELECT c.message AS id FROM ${table("content")} c WHERE c.part = 0 AND c.message IN (${list}) AND c.written_at < ${now} - ${ORPHAN_AGE_MS}`,
    [JSON.stringify(ids)],
  );
  for (const id of idsOf(old)) await removeParts(database, id);
}

async function purgeMessages(database: Database, before: number): Promise<void> {
  const { session, dialect } = database;
  const { table, list } = dialect;
  const where = "m.created_at < ? AND m.created_at >= ? AND (m.created_at > ? OR m.id > ?)";
  for (let at = Number.MIN_SAFE_INTEGER, last = ""; ; ) {
    const rows = await session.execute(
      `SELECT m.id AS id, m.created_at AS created_at, CASE WHEN m.parts = 0 AND m.state NOT IN (${UNFINISHED}) THEN (SELECT count(*) FROM ${table("recipient")} r WHERE r.message = m.id) END AS recipients
FROM ${table("message")} m WHERE ${where} ORDER BY m.created_at, m.id LIMIT ${PAGE}`,
      [before, at, at, last],
    );
    // What finished meanwhile has its content still, and stays for the next time.
    const finished = rows.filter(({ recipients }) => maybeNumber(recipients) !== undefined);
    for (const group of groupsOf(finished, "recipients", MAX_RECIPIENTS)) {
      await inStep(database, async (own) => {
        const gone = await own.execute(
          `DELETE FROM ${table("message")} WHERE id IN (${list}) AND parts = 0 AND state NOT IN (${UNFINISHED}) RETURNING id`,
          [JSON.stringify(idsOf(group))],
        );
        await own.execute(`DELETE FROM ${table("recipient")} WHERE message IN (${list})`, [
          JSON.stringify(idsOf(gone)),
        ]);
      });
    }
    if (rows.length < PAGE) return;
    at = numberOf(rows.at(-1)?.["created_at"]);
    last = String(rows.at(-1)?.["id"]);
  }
}

/** The last event stays: the next one gets its place behind it. */
async function purgeEvents(database: Database, before: number): Promise<void> {
  const { session, dialect } = database;
  const event = dialect.table("event");
  const [row] = await session.execute(`SELECT max(position) AS last FROM ${event} WHERE position IS NOT NULL`);
  const end = maybeNumber(row?.["last"]) ?? 0;
  for (let last = 0, newer = 0; newer < MAX_NEWER_EVENTS; ) {
    const [page] = await session.execute(
      `SELECT max(p.position) AS last, count(*) AS seen, sum(CASE WHEN p.at < ? THEN 1 ELSE 0 END) AS old
FROM (SELECT e.position, e.at FROM ${event} e WHERE e.position > ? AND e.position < ? ORDER BY e.position LIMIT ${EVENT_PAGE}) AS p`,
      [before, last, end],
    );
    const seen = numberOf(page?.["seen"]);
    if (seen === 0) return;
    const from = last;
    last = numberOf(page?.["last"]);
    newer = numberOf(page?.["old"]) === 0 ? newer + seen : 0;
    if (newer > 0) continue;
    await inStep(database, (own) =>
      own.execute(`DELETE FROM ${event} WHERE position > ? AND position <= ? AND at < ?`, [from, last, before]),
    );
  }
}
