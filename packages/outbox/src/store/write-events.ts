/**
 * Writes events, and gives them their places.
 *
 * Ids of sequences are handed out before a transaction commits, so that a reader who asks for "after 7" would miss an event 6 that
 * commits later. So an event gets its place after it was committed: by the next reader, under a lock, without gaps.
 */
import { type Database, numberOf, type Session } from "../database/database.js";
import type { Dialect } from "../database/dialect.js";
import type { OutboxEventType, OutboxReply } from "../types.js";

export interface NewEvent {
  readonly type: OutboxEventType;
  readonly message?: string | undefined;
  readonly recipient?: string | undefined;
  readonly reply?: OutboxReply | undefined;
  readonly attempt?: number | undefined;
  readonly reason?: string | undefined;
}

const COLUMNS = {
  place: "bigint",
  type: "text",
  message: "text",
  recipient: "text",
  reply: "text",
  attempt: "bigint",
  reason: "text",
} as const;

/** A statement that writes events, and its one value. @param only a condition on the rows `x` */
export function eventsStatement(
  { table, now, records }: Dialect,
  events: readonly NewEvent[],
  only?: string,
): { readonly text: string; readonly value: string } {
  const rows = events.map(({ reply, ...rest }, place) => ({
    ...rest,
    place,
    reply: reply === undefined ? undefined : JSON.stringify(reply),
  }));
  const text = `INSERT INTO ${table("event")} (at, type, message, recipient, reply, attempt, reason)
SELECT ${now}, x.type, x.message, x.recipient, x.reply, x.attempt, x.reason FROM ${records(COLUMNS)}${only === undefined ? "" : ` WHERE ${only}`} ORDER BY x.place`;
  return { text, value: JSON.stringify(rows) };
}

/** In the transaction of what they tell. */
export async function writeEvents(session: Session, events: readonly NewEvent[]): Promise<void> {
  if (events.length === 0) return;
  const { text, value } = eventsStatement(session.dialect, events);
  await session.execute(text, [value]);
}

/** Events that are given a place in one transaction. */
const BATCH = 5000;

/** Gives a place to every event that was committed and has none. */
export async function placeEvents(database: Database): Promise<void> {
  while (await hasNew(database.session)) {
    await database.transaction(async (session) => {
      const { name, schema, table } = session.dialect;
      // One at a time: who comes second must see what the first has committed.
      if (name === "postgres")
        await session.execute("SELECT pg_advisory_xact_lock(hashtext(?::text))", [`postrider events ${schema}`]);
      const [row] = await session.execute(
        `SELECT coalesce(max(position), 0) AS last FROM ${table("event")} WHERE position IS NOT NULL`,
      );
      // PERF: the last place is a value; drivers keep every text that they have prepared.
      await session.execute(
        `UPDATE ${table("event")} SET position = y.place FROM (SELECT n AS number, row_number() OVER (ORDER BY n) + ? AS place FROM ${table("event")} WHERE position IS NULL ORDER BY n LIMIT ${BATCH}) AS y WHERE n = y.number`,
        [numberOf(row?.["last"] ?? 0)],
      );
    });
  }
}

async function hasNew(session: Session): Promise<boolean> {
  const rows = await session.execute(
    `SELECT 1 FROM ${session.dialect.table("event")} WHERE position IS NULL ORDER BY n LIMIT 1`,
  );
  return rows.length > 0;
}
