/**
 * pg-boss schedules, the outbox delivers: `node jobs.mjs alice@example.com bob@example.com` places an order for each, and ends when
 * each mail has had its attempt. The order, its mail and its job are one transaction.
 */
import { openOutbox } from "@postrider/outbox";
import pg from "pg";
import { PgBoss } from "pg-boss";
import { SmtpPool } from "postrider";

const { DATABASE_URL, SMTP_URL = "smtp://127.0.0.1:1025" } = process.env;
const database = new pg.Pool({ connectionString: DATABASE_URL });
await database.query(
  "CREATE TABLE IF NOT EXISTS orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text NOT NULL)",
);
const transport = new SmtpPool({ url: SMTP_URL });
const outbox = await openOutbox({ database, transport });
const boss = new PgBoss(DATABASE_URL);
boss.on("error", (error) => console.error(error));
await boss.start();
await boss.createQueue("mail");

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
    const db = { executeSql: (text, values) => client.query(text, values) };
    await boss.send("mail", { id }, { db });
    await client.query("COMMIT");
    return id;
  } catch (error) {
    await client.query("ROLLBACK");
    throw error;
  } finally {
    client.release();
  }
}

await boss.work("mail", { pollingIntervalSeconds: 0.5 }, async ([job]) => {
  const { id } = job.data;
  // One attempt, now. A second job for the same mail meanwhile sends nothing.
  const { dueAt } = await outbox.deliver(id);
  // Deferred, or the relay is away: the outbox says when it is due again.
  if (dueAt !== undefined)
    await boss.send("mail", { id }, { startAfter: new Date(Math.max(Date.now() + 1000, dueAt)) });
});

const ids = await Promise.all(process.argv.slice(2).map(placeOrder));
for (const id of ids) {
  let message = await outbox.get(id);
  while (message.state === "sending" || (message.state === "waiting" && message.attempt === 0)) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    message = await outbox.get(id);
  }
  for (const { address, state, nextAt } of message.recipients)
    console.log(`${address} ${state}${nextAt === undefined ? "" : ` until ${nextAt.toISOString()}`}`);
}

await boss.stop({ timeout: 5000 });
await outbox.close();
await transport.close();
await database.end();
