/**
 * BullMQ schedules, the outbox delivers: `node jobs.mjs alice@example.com bob@example.com` places an order for each, and ends when
 * each mail has had its attempt. Redis is not part of the transaction, so what was not scheduled is found again at the start.
 */
import { openOutbox } from "@postrider/outbox";
import { Queue, Worker } from "bullmq";
import pg from "pg";
import { SmtpPool } from "postrider";

const { DATABASE_URL, REDIS_URL, SMTP_URL = "smtp://127.0.0.1:1025" } = process.env;
const database = new pg.Pool({ connectionString: DATABASE_URL });
await database.query(
  "CREATE TABLE IF NOT EXISTS orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text NOT NULL)",
);
const transport = new SmtpPool({ url: SMTP_URL });
const outbox = await openOutbox({ database, transport });
const connection = { url: REDIS_URL, maxRetriesPerRequest: null };
const queue = new Queue("mail", { connection });

async function placeOrder(email) {
  const client = await database.connect();
  try {
    await client.query("BEGIN");
    const { rows } = await client.query("INSERT INTO orders (email) VALUES ($1) RETURNING id", [email]);
    const order = rows[0].id;
    const { id } = await outbox.enqueue(
      { from: "shop@example.org", to: email, subject: `Order ${order}`, text: "Thank you." },
      { in: client, key: `order:${order}` },
    );
    await client.query("COMMIT");
    return id;
  } catch (error) {
    await client.query("ROLLBACK");
    throw error;
  } finally {
    client.release();
  }
}

/** A job for the next attempt of a mail; scheduled twice, it is one job. */
async function schedule({ id, attempt, dueAt }) {
  const delay = Math.max(0, dueAt - Date.now());
  await queue.add("mail", { id }, { jobId: `${id}-${attempt}`, delay, removeOnComplete: true, removeOnFail: true });
}

// A process that died between COMMIT and schedule(), or a Redis that was emptied: the rows know what is owed.
for await (const message of outbox.find({ state: "waiting" })) await schedule(message);

const worker = new Worker(
  "mail",
  async ({ data }) => {
    // One attempt, now. A second job for the same mail meanwhile sends nothing.
    const message = await outbox.deliver(data.id);
    // Deferred, or the relay is away: the outbox says when it is due again.
    if (message.dueAt !== undefined) await schedule({ ...message, attempt: `${message.attempt}-${Date.now()}` });
  },
  { connection, concurrency: 10 },
);
worker.on("failed", (_job, error) => console.error(error));

const ids = await Promise.all(process.argv.slice(2).map(placeOrder));
for (const id of ids) await schedule(await outbox.get(id));
for (const id of ids) {
  let message = await outbox.get(id);
  while (message.state === "sending" || (message.state === "waiting" && message.attempt === 0)) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    message = await outbox.get(id);
  }
  for (const { address, state, nextAt } of message.recipients)
    console.log(`${address} ${state}${nextAt === undefined ? "" : ` until ${nextAt.toISOString()}`}`);
}

await worker.close();
await queue.close();
await outbox.close();
await transport.close();
await database.end();
