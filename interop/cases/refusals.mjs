// @ts-check
/**
 * What the server does not want: recipients, messages that are too large, lines that are too long. The session goes on.
 *
 * Layer: interop.
 */

import assert from "node:assert/strict";
import { libraryModule } from "../lab/library.mjs";
import { arrive } from "../mail/arrivals.mjs";
import { wireForm } from "../mail/assortment.mjs";
import { fragments } from "../mail/filler.mjs";
import { address, UNKNOWN, USERNAME } from "../servers/people.mjs";
import { greet, withClient } from "./dialogue.mjs";
import { codes, note, sendNote } from "./single.mjs";

/**
 * @typedef {import("../../packages/postrider/src/index.js").ConnectionOptions} ConnectionOptions
 * @typedef {import("./letters.mjs").Server} Server
 */

/**
 * One recipient of two is refused, then all; what comes after is sent.
 * @param {Server} server
 * @param {ConnectionOptions} options
 */
export async function refusedRecipient(server, options) {
  const { SmtpRecipientsRefusedError } = await libraryModule();
  return withClient(options, async (dialogue) => {
    const { client } = dialogue;
    const result = await client.send(note(), { recipients: [UNKNOWN, address("bob")] });
    assert.deepEqual(result.accepted, [address("bob")]);
    assert.deepEqual(
      result.refused.map(({ recipient }) => recipient),
      [UNKNOWN],
    );
    const [only] = await arrive(server.take, 1);
    assert.equal(only?.mailbox, "bob");
    // In flight at the same time: the refusal of one must not touch its neighbours.
    const [first, second, third] = await Promise.allSettled([
      client.send(note()),
      client.send(note(), { recipients: [UNKNOWN] }),
      client.send(note()),
    ]);
    assert.equal(first.status, "fulfilled");
    assert.equal(third.status, "fulfilled");
    assert.ok(second.status === "rejected" && second.reason instanceof SmtpRecipientsRefusedError);
    assert.equal((await arrive(server.take, 2)).length, 2);
    return codes(/** @type {import("../../packages/postrider/src/index.js").SmtpReply} */ (result.refused[0]?.reply));
  });
}

/**
 * LMTP: one of three recipients is accepted by RCPT, and has no room when the content is there.
 * @param {Server} server
 * @param {ConnectionOptions} options
 * @param {string} full
 */
export async function fullMailbox(server, options, full) {
  const { SmtpRecipientsRefusedError } = await libraryModule();
  return withClient(options, async (dialogue) => {
    const { client } = dialogue;
    const recipients = [address("ann"), full, UNKNOWN, address("bob")];
    const result = await client.send(note(), { recipients });
    assert.deepEqual(result.accepted, [address("ann"), address("bob")]);
    const refused = new Map(result.refused.map((error) => [error.recipient, error]));
    assert.deepEqual([...refused.keys()].sort(), [full, UNKNOWN].sort());
    assert.deepEqual((await arrive(server.take, 2)).map(({ mailbox }) => mailbox).sort(), ["ann", "bob"]);
    await assert.rejects(
      client.send(note(), { recipients: full }),
      (error) => error instanceof SmtpRecipientsRefusedError && error.outcome === "not-sent",
    );
    await sendNote(server, dialogue);
    const reply = refused.get(full)?.reply;
    assert.ok(reply);
    return codes(reply);
  });
}

/**
 * A message above the limit is not even begun; one whose size nobody knows is refused by the server.
 * @param {Server} server
 * @param {ConnectionOptions} options
 * @param {number} limit
 */
export async function sizeLimit(server, options, limit) {
  const { MessageError, SmtpError } = await libraryModule();
  const text = `${"x".repeat(70)}\n`.repeat(Math.ceil((limit * 1.5) / 71));
  let reply = "";
  const goesOn = await withClient(options, async (dialogue) => {
    const { client, sent } = dialogue;
    await greet(client);
    assert.equal(client.extensions.get("SIZE"), String(limit));
    await assert.rejects(client.send(note({ text })), (error) => error instanceof MessageError);
    assert.ok(!sent().some((line) => line.startsWith("MAIL")), "MAIL was sent for a message that is too large");
    const raw = fragments(Buffer.from(`From: ${USERNAME}\r\nSubject: x\r\n\r\n${text}`), 1000);
    await assert.rejects(client.send(raw, { sender: USERNAME, recipients: address("ann") }), (error) => {
      assert.ok(error instanceof SmtpError, String(error));
      if (!("reply" in error)) throw error;
      reply = codes(/** @type {any} */ (error).reply);
      return true;
    });
    if (client.isConnected) await sendNote(server, dialogue);
    return client.isConnected;
  });
  return `yes; a stream: ${reply}${goesOn ? "" : ", and the end"}`;
}

/**
 * A line of 5000 bytes, which RFC 5321 §4.5.3.1.6 does not allow: the library sends what it is given.
 * @param {Server} server
 * @param {ConnectionOptions} options
 */
export async function veryLongLine(server, options) {
  const { SmtpError } = await libraryModule();
  const head = `From: ${USERNAME}\r\nTo: ${address("ann")}\r\nDate: Fri, 02 Jan 2026 10:00:00 +0000\r\nMessage-ID: <long@example.org>\r\n`;
  const raw = `${head}\r\n${"z".repeat(5000)}\r\n.\r\n`;
  return withClient(options, async ({ client }) => {
    try {
      await client.send(raw, { sender: USERNAME, recipients: address("ann") });
    } catch (error) {
      if (!(error instanceof SmtpError)) throw error;
      const text = "reply" in error && error.reply !== undefined ? codes(/** @type {any} */ (error).reply) : error.name;
      if (client.isConnected) await client.noop();
      return `refused: ${text}${client.isConnected ? "" : ", and the end"}`;
    }
    const [arrived] = await arrive(server.take, 1);
    const same = arrived?.bytes.subarray(-raw.length).equals(wireForm(Buffer.from(raw)));
    return same ? "arrives whole" : "arrives changed";
  });
}
