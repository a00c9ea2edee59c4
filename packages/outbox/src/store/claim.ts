/**
 * Claims messages that are due, renews their leases, and reads what an attempt needs.
 *
 * A claim is one statement: it takes rows that are due and moves `due_at` to the end of the lease. The rows of a worker that died are
 * due again by themselves. `fence` counts the claims of a message; whoever settles names the one he holds.
 */
import { bytesOf, numberOf, type Session } from "../database/database.js";
import type { Dialect, Row } from "../database/dialect.js";
import type { OutboxReply } from "../types.js";

export interface ClaimedRecipient {
  readonly n: number;
  readonly address: string;
  readonly domain: string;
  readonly options: object | undefined;
  readonly attempts: number;
  readonly reply: OutboxReply | undefined;
  readonly isSuppressed: boolean;
}

export interface Claimed {
  readonly id: string;
  readonly fence: number;
  readonly sender: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly attempt: number;
  readonly failures: number;
  readonly doubts: number;
  readonly onUnknown: string;
  readonly size: number;
  readonly parts: number;
  /** An earlier worker held it, and its lease is over: what it did is not known. */
  readonly isInDoubt: boolean;
  readonly isExpired: boolean;
  /** Those that wait; the others have their outcome. */
  readonly recipients: readonly ClaimedRecipient[];
  /** All its recipients wait: nobody else changes them while it is held, so that its next state follows from them alone. */
  readonly isWhole: boolean;
  /** The content, when it is short. */
  readonly bytes: Uint8Array | undefined;
}

/** PERF: content up to this size is read with the claim. */
const SHORT_BYTES = 64 * 1024;

/** What a claim returns of the message: with its recipients that wait, and its content when that is short. */
function claimedColumns({ name, table, now, rows }: Dialect): string {
  // QUIRK: SQLite does not know the alias in RETURNING.
  const own = name === "postgres" ? "c" : table("message");
  const isSuppressed = `CASE WHEN EXISTS (SELECT 1 FROM ${table("suppression")} s WHERE s.lookup = r.lookup) THEN 1 ELSE 0 END`;
  const recipients = rows("r.n", "r.address", "r.domain", "r.options", "r.attempts", "r.reply", isSuppressed);
  return `id, fence, leased, sender, options, attempt, failures, doubts, on_unknown, size, parts,
CASE WHEN expires_at <= ${now} THEN 1 ELSE 0 END AS is_expired,
(SELECT ${recipients} FROM ${table("recipient")} r WHERE r.message = ${own}.id AND r.state = 'waiting') AS recipients,
(SELECT count(*) FROM ${table("recipient")} r WHERE r.message = ${own}.id) AS total,
CASE WHEN ${own}.size <= ${SHORT_BYTES} THEN (SELECT bytes FROM ${table("content")} WHERE message = ${own}.id AND part = 0) END AS bytes`;
}

const aliasOf = ({ name }: Dialect): string => (name === "postgres" ? " AS c" : "");

const PRIORITIES = Array.from({ length: 19 }, (_, index) => `(${index - 9})`).join(", ");

export interface ClaimRequest {
  readonly limit: number;
  /** Ms. */
  readonly lease: number;
  /** Domains that no message may go to alone now. */
  readonly without?: readonly string[];
  /** Takes messages while the transport is paused. */
  readonly isProbe?: boolean;
}

/**
 * Takes up to `limit` messages that are due: by priority, then by age.
 *
 * PERF: one look at the index for each priority; ordered by priority in one go, the deferred rows of a higher one are in the way. The
 * time is a subquery, of which PostgreSQL guesses that a third of all rows is due: it walks the index as far as the limit. A guess by
 * old statistics, that hardly any is due, would read and sort all that are.
 */
export async function claim(session: Session, request: ClaimRequest): Promise<Claimed[]> {
  const { table, now, list, skipLocked } = session.dialect;
  const without = request.without ?? [];
  const free = without.length === 0 ? "" : ` AND (m.domain IS NULL OR m.domain NOT IN (${list}))`;
  const domains = without.length === 0 ? [] : [JSON.stringify(without)];
  const unpaused = request.isProbe === true ? "" : ` AND NOT EXISTS (SELECT 1 FROM ${table("pause")})`;
  const due = `m.due_at <= (SELECT ${now})${free}`;
  const rows = await session.execute(
    `WITH top AS (
  SELECT max(p.column1) AS priority FROM (VALUES ${PRIORITIES}) AS p
  WHERE EXISTS (SELECT 1 FROM ${table("message")} m WHERE m.priority = p.column1 AND ${due})
), taken AS (
  SELECT m.id FROM ${table("message")} m WHERE m.priority = (SELECT priority FROM top) AND ${due}${unpaused}
  ORDER BY m.due_at LIMIT ? ${skipLocked}
)
UPDATE ${table("message")}${aliasOf(session.dialect)} SET fence = fence + 1, leased = leased + 1, due_at = ${now} + ?
WHERE id IN (SELECT id FROM taken) RETURNING ${claimedColumns(session.dialect)}`,
    [...domains, ...domains, request.limit, request.lease],
  );
  return rows.map(claimedOf);
}

/**
 * Takes one message, due or not, unless somebody holds it or nothing of it waits. During a pause only one whose time is over, unless it
 * is the probe.
 */
export async function claimOne(
  session: Session,
  id: string,
  lease: number,
  isProbe = false,
): Promise<Claimed | undefined> {
  const { table, now } = session.dialect;
  const unpaused = isProbe ? "" : ` AND (expires_at <= ${now} OR NOT EXISTS (SELECT 1 FROM ${table("pause")}))`;
  const rows = await session.execute(
    `UPDATE ${table("message")}${aliasOf(session.dialect)} SET fence = fence + 1, leased = leased + 1, due_at = ${now} + ?
WHERE id = ? AND state = 'waiting' AND due_at IS NOT NULL AND (leased = 0 OR due_at <= ${now})${unpaused} RETURNING ${claimedColumns(session.dialect)}`,
    [lease, id],
  );
  return rows.map(claimedOf)[0];
}

/** Takes messages whose time is over, also while the transport is paused. */
export async function claimExpired(session: Session, limit: number, lease: number): Promise<Claimed[]> {
  const { table, now, skipLocked } = session.dialect;
  const rows = await session.execute(
    `UPDATE ${table("message")}${aliasOf(session.dialect)} SET fence = fence + 1, leased = leased + 1, due_at = ${now} + ?
WHERE id IN (SELECT m.id FROM ${table("message")} m WHERE m.due_at IS NOT NULL AND m.expires_at <= ${now} AND m.due_at <= ${now} LIMIT ? ${skipLocked})
RETURNING ${claimedColumns(session.dialect)}`,
    [lease, limit],
  );
  return rows.map(claimedOf);
}

function claimedOf(row: Row): Claimed {
  const recipients = recipientsOf(row["recipients"]);
  return {
    id: String(row["id"]),
    fence: numberOf(row["fence"]),
    sender: String(row["sender"]),
    options: JSON.parse(String(row["options"])),
    attempt: numberOf(row["attempt"]),
    failures: numberOf(row["failures"]),
    doubts: numberOf(row["doubts"]),
    onUnknown: String(row["on_unknown"]),
    size: numberOf(row["size"]),
    parts: numberOf(row["parts"]),
    isInDoubt: numberOf(row["leased"]) > 1,
    isExpired: numberOf(row["is_expired"]) === 1,
    recipients,
    isWhole: recipients.length === numberOf(row["total"]),
    bytes: row["bytes"] === null || row["bytes"] === undefined ? undefined : bytesOf(row["bytes"]),
  };
}

type RecipientRow = readonly [number, string, string, string | null, number, string | null, number];

function recipientsOf(text: unknown): ClaimedRecipient[] {
  const rows = typeof text === "string" ? (JSON.parse(text) as RecipientRow[]) : [];
  return rows
    .map(([n, address, domain, options, attempts, reply, isSuppressed]) => ({
      n,
      address,
      domain,
      options: options === null ? undefined : JSON.parse(options),
      attempts,
      reply: reply === null ? undefined : JSON.parse(reply),
      isSuppressed: isSuppressed === 1,
    }))
    .sort((a, b) => a.n - b.n);
}

/** One part of a message's content; undefined when it was purged. */
export async function readPart(session: Session, id: string, part: number): Promise<Uint8Array | undefined> {
  const [row] = await session.execute(
    `SELECT bytes FROM ${session.dialect.table("content")} WHERE message = ? AND part = ?`,
    [id, part],
  );
  return row === undefined ? undefined : bytesOf(row["bytes"]);
}

/** Moves the end of the leases that are still held. */
export async function renew(
  session: Session,
  held: readonly { readonly id: string; readonly fence: number }[],
  lease: number,
): Promise<void> {
  const { table, now, records } = session.dialect;
  await session.execute(
    `UPDATE ${table("message")} AS m SET due_at = ${now} + ? FROM ${records({ id: "text", fence: "bigint" })} WHERE m.id = x.id AND m.fence = x.fence AND m.leased > 0`,
    [lease, JSON.stringify(held.map(({ id, fence }) => ({ id, fence })))],
  );
}
