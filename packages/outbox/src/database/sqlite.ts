/**
 * SQLite by node:sqlite, better-sqlite3 or libsql, whichever is there.
 *
 * A handle is synchronous: a thread that waits for a lock stops every other part of the program, and with it perhaps the holder's
 * COMMIT. So the driver never waits (busy_timeout is 0); a statement that finds the file locked is tried again a little later.
 */
import { setTimeout as delay } from "node:timers/promises";
import { DriverMissingError, databaseError } from "../errors.js";
import type { Connector, Haste } from "./database.js";
import type { Execute, Row } from "./dialect.js";
import { importDriver } from "./import-driver.js";

/** A prepared statement of SQLite. */
export interface Statement {
  /** Runs it and returns its rows. */
  all(...values: unknown[]): unknown[];
  /** Runs it and returns what changed. */
  run(...values: unknown[]): unknown;
}

/** What the drivers have in common. */
export interface SqliteHandle {
  /** Prepares one statement. */
  prepare(text: string): Statement;
  /** Runs statements without values. */
  exec(text: string): unknown;
  /** Closes the file. */
  close?(): unknown;
  /** Whether it is open, in better-sqlite3 and libsql. */
  readonly open?: boolean;
  /** Whether it is open, in node:sqlite. */
  readonly isOpen?: boolean;
  /** Whether a transaction is open, in better-sqlite3 and libsql. */
  readonly inTransaction?: boolean;
  /** Whether a transaction is open, in node:sqlite. */
  readonly isTransaction?: boolean;
}

/** For how long a locked file is tried again, in ms. */
const LOCK_PATIENCE_MS = 30_000;
const LOCK_PAUSE_MS = 4;

/** Opens a file. @throws DriverMissingError */
export async function openSqlite(path: string): Promise<Connector> {
  const handle = await openHandle(path);
  const execute = executeOn(handle);
  await patiently(async () => {
    await execute("PRAGMA busy_timeout = 0", []);
    await execute("PRAGMA journal_mode = WAL", []);
    // What was acknowledged survives a power cut.
    await execute("PRAGMA synchronous = FULL", []);
  });
  return new SqliteConnector(handle);
}

interface Waiting {
  readonly run: (execute: Execute) => Promise<unknown>;
  readonly done: (result: never) => void;
  readonly failed: (error: unknown) => void;
}

/** The longest wait of a patient transaction for others, in ms. */
const MAX_GATHER_MS = 50;

/**
 * One connection, used by one caller at a time. Everything between BEGIN and COMMIT happens in one turn of the event loop, since
 * `run` waits for statements only.
 *
 * PERF: a commit waits for the disk, and with it the whole thread. So transactions that come together are committed together, each
 * in a savepoint of its own; and behind a commit, one that is patient waits twice as long as that took, so that more come together.
 */
class SqliteConnector implements Connector {
  readonly #handle: SqliteHandle;
  readonly #execute: Execute;
  #last: Promise<unknown> = Promise.resolve();
  #waiting: Waiting[] = [];
  /** Between the call for a transaction and its BEGIN: who comes meanwhile takes part. */
  #isBegun = false;
  #timer: NodeJS.Timeout | undefined;
  #notBefore = 0;

  constructor(handle: SqliteHandle) {
    this.#handle = handle;
    this.#execute = executeOn(handle);
  }

  readonly execute: Execute = (text, values) => this.#alone(() => patiently(() => this.#execute(text, values)));

  transaction<T>(run: (execute: Execute) => Promise<T>, haste: Haste = "urgent"): Promise<T> {
    return new Promise<T>((done, failed) => {
      this.#waiting.push({ run, done, failed });
      const pause = haste === "urgent" ? 0 : this.#notBefore - performance.now();
      if (pause > 0) this.#timer ??= setTimeout(() => this.#begin(), pause);
      else this.#begin();
    });
  }

  async close(): Promise<void> {
    await this.#alone(async () => this.#handle.close?.());
  }

  #begin(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#isBegun) return;
    this.#isBegun = true;
    setImmediate(() => void this.#alone(() => this.#commit()));
  }

  async #commit(): Promise<void> {
    try {
      await patiently(() => this.#execute("BEGIN IMMEDIATE", []));
    } catch (error) {
      this.#isBegun = false;
      for (const { failed } of this.#waiting.splice(0)) failed(error);
      return;
    }
    this.#isBegun = false;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const batch = this.#waiting.splice(0);
    const ends: (() => void)[] = [];
    try {
      for (const one of batch) ends.push(await this.#step(one, batch.length > 1));
      const start = performance.now();
      await this.#execute("COMMIT", []).catch((error: unknown) => {
        throw databaseError(error);
      });
      const now = performance.now();
      this.#notBefore = now + Math.min(MAX_GATHER_MS, 2 * (now - start));
      for (const end of ends) end();
    } catch (error) {
      if (isInTransaction(this.#handle)) await this.#execute("ROLLBACK", []);
      // Rolled back, whoever was to blame.
      for (const { failed } of batch) failed(batch.length === 1 ? error : databaseError(error));
    }
  }

  /** @returns what tells the caller, behind the commit */
  async #step({ run, done, failed }: Waiting, isOneOfMany: boolean): Promise<() => void> {
    if (!isOneOfMany) {
      const result = await run(this.#execute);
      return () => done(result as never);
    }
    await this.#execute("SAVEPOINT postrider_step", []);
    try {
      const result = await run(this.#execute);
      await this.#execute("RELEASE postrider_step", []);
      return () => done(result as never);
    } catch (error) {
      // A full disk ends the whole transaction.
      if (!isInTransaction(this.#handle)) throw error;
      await this.#execute("ROLLBACK TO postrider_step", []);
      await this.#execute("RELEASE postrider_step", []);
      return () => failed(error);
    }
  }

  #alone<T>(run: () => Promise<T>): Promise<T> {
    const result = this.#last.then(run, run);
    this.#last = result.catch(() => undefined);
    return result;
  }
}

/** Tries again while another connection holds the lock. */
async function patiently<T>(run: () => Promise<T>): Promise<T> {
  const end = performance.now() + LOCK_PATIENCE_MS;
  for (;;) {
    try {
      return await run();
    } catch (error) {
      if (!isBusy(error) || performance.now() > end) throw error;
      await delay(LOCK_PAUSE_MS * (0.5 + Math.random()));
    }
  }
}

function isBusy(error: unknown): boolean {
  if (typeof error !== "object" || error === null) return false;
  const { code, errcode, message } = error as { code?: unknown; errcode?: unknown; message?: unknown };
  if (typeof errcode === "number") return (errcode & 0xff) === 5 || (errcode & 0xff) === 6;
  // QUIRK: an error of exec() has no number on Deno.
  if (code === "ERR_SQLITE_ERROR") return message === "database is locked";
  return typeof code === "string" && /^SQLITE_(?:BUSY|LOCKED)/.test(code);
}

/** QUIRK: libsql ends the process when a handle that was closed is asked anything else. */
export const isClosed = (handle: SqliteHandle): boolean => handle.open === false || handle.isOpen === false;

/** Undefined when the driver does not tell. */
export function isInTransaction(handle: SqliteHandle): boolean | undefined {
  return handle.inTransaction ?? handle.isTransaction;
}

const GIVES_ROWS = /^\s*(?:SELECT|PRAGMA|WITH\b(?![\s\S]*\b(?:INSERT|UPDATE|DELETE)\b))|\bRETURNING\b/i;

/** PERF: preparing a statement anew each time costs hundreds of megabytes with libsql. */
const prepared = new WeakMap<SqliteHandle, Map<string, Statement>>();

/** Statements on a handle, one after the other. */
export function executeOn(handle: SqliteHandle): Execute {
  const statements = prepared.get(handle) ?? new Map<string, Statement>();
  prepared.set(handle, statements);
  const isNodes = typeof (handle as { location?: unknown }).location === "function";
  return async (text, values) => {
    if (/^(?:BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|CREATE|ALTER|DROP)\b/.test(text)) {
      handle.exec(text);
      return [];
    }
    let statement = statements.get(text);
    if (statement === undefined) {
      statement = handle.prepare(text);
      statements.set(text, statement);
    }
    const bound = values.map((value) => (value === undefined ? null : value));
    // QUIRK: libsql aborts the process on a lone Buffer as an argument; in an array it is bound like any other value.
    const parameters = isNodes ? bound : bound.length === 0 ? [] : [bound];
    if (GIVES_ROWS.test(text)) return statement.all(...parameters) as readonly Row[];
    statement.run(...parameters);
    return [];
  };
}

interface HandleClass {
  new (path: string): SqliteHandle;
}

async function openHandle(path: string): Promise<SqliteHandle> {
  const builtIn = process.getBuiltinModule?.("node:sqlite") as { DatabaseSync?: HandleClass } | undefined;
  if (builtIn?.DatabaseSync !== undefined) return new builtIn.DatabaseSync(path);
  for (const name of ["better-sqlite3", "libsql"]) {
    const Handle = await importDriver<HandleClass>(name);
    if (Handle !== undefined) return new Handle(path);
  }
  throw new DriverMissingError(
    "SQLite needs Node 22.13 or newer (node:sqlite), or the package better-sqlite3 or libsql: npm install libsql",
  );
}

/**
 * The file behind a handle. The outbox opens its own connection to it, so that a caller's rollback takes nobody else's mail.
 *
 * @returns undefined for a database in memory
 */
export function fileOf(handle: SqliteHandle): string | undefined {
  // QUIRK: libsql has no name; the database itself knows its file.
  const rows = handle.prepare("PRAGMA database_list").all() as { name?: unknown; file?: unknown }[];
  const file = rows.find(({ name }) => name === "main")?.file;
  return typeof file === "string" && file !== "" ? file : undefined;
}
