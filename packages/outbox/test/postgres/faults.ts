/**
 * A connection to PostgreSQL that dies before or behind the nth statement: the tables never say what is not true. And claims beside
 * many rows that wait. A program of `npm run interop`.
 */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { createRequire } from "node:module";
import { connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { createSession } from "../../src/database/database.js";
import { createDialect } from "../../src/database/dialect.js";
import { type PgPool, pgConnector } from "../../src/database/postgres.js";
import { type Outbox, openOutbox } from "../../src/index.js";
import { claim } from "../../src/store/claim.js";
import { Clock } from "../support/ground.js";
import { ScriptedTransport, until } from "../support/transport.js";

const url = new URL(process.env["POSTRIDER_POSTGRES"] ?? "postgres://127.0.0.1/none");
const resolve = createRequire(join(process.env["POSTRIDER_DRIVERS"] ?? "", "package.json")).resolve;
const { default: pg } = (await import(pathToFileURL(resolve("pg")).href)) as {
  default: { Pool: new (options: object) => PgPool & NodeJS.EventEmitter };
};
const MAIL = { from: "shop@example.org", to: "alice@example.com", subject: "Thank you", text: "It is on its way." };

type Mode = "before" | "behind";

/** Between a client and PostgreSQL; counts the statements of the client. */
class FragileProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** Statements until it breaks a connection: before it passes one on, or when the reply to it has come. */
  left = Number.POSITIVE_INFINITY;
  mode: Mode = "before";

  constructor() {
    this.#server = createServer((client) => this.#serve(client));
  }

  async listen(): Promise<number> {
    await new Promise<void>((done) => this.#server.listen(0, "127.0.0.1", done));
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((done) => this.#server.close(done));
  }

  #serve(client: Socket): void {
    const server = connect(Number(url.port), "127.0.0.1");
    const end = (): void => {
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.on("error", end).on("close", () => {
        this.#sockets.delete(socket);
        end();
      });
    }
    let isStarted = false;
    let isBreaking = false;
    let rest = Buffer.alloc(0);
    client.on("data", (chunk: Buffer) => {
      rest = Buffer.concat([rest, chunk]);
      const start = isStarted ? 0 : rest.readInt32BE(0);
      isStarted = true;
      let at = start;
      // A simple query, or the end of an extended one.
      while (rest.length >= at + 5 && rest.length >= at + 1 + rest.readInt32BE(at + 1)) {
        const isStatement = rest[at] === 0x51 || rest[at] === 0x53;
        at += 1 + rest.readInt32BE(at + 1);
        if (!isStatement) continue;
        this.left -= 1;
        if (this.left !== 0) continue;
        if (this.mode === "before") return end();
        isBreaking = true;
      }
      server.write(rest.subarray(0, at));
      rest = rest.subarray(at);
    });
    // The reply says that it was carried out, and is not passed on.
    server.on("data", (chunk: Buffer) => (isBreaking ? end() : client.write(chunk)));
  }
}

describe("a connection", () => {
  const schema = `t${randomBytes(4).toString("hex")}`;
  const clock = new Clock();
  const proxy = new FragileProxy();
  const transport = new ScriptedTransport();
  const pools: (PgPool & NodeJS.EventEmitter)[] = [];
  let whole: Outbox;
  let fragile: Outbox;

  function open(port: string): Promise<Outbox> {
    const address = new URL(url);
    address.port = port;
    const pool = new pg.Pool({ connectionString: address.href, max: 3, options: "-c client_min_messages=error" });
    pool.on("error", () => undefined);
    pools.push(pool);
    const functions = clock.in({ dialect: "postgres", ...pgConnector(pool) }, schema);
    return openOutbox({ database: functions, schema, transport });
  }

  before(async () => {
    whole = await open(url.port);
    fragile = await open(String(await proxy.listen()));
  });

  after(async () => {
    await fragile.close();
    await whole.close();
    await pools[0]?.query(`DROP SCHEMA "${schema}" CASCADE`);
    await Promise.all(pools.map((pool) => pool.end()));
    await proxy.close();
  });

  const typesOf = async (id: string): Promise<string[]> => {
    const types = [];
    for await (const { message, type } of whole.events()) if (message === id) types.push(type);
    return types;
  };

  for (const mode of ["before", "behind"] as const) {
    test(`that dies ${mode} any statement of an attempt loses no mail, and doubles none in silence`, async () => {
      let n = 1;
      for (; ; n += 1) {
        const sent = transport.sent.length;
        const to = ["one@example.com", "two@example.com"];
        // A recipient that was settled earlier: more statements.
        const { id } = await whole.enqueue({ ...MAIL, to, subject: `${n}` });
        proxy.mode = mode;
        proxy.left = n;
        await fragile.deliver(id).catch(() => undefined);
        const isBroken = proxy.left <= 0;
        proxy.left = Number.POSITIVE_INFINITY;
        clock.advance(60_001);
        const worker = whole.work({ poll: 1 });
        await until(async () => (await whole.get(id))?.state === "delivered", `${mode} statement ${n}`);
        await worker.stop();
        const times = transport.sent.length - sent;
        const types = await typesOf(id);
        assert(times === 1 || types.includes("unknown"), `${mode} ${n}: sent ${times} times: ${types.join(", ")}`);
        assert.equal(types.filter((type) => type === "accepted").length, 2, `${mode} ${n}: ${types.join(", ")}`);
        assert(!types.includes("late") || types.includes("unknown"), `${mode} ${n}: ${types.join(", ")}`);
        if (!isBroken) break;
      }
      assert(n > 2, `${n} statements`);
    });

    test(`that dies ${mode} any statement of enqueue says what was written`, async () => {
      const content = new Uint8Array(3_000_000);
      for (const message of [MAIL, { ...MAIL, attachments: [{ filename: "a", content }] }]) {
        let n = 1;
        for (; ; n += 1) {
          const key = `${mode} ${n} ${message === MAIL}`;
          proxy.mode = mode;
          proxy.left = n;
          const failure: unknown = await fragile.enqueue(message, { key }).then(
            () => undefined,
            (error: unknown) => error,
          );
          const isBroken = proxy.left <= 0;
          proxy.left = Number.POSITIVE_INFINITY;
          const found = [];
          for await (const { id } of whole.find({ key })) found.push(id);
          if (failure === undefined) assert.equal(found.length, 1, key);
          else {
            const { code, written } = failure as { code?: unknown; written?: unknown };
            assert.equal(code, "database", String(failure));
            if (written === "nothing") assert.equal(found.length, 0, `${key}: ${failure}`);
            // The same call again comes to one mail in any case.
            assert.equal((await fragile.enqueue(message, { key })).created, found.length === 0, key);
          }
          if (!isBroken) break;
        }
        assert(n > 1);
      }
      for await (const { id } of whole.find({ state: "waiting" })) await whole.cancel(id);
    });
  }
});

describe("claims", () => {
  test("take less than 5 ms beside 100 000 rows that wait", async () => {
    const schema = `t${randomBytes(4).toString("hex")}`;
    const pool = new pg.Pool({ connectionString: url.href, max: 3 });
    const outbox = await openOutbox({ database: pool, schema });
    await pool.query(`INSERT INTO "${schema}".message (id, message_id, sender, options, tags, domain, priority, expires_at, lifetime, created_at, size, parts, due_at)
SELECT 'd' || i, '<d' || i || '>', 'a@b', '{}', '{}', 'example.com', i % 3, 4102444800000, 1, 0, 100, 1, 4102440000000 + i FROM generate_series(1, 100000) i`);
    for (let n = 0; n < 10; n += 1) await outbox.enqueue(MAIL);
    // By the server's own clock: this machine may do something else meanwhile.
    const times: number[] = [];
    const explaining = createSession(createDialect("postgres", schema), async (text, values) => {
      const client = await pool.connect();
      await client.query("BEGIN");
      const { rows } = await client.query(`EXPLAIN (ANALYZE, FORMAT JSON) ${text}`, [...values]);
      await client.query("ROLLBACK");
      client.release?.();
      const told = rows[0]?.["QUERY PLAN"] as
        | { "Execution Time": number; Plan: { "Actual Rows": number } }[]
        | undefined;
      assert.equal(told?.[0]?.Plan["Actual Rows"], 10);
      times.push(told?.[0]?.["Execution Time"] ?? Number.NaN);
      return [];
    });
    for (let n = 0; n < 40; n += 1) await claim(explaining, { limit: 10, lease: 60_000 });
    times.sort((a, b) => a - b);
    const [, , , , , , , , , , quarter = 0] = times;
    await outbox.close();
    await pool.query(`DROP SCHEMA "${schema}" CASCADE`);
    await pool.end();
    assert(quarter < 5, `${quarter} ms`);
  });
});
