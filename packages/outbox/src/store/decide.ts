/**
 * What people and reports decide about messages: cancel, retry, resolve, suppress, bounce.
 */
import { numberOf, type Session } from "../database/database.js";
import type { RecipientState } from "../states.js";
import type { OutboxReply } from "../types.js";
import { lookupOf } from "./lookup.js";
import { refresh } from "./settle.js";
import { type NewEvent, writeEvents } from "./write-events.js";

interface Changed {
  readonly n: number;
  readonly address: string;
}

/** Changes recipients of a message that are in one of the states `from`. */
async function move(
  session: Session,
  id: string,
  from: readonly RecipientState[],
  to: RecipientState,
  recipient?: string,
): Promise<readonly Changed[]> {
  const { table, list } = session.dialect;
  const one = recipient === undefined ? "" : " AND lookup = ?";
  const rows = await session.execute(
    `UPDATE ${table("recipient")} SET state = ? WHERE message = ? AND state IN (${list})${one} RETURNING n, address`,
    [to, id, JSON.stringify(from), ...(recipient === undefined ? [] : [lookupOf(recipient)])],
  );
  return rows.map((row) => ({ n: numberOf(row["n"]), address: String(row["address"]) })).sort((a, b) => a.n - b.n);
}

const eventsOf = (changed: readonly Changed[], event: NewEvent): NewEvent[] =>
  changed.map(({ address }) => ({ ...event, recipient: address }));

/** False: it is being sent, or has its outcome. */
export async function cancelMessage(session: Session, id: string): Promise<boolean> {
  const { table } = session.dialect;
  // The row is taken first: a worker that claims it meanwhile waits, and then finds nothing that is due.
  const rows = await session.execute(
    `UPDATE ${table("message")} SET due_at = NULL WHERE id = ? AND state = 'waiting' AND leased = 0 RETURNING id`,
    [id],
  );
  if (rows.length === 0) return false;
  const changed = await move(session, id, ["waiting"], "cancelled");
  await refresh(session, [id]);
  await writeEvents(session, eventsOf(changed, { type: "cancelled", message: id }));
  return true;
}

export type Retried = "retried" | "missing" | "sending" | "purged" | "nothing";

/** Makes what waits due now, and what was refused, expired or suppressed wait again. */
export async function retryMessage(session: Session, id: string): Promise<Retried> {
  const { table, now, greatest } = session.dialect;
  const lock = session.dialect.name === "postgres" ? " FOR UPDATE" : "";
  const [row] = await session.execute(
    `SELECT leased, parts, CASE WHEN due_at <= ${now} THEN 1 ELSE 0 END AS is_due FROM ${table("message")} WHERE id = ?${lock}`,
    [id],
  );
  if (row === undefined) return "missing";
  if (numberOf(row["leased"]) > 0) return "sending";
  if (numberOf(row["parts"]) === 0) return "purged";
  const changed = await move(session, id, ["waiting", "refused", "expired", "suppressed"], "waiting");
  if (changed.length === 0) return "nothing";
  await session.execute(
    `UPDATE ${table("message")} SET due_at = ${now}, failures = 0, expires_at = CASE WHEN expires_at <= ${now} THEN ${greatest("expires_at", `${now} + lifetime`)} ELSE expires_at END WHERE id = ?`,
    [id],
  );
  await refresh(session, [id]);
  await writeEvents(session, eventsOf(changed, { type: "deferred", message: id, reason: "retry() was called" }));
  return "retried";
}

export type Resolved = "resolved" | "missing" | "purged" | "nothing";

/** A person decides about recipients that are in doubt. */
export async function resolveMessage(
  session: Session,
  id: string,
  as: "resend" | "sent",
  recipient: string | undefined,
): Promise<Resolved> {
  const { table, now } = session.dialect;
  const lock = session.dialect.name === "postgres" ? " FOR UPDATE" : "";
  const [row] = await session.execute(`SELECT parts, due_at FROM ${table("message")} WHERE id = ?${lock}`, [id]);
  if (row === undefined) return "missing";
  if (as === "resend" && numberOf(row["parts"]) === 0) return "purged";
  const changed = await move(session, id, ["unknown"], as === "sent" ? "accepted" : "waiting", recipient);
  if (changed.length === 0) return "nothing";
  if (as === "resend") {
    await session.execute(
      `UPDATE ${table("message")} SET due_at = CASE WHEN leased > 0 THEN due_at ELSE ${now} END, expires_at = CASE WHEN expires_at <= ${now} THEN ${now} + lifetime ELSE expires_at END WHERE id = ?`,
      [id],
    );
  }
  await refreshUnheld(session, id);
  const type = as === "sent" ? ("accepted" as const) : ("deferred" as const);
  await writeEvents(session, eventsOf(changed, { type, message: id, reason: `resolved by a person: ${as}` }));
  return "resolved";
}

/** A message that a worker holds is refreshed when it is settled. */
async function refreshUnheld(session: Session, id: string): Promise<void> {
  const [row] = await session.execute(`SELECT leased FROM ${session.dialect.table("message")} WHERE id = ?`, [id]);
  if (numberOf(row?.["leased"] ?? 0) === 0) await refresh(session, [id]);
}

export async function addSuppression(session: Session, address: string, reason: string | undefined): Promise<void> {
  const { table, now } = session.dialect;
  await session.execute(
    `INSERT INTO ${table("suppression")} (lookup, address, reason, at) VALUES (?, ?, ?, ${now})
ON CONFLICT (lookup) DO UPDATE SET address = excluded.address, reason = excluded.reason`,
    [lookupOf(address), address, reason ?? null],
  );
}

export async function removeSuppression(session: Session, address: string): Promise<void> {
  await session.execute(`DELETE FROM ${session.dialect.table("suppression")} WHERE lookup = ?`, [lookupOf(address)]);
}

/** What a report says about one recipient. */
export interface BouncedRecipient {
  /** What its address may be, the likelier first. */
  readonly addresses: readonly string[];
  readonly reply: OutboxReply;
}

/** Which message a report is about. */
export interface ReportedMessage {
  readonly id?: string | undefined;
  /** What the ENVID may be. */
  readonly envelopeIds: readonly string[];
  readonly messageId?: string | undefined;
}

/** @returns the id of the message, when it is known. */
export async function bounceMessage(
  session: Session,
  about: ReportedMessage,
  recipients: readonly BouncedRecipient[],
): Promise<string | undefined> {
  const id = await findReported(session, about);
  if (id === undefined) return undefined;
  const { table } = session.dialect;
  // SECURITY: a stranger's report may name a hundred thousand; only those of the message cost a statement.
  const accepted = await session.execute(
    `SELECT lookup FROM ${table("recipient")} WHERE message = ? AND state = 'accepted'`,
    [id],
  );
  const known = new Set(accepted.map(({ lookup }) => String(lookup)));
  const events: NewEvent[] = [];
  for (const { addresses, reply } of recipients) {
    for (const address of addresses.filter((one) => known.has(lookupOf(one)))) {
      const changed = await move(session, id, ["accepted"], "bounced", address);
      if (changed.length === 0) continue;
      await session.execute(`UPDATE ${table("recipient")} SET reply = ? WHERE message = ? AND lookup = ?`, [
        JSON.stringify(reply),
        id,
        lookupOf(address),
      ]);
      events.push(...eventsOf(changed, { type: "bounced", message: id, reply }));
      break;
    }
  }
  if (events.length === 0) return id;
  await refreshUnheld(session, id);
  await writeEvents(session, events);
  return id;
}

async function findReported(session: Session, about: ReportedMessage): Promise<string | undefined> {
  const { table } = session.dialect;
  for (const [column, value] of [
    ["id", about.id],
    ...about.envelopeIds.map((id) => ["envelope_id", id] as const),
    ["message_id", about.messageId],
  ] as const) {
    // SECURITY: a stranger's report; PostgreSQL takes no NUL.
    if (value === undefined || value === "" || /\0|\p{Surrogate}/u.test(value)) continue;
    const rows = await session.execute(
      `SELECT id FROM ${table("message")} WHERE ${column} = ? ORDER BY created_at DESC LIMIT 2`,
      [value],
    );
    // Two messages with one Message-ID: the report tells of neither for sure.
    const [row, another] = rows;
    if (row !== undefined && another === undefined) return String(row["id"]);
  }
  return undefined;
}
