// @ts-check
/**
 * The shop of the demo: an order and its mail in one transaction of SQLite, for the tab of the outbox. The mail arrives in the inbox;
 * another one waits for its day.
 *
 * Layer: scripts.
 */

import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { libraryModule, outboxModule } from "../workspace/built.mjs";
import { ROOT } from "../workspace/root.mjs";

/** @typedef {import("../guide/stage.mjs").Stage} Stage */
/** @typedef {Awaited<ReturnType<typeof openShop>>} Shop */

/** The mail arrives within a second; a machine that is very busy gets this long, in ms. */
const PATIENCE_MS = 30_000;

const DAYS_UNTIL_REMINDER = 3;

/** Opens the shop with an empty outbox, which can be shown before anything is sold. */
export async function openShop() {
  const folder = await mkdtemp(join(tmpdir(), "postrider-demo-"));
  const file = join(folder, "shop.db");
  const { openOutbox } = await outboxModule();
  const outbox = await openOutbox({ database: `file:${file}` });
  const db = openDatabase(file);
  db.exec("CREATE TABLE orders (id INTEGER PRIMARY KEY, email TEXT NOT NULL)");
  return {
    outbox,
    /**
     * @param {Stage} stage
     * @returns {Promise<string>} What went wrong; empty when nothing did.
     */
    sell: async (stage) => {
      await order(db, outbox);
      return deliver(`file:${file}`, stage);
    },
    close: async () => {
      db.close();
      await outbox.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/**
 * @param {string} file
 * @returns {any}
 */
function openDatabase(file) {
  // Node 22.13 and newer have it; the types here are those of Node 20.
  const builtIn = /** @type {any} */ (process.getBuiltinModule?.("node:sqlite"));
  if (builtIn?.DatabaseSync !== undefined) return new builtIn.DatabaseSync(file);
  const Database = createRequire(join(ROOT, "packages", "outbox", "package.json"))("libsql");
  return new Database(file);
}

/**
 * @param {any} db
 * @param {import("../../packages/outbox/src/index.js").Outbox} outbox
 */
async function order(db, outbox) {
  const from = "Shop <shop@example.org>";
  const to = "alice@example.com";
  const inDays = new Date(Date.now() + DAYS_UNTIL_REMINDER * 86_400_000);
  db.exec("BEGIN IMMEDIATE");
  db.exec(`INSERT INTO orders (id, email) VALUES (4711, '${to}')`);
  const options = { in: db, tags: { order: "4711" } };
  await outbox.enqueue(
    { from, to, subject: "Order 4711: thank you", text: "Dear Alice,\n\nyour order is on its way.\n" },
    { ...options, key: "order:4711:confirmed" },
  );
  await outbox.enqueue(
    { from, to, subject: "Order 4711: is all well?", text: "Dear Alice,\n\nhas it arrived?\n" },
    { ...options, key: "order:4711:asked", sendAt: inDays },
  );
  db.exec("COMMIT");
}

/**
 * Runs a worker until what is due has gone.
 * @param {string} database
 * @param {Stage} stage
 */
async function deliver(database, { inbox }) {
  const [{ openOutbox }, { SmtpPool }] = await Promise.all([outboxModule(), libraryModule()]);
  const transport = new SmtpPool({ hostname: "127.0.0.1", port: inbox.smtpPort });
  const outbox = await openOutbox({ database, transport: /** @type {any} */ (transport) });
  try {
    const worker = outbox.work();
    for await (const { type, reason } of outbox.events({ follow: true, signal: AbortSignal.timeout(PATIENCE_MS) })) {
      if (type === "accepted") return "";
      if (type !== "enqueued") return `the outbox says ${type}: ${reason ?? ""}`;
    }
    return `the mail of the order did not go (${worker.stats.inFlight} under way)`;
  } finally {
    await outbox.close();
    await transport.close();
  }
}
