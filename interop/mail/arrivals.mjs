// @ts-check
/**
 * Whether each letter arrived where it was sent, once, byte for byte, and nothing else did.
 *
 * Layer: interop.
 */

import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";

/**
 * @typedef {import("./assortment.mjs").Letter} Letter
 * @typedef {import("./maildir.mjs").Delivered} Delivered
 */

/** How long a server may take to deliver after it said 250, in all. */
const DELIVERY_LIMIT_MS = 60_000;

/** What servers put above a message. Another field there is one that they added to it, which is a change. */
const ADDED =
  /^(Received|Received-SPF|Return-Path|Delivered-To|X-Original-To|Envelope-To|Delivery-Date|X-Peer|X-MailFrom|X-RcptTo)$/i;

/**
 * Waits until so many messages came.
 * @param {() => Delivered[]} take
 * @param {number} count
 * @returns {Promise<Delivered[]>} Also more than that, when more came.
 */
export async function arrive(take, count) {
  const start = performance.now();
  const arrived = take();
  while (arrived.length < count) {
    assert.ok(performance.now() - start < DELIVERY_LIMIT_MS, `${arrived.length} of ${count} messages arrived`);
    await pause(30);
    arrived.push(...take());
  }
  return arrived;
}

/**
 * @param {readonly { letter: Letter, mailboxes: readonly string[] }[]} sent
 * @param {readonly Delivered[]} arrived
 */
export function compareArrivals(sent, arrived) {
  const open = new Map(
    sent.flatMap(({ letter, mailboxes }) => mailboxes.map((box) => [`${letter.key} ${box}`, letter])),
  );
  for (const { mailbox, bytes } of arrived) {
    const key = /^X-Interop: (\S+)\r$/m.exec(bytes.toString("latin1"))?.[1];
    const letter = open.get(`${key} ${mailbox}`);
    assert.ok(letter, `${mailbox} has ${key ?? "a message of nobody"}, which was not sent there or came twice`);
    open.delete(`${key} ${mailbox}`);
    compareBytes(letter, bytes);
  }
  assert.deepEqual([...open.keys()], [], "did not arrive");
}

/**
 * @param {Letter} letter
 * @param {Buffer} bytes
 */
function compareBytes(letter, bytes) {
  const { expected } = letter;
  const above = bytes.subarray(0, Math.max(0, bytes.length - expected.length));
  const message = bytes.subarray(above.length);
  if (!message.equals(expected))
    assert.fail(`${letter.key} (${letter.kind}) was changed: ${difference(bytes, expected)}`);
  const names = above.toString("latin1").match(/^[^\s:]+(?=:)/gm) ?? [];
  assert.ok(
    above.length === 0 || above.toString("latin1").endsWith("\r\n"),
    `${letter.key} (${letter.kind}): ${JSON.stringify(above.toString("latin1"))} stands above it`,
  );
  for (const name of names) assert.match(name, ADDED, `${letter.key} (${letter.kind}): the server added ${name}`);
}

/**
 * The first place where they differ, counted from the end of what the server added.
 * @param {Buffer} bytes
 * @param {Uint8Array} expected
 */
function difference(bytes, expected) {
  const first = Buffer.from(expected.subarray(0, 30));
  const start = Math.max(0, bytes.indexOf(first));
  const message = bytes.subarray(start);
  let at = 0;
  while (at < expected.length && message[at] === expected[at]) at += 1;
  const show = (/** @type {Uint8Array} */ whole) =>
    JSON.stringify(Buffer.from(whole.subarray(Math.max(0, at - 30), at + 60)).toString("latin1"));
  return `at byte ${at} of ${expected.length} stands ${show(message)} and should stand ${show(Buffer.from(expected))}`;
}
