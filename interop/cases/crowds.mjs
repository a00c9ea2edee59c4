// @ts-check
/**
 * Many small messages at once, by each way of sending: every one arrives exactly once, whatever the server makes of commands
 * that come ahead of a verdict.
 *
 * Layer: interop.
 */

import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { libraryModule } from "../lab/library.mjs";
import { arrive, compareArrivals } from "../mail/arrivals.mjs";
import { address, READERS, USERNAME } from "../servers/people.mjs";

/**
 * @typedef {import("../../packages/postrider/src/index.js").ConnectionOptions} ConnectionOptions
 * @typedef {import("../../packages/postrider/src/index.js").SmtpClient} SmtpClient
 * @typedef {import("../../packages/postrider/src/index.js").SmtpPool} SmtpPool
 * @typedef {import("../../packages/postrider/src/index.js").SmtpError} SmtpError
 * @typedef {import("../mail/assortment.mjs").Letter} Letter
 * @typedef {import("./letters.mjs").Server} Server
 *
 * @typedef {object} Item A letter, and to whom it goes; without a mailbox the recipient is nobody whom the server knows.
 * @property {Letter} letter
 * @property {string | undefined} mailbox
 * @property {string} recipient
 */

const CALLS = 30;
const OVER_CLIENT = 200;
const OVER_POOL = 480;
const WITH_DEAD = 150;
/** A server is proven after some five messages on a connection. */
const AHEAD = 40;
/** Its capacity is then that of the connection: 1 where one message follows the other. */
const ONE_CONNECTION = { maxConnections: 1 };

/** Longer than what a server may hold behind a final dot. */
const LONG_LINES = 160;

/** For a whole crowd: what hangs fails, instead of holding up all other servers. Sendmail takes 9 s for 200 messages. */
const LIMIT_MS = 60_000;

/** Within which a server delivers what it took before a failure. */
const LATE_MS = 2000;

/** How long one call of send() may take: servers that swallow QUIT must not hold it up. Generous to slow machines. */
const ONE_CALL_MS = 1500;
/** The quickest of so many counts: the others may have waited for a processor. */
const SINGLE_CALLS = 3;

/**
 * send(), a connection for each message: some alone, which must not wait for a goodbye, then many at once.
 * @param {Server} server
 * @param {ConnectionOptions} options
 */
export async function crowdOfCalls(server, options) {
  const { send } = await libraryModule();
  const items = crowd("calls", CALLS);
  const one = (/** @type {Item} */ { letter, recipient }) =>
    send(letter.input(), { ...limited(options), sender: USERNAME, recipients: recipient });
  await tidily(server, async () => {
    let quickest = Number.POSITIVE_INFINITY;
    for (const item of items.slice(0, SINGLE_CALLS)) {
      const start = performance.now();
      await one(item);
      quickest = Math.min(quickest, performance.now() - start);
    }
    await Promise.all(items.slice(SINGLE_CALLS).map(one));
    await compare(server, items);
    assert.ok(quickest < ONE_CALL_MS, `send() took ${quickest.toFixed(0)} ms`);
  });
}

/**
 * One SmtpClient, all calls at once.
 * @param {Server} server
 * @param {ConnectionOptions} options
 * @param {{ count?: number }} [limits]
 */
export async function crowdOverClient(server, options, { count = OVER_CLIENT } = {}) {
  await tidily(server, () => throughClient(server, options, crowd("client", count)));
}

/**
 * @param {Server} server
 * @param {ConnectionOptions} options
 * @param {{ count?: number }} [limits]
 */
export async function crowdOverPool(server, options, { count = OVER_POOL } = {}) {
  await tidily(server, () => throughPool(server, options, crowd("pool", count)));
}

/**
 * What a pool has learned of the server once its messages are delivered: whether it takes commands ahead of a verdict.
 * @param {Server} server
 * @param {ConnectionOptions} options
 * @returns {Promise<string>}
 */
export async function aheadOfVerdict(server, options) {
  return tidily(server, async () => {
    const { capacity } = await throughPool(server, { ...options, ...ONE_CONNECTION }, crowd("ahead", AHEAD));
    return capacity > 1 ? "taken" : "not taken";
  });
}

/** One behind the other, in the middle: servers count errors until the next success. */
const isDead = (/** @type {number} */ n) => n >= WITH_DEAD / 3 && n < (WITH_DEAD / 3) * 2;

/**
 * A third of the recipients are unknown: they get the server's own refusal, and cost the others nothing.
 * @param {Server} server
 * @param {ConnectionOptions} options
 * @param {{ mayBeUnknown?: number }} [limits] How many messages may have an unknown outcome, in all: a server that closes with
 *   unread input makes its system reset the connection, and replies that were on their way are lost.
 * @returns {Promise<string>} How dead recipients are refused.
 */
export async function deadAddresses(server, options, { mayBeUnknown = 0 } = {}) {
  return tidily(server, async () => {
    const overClient = await throughClient(server, options, crowd("dead-client", WITH_DEAD, isDead), mayBeUnknown);
    const left = mayBeUnknown - overClient.unknown.size;
    const overPool = await throughPool(server, options, crowd("dead-pool", WITH_DEAD, isDead), left);
    return [...new Set([...overClient.replies, ...overPool.replies])].join(", ");
  });
}

/**
 * What arrives late after a failure is not counted against the next check.
 * @template T
 * @param {Server} server
 * @param {() => Promise<T>} body
 * @returns {Promise<T>}
 */
async function tidily(server, body) {
  try {
    return await body();
  } catch (error) {
    await pause(LATE_MS);
    server.take();
    throw error;
  }
}

/**
 * What a careful program does with one client: a message that was surely not sent, by a connection that has ended, goes again
 * over the next connection.
 * @param {Server} server
 * @param {ConnectionOptions} options
 * @param {readonly Item[]} items
 * @param {number} [mayBeUnknown]
 */
async function throughClient(server, options, items, mayBeUnknown = 0) {
  const { SmtpClient } = await libraryModule();
  const client = new SmtpClient(limited(options));
  const facts = new Facts(mayBeUnknown);
  const signal = AbortSignal.timeout(LIMIT_MS);
  try {
    let open = items;
    for (let round = 0; open.length > 0; round++) {
      assert.ok(round <= items.length, `${open.length} messages are still not sent after ${round} connections`);
      if (!client.isConnected) await client.connect();
      const before = open.length;
      open = await sendRound(client, open, facts, signal);
      assert.ok(open.length < before, `not one of ${before} messages went through on a whole connection`);
    }
    if (client.isConnected) await client.quit();
  } finally {
    client.close();
  }
  await compare(server, items, facts.unknown);
  return facts;
}

/**
 * @param {SmtpClient} client
 * @param {readonly Item[]} items
 * @param {Facts} facts
 * @param {AbortSignal} signal
 * @returns {Promise<readonly Item[]>} What is to go again.
 */
async function sendRound(client, items, facts, signal) {
  const endings = await settle(client, items, signal);
  return items.filter((item, index) => {
    const error = endings[index];
    if (mayGoAgain(error)) return true;
    judge(item, error, facts);
    return false;
  });
}

/**
 * The connection ended, by itself or with a 421. Any other reply is a refusal, and must be of this message.
 * @param {any} error
 */
function mayGoAgain(error) {
  const code = (error?.reply ?? error?.refused?.[0]?.reply)?.code;
  return error?.outcome === "not-sent" && error.retry === "reconnect" && (code === undefined || code === 421);
}

/**
 * @param {Server} server
 * @param {ConnectionOptions} options
 * @param {readonly Item[]} items
 * @param {number} [mayBeUnknown]
 */
async function throughPool(server, options, items, mayBeUnknown = 0) {
  const { SmtpPool } = await libraryModule();
  const pool = new SmtpPool(limited(options));
  const facts = new Facts(mayBeUnknown);
  try {
    const endings = await settle(pool, items, AbortSignal.timeout(LIMIT_MS));
    for (const [index, item] of items.entries()) judge(item, endings[index], facts);
    const { sent, refused, failed, unknown } = pool.stats;
    const known = items.filter((item) => !facts.unknown.has(item));
    const live = known.filter(({ mailbox }) => mailbox !== undefined).length;
    const expected = { sent: live, refused: known.length - live, failed: 0, unknown: facts.unknown.size };
    assert.deepEqual({ sent, refused, failed, unknown }, expected);
    facts.capacity = pool.capacity;
    await pool.close();
  } finally {
    // After a failure nothing is waited for.
    await pool.close({ force: true });
  }
  await compare(server, items, facts.unknown);
  return facts;
}

/**
 * @param {SmtpClient | SmtpPool} sender
 * @param {readonly Item[]} items
 * @param {AbortSignal} signal
 * @returns {Promise<unknown[]>} The error of each, undefined where it was accepted.
 */
async function settle(sender, items, signal) {
  const settled = await Promise.allSettled(
    items.map(({ letter, recipient }) =>
      sender.send(letter.input(), { sender: USERNAME, recipients: recipient, signal }),
    ),
  );
  return settled.map((one) => (one.status === "fulfilled" ? undefined : one.reason));
}

/**
 * Live ones are accepted; dead ones are refused, with what the server says to their recipient.
 * @param {Item} item
 * @param {unknown} error
 * @param {Facts} facts
 */
function judge(item, error, facts) {
  const { letter, mailbox, recipient } = item;
  if (facts.admitsUnknown(item, error)) return;
  if (mailbox !== undefined) {
    if (error === undefined) return;
    throw new Error(`${letter.key} to ${recipient}: ${error}`, { cause: error });
  }
  assert.ok(error !== undefined, `${letter.key} to ${recipient}, who is unknown, was accepted`);
  const refused = /** @type {{ refused?: readonly { reply: { code: number } }[] }} */ (error).refused;
  const code = refused?.[0]?.reply.code;
  assert.equal(code, 550, `${letter.key} to ${recipient}, who is unknown: ${error}`);
  facts.replies.add(code);
}

/** @param {ConnectionOptions} options */
const limited = (options) => ({ timeout: 30_000, deliveryTimeout: 30_000, ...options });

/**
 * @param {Server} server
 * @param {readonly Item[]} items
 * @param {ReadonlySet<Item>} [unknown] These may have arrived, once.
 */
async function compare(server, items, unknown = new Set()) {
  const live = items.flatMap(({ letter, mailbox }, index) =>
    mailbox === undefined
      ? []
      : [{ letter, mailboxes: [mailbox], isSure: !unknown.has(/** @type {Item} */ (items[index])) }],
  );
  const arrived = await arrive(server.take, live.filter(({ isSure }) => isSure).length);
  if (unknown.size > 0) {
    await pause(LATE_MS);
    arrived.push(...server.take());
  }
  const has = (/** @type {string} */ key) => arrived.some(({ bytes }) => bytes.includes(`X-Interop: ${key}\r\n`));
  compareArrivals(
    live.filter(({ letter, isSure }) => isSure || has(letter.key)),
    arrived,
  );
}

/** What came of a crowd, beside what was accepted. */
class Facts {
  /** How dead recipients were refused. */
  replies = new Set();
  /** @type {Set<Item>} */
  unknown = new Set();
  /** Of the pool, as far as it knows the server by then. */
  capacity = 0;
  #mayBeUnknown;

  /** @param {number} mayBeUnknown */
  constructor(mayBeUnknown) {
    this.#mayBeUnknown = mayBeUnknown;
  }

  /**
   * @param {Item} item
   * @param {any} error
   */
  admitsUnknown(item, error) {
    if (error?.outcome !== "unknown" || error.name !== "SmtpDisconnectedError") return false;
    return this.unknown.add(item).size <= this.#mayBeUnknown;
  }
}

/**
 * Short messages, every tenth longer; in some a line reads like a command.
 * @param {string} prefix
 * @param {number} count
 * @param {(n: number) => boolean} [isDead] Whose recipient the server does not know; default nobody's.
 * @returns {Item[]}
 */
function crowd(prefix, count, isDead = () => false) {
  return Array.from({ length: count }, (_, n) => {
    const key = `${prefix}-${n}`;
    const reader = READERS[n % READERS.length] ?? "ann";
    const mailbox = isDead(n) ? undefined : reader;
    const letter = { key, kind: n % 10 === 9 ? "long" : "short", ...content(key, n) };
    return { letter, mailbox, recipient: mailbox === undefined ? address(`nobody-${n}`) : address(mailbox) };
  });
}

/**
 * @param {string} key
 * @param {number} n
 */
function content(key, n) {
  const head = `From: ${USERNAME}\r\nTo: ann@example.org\r\nDate: Fri, 02 Jan 2026 10:00:00 +0000\r\nMessage-ID: <${key}@example.org>\r\nSubject: ${key}\r\nX-Interop: ${key}\r\n\r\n`;
  const commands = n % 5 === 2 ? `MAIL FROM:<smuggled-${n}@example.org>\r\nQUIT\r\n` : "";
  const text = `Hello ${n}\r\n${commands}${n % 10 === 9 ? `${"z".repeat(70)}\r\n`.repeat(LONG_LINES) : ""}`;
  const bytes = Buffer.from(head + text);
  return { input: () => bytes, expected: bytes };
}
