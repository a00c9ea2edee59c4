/**
 * The database that `openOutbox` is given, as a Database: a URL, a pool, a handle, or the caller's own functions.
 */
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { OptionError } from "postrider";
import { type Connector, createDatabase, type Database } from "./database.js";
import { createDialect, type DialectName, type Execute } from "./dialect.js";
import {
  openPostgres,
  type PGliteLike,
  type PgPool,
  type PostgresJs,
  pgConnector,
  pgliteConnector,
  postgresJsConnector,
} from "./postgres.js";
import { fileOf, isClosed, openSqlite, type SqliteHandle } from "./sqlite.js";

/** A database by functions of the caller's, for drivers that the outbox does not know. */
export interface CustomDatabase {
  /** The SQL that it speaks. */
  readonly dialect: DialectName;
  /** Runs one statement, outside of a transaction. */
  readonly execute: Execute;
  /** Commits when `run` fulfils, rolls back when it rejects. */
  transaction<T>(run: (execute: Execute) => Promise<T>): Promise<T>;
}

/**
 * A pool of pg, a `sql` of postgres.js, a handle of node:sqlite, better-sqlite3 or libsql, PGlite (for tests), or functions. A handle
 * of SQLite names the file: the outbox opens a connection of its own. What the caller opened, the caller closes.
 */
export type DatabaseInput = PgPool | PostgresJs | SqliteHandle | PGliteLike | CustomDatabase;

const RULE =
  "must be a URL (file:..., postgres://...), a pool of pg, a sql of postgres.js, a handle of node:sqlite, better-sqlite3 or libsql, or { dialect, execute, transaction }";

/** @throws OptionError, DriverMissingError */
export async function openDatabase(input: unknown, schema: string, prepares: boolean): Promise<Database> {
  const { dialect, connector } = await connect(input, prepares);
  return createDatabase(createDialect(dialect, schema, prepares), connector);
}

interface Connected {
  readonly dialect: DialectName;
  readonly connector: Connector;
}

async function connect(input: unknown, prepares: boolean): Promise<Connected> {
  const url = urlOf(input);
  if (url !== undefined) return byUrl(url, prepares);
  if ((typeof input !== "object" && typeof input !== "function") || input === null)
    throw new OptionError("database", RULE);
  if (isCustom(input)) return { dialect: input.dialect, connector: custom(input) };
  if (isPostgresJs(input)) {
    if (input.begin === undefined) throw new OptionError("database", "must not be a transaction: give the sql itself");
    return { dialect: "postgres", connector: postgresJsConnector(input) };
  }
  if (isSqlite(input)) {
    if (isClosed(input)) throw new OptionError("database", "must be an open connection");
    const file = fileOf(input);
    if (file === undefined)
      throw new OptionError("database", "must not be a database in memory: no second connection can reach it");
    return { dialect: "sqlite", connector: await openSqlite(file) };
  }
  if (has(input, "query", "transaction")) return { dialect: "postgres", connector: pgliteConnector(input as never) };
  if (has(input, "query", "connect")) {
    // A client has connect() too; statements of several callers would mix in one transaction.
    if (!("totalCount" in input)) throw new OptionError("database", "must be a pool of pg, not a single client");
    return { dialect: "postgres", connector: pgConnector(input as never, prepares) };
  }
  throw new OptionError("database", RULE);
}

function urlOf(input: unknown): string | undefined {
  if (typeof input === "string") return input;
  const isUrl = typeof input === "object" && input !== null && "href" in input && "protocol" in input;
  return isUrl ? String((input as { href: unknown }).href) : undefined;
}

async function byUrl(url: string, prepares: boolean): Promise<Connected> {
  if (/^postgres(?:ql)?:\/\//i.test(url)) return { dialect: "postgres", connector: await openPostgres(url, prepares) };
  // SECURITY: a URL may hold a password, and is not repeated.
  if (!/^file:/i.test(url)) throw new OptionError("database", "must begin with file: or postgres://");
  return { dialect: "sqlite", connector: await openSqlite(pathOf(url)) };
}

/** `file:mail.db` is relative to the working folder, `file:///var/mail.db` is not. */
function pathOf(url: string): string {
  const rest = url.slice("file:".length);
  if (rest === "" || /[?#\0]/.test(rest) || rest.startsWith(":memory:"))
    throw new OptionError("database", "must name a file, without ? and #: file:mail.db");
  try {
    // QUIRK: fileURLToPath of Bun takes %zz, and what stands for it would be the name of a file.
    const path = decodeURIComponent(rest);
    return rest.startsWith("//") ? fileURLToPath(url) : resolve(path);
  } catch (error) {
    throw new OptionError("database", "must name a file of this machine: file:///var/lib/mail.db", { cause: error });
  }
}

function custom(input: CustomDatabase): Connector {
  return {
    execute: (text, values) => input.execute(text, values),
    transaction: (run) => input.transaction(run),
    close: async () => undefined,
  };
}

function isCustom(input: object): input is CustomDatabase {
  if (!has(input, "execute", "transaction") || !("dialect" in input)) return false;
  if (input.dialect !== "postgres" && input.dialect !== "sqlite")
    throw new OptionError("database.dialect", 'must be "postgres" or "sqlite"');
  return true;
}

const isPostgresJs = (input: object): input is PostgresJs => typeof input === "function" && has(input, "unsafe");

const isSqlite = (input: object): input is SqliteHandle => has(input, "prepare", "exec");

function has(input: object, ...methods: readonly string[]): boolean {
  return methods.every((name) => typeof (input as Record<string, unknown>)[name] === "function");
}
