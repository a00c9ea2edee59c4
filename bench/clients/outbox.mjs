// @ts-check
/**
 * The outbox and what people use in its place, one job a process: `node outbox.mjs JOB`, which prints one sample as JSON.
 * pg-boss is in outbox-pg-boss.mjs.
 *
 * Layer: bench.
 */

import { libraryModule, outboxModule } from "../../scripts/workspace/built.mjs";
import { loadPeer, readJob } from "./job.mjs";
import { PgBossMails } from "./outbox-pg-boss.mjs";

/**
 * @typedef {object} OutboxJob
 * @property {"pool" | "outbox" | "bullmq" | "pg-boss"} contender
 * @property {"deliver" | "enqueue" | "enqueue-20" | "enqueue-20-each" | "settle" | "settle-each" | "latency"} work
 * @property {number} count Messages that count.
 * @property {number} port Of the SMTP server.
 * @property {string} database A URL.
 * @property {number} redis The port.
 * @property {"poll" | "notify"} wake
 * @property {number} [batch] Most messages that the worker holds, in place of its default.
 * @property {string} peers Folder with the other packages.
 */

const CONNECTIONS = 5;
/** Callers of enqueue at once, each with a transaction of its own. */
const CALLERS = 20;
/** Mails of one transaction in "enqueue-20", and its callers at once. */
const TOGETHER = 20;
const CALLERS_TOGETHER = 5;
/** Messages before the time counts. */
const WARMUP = 2000;

const job = /** @type {OutboxJob} */ (readJob());
const schema = `bench${process.pid}`;
const ORDER = `INSERT INTO "${schema}".orders (email) VALUES ($1)`;

/** @param {number} n */
const mail = (n) => ({
  from: "shop@example.org",
  to: `u${n}@example.com`,
  subject: `Order ${n}`,
  text: "x".repeat(700),
});

/** The mails of the nth transaction. */
const together = (/** @type {number} */ n) =>
  Array.from({ length: TOGETHER }, (_, index) => mail(n * TOGETHER + index));

const CONTENDERS = {
  pool: { deliver: poolDelivers },
  outbox: {
    deliver: outboxDelivers,
    enqueue: outboxEnqueues,
    "enqueue-20": outboxEnqueuesTogether,
    settle: outboxSettles,
    latency: outboxLatency,
  },
  bullmq: { deliver: bullmqDelivers },
  "pg-boss": {
    enqueue: pgBossEnqueues,
    "enqueue-20": () => pgBossEnqueuesTogether("together"),
    "enqueue-20-each": () => pgBossEnqueuesTogether("each"),
    settle: () => pgBossSettles("together"),
    "settle-each": () => pgBossSettles("each"),
  },
};
const run = /** @type {Record<string, () => Promise<object>>} */ (CONTENDERS[job.contender])[job.work];
console.log(JSON.stringify(await run?.()));
process.exit(0);

async function newPool() {
  const { SmtpPool } = await libraryModule();
  return new SmtpPool({ hostname: "127.0.0.1", port: job.port, startTls: false, maxConnections: CONNECTIONS });
}

/** @param {any} [transport] */
async function openOutbox(transport) {
  const { openOutbox: open } = await outboxModule();
  return open({ database: await database(), schema, transport, prepare: true });
}

async function database() {
  return job.database.startsWith("file:") ? job.database : /** @type {any} */ (await pgPool());
}

async function pgPool() {
  const { default: pg } = await loadPeer(job, "pg");
  return new pg.Pool({ connectionString: job.database, max: CALLERS });
}

/**
 * Messages a second of what `all` does with so many.
 * @param {number} count
 * @param {() => Promise<unknown>} all
 */
async function rate(count, all) {
  const start = performance.now();
  await all();
  return { rate: (count * 1000) / (performance.now() - start) };
}

/** @param {(n: number) => Promise<unknown>} one */
async function byCallers(/** @type {number} */ count, one, callers = CALLERS) {
  let next = 0;
  const caller = async () => {
    while (next < count) await one(next++);
  };
  await Promise.all(Array.from({ length: callers }, caller));
}

/**
 * Writes in a transaction of its own.
 * @param {any} pool
 * @param {(client: any) => Promise<unknown>} write
 */
async function inTransaction(pool, write) {
  const client = await pool.connect();
  await client.query("BEGIN");
  await write(client);
  await client.query("COMMIT");
  client.release();
}

async function poolDelivers() {
  const pool = await newPool();
  const all = async (/** @type {number} */ count) => {
    for await (const outcome of pool.sendAll(Array.from({ length: count }, (_, n) => mail(n)))) {
      if ("error" in outcome) throw outcome.error;
    }
  };
  await all(WARMUP);
  return rate(job.count, () => all(job.count));
}

/**
 * Fills the outbox and waits until it is empty, first with a few.
 * @param {any} transport Tells each message that was sent.
 */
async function drain(transport) {
  const outbox = await openOutbox(transport);
  const fill = async (/** @type {number} */ count) => {
    for await (const _ of outbox.enqueueAll(Array.from({ length: count }, (_, n) => ({ message: mail(n) }))));
  };
  // The worker's own counts: those of the database, asked for all the time, would cost as much as the work.
  const empty = async (/** @type {number} */ count) => {
    const worker = outbox.work({ batch: job.batch });
    while (worker.stats.finished < count) await new Promise((resolve) => setTimeout(resolve, 5));
    await worker.stop();
    const { messages } = await outbox.stats();
    if (messages.waiting + messages.sending + messages.failed + messages.unknown > 0)
      throw new Error("not all delivered");
  };
  await fill(WARMUP);
  await empty(WARMUP);
  await fill(job.count);
  return rate(job.count, () => empty(job.count));
}

async function outboxDelivers() {
  return drain(await newPool());
}

async function outboxSettles() {
  const reply = { code: 250, enhancedCode: undefined, lines: ["ok"], message: "ok" };
  return drain({
    // Twice this is in flight, as many as the two batches of pg-boss.
    capacity: 100,
    send: async (/** @type {unknown} */ _, /** @type {{ recipients: string[] }} */ { recipients }) => ({
      envelope: { sender: "", recipients },
      accepted: recipients,
      refused: [],
      reply,
    }),
  });
}

async function openShop() {
  const outbox = await openOutbox();
  const pool = await pgPool();
  await pool.query(`CREATE TABLE "${schema}".orders (id bigint GENERATED ALWAYS AS IDENTITY, email text)`);
  return { outbox, pool };
}

/** An order and its mail in one transaction. */
async function outboxEnqueues() {
  const { outbox, pool } = await openShop();
  const one = (/** @type {number} */ n) =>
    inTransaction(pool, async (client) => {
      await client.query(ORDER, [mail(n).to]);
      await outbox.enqueue(mail(n), { in: client });
    });
  await byCallers(WARMUP, one);
  return rate(job.count, () => byCallers(job.count, one));
}

/** An order with twenty mails in one transaction: one for each who ships a part of it. */
async function outboxEnqueuesTogether() {
  const { outbox, pool } = await openShop();
  const some = (/** @type {number} */ n) =>
    inTransaction(pool, async (client) => {
      await client.query(ORDER, [mail(n).to]);
      for await (const _ of outbox.enqueueAll(
        together(n).map((message) => ({ message })),
        { in: client },
      ));
    });
  await byCallers(WARMUP / TOGETHER, some, CALLERS_TOGETHER);
  return rate(job.count, () => byCallers(job.count / TOGETHER, some, CALLERS_TOGETHER));
}

/** From the call of enqueue to MAIL, by a worker that has nothing else to do and hears nothing of it in its own process. */
async function outboxLatency() {
  const { tracingChannel } = await import("node:diagnostics_channel");
  let sent = () => undefined;
  tracingChannel("postrider:command").start.subscribe((message) => {
    const { command, port } = /** @type {{ command: string, port: number }} */ (message);
    if (command === "MAIL" && port === job.port) sent();
  });
  const working = await openOutbox(await newPool());
  const producer = await openOutbox();
  working.work({ wake: job.wake });
  const times = [];
  for (let n = 0; n < job.count; n += 1) {
    await new Promise((resolve) => setTimeout(resolve, 300 + Math.random() * 250));
    const mailed = new Promise((/** @type {(value: undefined) => void} */ resolve) => {
      sent = () => void resolve(undefined);
    });
    const start = performance.now();
    await producer.enqueue(mail(n));
    await mailed;
    if (n > 1) times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  return { rate: times[Math.floor(times.length / 2)] };
}

async function bullmqDelivers() {
  const { Queue, Worker } = await loadPeer(job, "bullmq");
  const { createTransport } = (await loadPeer(job, "nodemailer")).default;
  const connection = { host: "127.0.0.1", port: job.redis, maxRetriesPerRequest: null };
  const transporter = createTransport({
    host: "127.0.0.1",
    port: job.port,
    pool: true,
    maxConnections: CONNECTIONS,
    maxMessages: Number.POSITIVE_INFINITY,
    ignoreTLS: true,
  });
  const queue = new Queue(schema, { connection });
  let left = 0;
  let empty = () => undefined;
  const worker = new Worker(
    schema,
    async (/** @type {{ data: object }} */ { data }) => {
      await transporter.sendMail(data);
    },
    { connection, concurrency: 80, autorun: false },
  );
  worker.on("completed", () => {
    left -= 1;
    if (left === 0) empty();
  });
  worker.on("failed", (/** @type {unknown} */ _, /** @type {Error} */ error) => {
    throw error;
  });
  const fill = async (/** @type {number} */ count) => {
    for (let n = 0; n < count; n += 200) {
      const batch = Array.from({ length: Math.min(200, count - n) }, (_, index) => mail(n + index));
      await queue.addBulk(batch.map((data) => ({ name: "mail", data, opts: { removeOnComplete: true } })));
    }
  };
  const drained = (/** @type {number} */ count) =>
    new Promise((/** @type {(value: undefined) => void} */ resolve) => {
      left = count;
      empty = () => void resolve(undefined);
    });
  const warm = drained(WARMUP);
  await fill(WARMUP);
  void worker.run();
  await warm;
  await worker.pause();
  await fill(job.count);
  return rate(job.count, async () => {
    const done = drained(job.count);
    worker.resume();
    await done;
  });
}

async function openPgBoss() {
  const pool = await pgPool();
  const { PgBoss } = await loadPeer(job, "pg-boss");
  await pool.query(`CREATE SCHEMA "${schema}"`);
  await pool.query(`CREATE TABLE "${schema}".orders (id bigint GENERATED ALWAYS AS IDENTITY, email text)`);
  const { EmailMessage } = await libraryModule();
  const compose = async (/** @type {object} */ fields) => Buffer.from(await new EmailMessage(fields).toBytes());
  return { pool, mails: await PgBossMails.open(PgBoss, pool, { database: job.database, schema, compose }) };
}

async function pgBossEnqueues() {
  const { pool, mails } = await openPgBoss();
  const one = (/** @type {number} */ n) =>
    inTransaction(pool, async (client) => {
      await client.query(ORDER, [mail(n).to]);
      await mails.enqueue(client, mail(n));
    });
  await byCallers(WARMUP, one);
  return rate(job.count, () => byCallers(job.count, one));
}

/** @param {"together" | "each"} how One statement for each table, or all statements for each mail. */
async function pgBossEnqueuesTogether(how) {
  const { pool, mails } = await openPgBoss();
  const some = (/** @type {number} */ n) =>
    inTransaction(pool, async (client) => {
      await client.query(ORDER, [mail(n).to]);
      if (how === "together") await mails.enqueueAll(client, together(n));
      else for (const one of together(n)) await mails.enqueue(client, one);
    });
  await byCallers(WARMUP / TOGETHER, some, CALLERS_TOGETHER);
  return rate(job.count, () => byCallers(job.count / TOGETHER, some, CALLERS_TOGETHER));
}

/**
 * Two batches of 100 at a time.
 * @param {"together" | "each"} how The outcomes of a batch are written in one transaction, or each in its own.
 */
async function pgBossSettles(how) {
  const { pool, mails } = await openPgBoss();
  const fill = (/** @type {number} */ count) =>
    byCallers(count / TOGETHER, (n) => inTransaction(pool, (client) => mails.enqueueAll(client, together(n))));
  const consume = async () => {
    for (let ids = await mails.claim(100); ids.length > 0; ids = await mails.claim(100)) {
      if (how === "together") await inTransaction(pool, (client) => mails.settle(client, ids));
      else await Promise.all(ids.map((id) => inTransaction(pool, (client) => mails.settle(client, [id]))));
    }
  };
  const all = () => Promise.all([consume(), consume()]);
  await fill(WARMUP);
  await all();
  await fill(job.count);
  return rate(job.count, all);
}
