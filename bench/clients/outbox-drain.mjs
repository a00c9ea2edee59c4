// @ts-check
/**
 * Drains an outbox that is full, and looks at its memory on the way: `node --expose-gc outbox-drain.mjs JOB`.
 *
 * Layer: bench.
 */

import { libraryModule, outboxModule } from "../../scripts/workspace/built.mjs";
import { loadPeer, readJob } from "./job.mjs";

/**
 * @typedef {object} DrainJob
 * @property {number} count Messages.
 * @property {number} first Delivered messages at the first look.
 * @property {number | undefined} port Of the SMTP server; undefined: a transport that takes everything at once.
 * @property {string} database A URL of PostgreSQL.
 * @property {string} peers Folder with pg.
 */

const job = /** @type {DrainJob} */ (readJob());
const { openOutbox } = await outboxModule();
const { default: pg } = await loadPeer(job, "pg");
const pool = new pg.Pool({ connectionString: job.database, max: 10 });
let sent = 0;
const transport = counted(job.port === undefined ? taker() : await smtp(job.port));
const outbox = await openOutbox({ database: pool, transport: /** @type {any} */ (transport) });
await fill();

/** @type {{ sent: number, resident: number, heap: number }[]} */
const looks = [];
const start = performance.now();
const worker = outbox.work();
for (const stop of [job.first, job.count / 4, job.count / 2, (job.count * 3) / 4, job.count]) {
  while (sent < stop) await new Promise((resolve) => setTimeout(resolve, 20));
  looks.push(look());
}
const rate = (job.count * 1000) / (performance.now() - start);
await worker.stop();
const { messages } = await outbox.stats();
if (messages.delivered !== job.count || sent !== job.count) throw new Error(JSON.stringify({ messages, sent }));
console.log(JSON.stringify({ looks, rate }));
process.exit(0);

/** One message is enqueued, and its rows are copied. */
async function fill() {
  const text = "x".repeat(700);
  await outbox.enqueue({ from: "shop@example.org", to: "u@example.com", subject: "Order", text });
  const columns = (/** @type {string} */ names) => names;
  const message = columns(
    "message_id, sender, options, tags, domain, due_at, expires_at, lifetime, created_at, size, parts",
  );
  await pool.query(`CREATE TABLE copies AS SELECT gen_random_uuid()::text AS id FROM generate_series(2, ${job.count})`);
  await pool.query(`INSERT INTO postrider.message (id, ${message}) SELECT c.id, ${message} FROM copies c, postrider.message;
INSERT INTO postrider.recipient (message, n, address, lookup, domain) SELECT c.id, 0, address, lookup, domain FROM copies c, (SELECT * FROM postrider.recipient LIMIT 1) r;
INSERT INTO postrider.content SELECT c.id, 0, bytes, written_at FROM copies c, (SELECT * FROM postrider.content LIMIT 1) o;
DROP TABLE copies; ANALYZE`);
}

/** @param {number} port */
async function smtp(port) {
  const { SmtpPool } = await libraryModule();
  return new SmtpPool({ hostname: "127.0.0.1", port, startTls: false, maxConnections: 5 });
}

function taker() {
  const reply = { code: 250, enhancedCode: undefined, lines: ["ok"], message: "ok" };
  return {
    capacity: 80,
    send: async (/** @type {unknown} */ _, /** @type {any} */ { sender, recipients }) => ({
      envelope: { sender, recipients },
      accepted: recipients,
      refused: [],
      reply,
    }),
  };
}

/** @param {{ capacity: number, send(message: any, options: any): Promise<any> }} inner */
function counted(inner) {
  return {
    get capacity() {
      return inner.capacity;
    },
    send: async (/** @type {any} */ message, /** @type {any} */ options) => {
      const result = await inner.send(message, options);
      sent += 1;
      return result;
    },
  };
}

function look() {
  globalThis.gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  return { sent, resident: rss / 2 ** 20, heap: (heapUsed + external) / 2 ** 20 };
}
