/**
 * The suite over PostgreSQL, and transactions of drivers and query builders. A program of `npm run interop`, which says by the
 * environment where the server and the drivers are.
 */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import {
  type PgClient,
  type PgPool,
  type PostgresJs,
  pgConnector,
  postgresJsConnector,
} from "../../src/database/postgres.js";
import { type Outbox, openOutbox, type TransactionInput, TransactionOverError } from "../../src/index.js";
import { edgeSuite } from "../support/edge-suite.js";
import type { Ground, OpenGround } from "../support/ground.js";
import { hostileSuite } from "../support/hostile-suite.js";
import { lookSuite } from "../support/look-suite.js";
import { outboxSuite } from "../support/suite.js";
import { ScriptedTransport, until } from "../support/transport.js";

const url = process.env["POSTRIDER_POSTGRES"] ?? "";
const folder = process.env["POSTRIDER_DRIVERS"] ?? "";
const resolve = createRequire(join(folder, "package.json")).resolve;

/** A module of the drivers' folder. Nothing is known of its types here. */
async function load<Module>(name: string): Promise<Module> {
  const module: { default?: Module } = await import(pathToFileURL(resolve(name)).href);
  return (module.default ?? module) as Module;
}

const pg = await load<{ Pool: new (options: object) => PgPool }>("pg");
const postgres = await load<(url: string, options: object) => PostgresJs>("postgres");

const newSchema = (): string => `t${randomBytes(4).toString("hex")}`;

async function drop(pool: PgPool, schema: string): Promise<void> {
  await pool.query(`DROP SCHEMA IF EXISTS "${schema}" CASCADE`);
  await pool.end();
}

async function caller(pool: PgPool): ReturnType<Ground["caller"]> {
  const client: PgClient = await pool.connect();
  return {
    begin: async () => void (await client.query("BEGIN")),
    commit: async () => void (await client.query("COMMIT")),
    rollback: async () => void (await client.query("ROLLBACK")),
    transaction: client,
    close: async () => client.release?.(),
  };
}

const pgGround: OpenGround = async () => {
  const schema = newSchema();
  const pool = new pg.Pool({ connectionString: url, max: 5, options: "-c client_min_messages=error" });
  return {
    schema,
    database: url,
    functions: { dialect: "postgres", ...pgConnector(pool) },
    caller: () => caller(pool),
    close: () => drop(pool, schema),
  };
};

const postgresJsGround: OpenGround = async () => {
  const schema = newSchema();
  const sql = postgres(url, { max: 5, onnotice: () => undefined });
  const pool = new pg.Pool({ connectionString: url, max: 2, options: "-c client_min_messages=error" });
  return {
    schema,
    database: sql as never,
    functions: { dialect: "postgres", ...postgresJsConnector(sql) },
    caller: () => caller(pool),
    close: async () => {
      await sql.end?.();
      await drop(pool, schema);
    },
  };
};

for (const suite of [outboxSuite, lookSuite, edgeSuite, hostileSuite]) {
  suite("pg", pgGround);
  suite("postgres.js", postgresJsGround);
}

/** Runs in a transaction of a query builder, which is rolled back when `run` rejects. */
type Transact = (run: (transaction: TransactionInput) => Promise<void>) => Promise<unknown>;

interface Transactions {
  transaction(run: (transaction: never) => Promise<void>): Promise<unknown>;
}

const MAIL = { from: "shop@example.org", to: "alice@example.com", subject: "Thank you", text: "It is on its way." };

for (const [name, ground] of [
  ["pg", pgGround],
  ["postgres.js", postgresJsGround],
] as const) {
  describe(name, () => {
    test("a worker that asks for it is woken by what another program enqueues", async () => {
      const place = await ground();
      const { database, schema } = place;
      const transport = new ScriptedTransport();
      const working = await openOutbox({ database, schema, transport });
      const producer = await openOutbox({ database, schema });
      const worker = working.work({ wake: "notify", poll: 60_000 });
      const listening = `SELECT 1 FROM "${schema}".listener`;
      await until(async () => (await place.functions.execute(listening, [])).length === 1, "a row of the listener");
      // The look that the row itself caused is over.
      await new Promise((resolve) => setTimeout(resolve, 200));
      const { id } = await producer.enqueue(MAIL);
      await until(async () => (await producer.get(id))?.state === "delivered", "delivered within a poll of a minute");
      await worker.stop();
      assert.equal((await place.functions.execute(listening, [])).length, 0);
      await working.close();
      await producer.close();
      await place.close();
    });
  });
}

describe("transactions", () => {
  test("of the outbox itself see what was committed meanwhile, whatever the database's default is", async () => {
    const options = "-c default_transaction_isolation=serializable";
    const pool = new pg.Pool({ connectionString: url, max: 1, options });
    const sql = postgres(url, { max: 1, connection: { options } });
    for (const connector of [pgConnector(pool), postgresJsConnector(sql)]) {
      const [row] = await connector.transaction((execute) => execute("SHOW transaction_isolation", []));
      assert.equal(row?.["transaction_isolation"], "read committed");
    }
    await pool.end();
    await sql.end?.();
  });

  test("statements that are prepared by name: in pools and in callers' transactions", async () => {
    const schema = newSchema();
    const pool = new pg.Pool({ connectionString: url, max: 3, options: "-c client_min_messages=error" });
    const outbox = await openOutbox({ database: pool, schema, prepare: true, transport: new ScriptedTransport() });
    const client = await pool.connect();
    await client.query("BEGIN");
    const ids = [];
    for (let n = 0; n < 3; n += 1) ids.push((await outbox.enqueue(MAIL, { in: client, key: `${n}` })).id);
    await client.query("COMMIT");
    const { rows } = await client.query("SELECT name FROM pg_prepared_statements WHERE name LIKE 'postrider_%'");
    assert(rows.length > 0);
    await assert.rejects(outbox.enqueue(MAIL, { in: client }), TransactionOverError);
    client.release?.();
    for (const id of ids) assert.equal((await outbox.deliver(id)).state, "delivered");
    await outbox.close();
    await drop(pool, schema);
  });

  const schema = newSchema();
  let pool: PgPool;
  let outbox: Outbox;
  before(async () => {
    pool = new pg.Pool({ connectionString: url, max: 5, options: "-c client_min_messages=error" });
    outbox = await openOutbox({ database: pool, schema });
  });
  after(async () => {
    await outbox.close();
    await drop(pool, schema);
  });

  const builders: Readonly<Record<string, () => Promise<{ transact: Transact; end(): Promise<unknown> }>>> = {
    "postgres.js": async () => {
      const sql = postgres(url, { onnotice: () => undefined });
      return { transact: async (run) => sql.begin?.((tx) => run(tx)), end: async () => sql.end?.() };
    },
    "Drizzle over pg": async () => {
      const { drizzle } = await load<{ drizzle(pool: PgPool): Transactions }>("drizzle-orm/node-postgres");
      const db = drizzle(pool);
      return { transact: (run) => db.transaction(run), end: async () => undefined };
    },
    "Drizzle over postgres.js": async () => {
      const { drizzle } = await load<{ drizzle(sql: PostgresJs): Transactions }>("drizzle-orm/postgres-js");
      const sql = postgres(url, { onnotice: () => undefined });
      const db = drizzle(sql);
      return { transact: (run) => db.transaction(run), end: async () => sql.end?.() };
    },
    Kysely: async () => {
      const { Kysely, PostgresDialect } = await load<{
        Kysely: new (options: object) => { transaction(): { execute: Transactions["transaction"] } };
        PostgresDialect: new (options: object) => object;
      }>("kysely");
      const db = new Kysely({ dialect: new PostgresDialect({ pool }) });
      return { transact: (run) => db.transaction().execute(run), end: async () => undefined };
    },
    Knex: async () => {
      const knex = await load<(options: object) => Transactions & { destroy(): Promise<void> }>("knex");
      const db = knex({ client: "pg", connection: url });
      return { transact: (run) => db.transaction(run), end: () => db.destroy() };
    },
  };

  for (const [name, make] of Object.entries(builders)) {
    test(`${name}: mail is owed with the transaction, gone with it, and refused after it`, async () => {
      const { transact, end } = await make();
      let over: TransactionInput | undefined;
      let id = "";
      try {
        await assert.rejects(
          transact(async (tx) => {
            ({ id } = await outbox.enqueue(MAIL, { in: tx }));
            throw new Error("no");
          }),
          /no/,
        );
        assert.equal(await outbox.get(id), undefined);
        await transact(async (tx) => {
          over = tx;
          ({ id } = await outbox.enqueue(
            { ...MAIL, attachments: [{ filename: "a", content: new Uint8Array(2_000_000) }] },
            { in: tx, key: `${name}:1` },
          ));
        });
        assert.equal((await outbox.get(id))?.state, "waiting");
        assert(over !== undefined);
        await assert.rejects(outbox.enqueue(MAIL, { in: over }), (error: Error) => {
          assert(error instanceof TransactionOverError, `${error.name}: ${error.message}`);
          return true;
        });
      } finally {
        await end();
      }
    });
  }
});

describe("PGlite", () => {
  test("a mail is enqueued and delivered", async () => {
    const { PGlite } = await load<{ PGlite: new () => { close(): Promise<void> } }>("@electric-sql/pglite");
    const database = new PGlite();
    const transport = {
      send: async (_: unknown, { recipients }: { recipients?: unknown }) => ({
        envelope: { sender: "", recipients: recipients as string[] },
        accepted: recipients as string[],
        refused: [],
        reply: { code: 250, enhancedCode: undefined, lines: ["ok"], message: "ok" },
        messageId: undefined,
        size: 0,
        extensions: new Map(),
        envelopeTime: 0,
        contentTime: 0,
      }),
    };
    const outbox = await openOutbox({ database: database as never, transport });
    const { id } = await outbox.enqueue(MAIL);
    assert.equal((await outbox.deliver(id)).state, "delivered");
    await outbox.close();
    await database.close();
  });
});
