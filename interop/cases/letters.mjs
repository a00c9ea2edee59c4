// @ts-check
/**
 * Two hundred messages of mixed kinds, all at once, over one client and over a pool: each must arrive byte for byte.
 *
 * Layer: interop.
 */

import assert from "node:assert/strict";
import { libraryModule } from "../lab/library.mjs";
import { arrive, compareArrivals } from "../mail/arrivals.mjs";
import { assortment, LETTERS } from "../mail/assortment.mjs";
import { address, READERS, USERNAME } from "../servers/people.mjs";
import { withClient } from "./dialogue.mjs";

/**
 * @typedef {import("../../packages/postrider/src/index.js").ConnectionOptions} ConnectionOptions
 * @typedef {import("../../packages/postrider/src/index.js").SmtpClient} SmtpClient
 * @typedef {import("../../packages/postrider/src/index.js").SmtpPool} SmtpPool
 * @typedef {import("../mail/assortment.mjs").Letter} Letter
 * @typedef {import("../mail/maildir.mjs").Delivered} Delivered
 *
 * @typedef {object} Server
 * @property {() => Delivered[]} take
 */

const POOL_CONNECTIONS = 4;

/** For all of them: what hangs fails, instead of holding up all other servers. */
const LIMIT_MS = 60_000;

/**
 * @typedef {object} Limits
 * @property {boolean} [eightBit] Whether the server offers 8BITMIME; default true.
 * @property {number} [perConnection] How many messages the server takes on one connection; default all.
 */

/**
 * @param {Server} server
 * @param {ConnectionOptions} options
 * @param {Limits} [limits]
 */
export async function lettersOverClient(server, options, { eightBit = true, perConnection = LETTERS } = {}) {
  const sent = await letters("client", eightBit);
  for (let start = 0; start < sent.length; start += perConnection) {
    await withClient(options, ({ client }) => sendAll(client, sent.slice(start, start + perConnection)));
  }
  await compare(server, sent);
  return perConnection < LETTERS ? `yes; ${perConnection} on a connection` : undefined;
}

/**
 * @param {Server} server
 * @param {ConnectionOptions} options
 * @param {{ eightBit?: boolean, connections?: number }} [limits]
 */
export async function lettersOverPool(server, options, { eightBit = true, connections = POOL_CONNECTIONS } = {}) {
  const { SmtpPool } = await libraryModule();
  const sent = await letters("pool", eightBit);
  const pool = new SmtpPool({ timeout: 30_000, ...options, maxConnections: connections });
  try {
    await sendAll(pool, sent);
    assert.equal(pool.stats.sent, LETTERS);
    await pool.close();
  } finally {
    // After a failure nothing is waited for.
    await pool.close({ force: true });
  }
  await compare(server, sent);
}

/**
 * Every seventh letter goes to two readers.
 * @param {string} prefix
 * @param {boolean} eightBit
 */
async function letters(prefix, eightBit) {
  const all = await assortment(prefix, eightBit);
  return all.map((letter, n) => {
    const [first, second] = [READERS[n % READERS.length] ?? "ann", READERS[(n + 1) % READERS.length] ?? "bob"];
    return { letter, mailboxes: n % 7 === 0 ? [first, second] : [first] };
  });
}

/**
 * @param {SmtpClient | SmtpPool} sender
 * @param {readonly { letter: Letter, mailboxes: readonly string[] }[]} sent
 */
async function sendAll(sender, sent) {
  const signal = AbortSignal.timeout(LIMIT_MS);
  const results = await Promise.all(
    sent.map(({ letter, mailboxes }) =>
      sender.send(letter.input(), { sender: USERNAME, recipients: mailboxes.map(address), signal }),
    ),
  );
  for (const { refused } of results) assert.equal(refused.length, 0);
}

/**
 * @param {Server} server
 * @param {readonly { letter: Letter, mailboxes: readonly string[] }[]} sent
 */
async function compare(server, sent) {
  const count = sent.reduce((sum, { mailboxes }) => sum + mailboxes.length, 0);
  compareArrivals(sent, await arrive(server.take, count));
}
