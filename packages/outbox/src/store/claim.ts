/**
 * Claims messages that are due, renews their leases, and reads what an attempt needs.
 *
 * A claim is one statement: it takes rows that are due and moves `due_at` to the end of the lease. The rows of a worker that died are
 * due again by themselves. `fence` counts the claims of a message; whoever settles names the one he holds.
 */
import { bytesOf, numberOf, type Session } from "../database/database.js";
import type { RecipientState } from "../states.js";
import type { OutboxReply } from "../types.js";

export interface ClaimedRecipient {
  readonly n: number;
  readonly address: string;
  readonly domain: string;
  readonly state: RecipientState;
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
  /** The content, when it is short. */
  readonly bytes: Uint8Array | undefined;
}

/** PERF: content up to this size is read with the claim. */
const SHORT_BYTES = 64 * 1024;

const COLUMNS = (now: string): string =>
  `id, fence, leased, sender, options, attempt, failures, doubts, on_unknown, size, parts, due_at, CASE WHEN expires_at <= ${now} THEN 1 ELSE 0 END AS is_expired`;

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

/** Takes up to `limit` messages that are due: by priority, then by age. */
export async function claim(session: Session, request: ClaimRequest): Promise<Claimed[]> {
  const { table, now, list, skipLocked } = session.dialect;
  const without = JSON.stringify(request.without ?? []);
  const free = `(m.domain IS NULL OR m.domain NOT IN (${list}))`;
  const unpaused = request.isProbe === true ? "" : `AND NOT EXISTS (SELECT 1 FROM ${table("pause")})`;
  // PERF: one look at the index for each priority. Ordered by priority in one go, the deferred rows of a higher one are in the way.
  const rows = await session.execute(
    `WITH top AS (
  SELECT max(p.column1) AS priority FROM (VALUES ${PRIORITIES}) AS p
  WHERE EXISTS (SELECT 1 FROM ${table("message")} m WHERE m.priority = p.column1 AND m.due_at <= ${now} AND ${free})
), taken AS (
  SELECT m.id FROM ${table("message")} m WHERE m.priority = (SELECT priority FROM top) AND m.due_at <= ${now} AND ${free}
  ORDER BY m.due_at LIMIT ? ${skipLocked}
)
UPDATE ${table("message")} SET fence = fence + 1, leased = leased + 1, due_at = ${now} + ?
WHERE id IN (SELECT id FROM taken) ${unpaused} RETURNING ${COLUMNS(now)}`,
    [without, without, request.limit, request.lease],
  );
  return readClaimed(session, rows);
}

/** Takes one message, due or not, unless somebody holds it or nothing of it waits. */
export async function claimOne(session: Session, id: string, lease: number): Promise<Claimed | undefined> {
  const { table, now } = session.dialect;
  const rows = await session.execute(
    `UPDATE ${table("message")} SET fence = fence + 1, leased = leased + 1, due_at = ${now} + ?
WHERE id = ? AND state = 'waiting' AND due_at IS NOT NULL AND (leased = 0 OR due_at <= ${now}) RETURNING ${COLUMNS(now)}`,
    [lease, id],
  );
  return (await readClaimed(session, rows))[0];
}

/** Takes messages whose time is over, also while the transport is paused. */
export async function claimExpired(session: Session, limit: number, lease: number): Promise<Claimed[]> {
  const { table, now, skipLocked } = session.dialect;
  const rows = await session.execute(
    `UPDATE ${table("message")} SET fence = fence + 1, leased = leased + 1, due_at = ${now} + ?
WHERE id IN (SELECT m.id FROM ${table("message")} m WHERE m.due_at IS NOT NULL AND m.expires_at <= ${now} AND m.due_at <= ${now} LIMIT ? ${skipLocked})
RETURNING ${COLUMNS(now)}`,
    [lease, limit],
  );
  return readClaimed(session, rows);
}

async function readClaimed(session: Session, rows: readonly Readonly<Record<string, unknown>>[]): Promise<Claimed[]> {
  if (rows.length === 0) return [];
  const ids = rows.map((row) => String(row["id"]));
  const recipients = await readRecipients(session, ids);
  const short = rows.filter((row) => numberOf(row["size"]) <= SHORT_BYTES).map((row) => String(row["id"]));
  const contents = await readShort(session, short);
  return rows.map((row) => {
    const id = String(row["id"]);
    return {
      id,
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
      recipients: recipients.get(id) ?? [],
      bytes: contents.get(id),
    };
  });
}

async function readRecipients(session: Session, ids: readonly string[]): Promise<Map<string, ClaimedRecipient[]>> {
  const { table, list } = session.dialect;
  const rows = await session.execute(
    `SELECT r.message, r.n, r.address, r.domain, r.state, r.options, r.attempts, r.reply,
CASE WHEN EXISTS (SELECT 1 FROM ${table("suppression")} s WHERE s.lookup = r.lookup) THEN 1 ELSE 0 END AS is_suppressed
FROM ${table("recipient")} r WHERE r.message IN (${list}) AND r.state = 'waiting' ORDER BY r.message, r.n`,
    [JSON.stringify(ids)],
  );
  const found = new Map<string, ClaimedRecipient[]>();
  for (const row of rows) {
    const message = String(row["message"]);
    const all = found.get(message) ?? [];
    all.push({
      n: numberOf(row["n"]),
      address: String(row["address"]),
      domain: String(row["domain"]),
      state: row["state"] as RecipientState,
      options: typeof row["options"] === "string" ? JSON.parse(row["options"]) : undefined,
      attempts: numberOf(row["attempts"]),
      reply: typeof row["reply"] === "string" ? JSON.parse(row["reply"]) : undefined,
      isSuppressed: numberOf(row["is_suppressed"]) === 1,
    });
    found.set(message, all);
  }
  return found;
}

async function readShort(session: Session, ids: readonly string[]): Promise<Map<string, Uint8Array>> {
  if (ids.length === 0) return new Map();
  const { table, list } = session.dialect;
  const rows = await session.execute(
    `SELECT message, bytes FROM ${table("content")} WHERE part = 0 AND message IN (${list})`,
    [JSON.stringify(ids)],
  );
  return new Map(rows.map((row) => [String(row["message"]), bytesOf(row["bytes"])]));
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
