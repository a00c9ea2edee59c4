/**
 * Rates over all workers of all machines: how many messages began in the last `per` ms is counted in the database, so that the limit
 * holds in every window.
 */
import { numberOf, type Session } from "../database/database.js";

/** How many messages may leave in a time. */
export interface Rate {
  /** Recipients' domain; absent: all messages. */
  readonly domain?: string | undefined;
  /** How many messages. */
  readonly messages: number;
  /** Ms. */
  readonly per: number;
}

export interface Wanted {
  readonly id: string;
  readonly domains: ReadonlySet<string>;
}

export interface Allowance {
  /** Messages that may begin now. */
  readonly allowed: ReadonlySet<string>;
  /** Ms until each of the others may be asked for again. */
  readonly delays: ReadonlyMap<string, number>;
}

const nameOf = ({ domain, messages, per }: Rate): string => `${domain ?? "*"} ${messages}/${per}`;

/** Within a transaction. Messages come in the order in which they should begin. */
export async function takeAllowance(
  session: Session,
  rates: readonly Rate[],
  wanted: readonly Wanted[],
): Promise<Allowance> {
  const { table, list, now } = session.dialect;
  const used = rates.filter(({ domain }) => domain === undefined || wanted.some((one) => one.domains.has(domain)));
  const names = JSON.stringify(used.map(nameOf).sort());
  // Locks the rates in one order for all.
  await session.execute(
    `INSERT INTO ${table("rate")} (name) ${list} ORDER BY value ON CONFLICT (name) DO UPDATE SET name = excluded.name`.replace(
      list,
      `SELECT value FROM (${list}) AS v WHERE true`,
    ),
    [names],
  );
  const buckets = new Map<Rate, { free: number; wait: number }>();
  for (const rate of used) buckets.set(rate, await readBucket(session, rate));

  const allowed = new Set<string>();
  const delays = new Map<string, number>();
  const taken = new Map<Rate, number>();
  for (const { id, domains } of wanted) {
    const own = used.filter(({ domain }) => domain === undefined || domains.has(domain));
    const full = own.filter((rate) => (buckets.get(rate)?.free ?? 0) <= 0);
    if (full.length > 0) {
      delays.set(id, Math.max(...full.map((rate) => buckets.get(rate)?.wait ?? rate.per)));
      continue;
    }
    allowed.add(id);
    for (const rate of own) {
      const bucket = buckets.get(rate);
      if (bucket !== undefined) bucket.free -= 1;
      taken.set(rate, (taken.get(rate) ?? 0) + 1);
    }
  }
  for (const [rate, messages] of taken) {
    await session.execute(`INSERT INTO ${table("rate_use")} (name, at, messages) VALUES (?, ${now}, ?)`, [
      nameOf(rate),
      messages,
    ]);
  }
  return { allowed, delays };
}

async function readBucket(session: Session, rate: Rate): Promise<{ free: number; wait: number }> {
  const { table, now } = session.dialect;
  const name = nameOf(rate);
  // The clock was set back: what counts as begun in the future would hold everything up until then.
  await session.execute(`UPDATE ${table("rate_use")} SET at = ${now} WHERE name = ? AND at > ${now}`, [name]);
  await session.execute(`DELETE FROM ${table("rate_use")} WHERE name = ? AND at <= ${now} - ?`, [name, rate.per]);
  const [row] = await session.execute(
    `SELECT coalesce(sum(messages), 0) AS used, coalesce(min(at) - ${now}, 0) AS age FROM ${table("rate_use")} WHERE name = ?`,
    [name],
  );
  // One ms more: the clock of the database has whole ones.
  const wait = Math.max(1, rate.per + numberOf(row?.["age"] ?? 0) + 1);
  return { free: rate.messages - numberOf(row?.["used"] ?? 0), wait };
}
