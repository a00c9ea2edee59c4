// @ts-check
/**
 * The spam filters that the inbox can ask, Rspamd and SpamAssassin: their verdicts as the API of the inbox says them, on good mail, on
 * the mail that every filter must call spam, on large mail, and when the filter has gone.
 *
 * Layer: interop.
 */

import assert from "node:assert/strict";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { inboxModule, libraryModule } from "../../scripts/workspace/built.mjs";
import { startRspamd } from "../servers/rspamd.mjs";
import { startSpamd } from "../servers/spamd.mjs";

/** In two halves, so that no filter takes this file for spam. */
const GTUBE = ["XJS*C4JDBQADN1.NSBN3*2IDNEN*", "GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"].join("");
const LARGE_BYTES = 5_000_000;
const MANY_RECIPIENTS = 3000;

const GOOD = {
  from: { name: "Ann", address: "ann@example.org" },
  to: "ben@example.com",
  subject: "Tomorrow",
  text: "Dear Ben,\n\nshall we meet at ten?\n\nYours, Ann\n",
};
/** A receiver would have something to say about each of them, and none is spam. */
const POOR = "From: ann@example.org\r\nTo: ben@example.com\r\nSubject: No date, no id\r\n\r\nHello\r\n";

export const rspamd = { name: "Rspamd", start: startRspamd, run };
export const spamAssassin = { name: "SpamAssassin", start: startSpamd, run };

/** @typedef {{ address: string, stop: () => Promise<void> }} Filter */
/** @typedef {{ status: number, body: any, raw: Uint8Array }} Answer */
/** @typedef {(message: import("../../packages/postrider/src/index.js").MessageInput, options?: import("../../packages/postrider/src/index.js").DeliveryOptions) => Promise<Answer>} Ask */

/**
 * @param {Filter} server
 * @param {import("./suites.mjs").Check} check
 */
async function run(server, check) {
  const { startInbox } = await inboxModule();
  const { send } = await libraryModule();
  const inbox = await startInbox({ smtpPort: 0, webPort: 0, spamFilter: server.address });
  try {
    await ask(server, check, async (message, options) => {
      await send(message, { port: inbox.smtpPort, ...options });
      const { id, raw } = inbox.messages.at(-1) ?? { id: "", raw: new Uint8Array() };
      const response = await fetch(`${inbox.url}api/messages/${id}/spam`);
      return { status: response.status, body: await response.json(), raw };
    });
  } finally {
    await inbox.close();
  }
}

/**
 * @param {Filter} server
 * @param {import("./suites.mjs").Check} check
 * @param {Ask} verdictOn
 */
async function ask(server, check, verdictOn) {
  await check("good mail", async () => {
    const { status, body } = await verdictOn(GOOD);
    assert.equal(status, 200, JSON.stringify(body));
    assert.equal(body.isSpam, false, JSON.stringify(body));
    assert.ok(body.score < body.threshold);
    // SpamAssassin has no field for the envelope.
    const envelope = namesOf(body).filter((name) => /^(?:FROM_EQ|TO_MATCH)_ENV/.test(name)).length;
    assert.equal(envelope, body.filter === "rspamd" ? 2 : 0, JSON.stringify(body));
  });
  await check("mail with faults: each rule with points and words", async () => {
    const { body } = await verdictOn(Buffer.from(POOR), { sender: "ann@example.org", recipients: ["ben@example.com"] });
    assert.equal(body.isSpam, false, JSON.stringify(body));
    const named = body.rules.find((/** @type {{ name: string }} */ { name }) => name === "MISSING_MID");
    assert.ok(named?.points > 0 && /message.?id/i.test(named.description), JSON.stringify(body));
    const points = body.rules.map((/** @type {{ points: number }} */ one) => one.points);
    const sum = points.reduce((/** @type {number} */ total, /** @type {number} */ one) => total + one, 0);
    // SpamAssassin rounds each to a tenth.
    assert.ok(Math.abs(sum - body.score) <= 0.05 * points.length + 0.05, JSON.stringify(body));
  });
  await check("spam", async () => {
    const { body } = await verdictOn({ ...GOOD, text: GTUBE });
    assert.equal(body.isSpam, true, JSON.stringify(body));
    assert.ok(body.score >= body.threshold);
    assert.ok(namesOf(body).includes("GTUBE"), JSON.stringify(body));
  });
  await check(`${LARGE_BYTES / 1e6} MB`, async () => {
    const { status, body } = await verdictOn({
      ...GOOD,
      text: `${"A line of text, and no more.\n".repeat(LARGE_BYTES / 29)}`,
    });
    assert.equal(status, 200, JSON.stringify(body));
    assert.equal(body.isSpam, false);
  });
  await check(`${MANY_RECIPIENTS} recipients, a null sender, UTF-8`, async () => {
    const recipients = Array.from({ length: MANY_RECIPIENTS }, (_, index) => `b${index}@example.com`);
    const { status, body } = await verdictOn(GOOD, { sender: "", recipients: ["b\u00e4r@example.com", ...recipients] });
    assert.equal(status, 200, JSON.stringify(body));
    assert.equal(body.isSpam, false, JSON.stringify(body));
  });
  if (server.address.startsWith("spamd:"))
    await check("all rules of SYMBOLS are read from REPORT", async () => {
      const { body, raw } = await verdictOn({
        ...GOOD,
        subject: "FREE $$$ CLICK NOW",
        html: "<font size=7>BUY!!!</font>",
      });
      assert.deepEqual(namesOf(body).sort(), await symbolsOf(server.address, raw));
    });
  await server.stop();
  await check("gone", async () => {
    const { status, body } = await verdictOn(GOOD);
    assert.equal(status, 502);
    assert.match(body.error, /could not check the message: the connection was refused\.$/);
  });
}

/**
 * @param {{ rules: readonly { name: string }[] }} verdict
 * @returns {string[]}
 */
function namesOf({ rules }) {
  return rules.map(({ name }) => name);
}

/**
 * The names of the rules, as SpamAssassin lists them without points.
 * @param {string} address
 * @param {Uint8Array} raw
 */
async function symbolsOf(address, raw) {
  const socket = connect(Number(new URL(address).port), "127.0.0.1");
  socket.write(`SYMBOLS SPAMC/1.5\r\nContent-length: ${raw.byteLength}\r\n\r\n`);
  socket.write(raw);
  const [, body = ""] = (await text(socket)).split("\r\n\r\n");
  return body.trim().split(",").sort();
}
