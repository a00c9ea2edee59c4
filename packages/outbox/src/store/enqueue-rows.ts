/**
 * Writes composed messages: the rows of the message, its recipients, its content and its first event.
 */
import type { Session } from "../database/database.js";
import type { Dialect } from "../database/dialect.js";
import type { Composed } from "../message/compose.js";
import { notice } from "./listeners.js";
import { domainOf, lookupOf } from "./lookup.js";
import { eventsStatement, type NewEvent, writeEvents } from "./write-events.js";

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

/**
 * One statement in PostgreSQL, several in SQLite.
 *
 * @param mustBeOpen writes only when the transaction has written already, which shows that one is open
 * @returns the ids of the messages that were written; the others have a key that is taken. Undefined: nothing shows that it is open
 */
export async function insertMessages(
  session: Session,
  messages: readonly NewMessage[],
  mustBeOpen = false,
): Promise<ReadonlySet<string> | undefined> {
  const ordered = byKey(messages);
  return session.dialect.name === "postgres"
    ? insertAtOnce(session, ordered, mustBeOpen)
    : insertInTurn(session, ordered);
}

async function insertInTurn(session: Session, messages: readonly NewMessage[]): Promise<ReadonlySet<string>> {
  const { dialect } = session;
  const text = `${insertInto(dialect, `${dialect.records(MESSAGE_COLUMNS)} WHERE true`)} RETURNING id`;
  const written = await session.execute(text, [JSON.stringify(messages.map(messageRow))]);
  const ids = new Set(written.map((row) => String(row["id"])));
  const fresh = messages.filter(({ id }) => ids.has(id));
  if (fresh.length === 0) return ids;
  await session.execute(insertRecipients(dialect), [JSON.stringify(fresh.flatMap(recipientRows))]);
  for (const { id, composed } of fresh) {
    if (composed.head !== undefined) await insertPart(session, id, 0, composed.head);
  }
  await writeEvents(session, fresh.map(enqueued));
  return ids;
}

/** PERF: one round trip. What the caller's transaction has written gives it an id; a statement by itself has none when it begins. */
async function insertAtOnce(
  session: Session,
  messages: readonly NewMessage[],
  mustBeOpen: boolean,
): Promise<ReadonlySet<string> | undefined> {
  const { dialect } = session;
  const { table, now } = dialect;
  const written = "x.message IN (SELECT id FROM written)";
  const told = eventsStatement(dialect, messages.map(enqueued), written);
  const gate = mustBeOpen ? "pg_current_xact_id_if_assigned() IS NOT NULL" : "true";
  const heads = headsOf(messages);
  const rows = await session.execute(
    `WITH gate AS MATERIALIZED (SELECT ${gate} AS is_open),
written AS (${insertInto(dialect, `${dialect.records(MESSAGE_COLUMNS)} WHERE (SELECT is_open FROM gate)`)} RETURNING id${notice(session)}),
recipients AS (${insertRecipients(dialect)} WHERE ${written}),
contents AS (INSERT INTO ${table("content")} (message, part, bytes, written_at)
SELECT x.message, 0, substring(?::bytea FROM x.start::int FOR x.size::int), ${now} FROM ${dialect.records({ message: "text", start: "bigint", size: "bigint" })} WHERE ${written}),
told AS (${told.text})
SELECT written.id, gate.is_open::int AS is_open FROM gate LEFT JOIN written ON true`,
    [
      JSON.stringify(messages.map(messageRow)),
      JSON.stringify(messages.flatMap(recipientRows)),
      heads.bytes,
      JSON.stringify(heads.rows),
      told.value,
    ],
  );
  if (Number(rows[0]?.["is_open"]) !== 1) return undefined;
  return new Set(rows.flatMap(({ id }) => (typeof id === "string" ? [id] : [])));
}

/** PERF: the contents are one value, and its rows say where each begins; in JSON they would be encoded and decoded twice. */
function headsOf(messages: readonly NewMessage[]): { readonly bytes: Uint8Array; readonly rows: readonly object[] } {
  const heads: Uint8Array[] = [];
  const rows: object[] = [];
  let start = 1;
  for (const { id, composed } of messages) {
    const { head } = composed;
    if (head === undefined) continue;
    heads.push(head);
    rows.push({ message: id, start, size: head.length });
    start += head.length;
  }
  return { bytes: Buffer.concat(heads), rows };
}

const MESSAGE_COLUMNS = {
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
} as const;

const messageRow = (one: NewMessage): object => ({
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
});

const insertInto = ({ table, now }: Dialect, from: string): string =>
  `INSERT INTO ${table("message")} (id, key, fingerprint, message_id, envelope_id, sender, options, tags, domain, priority, on_unknown, due_at, expires_at, lifetime, created_at, size, parts)
SELECT x.id, x.key, x.fingerprint, x.message_id, x.envelope_id, x.sender, x.options, x.tags, x.domain, x.priority, x.on_unknown, coalesce(x.send_at, ${now}), coalesce(x.send_at, ${now}) + x.lifetime, x.lifetime, ${now}, x.size, x.parts
FROM ${from} ON CONFLICT (key) DO NOTHING`;

const RECIPIENT_COLUMNS = {
  message: "text",
  n: "bigint",
  address: "text",
  lookup: "text",
  domain: "text",
  options: "text",
} as const;

const recipientRows = ({ id, composed }: NewMessage): object[] =>
  composed.recipients.map(({ address, options }, n) => ({
    message: id,
    n,
    address,
    lookup: lookupOf(address),
    domain: domainOf(address),
    options: options === undefined ? undefined : JSON.stringify(options),
  }));

const insertRecipients = ({ table, records }: Dialect): string =>
  `INSERT INTO ${table("recipient")} (message, n, address, lookup, domain, options)
SELECT x.message, x.n, x.address, x.lookup, x.domain, x.options FROM ${records(RECIPIENT_COLUMNS)}`;

const enqueued = ({ id }: NewMessage): NewEvent => ({ type: "enqueued", message: id });

/** Writes one part of a message's content. */
export async function insertPart(session: Session, id: string, part: number, bytes: Uint8Array): Promise<void> {
  const { table, now } = session.dialect;
  await session.execute(`INSERT INTO ${table("content")} (message, part, bytes, written_at) VALUES (?, ?, ?, ${now})`, [
    id,
    part,
    bytes,
  ]);
}

/** Removes the parts of a message that will not be; those of one that is there stay. */
export async function deleteParts(session: Session, id: string): Promise<void> {
  const { table } = session.dialect;
  const isThere = `EXISTS (SELECT 1 FROM ${table("message")} WHERE id = ?)`;
  await session.execute(`DELETE FROM ${table("content")} WHERE message = ? AND NOT ${isThere}`, [id, id]);
}

/** Takes messages back that this transaction has written, or has written parts of. */
export async function deleteMessages(session: Session, messages: readonly { readonly id: string }[]): Promise<void> {
  if (messages.length === 0) return;
  const { table, list } = session.dialect;
  const ids = [JSON.stringify(messages.map(({ id }) => id))];
  await session.execute(`DELETE FROM ${table("message")} WHERE id IN (${list})`, ids);
  for (const name of ["recipient", "content", "event"])
    await session.execute(`DELETE FROM ${table(name)} WHERE message IN (${list})`, ids);
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

/** In one order for all, so that two transactions with the same keys do not wait for each other; stable. */
export const byKey = (messages: readonly NewMessage[]): NewMessage[] =>
  [...messages].sort((a, b) => compare(a.key ?? "", b.key ?? ""));

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The domain when all recipients have the same. */
function soleDomain({ recipients }: Composed): string | undefined {
  const [first] = recipients;
  if (first === undefined) return undefined;
  const domain = domainOf(first.address);
  return recipients.every(({ address }) => domainOf(address) === domain) ? domain : undefined;
}
