/**
 * A database as the outbox uses it: statements, transactions, and an end. Drivers are made into this.
 */
import { OptionError } from "postrider";
import { databaseError, OutboxClosedError } from "../errors.js";
import type { Dialect, Execute, Row } from "./dialect.js";

/** Statements with `?`, on one connection. */
export interface Session {
  readonly dialect: Dialect;
  /** The option by which the caller gave it. */
  readonly option: string;
  /** @throws DatabaseError; OptionError when a function of the caller's returns no rows */
  execute(text: string, values?: readonly unknown[]): Promise<readonly Row[]>;
}

/** `"patient"`: it may wait a little, to be committed together with others. */
export type Haste = "patient" | "urgent";

export interface Database {
  readonly dialect: Dialect;
  /** Each statement by itself. */
  readonly session: Session;
  /** Commits when `run` fulfils, rolls back when it rejects. In SQLite `run` may wait for statements only. */
  transaction<T>(run: (session: Session) => Promise<T>, haste?: Haste): Promise<T>;
  /** For what is one statement in PostgreSQL, where it runs by itself; in SQLite it is a transaction. */
  atomic<T>(run: (session: Session) => Promise<T>, haste?: Haste): Promise<T>;
  /** Calls `heard` at each notification, until the returned function is called. Undefined: the driver cannot. */
  readonly listen: Listen | undefined;
  close(): Promise<void>;
}

/** LISTEN of PostgreSQL, on a connection of its own. @param lost the connection broke, and no more is heard */
export type Listen = (channel: string, heard: () => void, lost: () => void) => Promise<() => Promise<void>>;

/** A driver's part of a database. */
export interface Connector {
  readonly execute: Execute;
  transaction<T>(run: (execute: Execute) => Promise<T>, haste?: Haste): Promise<T>;
  readonly listen?: Listen;
  close(): Promise<void>;
}

/** @param commits whether each statement is a transaction of its own */
export function createSession(dialect: Dialect, execute: Execute, commits = false, option = "database"): Session {
  return {
    dialect,
    option,
    execute: async (text, values = []) => {
      let rows: unknown;
      try {
        rows = await execute(dialect.placeholders(text), values);
      } catch (error) {
        throw databaseError(error, commits && isLost(error) ? "unknown" : "nothing");
      }
      if (!Array.isArray(rows)) throw noRows(option);
      return rows as readonly Row[];
    },
  };
}

/** A function of the caller's may return the result of its driver as it is, or nothing. */
export const noRows = (option: string): OptionError =>
  new OptionError(
    option,
    "must return the rows of each statement as an array: (await client.query(text, values)).rows with pg",
  );

/**
 * Whether the connection was lost while a statement was under way, so that it may have been committed. A server that says what was
 * wrong has not carried it out, unless it was stopped (57P01 to 57P05); what was refused while connecting was not sent.
 */
function isLost(error: unknown): boolean {
  if (isOurs(error) === false || typeof error !== "object" || error === null) return false;
  const { code, syscall, message } = error as { code?: unknown; syscall?: unknown; message?: unknown };
  if (syscall === "connect" || syscall === "getaddrinfo") return false;
  if (typeof code === "string" && /^SQLITE_/.test(code)) return false;
  if ("errcode" in error) return false;
  // Nothing was sent: a URL that is none, a pool that its owner has ended.
  if (code === "ERR_INVALID_URL" || /\bafter calling end on the pool\b/.test(String(message))) return false;
  return !(typeof code === "string" && /^[0-9A-Z]{5}$/.test(code)) || /^(?:57P0|08)/.test(code);
}

export function createDatabase(dialect: Dialect, connector: Connector): Database {
  const underWay = new Set<Promise<unknown>>();
  let isClosed = false;
  /** What is under way is waited for by `close`; what comes later is refused. */
  const untilClosed = <T>(run: () => Promise<T>): Promise<T> => {
    if (isClosed) return Promise.reject(new OutboxClosedError());
    const result = run();
    underWay.add(result);
    const done = (): boolean => underWay.delete(result);
    result.then(done, done);
    return result;
  };
  const single = createSession(dialect, connector.execute, true);
  const session: Session = {
    ...single,
    execute: (text, values) => untilClosed(() => single.execute(text, values)),
  };
  const transaction: Database["transaction"] = (run, haste) => untilClosed(() => inTransaction(run, haste));
  async function inTransaction<T>(run: (session: Session) => Promise<T>, haste?: Haste): Promise<T> {
    let isOver = false;
    try {
      return await connector.transaction(async (execute) => {
        const result = await run(createSession(dialect, execute));
        isOver = true;
        return result;
      }, haste);
    } catch (error) {
      // What fails behind the last statement fails in COMMIT.
      throw isOver || isOurs(error) ? databaseError(error, isOver ? "unknown" : "nothing") : error;
    }
  }
  return {
    dialect,
    session,
    transaction,
    atomic: (run, haste) => (dialect.name === "postgres" ? run(session) : transaction(run, haste)),
    listen: connector.listen,
    close: async () => {
      isClosed = true;
      await Promise.allSettled(underWay);
      await connector.close();
    },
  };
}

/** Errors of drivers; those of the outbox and of the library pass as they are. */
function isOurs(error: unknown): boolean {
  return typeof error === "object" && error !== null && !("phase" in error) && !(error instanceof RangeError);
}

/** Bytes as drivers give them: Buffer, Uint8Array, or the ArrayBuffer of libsql. */
export function bytesOf(value: unknown): Uint8Array {
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  return new Uint8Array(value as ArrayBuffer);
}

/** A number; PostgreSQL's drivers give a bigint as text. */
export const numberOf = (value: unknown): number => Number(value);

/** A number, or undefined for NULL. */
export const maybeNumber = (value: unknown): number | undefined =>
  value === null || value === undefined ? undefined : Number(value);

/** A text, or undefined for NULL. */
export const maybeText = (value: unknown): string | undefined =>
  value === null || value === undefined ? undefined : String(value);
