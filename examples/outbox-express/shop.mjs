/**
 * A shop: an order, its stock and its mail are written in one transaction. It sends nothing itself: worker.mjs does.
 */
import { getRequestListener } from "@hono/node-server";
import { openOutbox, outboxPage } from "@postrider/outbox";
import express from "express";
import pg from "pg";

const { DATABASE_URL, ADMIN_PASSWORD, PORT = "3000" } = process.env;
const pool = new pg.Pool({ connectionString: DATABASE_URL });
await pool.query(`CREATE TABLE IF NOT EXISTS stock (item text PRIMARY KEY, pieces integer NOT NULL CHECK (pieces >= 0));
CREATE TABLE IF NOT EXISTS orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text NOT NULL, item text NOT NULL)`);
const outbox = await openOutbox({ database: pool });

/** Commits what `run` did, or leaves nothing of it. */
async function transaction(run) {
  const client = await pool.connect();
  try {
    await client.query("BEGIN");
    const result = await run(client);
    await client.query("COMMIT");
    return result;
  } catch (error) {
    await client.query("ROLLBACK");
    throw error;
  } finally {
    client.release();
  }
}

function placeOrder(email, item) {
  return transaction(async (client) => {
    const inserted = await client.query("INSERT INTO orders (email, item) VALUES ($1, $2) RETURNING id", [email, item]);
    const order = inserted.rows[0].id;
    const { id } = await outbox.enqueue(
      { from: "shop@example.org", to: email, subject: `Order ${order}: ${item}`, text: "Thank you, it is on its way." },
      { in: client, key: `order:${order}:confirmed`, tags: { order } },
    );
    // Fails when nothing is left: then there is no order, and no mail.
    await client.query("UPDATE stock SET pieces = pieces - 1 WHERE item = $1", [item]);
    return { order, mail: id };
  });
}

const app = express();

// The page of the outbox, behind the shop's own login; before the parsers of bodies, for its forms.
app.use("/admin/outbox", requireAdmin, getRequestListener(outboxPage(outbox), { overrideGlobalObjects: false }));
app.use(express.json());

app.post("/orders", async (request, response) => {
  const { email, item } = request.body;
  response.status(201).json(await placeOrder(String(email), String(item)));
});

/** What became of the mail of an order. */
app.get("/orders/:order/mail", async (request, response) => {
  const mails = [];
  for await (const { state, recipients } of outbox.find({ tag: { order: request.params.order } }))
    mails.push({ state, recipients });
  response.json(mails);
});

function requireAdmin(request, response, next) {
  const given = Buffer.from(request.headers.authorization?.replace(/^Basic /, "") ?? "", "base64").toString();
  if (ADMIN_PASSWORD !== undefined && given === `admin:${ADMIN_PASSWORD}`) return next();
  response.status(401).set("WWW-Authenticate", "Basic").send("Log in");
}

// Bad input has its field in the error; nothing was written.
app.use((error, _request, response, next) => {
  if (error.code === "address" || error.code === "message") return response.status(400).json({ error: error.message });
  if (error.constraint === "stock_pieces_check") return response.status(409).json({ error: "sold out" });
  next(error);
});

const server = app.listen(Number(PORT), "127.0.0.1", () =>
  console.log(`shop: http://127.0.0.1:${server.address().port}`),
);

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => {
    server.close(async () => {
      await outbox.close();
      await pool.end();
    });
    server.closeIdleConnections();
  });
}
