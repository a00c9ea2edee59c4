/**
 * The pause of the transport: one row that stops every claim, on every machine.
 */
import { type Database, maybeNumber, maybeText, type Session } from "../database/database.js";
import type { OutboxPause } from "../types.js";
import type { Claimed } from "./claim.js";
import { writeEvents } from "./write-events.js";

/** The one transport of an outbox. */
const NAME = "transport";

/** Seconds until the next probe, by the number of faults before. */
const PROBE_SECONDS = [1, 2, 4, 8, 16, 32, 60];

export async function readPause(session: Session): Promise<OutboxPause | undefined> {
  const [row] = await session.execute(
    `SELECT kind, reason, since, until_at FROM ${session.dialect.table("pause")} WHERE name = '${NAME}'`,
  );
  if (row === undefined) return undefined;
  const until = maybeNumber(row["until_at"]);
  return {
    kind: row["kind"] as OutboxPause["kind"],
    reason: maybeText(row["reason"]),
    since: new Date(Number(row["since"])),
    until: until === undefined ? undefined : new Date(until),
  };
}

/** By a person: it stays until `resume()`. */
export async function pauseByPerson(session: Session, reason: string | undefined): Promise<void> {
  const { table, now } = session.dialect;
  await session.execute(
    `INSERT INTO ${table("pause")} (name, kind, reason, since) VALUES ('${NAME}', 'person', ?, ${now})
ON CONFLICT (name) DO UPDATE SET kind = 'person', reason = excluded.reason, until_at = NULL`,
    [reason ?? null],
  );
  await writeEvents(session, [{ type: "paused", reason }]);
}

/** @returns whether there was a pause */
export async function resume(session: Session, reason?: string, unlessPerson = false): Promise<boolean> {
  const rows = await session.execute(
    `DELETE FROM ${session.dialect.table("pause")} WHERE name = '${NAME}'${unlessPerson ? " AND kind <> 'person'" : ""} RETURNING name`,
  );
  if (rows.length > 0) await writeEvents(session, [{ type: "resumed", reason }]);
  return rows.length > 0;
}

export interface TransportFault {
  readonly reason: string;
  /** A login or a certificate: no probe mends it. */
  readonly needsPerson: boolean;
}

/** Of several messages that meet the same fault, the first one pauses; behind it only the probe counts. */
export async function pauseByFault(session: Session, fault: TransportFault, isProbe: boolean): Promise<void> {
  const { table, now } = session.dialect;
  const kind = fault.needsPerson ? "credentials" : "fault";
  const until = fault.needsPerson ? "NULL" : `${now} + ${PROBE_SECONDS[0]}000`;
  const fresh = await session.execute(
    `INSERT INTO ${table("pause")} (name, kind, reason, since, until_at, failures) VALUES ('${NAME}', ?, ?, ${now}, ${until}, 1)
ON CONFLICT (name) DO NOTHING RETURNING name`,
    [kind, fault.reason],
  );
  if (fresh.length > 0) await writeEvents(session, [{ type: "paused", reason: fault.reason }]);
  else if (isProbe) {
    const steps = PROBE_SECONDS.map((seconds, failures) => `WHEN ${failures} THEN ${seconds}000`).join(" ");
    const next = fault.needsPerson ? "NULL" : `${now} + CASE failures ${steps} ELSE ${PROBE_SECONDS.at(-1)}000 END`;
    await session.execute(
      `UPDATE ${table("pause")} SET kind = ?, reason = ?, failures = failures + 1, until_at = ${next} WHERE name = '${NAME}' AND kind <> 'person'`,
      [kind, fault.reason],
    );
  }
}

/** Takes the right to probe, for as long as a lease; false: it is not time yet, or another worker has it. */
async function takeProbe(session: Session, lease: number): Promise<boolean> {
  const { table, now } = session.dialect;
  const rows = await session.execute(
    `UPDATE ${table("pause")} SET until_at = ${now} + ? WHERE name = '${NAME}' AND kind <> 'person' AND until_at <= ${now} RETURNING name`,
    [lease],
  );
  return rows.length > 0;
}

/** The one message of all workers that shows whether a paused transport works again. */
export interface Probe {
  readonly claimed: Claimed;
  /** It was not sent: another one may show it at once. */
  giveBack(): Promise<void>;
}

/** @param claimIt takes the message, in the transaction that takes the right to probe; undefined: there is none */
export async function claimProbe(
  database: Database,
  lease: number,
  claimIt: (session: Session) => Promise<Claimed | undefined>,
): Promise<Probe | undefined> {
  const pause = await readPause(database.session);
  if (pause?.until === undefined) return undefined;
  const kind = pause.kind === "credentials" ? "credentials" : "fault";
  const claimed = await database.transaction(async (session) => {
    if (!(await takeProbe(session, lease))) return undefined;
    const one = await claimIt(session);
    if (one === undefined) await allowProbe(session, kind);
    return one;
  });
  return claimed && { claimed, giveBack: () => allowProbe(database.session, kind) };
}

/** A new process may have the right password: it probes at once. Also gives back a probe for which nothing was due. */
export async function allowProbe(session: Session, kind: "credentials" | "fault"): Promise<void> {
  const { table, now } = session.dialect;
  await session.execute(`UPDATE ${table("pause")} SET until_at = ${now} WHERE name = '${NAME}' AND kind = ?`, [kind]);
}
