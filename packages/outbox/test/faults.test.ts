/**
 * Databases and relays that break at any moment: the tables never say what is not true.
 */
import assert from "node:assert/strict";
import { createServer, type Server, type Socket } from "node:net";
import { after, before, describe, test } from "node:test";
import { SmtpClient, SmtpPool, send } from "postrider";
import type { Execute } from "../src/database/dialect.js";
import type { CustomDatabase } from "../src/database/open-database.js";
import { DiskFullError, type Outbox, type OutboxTransport, openOutbox } from "../src/index.js";
import { Clock, type Ground, MAIL, openOn, sqliteGround } from "./support/ground.js";
import { ScriptedTransport, until } from "./support/transport.js";

const OFFSET = process.env["POSTRIDER_SEED"] === "random" ? Date.now() % 12 : 0;

/** A relay that closes the connection behind so many bytes of the client's. */
class FragileRelay {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  port = 0;
  /** Bytes of a connection up to the end of its content. */
  contentEnd = 0;
  /** Bytes of each new connection until it breaks. */
  limit = Number.POSITIVE_INFINITY;
  /** Says no to the greeting, the login, ... */
  greeting = "220 relay";
  /** Subjects of messages that it has read to the end. */
  readonly read: string[] = [];

  constructor() {
    this.#server = createServer((socket) => this.#serve(socket));
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    const address = this.#server.address();
    this.port = typeof address === "object" && address !== null ? address.port : 0;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("error", () => undefined).on("close", () => this.#sockets.delete(socket));
    socket.write(`${this.greeting}\r\n`);
    let text = "";
    let isContent = false;
    const limit = this.limit;
    let left = limit;
    socket.on("data", (chunk: Buffer) => {
      for (const byte of chunk) {
        text += String.fromCharCode(byte);
        if (isContent && text.endsWith("\r\n.\r\n")) {
          isContent = false;
          left -= 1;
          this.contentEnd = limit - left;
          this.read.push(/^Subject: (.*)\r$/m.exec(text)?.[1] ?? "");
          text = "";
          if (left > 0) socket.write("250 taken\r\n");
        } else if (isContent) left -= 1;
        else {
          left -= 1;
          if (text.endsWith("\r\n")) {
            isContent = /^DATA/i.test(text);
            const reply = isContent ? "354 go on" : /^EHLO/i.test(text) ? "250 relay" : "250 ok";
            text = "";
            if (left > 0) socket.write(`${reply}\r\n`);
          }
        }
        if (left <= 0) {
          socket.destroy();
          return;
        }
      }
    });
  }
}

describe("a relay", () => {
  const clock = new Clock();
  const relay = new FragileRelay();
  let ground: Ground;
  let outbox: Outbox;

  before(async () => {
    await relay.listen();
    ground = await sqliteGround();
    const server = {
      hostname: "127.0.0.1",
      port: relay.port,
      startTls: false,
      timeout: 5000,
      localHostname: "client.invalid",
    };
    // A connection for each message, and no tries of its own.
    const transport: OutboxTransport = { send: (message, options) => send(message, { ...options, ...server }) };
    outbox = await openOn(ground, clock, { transport });
  });
  after(async () => {
    await outbox.close();
    await ground.close();
    await relay.close();
  });

  test("that breaks behind any byte loses no mail, and doubles none in silence", async () => {
    const first = await outbox.enqueue({ ...MAIL, subject: "limit 100" });
    relay.limit = 1_000_000;
    await outbox.deliver(first.id);
    const end = relay.contentEnd;
    // Each run takes every twelfth; those of random seeds come to all of them.
    const limits = Array.from({ length: Math.floor(end / 12) }, (_, n) => 1 + OFFSET + n * 12);
    let doubled = 0;
    for (const limit of [...limits, end - 2, end - 1, end, end + 1]) {
      if (limit === 100) continue;
      const subject = `limit ${limit}`;
      const { id } = await outbox.enqueue({ ...MAIL, subject });
      relay.limit = limit;
      await outbox.deliver(id);
      relay.limit = Number.POSITIVE_INFINITY;
      // Whatever it came to, now all works.
      await outbox.resume();
      const settled = await outbox.get(id);
      if (settled?.state === "waiting") await outbox.deliver(id);
      assert.equal((await outbox.get(id))?.state, "delivered", subject);
      const times = relay.read.filter((one) => one === subject).length;
      assert(times >= 1, `${subject} is lost`);
      if (times === 1) continue;
      doubled += 1;
      const types = [];
      for await (const { message, type } of outbox.events()) if (message === id) types.push(type);
      assert(types.includes("unknown"), `${subject} came ${times} times, and the events are ${types.join(", ")}`);
    }
    assert(doubled >= 1, "at least the last byte leaves it open");
  });

  for (const [name, greeting] of [
    ["that is busy", "421 4.3.2 not now"],
    ["that is none", "554 5.3.2 no mail here"],
  ] as const) {
    test(`${name} at the greeting pauses the transport, and spends no attempt`, async () => {
      relay.greeting = greeting;
      const { id } = await outbox.enqueue(MAIL);
      const message = await outbox.deliver(id);
      assert.deepEqual([message.state, message.attempt], ["waiting", 0]);
      const { paused } = await outbox.stats();
      assert.equal(paused?.kind, "fault");
      assert.match(paused?.reason ?? "", /4\.3\.2|5\.3\.2/);
      relay.greeting = "220 relay";
      await outbox.resume();
      assert.equal((await outbox.deliver(id)).state, "delivered");
    });
  }

  test("a pool that was closed, and a client that was never connected, pause the transport, and spend no attempt", async () => {
    const pool = new SmtpPool({ hostname: "127.0.0.1", port: 1 });
    await pool.close();
    for (const transport of [pool, new SmtpClient({ hostname: "127.0.0.1", port: 1 })]) {
      const other = await openOn(ground, clock, { transport });
      const { id } = await other.enqueue(MAIL);
      assert.equal((await other.deliver(id)).attempt, 0);
      assert.equal((await other.stats()).paused?.kind, "fault");
      await other.resume();
      await other.close();
    }
  });

  test("that nobody listens at pauses the transport", async () => {
    const dead = new SmtpPool({ hostname: "127.0.0.1", port: 1, startTls: false, timeout: 2000 });
    const other = await openOn(ground, clock, { transport: dead });
    const { id } = await other.enqueue(MAIL);
    assert.equal((await other.deliver(id)).attempt, 0);
    assert.equal((await other.stats()).paused?.kind, "fault");
    await other.resume();
    await dead.close({ force: true });
    await other.close();
  });
});

/** Fails once: at the nth statement, which is carried out or not, and with it at the rest of its transaction. */
class FragileDatabase implements CustomDatabase {
  readonly dialect = "sqlite";
  readonly #inner: CustomDatabase;
  /** Statements until it breaks. */
  left = Number.POSITIVE_INFINITY;
  constructor(inner: CustomDatabase) {
    this.#inner = inner;
  }
  #breaking(execute: Execute): Execute {
    return async (text, values) => {
      this.left -= 1;
      if (this.left === 0) throw new Error("the connection broke");
      return execute(text, values);
    };
  }
  get execute(): Execute {
    return this.#breaking(this.#inner.execute);
  }
  transaction<T>(run: (execute: Execute) => Promise<T>): Promise<T> {
    return this.#inner.transaction((execute) => run(this.#breaking(execute)));
  }
}

describe("a database", () => {
  test("that is full says so, keeps what it has, and takes mail again when there is room", async () => {
    const ground = await sqliteGround();
    const { functions, schema } = ground;
    const outbox = await openOutbox({ database: functions, schema });
    const pragma = async (name: string): Promise<number> => {
      const [row] = await functions.execute(`PRAGMA ${name}`, []);
      return Number(Object.values(row ?? {})[0]);
    };
    await outbox.enqueue(MAIL, { key: "before" });
    await pragma(`max_page_count = ${await pragma("page_count")}`);
    const content = new Uint8Array(500_000);
    for (const message of [
      { ...MAIL, attachments: [{ filename: "a", content }] },
      { ...MAIL, attachments: [{ filename: "a", content: Buffer.concat(Array(8).fill(content)) }] },
    ]) {
      await assert.rejects(outbox.enqueue(message, { key: "full" }), (error) => {
        assert(error instanceof DiskFullError, String(error));
        assert.deepEqual([error.code, error.written], ["disk-full", "nothing"]);
        return true;
      });
    }
    // Small ones that come at the same time are one transaction with it, and fail as it does.
    const all = await Promise.allSettled(
      Array.from({ length: 40 }, (_, n) => outbox.enqueue({ ...MAIL, text: "x".repeat(20_000) }, { key: `${n}` })),
    );
    for (const one of all)
      if (one.status === "rejected") assert(one.reason instanceof DiskFullError, String(one.reason));
    const keys = [];
    for await (const { key } of outbox.find()) keys.push(key);
    const written = all.filter(({ status }) => status === "fulfilled").length;
    assert.equal(keys.length, 1 + written, "what was acknowledged is there, and nothing else");
    await pragma("max_page_count = 1000000");
    assert.equal((await outbox.enqueue(MAIL, { key: "full" })).created, true);
    await outbox.close();
    await ground.close();
  });

  test("that cannot be reached is a DatabaseError: nothing was written, and lost in COMMIT it is unknown", async () => {
    const refused = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED", syscall: "connect" });
    const cases: readonly [Error, string, string][] = [
      [refused, "database", "nothing"],
      [Object.assign(new Error("Connection terminated unexpectedly")), "database", "unknown"],
      [Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET", syscall: "read" }), "database", "unknown"],
      [Object.assign(new Error("terminating connection"), { code: "57P01" }), "database", "unknown"],
      [Object.assign(new Error("no permission"), { code: "42501" }), "database", "nothing"],
      [Object.assign(new Error("could not extend file"), { code: "53100" }), "disk-full", "nothing"],
    ];
    for (const [failure, code, written] of cases) {
      let isAway = false;
      const answer: Execute = async (text) => {
        if (isAway) throw failure;
        return /max\(version\)/.test(text) ? [{ version: 1 }] : [{ found: 1 }];
      };
      const outbox = await openOutbox({
        database: { dialect: "postgres", execute: answer, transaction: (run) => run(answer) } satisfies CustomDatabase,
      });
      isAway = true;
      await assert.rejects(outbox.enqueue(MAIL), { code, written }, failure.message);
      await outbox.close();
    }
  });

  test("that breaks at any statement of an attempt loses no mail, and doubles none in silence", async () => {
    const ground = await sqliteGround();
    const clock = new Clock();
    const fragile = new FragileDatabase(clock.in(ground.functions, ground.schema));
    const transport = new ScriptedTransport();
    const outbox = await openOutbox({ database: fragile, schema: ground.schema, transport });
    let statements = 0;
    for (let n = 1; n === 1 || statements >= n - 1; n += 1) {
      const before = transport.sent.length;
      const { id } = await outbox.enqueue({ ...MAIL, subject: `${n}` });
      fragile.left = n;
      const failed = await outbox.deliver(id).then(
        () => false,
        () => true,
      );
      statements = n - fragile.left;
      fragile.left = Number.POSITIVE_INFINITY;
      if (failed) clock.advance(60_001);
      const worker = outbox.work({ poll: 1 });
      await until(async () => (await outbox.get(id))?.state === "delivered", `statement ${n}`);
      await worker.stop();
      const times = transport.sent.length - before;
      const types = [];
      for await (const { message, type } of outbox.events()) if (message === id) types.push(type);
      assert(times === 1 || types.includes("unknown"), `${n}: sent ${times} times: ${types.join(", ")}`);
      assert.equal(types.filter((type) => type === "accepted").length, 1);
      if (statements < n) break;
    }
    assert(statements > 4, `${statements} statements`);
    await outbox.close();
    await ground.close();
  });

  test("that breaks at any statement of enqueue leaves nothing, and says so", async () => {
    const ground = await sqliteGround();
    const fragile = new FragileDatabase(ground.functions);
    const outbox = await openOutbox({ database: fragile, schema: ground.schema });
    let n = 1;
    for (; ; n += 1) {
      fragile.left = n;
      const error: unknown = await outbox.enqueue(MAIL, { key: "k" }).then(
        () => undefined,
        (failure: unknown) => failure,
      );
      fragile.left = Number.POSITIVE_INFINITY;
      if (error === undefined) break;
      const { code, written } = error as { code?: unknown; written?: unknown };
      assert.deepEqual([code, written], ["database", "nothing"], String(error));
      assert.deepEqual((await outbox.stats()).messages.waiting, 0, `statement ${n}`);
    }
    assert(n > 3);
    assert.equal((await outbox.stats()).messages.waiting, 1);
    await outbox.close();
    await ground.close();
  });
});
