// @ts-check
/**
 * The outbox and what people use in its place, one job a process: `node outbox.mjs JOB`, which prints one sample as JSON.
 *
 * Layer: bench.
 */

import { libraryModule, outboxModule } from "../../scripts/workspace/built.mjs";
import { loadPeer, readJob } from "./job.mjs";

/**
 * @typedef {object} OutboxJob
 * @property {"pool" | "outbox" | "bullmq" | "pg-boss"} contender
 * @property {"deliver" | "enqueue" | "settle" | "latency"} work
 * @property {number} count Messages that count.
 * @property {number} port Of the SMTP server.
 * @property {string} database A URL.
 * @property {number} redis The port.
 * @property {"poll" | "notify"} wake
 * @property {string} peers Folder with the other packages.
 */

const CONNECTIONS = 5;
/** Callers of enqueue at once, each with a transaction of its own. */
const CALLERS = 20;
/** Messages before the time counts. */
const WARMUP = 600;

const job = /** @type {OutboxJob} */ (readJob());
const schema = `bench${process.pid}`;

/** @param {number} n */
const mail = (n) => ({
  from: "shop@example.org",
  to: `u${n}@example.com`,
  subject: `Order ${n}`,
  text: "x".repeat(700),
});

const CONTENDERS = {
  pool: { deliver: poolDelivers },
  outbox: { deliver: outboxDelivers, enqueue: outboxEnqueues, settle: outboxSettles, latency: outboxLatency },
  bullmq: { deliver: bullmqDelivers },
  "pg-boss": { enqueue: pgBossEnqueues, settle: pgBossSettles },
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
async function byCallers(/** @type {number} */ count, one) {
  let next = 0;
  const caller = async () => {
    while (next < count) await one(next++);
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));
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
  const empty = async () => {
    const worker = outbox.work();
    for (;;) {
      const { messages } = await outbox.stats();
      if (messages.waiting + messages.sending === 0) break;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await worker.stop();
  };
  await fill(WARMUP);
  await empty();
  await fill(job.count);
  return rate(job.count, empty);
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

/** An order and its mail in one transaction. */
async function outboxEnqueues() {
  const outbox = await openOutbox();
  const pool = await pgPool();
  await pool.query(`CREATE TABLE "${schema}".orders (id bigint GENERATED ALWAYS AS IDENTITY, email text)`);
  const all = (/** @type {number} */ count) =>
    byCallers(count, async (n) => {
      const client = await pool.connect();
      await client.query("BEGIN");
      await client.query(`INSERT INTO "${schema}".orders (email) VALUES ($1)`, [mail(n).to]);
      await outbox.enqueue(mail(n), { in: client });
      await client.query("COMMIT");
      client.release();
    });
  await all(WARMUP);
  return rate(job.count, () => all(job.count));
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

/** The tables that a program writes for its mail, and pg-boss in the same transaction. */
async function openPgBoss() {
  const { PgBoss } = await loadPeer(job, "pg-boss");
  const pool = await pgPool();
  const boss = new PgBoss({
    connectionString: job.database,
    schema: `${schema}_boss`,
    supervise: false,
    schedule: false,
  });
  boss.on("error", () => undefined);
  await boss.start();
  await boss.createQueue("mail");
  await pool.query(`CREATE SCHEMA "${schema}"; SET search_path TO "${schema}";
CREATE TABLE "${schema}".orders (id bigint GENERATED ALWAYS AS IDENTITY, email text);
CREATE TABLE "${schema}".mail (id uuid PRIMARY KEY, sender text NOT NULL, message_id text, created_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE "${schema}".mail_recipient (mail uuid NOT NULL, n integer NOT NULL, address text NOT NULL, state text NOT NULL DEFAULT 'waiting', reply text, PRIMARY KEY (mail, n));
CREATE TABLE "${schema}".mail_content (mail uuid PRIMARY KEY, bytes bytea NOT NULL)`);
  return { boss, pool };
}

/** @param {{ boss: any, pool: any }} tools */
async function enqueueByPgBoss({ boss, pool }, /** @type {number} */ n) {
  const { EmailMessage } = await libraryModule();
  const { randomUUID } = await import("node:crypto");
  const id = randomUUID();
  const bytes = Buffer.from(await new EmailMessage(mail(n)).toBytes());
  const client = await pool.connect();
  await client.query("BEGIN");
  await client.query(`INSERT INTO "${schema}".orders (email) VALUES ($1)`, [mail(n).to]);
  await client.query(`INSERT INTO "${schema}".mail (id, sender, message_id) VALUES ($1, $2, $3)`, [
    id,
    mail(n).from,
    id,
  ]);
  await client.query(`INSERT INTO "${schema}".mail_recipient (mail, n, address) VALUES ($1, 0, $2)`, [id, mail(n).to]);
  await client.query(`INSERT INTO "${schema}".mail_content (mail, bytes) VALUES ($1, $2)`, [id, bytes]);
  await boss.send(
    "mail",
    { id },
    { db: { executeSql: (/** @type {string} */ text, /** @type {any[]} */ values) => client.query(text, values) } },
  );
  await client.query("COMMIT");
  client.release();
}

async function pgBossEnqueues() {
  const tools = await openPgBoss();
  await byCallers(WARMUP, (n) => enqueueByPgBoss(tools, n));
  return rate(job.count, () => byCallers(job.count, (n) => enqueueByPgBoss(tools, n)));
}

/** A batch is claimed, read, and settled in one transaction with the rows of the mail; two batches at a time. */
async function pgBossSettles() {
  const tools = await openPgBoss();
  const { boss, pool } = tools;
  const consume = async () => {
    for (;;) {
      const jobs = await boss.fetch("mail", { batchSize: 100 });
      if (jobs === null || jobs.length === 0) return;
      const ids = jobs.map((/** @type {{ data: { id: string } }} */ { data }) => data.id);
      const read = `SELECT m.id, m.sender, r.n, r.address, c.bytes FROM "${schema}".mail m JOIN "${schema}".mail_recipient r ON r.mail = m.id JOIN "${schema}".mail_content c ON c.mail = m.id WHERE m.id = ANY($1) AND r.state = 'waiting'`;
      await pool.query(read, [ids]);
      const client = await pool.connect();
      await client.query("BEGIN");
      await client.query(
        `UPDATE "${schema}".mail_recipient SET state = 'accepted', reply = '250 ok' WHERE mail = ANY($1)`,
        [ids],
      );
      const db = {
        executeSql: (/** @type {string} */ text, /** @type {any[]} */ values) => client.query(text, values),
      };
      await boss.complete(
        "mail",
        jobs.map((/** @type {{ id: string }} */ one) => one.id),
        undefined,
        { db },
      );
      await client.query("COMMIT");
      client.release();
    }
  };
  const all = () => Promise.all([consume(), consume()]);
  await byCallers(WARMUP, (n) => enqueueByPgBoss(tools, n));
  await all();
  await byCallers(job.count, (n) => enqueueByPgBoss(tools, n));
  return rate(job.count, all);
}
