// @ts-check
/**
 * The examples of the outbox as somebody runs them, with PostgreSQL and Redis: a shop by Express with two workers, jobs of pg-boss, jobs
 * of BullMQ.
 *
 * Layer: interop.
 */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { cpSync, mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { inboxModule, outboxModule } from "../../scripts/workspace/built.mjs";
import { ROOT } from "../../scripts/workspace/root.mjs";
import { needModules } from "../lab/npm.mjs";
import { startPostgres } from "../servers/postgres.mjs";
import { startRedis } from "../servers/redis.mjs";

export const name = "Outbox by Express, pg-boss, BullMQ";

const PACKAGES = ["pg@8.23.1", "express@5.3.0", "@hono/node-server@2.1.8", "pg-boss@12.38.0", "bullmq@5.81.5"];

/** Longer than any of it takes on a busy machine. */
const PATIENCE_MS = 120_000;

export async function start() {
  const postgres = await startPostgres();
  try {
    const redis = await startRedis();
    const stop = async () => {
      await redis.stop();
      await postgres.stop();
    };
    return {
      version: `PostgreSQL ${postgres.version}, Redis ${redis.version}`,
      url: postgres.url,
      redis: redis.port,
      stop,
    };
  } catch (error) {
    await postgres.stop();
    throw error;
  }
}

/**
 * @param {Awaited<ReturnType<typeof start>>} server
 * @param {import("./suites.mjs").Check} check
 */
export async function run({ url, redis }, check) {
  const { startInbox } = await inboxModule();
  const inbox = await startInbox({ smtpPort: 0, webPort: false });
  const env = {
    ...process.env,
    DATABASE_URL: url,
    REDIS_URL: `redis://127.0.0.1:${redis}`,
    SMTP_URL: `smtp://127.0.0.1:${inbox.smtpPort}`,
    ADMIN_PASSWORD: "secret",
    PORT: "0",
  };
  try {
    await check("outbox with Express: an order and its mail", () => shop(inbox, env));
    for (const example of ["outbox-pg-boss", "outbox-bullmq"]) {
      const own = { ...env, DATABASE_URL: await newDatabase(url, example.replaceAll("-", "_")) };
      await check(`${example}: deliver(id) by its jobs`, () => jobs(example, inbox, own));
    }
  } finally {
    await inbox.close();
  }
}

/** @typedef {import("../../packages/inbox/src/index.js").Inbox} Inbox */

/**
 * Copied to where its packages are, as if they had been installed into it.
 * @param {string} example
 */
function place(example) {
  const folder = join(needModules("outbox-programs-1", PACKAGES), "examples", example);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  cpSync(join(ROOT, "examples", example), folder, { recursive: true });
  return folder;
}

/**
 * @param {string} file
 * @param {readonly string[]} parameters
 * @param {NodeJS.ProcessEnv} env
 */
function launch(file, parameters, env) {
  const cwd = dirname(file);
  const child = spawn(process.execPath, [file, ...parameters], { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  const kill = () => void child.kill("SIGKILL");
  process.once("exit", kill);
  const timer = setTimeout(kill, PATIENCE_MS);
  let output = "";
  /** @type {(() => void)[]} */
  const waiting = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (/** @type {string} */ text) => {
      output += text;
      for (const look of waiting) look();
    });
  }
  const ended = new Promise((/** @type {(code: number | null) => void} */ resolve) => {
    child.once("close", (code) => {
      clearTimeout(timer);
      process.off("exit", kill);
      resolve(code);
      for (const look of waiting) look();
    });
  });
  return {
    child,
    ended,
    output: () => output,
    /** @param {RegExp} pattern @returns {Promise<string>} Its first group. */
    said: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = pattern.exec(output);
          if (found !== null) resolve(found[1] ?? "");
          else if (child.exitCode !== null || child.signalCode !== null) reject(new Error(`${file} ended: ${output}`));
        };
        waiting.push(look);
        look();
      }),
    /** @param {NodeJS.Signals} signal */
    end: async (signal = "SIGTERM") => {
      child.kill(signal);
      return ended;
    },
  };
}

const ORDERS = 30;

/**
 * @param {Response} response
 * @returns {Promise<any>}
 */
const json = (response) => response.json();

/**
 * @param {Inbox} inbox
 * @param {NodeJS.ProcessEnv} env
 */
async function shop(inbox, env) {
  const folder = place("outbox-express");
  const shop = launch(join(folder, "shop.mjs"), [], env);
  const workers = [1, 2].map(() => launch(join(folder, "worker.mjs"), [], env));
  try {
    const url = await shop.said(/shop: (\S+)/);
    await Promise.all(workers.map((worker) => worker.said(/delivering/)));
    await withOutbox(env, async (outbox, query) => {
      await query(`INSERT INTO stock VALUES ('tea', ${ORDERS}), ('cake', 0)`);
      const order = (/** @type {unknown} */ body) =>
        fetch(`${url}/orders`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify(body),
        });
      const placed = await Promise.all(
        Array.from({ length: ORDERS }, (_, n) => order({ email: `customer${n}@example.com`, item: "tea" })),
      );
      assert.deepEqual([...new Set(placed.map(({ status }) => status))], [201]);
      const mails = await Promise.all(placed.map(async (response) => (await json(response)).mail));
      assert.equal((await order({ email: "late@example.com", item: "cake" })).status, 409);
      const bad = await order({ email: "no address", item: "tea" });
      assert.equal(bad.status, 400);
      assert.match((await json(bad)).error, /^to/);
      assert.equal((await query("SELECT count(*)::int AS n FROM orders"))[0].n, ORDERS);

      for (const id of mails) await settled(outbox, id, "delivered");
      const recipients = inbox.messages.map(({ envelope }) => envelope.recipients.join());
      assert.equal(recipients.length, ORDERS);
      assert.equal(new Set(recipients).size, ORDERS);
      assert(!recipients.includes("late@example.com"));
      const [first] = await json(await fetch(`${url}/orders/1/mail`));
      assert.equal(first.state, "delivered");

      assert.equal((await fetch(`${url}/admin/outbox`)).status, 401);
      const authorization = `Basic ${Buffer.from("admin:secret").toString("base64")}`;
      const page = await fetch(`${url}/admin/outbox`, { headers: { authorization } });
      assert.match(await page.text(), new RegExp(`<strong>${ORDERS}</strong>delivered`));
      const form = {
        method: "POST",
        body: new URLSearchParams({ action: "pause" }),
        redirect: /** @type {const} */ ("manual"),
      };
      const paused = await fetch(`${url}/admin/outbox`, {
        ...form,
        headers: { authorization, "sec-fetch-site": "same-origin" },
      });
      assert.equal(paused.status, 303, await paused.text());
      assert.equal((await outbox.stats()).paused?.kind, "person");
      await outbox.resume();
    });
    for (const program of [...workers, shop]) assert.equal(await program.end(), 0, program.output());
    const attempts = workers.map((worker) => Number(/(\d+) attempts/.exec(worker.output())?.[1]));
    assert.equal(
      attempts.reduce((sum, one) => sum + one),
      ORDERS,
    );
    return `${ORDERS} orders, ${attempts.join(" and ")} of their mails by two workers`;
  } finally {
    await Promise.all([...workers, shop].map((program) => program.end("SIGKILL")));
  }
}

/**
 * @param {string} example
 * @param {Inbox} inbox
 * @param {NodeJS.ProcessEnv} env
 */
async function jobs(example, inbox, env) {
  const folder = place(example);
  inbox.clear();
  inbox.refuse({ recipient: /^later@/ }, "451 4.7.1 greylisted");
  inbox.refuse({ recipient: /^nobody@/ }, "550 5.1.1 no such user");
  const program = launch(
    join(folder, "jobs.mjs"),
    ["alice@example.com", "later@example.com", "nobody@example.com"],
    env,
  );
  assert.equal(await program.ended, 0, program.output());
  const said = program.output();
  for (const pattern of [
    /^alice@example\.com accepted$/m,
    /^later@example\.com waiting until \S+Z$/m,
    /^nobody@example\.com refused$/m,
  ])
    assert.match(said, pattern);
  assert.deepEqual(
    inbox.messages.map(({ envelope }) => envelope.recipients.join()),
    ["alice@example.com"],
  );
  inbox.removeRules();

  // The next start goes on with what is due, whoever schedules.
  await withOutbox(env, async (outbox) => {
    const [waiting] = await all(outbox.find({ recipient: "later@example.com", state: "waiting" }));
    assert(waiting !== undefined);
    await outbox.retry(waiting.id);
    const again = launch(join(folder, "jobs.mjs"), ["bob@example.com"], env);
    assert.equal(await again.ended, 0, again.output());
    // BullMQ's program looks for what is due; pg-boss's job comes at its own time.
    if (example === "outbox-bullmq") await settled(outbox, waiting.id, "delivered");
    else await outbox.cancel(waiting.id);
  });
  return "accepted, deferred until its time, refused";
}

async function loadPg() {
  const folder = needModules("outbox-programs-1", PACKAGES);
  return (await import(join(folder, "node_modules", "pg", "lib", "index.js"))).default;
}

/**
 * @param {string} url
 * @param {string} name
 * @returns {Promise<string>} Its URL.
 */
async function newDatabase(url, name) {
  const pg = await loadPg();
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`CREATE DATABASE ${name}`);
  await client.end();
  return url.replace(/[^/]*$/, name);
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {(outbox: import("../../packages/outbox/src/index.js").Outbox, query: (text: string) => Promise<any[]>) => Promise<void>} work
 */
async function withOutbox({ DATABASE_URL = "" }, work) {
  const { openOutbox } = await outboxModule();
  const pg = await loadPg();
  const pool = new pg.Pool({ connectionString: DATABASE_URL });
  const outbox = await openOutbox({ database: pool });
  try {
    await work(outbox, async (text) => (await pool.query(text)).rows);
  } finally {
    await outbox.close();
    await pool.end();
  }
}

/**
 * @param {import("../../packages/outbox/src/index.js").Outbox} outbox
 * @param {string} id
 * @param {string} state
 */
async function settled(outbox, id, state) {
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    const message = await outbox.get(id);
    if (message?.state === state) return;
    if (performance.now() > end) throw new Error(`${id} is ${message?.state}, and not ${state}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/**
 * @template Item
 * @param {AsyncIterable<Item>} items
 */
async function all(items) {
  /** @type {Item[]} */
  const found = [];
  for await (const item of items) found.push(item);
  return found;
}
