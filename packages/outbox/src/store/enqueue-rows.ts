/**
 * Writes composed messages: the rows of the message, its recipients, its content and its first event.
 */
import type { Session } from "../database/database.js";
import type { Composed } from "../message/compose.js";
import { notice } from "./listeners.js";
import { writeEvents } from "./write-events.js";

/** A message that is ready to be written. */
export interface NewMessage {
  readonly id: string;
  readonly key: string | undefined;
  readonly composed: Composed;
  readonly fingerprint: string | undefined;
  /** What goes with every attempt, as JSON. */
  readonly options: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly priority: number;
  readonly onUnknown: string;
  /** Ms since 1970; undefined: now. */
  readonly sendAt: number | undefined;
  readonly lifetime: number;
}

/** @returns the ids of the messages that were written; the others have a key that is taken. */
export async function insertMessages(session: Session, messages: readonly NewMessage[]): Promise<ReadonlySet<string>> {
  const { table, now, records } = session.dialect;
  // In one order for all, so that two transactions with the same keys do not wait for each other.
  const ordered = [...messages].sort((a, b) => compare(a.key ?? "", b.key ?? ""));
  const rows = ordered.map((one) => ({
    id: one.id,
    key: one.key,
    fingerprint: one.fingerprint,
    message_id: one.composed.messageId,
    envelope_id: one.composed.envelopeId,
    sender: one.composed.sender,
    options: one.options,
    tags: JSON.stringify(one.tags),
    domain: soleDomain(one.composed),
    priority: one.priority,
    on_unknown: one.onUnknown,
    send_at: one.sendAt,
    lifetime: one.lifetime,
    size: one.composed.size,
    parts: one.composed.parts,
  }));
  const written = await session.execute(
    `INSERT INTO ${table("message")} (id, key, fingerprint, message_id, envelope_id, sender, options, tags, domain, priority, on_unknown, due_at, expires_at, lifetime, created_at, size, parts)
SELECT x.id, x.key, x.fingerprint, x.message_id, x.envelope_id, x.sender, x.options, x.tags, x.domain, x.priority, x.on_unknown, coalesce(x.send_at, ${now}), coalesce(x.send_at, ${now}) + x.lifetime, x.lifetime, ${now}, x.size, x.parts
FROM ${records({
      id: "text",
      key: "text",
      fingerprint: "text",
      message_id: "text",
      envelope_id: "text",
      sender: "text",
      options: "text",
      tags: "text",
      domain: "text",
      priority: "bigint",
      on_unknown: "text",
      send_at: "bigint",
      lifetime: "bigint",
      size: "bigint",
      parts: "bigint",
    })} WHERE true ON CONFLICT (key) DO NOTHING RETURNING id${notice(session)}`,
    [JSON.stringify(rows)],
  );
  const ids = new Set(written.map((row) => String(row["id"])));
  const fresh = messages.filter(({ id }) => ids.has(id));
  if (fresh.length === 0) return ids;
  await insertRecipients(session, fresh);
  for (const { id, composed } of fresh) {
    if (composed.head !== undefined) await insertPart(session, id, 0, composed.head);
  }
  await writeEvents(
    session,
    fresh.map(({ id }) => ({ type: "enqueued", message: id })),
  );
  return ids;
}

async function insertRecipients(session: Session, messages: readonly NewMessage[]): Promise<void> {
  const rows = messages.flatMap(({ id, composed }) =>
    composed.recipients.map(({ address, options }, n) => ({
      message: id,
      n,
      address,
      lookup: lookupOf(address),
      domain: domainOf(address),
      options: options === undefined ? undefined : JSON.stringify(options),
    })),
  );
  await session.execute(
    `INSERT INTO ${session.dialect.table("recipient")} (message, n, address, lookup, domain, options)
SELECT x.message, x.n, x.address, x.lookup, x.domain, x.options FROM ${session.dialect.records({
      message: "text",
      n: "bigint",
      address: "text",
      lookup: "text",
      domain: "text",
      options: "text",
    })}`,
    [JSON.stringify(rows)],
  );
}

/** Writes one part of a message's content. */
export async function insertPart(session: Session, id: string, part: number, bytes: Uint8Array): Promise<void> {
  const { table, now } = session.dialect;
  await session.execute(`INSERT INTO ${table("content")} (message, part, bytes, written_at) VALUES (?, ?, ?, ${now})`, [
    id,
    part,
    bytes,
  ]);
}

/** Removes the parts of a message that will not be. */
export async function deleteParts(session: Session, id: string): Promise<void> {
  await session.execute(`DELETE FROM ${session.dialect.table("content")} WHERE message = ?`, [id]);
}

export interface KeyOwner {
  readonly id: string;
  readonly fingerprint: string | undefined;
}

/** The message that has a key. */
export async function findKey(session: Session, key: string): Promise<KeyOwner | undefined> {
  const [row] = await session.execute(`SELECT id, fingerprint FROM ${session.dialect.table("message")} WHERE key = ?`, [
    key,
  ]);
  if (row === undefined) return undefined;
  const { id, fingerprint } = row;
  return { id: String(id), fingerprint: typeof fingerprint === "string" ? fingerprint : undefined };
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** How an address is looked up: upper and lower case are the same. */
export const lookupOf = (address: string): string => address.toLowerCase();

const domainOf = (address: string): string => address.slice(address.lastIndexOf("@") + 1).toLowerCase();

/** The domain when all recipients have the same. */
function soleDomain({ recipients }: Composed): string | undefined {
  const [first] = recipients;
  if (first === undefined) return undefined;
  const domain = domainOf(first.address);
  return recipients.every(({ address }) => domainOf(address) === domain) ? domain : undefined;
}
