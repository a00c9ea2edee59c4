// @ts-check
/**
 * One message, and what came of it: what the other cases are made of.
 *
 * Layer: interop.
 */

import assert from "node:assert/strict";
import { arrive } from "../mail/arrivals.mjs";
import { address, USERNAME } from "../servers/people.mjs";

/**
 * @typedef {import("./dialogue.mjs").Dialogue} Dialogue
 * @typedef {import("./letters.mjs").Server} Server
 * @typedef {import("../../packages/postrider/src/index.js").MessageFields} MessageFields
 * @typedef {import("../../packages/postrider/src/index.js").DeliveryOptions} DeliveryOptions
 */

let count = 0;

/** @param {MessageFields} [fields] */
export function note(fields = {}) {
  count += 1;
  return { from: USERNAME, to: address("ann"), subject: `Note ${count}`, text: "Hello\n", ...fields };
}

/**
 * Sends a message and waits until it is in the mailbox of each recipient.
 * @param {Server} server
 * @param {Dialogue} dialogue
 * @param {MessageFields} [fields]
 * @param {DeliveryOptions} [options]
 */
export async function sendNote(server, { client }, fields = {}, options = {}) {
  const message = note(fields);
  const result = await client.send(message, options);
  assert.equal(result.refused.length, 0);
  const arrived = await arrive(server.take, result.accepted.length);
  for (const { bytes } of arrived)
    assert.ok(bytes.includes(`Message-ID: ${result.messageId}\r\n`), "another message came");
  return { result, arrived };
}

/**
 * How a refusal stands in the table: `550 5.1.1`.
 * @param {import("../../packages/postrider/src/index.js").SmtpReply} reply
 */
export function codes({ code, enhancedCode }) {
  return enhancedCode === undefined ? String(code) : `${code} ${enhancedCode}`;
}
