/**
 * The tables, as numbered steps. A step that was published is never changed; what is new is a new step.
 */
import { OptionError } from "postrider";
import { SchemaMissingError, SchemaNewerError } from "../errors.js";
import type { Database, Session } from "./database.js";
import { createDialect, type Dialect, type DialectName } from "./dialect.js";

/** The schema of PostgreSQL, and the prefix of the tables in SQLite, unless another is given. */
export const DEFAULT_SCHEMA = "postrider";

type Step = (dialect: Dialect) => readonly string[];

const STEPS: readonly Step[] = [
  ({ name, table }) => {
    const bytes = name === "postgres" ? "bytea" : "blob";
    const serial =
      name === "postgres" ? "bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY" : "integer PRIMARY KEY AUTOINCREMENT";
    const index = (of: string, suffix: string): string =>
      name === "postgres" ? `"${of}_${suffix}"` : `${table(`${of}_${suffix}`)}`;
    return [
      `CREATE TABLE ${table("message")} (
  id text PRIMARY KEY,
  key text UNIQUE,
  fingerprint text,
  message_id text NOT NULL,
  envelope_id text,
  state text NOT NULL DEFAULT 'waiting',
  sender text NOT NULL,
  options text NOT NULL,
  tags text NOT NULL,
  domain text,
  priority integer NOT NULL DEFAULT 0,
  on_unknown text NOT NULL DEFAULT 'resend',
  fence bigint NOT NULL DEFAULT 0,
  leased integer NOT NULL DEFAULT 0,
  attempt integer NOT NULL DEFAULT 0,
  failures integer NOT NULL DEFAULT 0,
  doubts integer NOT NULL DEFAULT 0,
  due_at bigint,
  expires_at bigint NOT NULL,
  lifetime bigint NOT NULL,
  created_at bigint NOT NULL,
  size bigint NOT NULL,
  parts integer NOT NULL
)`,
      `CREATE INDEX ${index("message", "due")} ON ${table("message")} (priority, due_at) WHERE due_at IS NOT NULL`,
      `CREATE INDEX ${index("message", "expiry")} ON ${table("message")} (expires_at) WHERE due_at IS NOT NULL`,
      `CREATE INDEX ${index("message", "state")} ON ${table("message")} (state, created_at)`,
      `CREATE INDEX ${index("message", "created")} ON ${table("message")} (created_at)`,
      `CREATE INDEX ${index("message", "message_id")} ON ${table("message")} (message_id)`,
      `CREATE TABLE ${table("recipient")} (
  message text NOT NULL,
  n integer NOT NULL,
  address text NOT NULL,
  lookup text NOT NULL,
  domain text NOT NULL,
  options text,
  state text NOT NULL DEFAULT 'waiting',
  attempts integer NOT NULL DEFAULT 0,
  reply text,
  PRIMARY KEY (message, n)
)${name === "postgres" ? " WITH (fillfactor = 70)" : ""}`,
      `CREATE INDEX ${index("recipient", "lookup")} ON ${table("recipient")} (lookup)`,
      `CREATE TABLE ${table("content")} (
  message text NOT NULL,
  part integer NOT NULL,
  written_at bigint NOT NULL,
  bytes ${bytes} NOT NULL,
  PRIMARY KEY (message, part)
)`,
      `CREATE TABLE ${table("event")} (
  n ${serial},
  position bigint,
  at bigint NOT NULL,
  type text NOT NULL,
  message text,
  recipient text,
  reply text,
  attempt integer,
  reason text
)`,
      // PERF: an event has no position when it is written, and then no entry in this index.
      `CREATE UNIQUE INDEX ${index("event", "position")} ON ${table("event")} (position) WHERE position IS NOT NULL`,
      `CREATE INDEX ${index("event", "new")} ON ${table("event")} (n) WHERE position IS NULL`,
      `CREATE INDEX ${index("event", "message")} ON ${table("event")} (message) WHERE message IS NOT NULL`,
      `CREATE TABLE ${table("suppression")} (
  lookup text PRIMARY KEY,
  address text NOT NULL,
  reason text,
  at bigint NOT NULL
)`,
      `CREATE TABLE ${table("pause")} (
  name text PRIMARY KEY,
  kind text NOT NULL,
  reason text,
  since bigint NOT NULL,
  until_at bigint,
  failures integer NOT NULL DEFAULT 0
)`,
      `CREATE TABLE ${table("listener")} (id text PRIMARY KEY, until_at bigint NOT NULL)`,
      `CREATE TABLE ${table("rate")} (name text PRIMARY KEY)`,
      `CREATE TABLE ${table("rate_use")} (name text NOT NULL, at bigint NOT NULL, messages integer NOT NULL)`,
      `CREATE INDEX ${index("rate_use", "name")} ON ${table("rate_use")} (name, at)`,
    ];
  },
];

/** The version of the tables that this package works with. */
const SCHEMA_VERSION: number = STEPS.length;

/**
 * The statements that make the tables, for tools that run migrations themselves. They are for an empty database; then open the outbox
 * with `migrate: false`.
 *
 * @param schema the schema in PostgreSQL, the prefix of the tables in SQLite; default `"postrider"`
 * @throws OptionError
 */
export function migrationSql(dialect: DialectName, schema: string = DEFAULT_SCHEMA): string {
  if (dialect !== "postgres" && dialect !== "sqlite")
    throw new OptionError("dialect", 'must be "postgres" or "sqlite"');
  const made = createDialect(dialect, checkSchema(schema));
  const head = dialect === "postgres" ? [`CREATE SCHEMA IF NOT EXISTS "${made.schema}"`] : [];
  const steps = STEPS.flatMap((step, index) => [`-- version ${index + 1}`, ...step(made), recordOf(made, index + 1)]);
  const statements = [...head, versionTable(made), ...steps];
  return `${statements.map((one) => (one.startsWith("--") ? one : `${one};`)).join("\n")}\n`;
}

/** SECURITY: the name becomes part of statements. @throws OptionError */
export function checkSchema(schema: unknown): string {
  if (typeof schema !== "string" || !/^[a-z_][a-z0-9_]{0,39}$/.test(schema)) {
    throw new OptionError("schema", "must be 1 to 40 of the characters a-z, 0-9 and _, the first of them no digit");
  }
  if (/^(?:pg_|sqlite(?:_|$))/.test(schema))
    throw new OptionError("schema", "must not begin with pg_ or sqlite, which the databases reserve");
  return schema;
}

const versionTable = (dialect: Dialect): string =>
  `CREATE TABLE IF NOT EXISTS ${dialect.table("migration")} (version integer PRIMARY KEY, at bigint NOT NULL)`;

const recordOf = ({ table, now }: Dialect, version: number): string =>
  `INSERT INTO ${table("migration")} (version, at) VALUES (${version}, ${now})`;

/**
 * Brings the tables to this version. Several processes may do so at once.
 *
 * @throws SchemaNewerError when a newer package made the tables
 */
export async function migrate(database: Database): Promise<void> {
  if ((await checkedVersion(database.session)) === SCHEMA_VERSION) return;
  await database.transaction(async (session) => {
    const { dialect } = session;
    if (dialect.name === "postgres") {
      await session.execute("SELECT pg_advisory_xact_lock(hashtext(?::text))", [`postrider ${dialect.schema}`]);
      const found = await session.execute("SELECT 1 FROM pg_namespace WHERE nspname = ?::text", [dialect.schema]);
      // Who may not create schemas can be given one.
      if (found.length === 0) await session.execute(`CREATE SCHEMA IF NOT EXISTS "${dialect.schema}"`);
    }
    // Another process may have been first.
    const version = await checkedVersion(session);
    if (version === 0) await session.execute(versionTable(dialect));
    for (const [index, step] of STEPS.entries()) {
      if (index < version) continue;
      for (const statement of step(dialect)) await session.execute(statement);
      await session.execute(recordOf(dialect, index + 1));
    }
  });
}

/** @throws SchemaNewerError, SchemaMissingError */
export async function requireSchema(database: Database): Promise<void> {
  const version = await checkedVersion(database.session);
  if (version < SCHEMA_VERSION) throw new SchemaMissingError(version, SCHEMA_VERSION);
}

async function checkedVersion(session: Session): Promise<number> {
  const version = await readVersion(session);
  if (version > SCHEMA_VERSION) throw new SchemaNewerError(version, SCHEMA_VERSION);
  return version;
}

/** 0: no tables. */
async function readVersion(session: Session): Promise<number> {
  const { name, schema, table } = session.dialect;
  const there =
    name === "postgres"
      ? await session.execute(
          "SELECT 1 FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace WHERE s.nspname = ?::text AND c.relname = 'migration'",
          [schema],
        )
      : await session.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", [`${schema}_migration`]);
  if (there.length === 0) return 0;
  const [row] = await session.execute(`SELECT max(version) AS version FROM ${table("migration")}`);
  return Number(row?.["version"] ?? 0);
}
