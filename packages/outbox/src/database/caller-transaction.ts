/**
 * The caller's own transaction, by the caller's own driver, as a session of the outbox.
 */
import { OptionError } from "postrider";
import { OutboxError, TransactionOverError } from "../errors.js";
import { createSession, type Session } from "./database.js";
import type { Dialect, Execute, Row } from "./dialect.js";
import { type PgClient, type PostgresJs, pgExecute, postgresJsExecute } from "./postgres.js";
import { executeOn, isClosed, isInTransaction, type SqliteHandle } from "./sqlite.js";

/** A transaction of Kysely. */
export interface KyselyTransaction {
  /** Runs a compiled query. */
  executeQuery(query: never): Promise<{
    /** The rows that it returns. */
    readonly rows: readonly unknown[];
  }>;
}
/** A transaction of Knex. */
export interface KnexTransaction {
  /** Runs a statement. */
  raw(text: string, values: never): unknown;
  /** Whether it was committed or rolled back. */
  isCompleted?(): boolean;
}
/** The client that Prisma hands to an interactive transaction. */
export interface PrismaTransaction {
  /** Runs a statement and returns its rows. */
  $queryRawUnsafe(text: string, ...values: never[]): Promise<unknown>;
}
/** A transaction of Drizzle, over pg, postgres.js, better-sqlite3 or libsql's synchronous driver. */
export interface DrizzleTransaction {
  /** What marks a transaction of Drizzle. */
  readonly _: object;
  /** Runs a statement, with the drivers of PostgreSQL. */
  execute?: unknown;
  /** Runs a statement, with the drivers of SQLite. */
  run?: unknown;
}

/**
 * A transaction that the caller began: a client of pg, the `sql` of postgres.js' `begin`, a transaction of Drizzle, Kysely, Knex or
 * Prisma, a handle of node:sqlite, better-sqlite3 or libsql behind BEGIN, or a function that runs a statement in it.
 */
export type TransactionInput =
  | PgClient
  | PostgresJs
  | SqliteHandle
  | DrizzleTransaction
  | KyselyTransaction
  | KnexTransaction
  | PrismaTransaction
  | Execute;

/** The caller's transaction. */
export interface CallerSession extends Session {
  /** @throws TransactionOverError for one that is not open */
  requireOpen(): Promise<void>;
}

/**
 * @throws OptionError for what is no transaction
 * @throws TransactionOverError for what shows without a statement that it is not open
 */
export function callerSession(input: TransactionInput, dialect: Dialect): CallerSession {
  const execute = executeOf(input, dialect);
  const session = createSession(
    dialect,
    async (text, values) => {
      try {
        return await execute(text, values);
      } catch (error) {
        throw overError(error) ?? error;
      }
    },
    false,
    "in",
  );
  return {
    ...session,
    requireOpen: async () => {
      // QUIRK: nothing tells whether BEGIN was said; LOCK is refused outside (25P01), and in a transaction that failed (25P02).
      if (dialect.name === "postgres")
        await session.execute(`LOCK TABLE ${dialect.table("message")} IN ACCESS SHARE MODE`);
      else if (!tellsTransaction(input)) await requireBegun(execute);
    },
  };
}

/** Whether a look at it has shown that it is open: a handle of SQLite, a transaction of a library. */
function tellsTransaction(input: unknown): boolean {
  if (typeof input === "function") return "isCompleted" in input;
  const of = input as Record<string, unknown>;
  return typeof of["prepare"] !== "function" || isInTransaction(input as SqliteHandle) !== undefined;
}

interface Failure {
  readonly message?: unknown;
  readonly cause?: Failure | undefined;
}

/** QUIRK: nothing in SQL tells it in SQLite but a BEGIN, which is refused within a transaction. */
async function requireBegun(execute: Execute): Promise<void> {
  try {
    await execute("BEGIN", []);
  } catch (error) {
    // Query builders put the driver's error into one of their own.
    for (let one = error as Failure | undefined; typeof one === "object" && one !== null; one = one.cause)
      if (/within a transaction/i.test(String(one.message))) return;
    throw error;
  }
  await execute("ROLLBACK", []);
  throw new TransactionOverError("the connection has no transaction; run BEGIN first");
}

function overError(error: unknown): TransactionOverError | undefined {
  const cause = causeOf(error);
  const code = sqlStateOf(cause);
  if (code === "25P01") return new TransactionOverError("the connection has no transaction; run BEGIN first", cause);
  if (code === "25P02") return new TransactionOverError("an earlier statement of the transaction failed", cause);
  return isOver(error) ? new TransactionOverError("the driver reports that it has ended", error) : undefined;
}

/** QUIRK: Prisma tells the server's code in its text only. */
function sqlStateOf(cause: { code?: unknown; message?: unknown } | undefined): unknown {
  if (cause?.code !== "P2010") return cause?.code;
  return /Code: `(\w{5})`/.exec(String(cause.message))?.[1];
}

function causeOf(error: unknown): { code?: unknown } | undefined {
  const cause = error instanceof OutboxError ? error.cause : error;
  return typeof cause === "object" && cause !== null ? (cause as { code?: unknown }) : undefined;
}

/** How drivers say that a transaction was finished: Prisma by P2028, Kysely, Knex and postgres.js by words. */
function isOver(error: unknown): boolean {
  if (typeof error !== "object" || error === null) return false;
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (code === "P2028" || code === "CONNECTION_ENDED") return true;
  return (
    typeof message === "string" &&
    /transaction (?:query )?already (?:complete|closed|committed)|transaction is already (?:committed|rolled back)|Client (?:was closed|has already been released)|released client/i.test(
      message,
    )
  );
}

const RULE =
  "must be a transaction of pg, postgres.js, Drizzle, Kysely, Knex, Prisma, node:sqlite, better-sqlite3 or libsql, or a function (text, values) => rows";

function executeOf(input: unknown, dialect: Dialect): Execute {
  if ((typeof input !== "object" && typeof input !== "function") || input === null) throw new OptionError("in", RULE);
  const of = input as Record<string, unknown>;
  const has = (name: string): boolean => typeof of[name] === "function";
  if (has("unsafe")) {
    if (has("begin") && !has("savepoint"))
      throw new TransactionOverError("this is the sql itself; give the sql that begin() passes");
    return belongs("postgres", dialect, () => postgresJsExecute(input as PostgresJs));
  }
  if (has("executeQuery")) return kysely(input as KyselyTransaction, of["isTransaction"] === true);
  if (has("$queryRawUnsafe")) {
    if (has("$connect"))
      throw new TransactionOverError("this is the Prisma client itself; give the client that $transaction() passes");
    return prisma(input as PrismaTransaction);
  }
  if (has("raw") && (has("isCompleted") || has("commit"))) return knex(input as KnexTransaction);
  const client = drizzleClient(of);
  if (client !== undefined) return executeOf(client, dialect);
  if (has("prepare") && has("exec")) return belongs("sqlite", dialect, () => sqlite(input as SqliteHandle));
  if (has("query")) {
    if ("totalCount" in of) throw new TransactionOverError("this is a pool; give the client that ran BEGIN");
    return belongs("postgres", dialect, () => pgExecute(input as PgClient, dialect.prepares));
  }
  if (typeof input === "function" && !has("raw")) return input as Execute;
  throw new OptionError("in", RULE);
}

function belongs(name: string, dialect: Dialect, make: () => Execute): Execute {
  if (dialect.name !== name)
    throw new OptionError("in", `is a transaction of ${name}, but the outbox is in ${dialect.name}`);
  return make();
}

function sqlite(handle: SqliteHandle): Execute {
  if (isClosed(handle)) throw new TransactionOverError("the connection is closed");
  if (isInTransaction(handle) === false)
    throw new TransactionOverError("the connection has no transaction; run BEGIN first");
  return executeOn(handle);
}

/** Drizzle keeps the client of a transaction in its session. */
function drizzleClient(of: Record<string, unknown>): object | undefined {
  const inner = of["_"];
  if (typeof inner !== "object" || inner === null) return undefined;
  const session = (of["session"] ?? (inner as Record<string, unknown>)["session"]) as
    | Record<string, unknown>
    | undefined;
  const client = session?.["client"];
  return (typeof client === "object" || typeof client === "function") && client !== null ? client : undefined;
}

function kysely(transaction: KyselyTransaction, isTransaction: boolean): Execute {
  if (!isTransaction)
    throw new TransactionOverError("this is Kysely itself; give the transaction that execute() passes");
  return async (sql, values) => {
    const parameters = values.map(plain);
    const query = { kind: "RawNode", sqlFragments: [sql], parameters: [] };
    const compiled = { sql, parameters, query, queryId: { queryId: `postrider-${sql.length}` } };
    return (await transaction.executeQuery(compiled as never)).rows as readonly Row[];
  };
}

function knex(transaction: KnexTransaction): Execute {
  if (transaction.isCompleted?.() === true) throw new TransactionOverError("Knex reports that it is completed");
  return async (text, values) => {
    // Knex writes ? for values in every dialect; statements of the outbox have no other ?.
    const result = await transaction.raw(text.replaceAll(/\$\d+/g, "?"), values.map(plain) as never);
    const rows = Array.isArray(result) ? result : (result as { rows?: unknown } | undefined)?.rows;
    return (Array.isArray(rows) ? rows : []) as readonly Row[];
  };
}

function prisma(transaction: PrismaTransaction): Execute {
  return async (text, values) => {
    const rows = await transaction.$queryRawUnsafe(text, ...(values.map(plain) as never[]));
    return (Array.isArray(rows) ? rows : []) as readonly Row[];
  };
}

function plain(value: unknown): unknown {
  if (value === undefined) return null;
  return ArrayBuffer.isView(value) ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : value;
}
