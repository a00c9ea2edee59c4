/**
 * Wakes workers by NOTIFY of PostgreSQL, when one asks for it.
 *
 * A notification serialises the commits of all transactions that send one, the caller's among them. So a worker that wants to be woken
 * leaves a row, which it renews, and producers notify only while there is one.
 */
import type { Session } from "../database/database.js";
import type { Dialect } from "../database/dialect.js";

/** Ms for which a row counts. */
const ROW_MS = 30_000;
/** Ms between two renewals. */
export const RENEW_MS = 10_000;

export const channelOf = ({ schema }: Dialect): string => `${schema}_outbox`;

/** A worker says, for a while, that it listens. */
export async function sayListening({ dialect, execute }: Session, id: string): Promise<void> {
  const { table, now } = dialect;
  await execute(
    `INSERT INTO ${table("listener")} (id, until_at) VALUES (?, ${now} + ${ROW_MS}) ON CONFLICT (id) DO UPDATE SET until_at = excluded.until_at`,
    [id],
  );
  await execute(`DELETE FROM ${table("listener")} WHERE until_at < ${now}`);
}

export async function stopListening({ dialect, execute }: Session, id: string): Promise<void> {
  await execute(`DELETE FROM ${dialect.table("listener")} WHERE id = ?`, [id]);
}

/** Part of the RETURNING of the statement that enqueues. PERF: no statement of its own; it runs once, however many rows there are. */
export function notice({ dialect }: Session): string {
  if (dialect.name !== "postgres") return "";
  const { table, now } = dialect;
  return `, (SELECT pg_notify('${channelOf(dialect)}', '') FROM ${table("listener")} WHERE until_at > ${now} LIMIT 1)::text AS notified`;
}
