// @ts-check
/**
 * The extensions: used where the server offers them, and an error of ours where it does not.
 *
 * Layer: interop.
 */

import assert from "node:assert/strict";
import { libraryModule } from "../lab/library.mjs";
import { arrive } from "../mail/arrivals.mjs";
import { address, READERS, USERNAME, UTF8_MAILBOX } from "../servers/people.mjs";
import { greet, withClient } from "./dialogue.mjs";
import { codes, note, sendNote } from "./single.mjs";

/**
 * @typedef {import("../../packages/postrider/src/index.js").ConnectionOptions} ConnectionOptions
 * @typedef {import("../../packages/postrider/src/index.js").SmtpClient} SmtpClient
 * @typedef {import("./letters.mjs").Server} Server
 */

const NOT_OFFERED = "not offered";

/** Many enough for a client to learn that a server takes BDAT behind an open verdict. */
const TO_BE_PROVEN = 20;

/** What is looked for in the table's row of announcements. */
const OTHERS = ["PIPELINING", "CHUNKING", "8BITMIME", "SMTPUTF8", "DSN", "SIZE", "STARTTLS", "AUTH"];

/**
 * What the server announces beside that which has a row of its own.
 * @param {ConnectionOptions} options
 */
export function announcements(options) {
  return withClient(options, async ({ client }) => {
    await greet(client);
    const names = [...client.extensions.keys()].filter((name) => !OTHERS.includes(name));
    return names.length === 0 ? "none" : names.join(", ");
  });
}

/**
 * No TLS anywhere.
 * @param {Server} server
 * @param {ConnectionOptions} options
 */
export async function clearText(server, options) {
  await withClient(options, async (dialogue) => {
    await sendNote(server, dialogue);
    assert.equal(dialogue.client.isSecure, false);
  });
}

/**
 * RFC 5321 §4.1.4 lets a client greet again at any time.
 * @param {ConnectionOptions} options
 */
export async function greetingTwice(options) {
  const { SmtpHelloError } = await libraryModule();
  return withClient(options, async ({ client }) => {
    await greet(client);
    const before = client.extensions;
    const error = await client.ehlo().catch((one) => one);
    await client.noop();
    if (!(error instanceof Error)) return sameAs(before, client.extensions);
    assert.ok(error instanceof SmtpHelloError, error.message);
    assert.deepEqual([...client.extensions], [...before]);
    return `refused: ${codes(error.reply)}`;
  });
}

/**
 * Dovecot's submission says its limit only to those who logged in; nobody is told to ask again then.
 * @param {ReadonlyMap<string, string>} before
 * @param {ReadonlyMap<string, string>} after
 */
function sameAs(before, after) {
  const news = [...after].filter(([name, text]) => name !== "AUTH" && before.get(name) !== text);
  return news.length === 0 ? "yes" : `yes; new: ${news.map(([name, text]) => `${name} ${text}`).join(", ")}`;
}

/**
 * Greets with LHLO, and has one reply for each recipient after the content.
 * @param {Server} server
 * @param {ConnectionOptions} options
 */
export function lmtp(server, options) {
  return withClient(options, async (dialogue) => {
    await sendNote(server, dialogue, { to: READERS.map(address) });
    const lines = dialogue.lines();
    assert.ok(lines.some((line) => line.startsWith("C: LHLO ")));
    const replies = lines.filter((line) => /^S: 250 2\.0\.0 <[a-z]+@example\.org> /.test(line));
    assert.equal(replies.length, READERS.length);
    return "yes";
  });
}

/**
 * With PIPELINING the whole envelope is out before the first reply to it; without it each command waits.
 * @param {Server} server
 * @param {ConnectionOptions} options
 */
export function pipelining(server, options) {
  return withClient({ ...options, chunking: "never" }, async (dialogue) => {
    await greet(dialogue.client);
    const offered = dialogue.client.supports("PIPELINING");
    await sendNote(server, dialogue, { to: READERS.map(address) });
    const lines = dialogue.lines();
    const mail = lines.findIndex((line) => line.startsWith("C: MAIL"));
    const group = lines.slice(mail, mail + 5).map((line) => line.split(" ")[1]);
    if (offered) assert.deepEqual(group, ["MAIL", "RCPT", "RCPT", "RCPT", "DATA"]);
    else assert.match(lines[mail + 1] ?? "", /^S: 2/);
    return offered ? "yes" : NOT_OFFERED;
  });
}

/**
 * BDAT goes out once several messages wait and the server has shown that it takes what is written ahead.
 * @param {Server} server
 * @param {ConnectionOptions} options
 */
export function chunking(server, options) {
  return withClient(options, async ({ client, sent }) => {
    const text = ".\none\n.\n";
    await Promise.all(Array.from({ length: TO_BE_PROVEN }, () => client.send(note({ text }))));
    const arrived = await arrive(server.take, TO_BE_PROVEN);
    for (const { bytes } of arrived) assert.ok(bytes.toString("latin1").endsWith("\r\n\r\n.\r\none\r\n.\r\n"));
    const offered = client.supports("CHUNKING");
    const used = sent().some((line) => line.startsWith("BDAT "));
    assert.equal(used, offered);
    return offered ? "yes" : NOT_OFFERED;
  });
}

/**
 * @param {Server} server
 * @param {ConnectionOptions} options
 */
export function eightBitMime(server, options) {
  return withClient(options, async (dialogue) => {
    await greet(dialogue.client);
    const text = "Grüße aus Köln\n";
    const message = { text: { content: text, encoding: /** @type {const} */ ("8bit") } };
    if (!dialogue.client.supports("8BITMIME")) return refused(dialogue.client, "8BITMIME", note(message));
    const { arrived } = await sendNote(server, dialogue, message);
    assert.ok(dialogue.sent().some((line) => line.startsWith("MAIL ") && line.includes(" BODY=8BITMIME")));
    assert.ok(arrived[0]?.bytes.includes(Buffer.from(text.trim())));
    return "yes";
  });
}

/**
 * An address beyond ASCII, and with it headers in UTF-8.
 * @param {Server} server
 * @param {ConnectionOptions} options
 */
export function smtpUtf8(server, options) {
  return withClient(options, async (dialogue) => {
    await greet(dialogue.client);
    const message = { to: address(UTF8_MAILBOX), subject: "für Jörg" };
    if (!dialogue.client.supports("SMTPUTF8")) return refused(dialogue.client, "SMTPUTF8", note(message));
    const { arrived } = await sendNote(server, dialogue, message);
    assert.ok(dialogue.sent().some((line) => line.startsWith("MAIL ") && line.endsWith(" SMTPUTF8")));
    assert.ok(dialogue.sent().includes(`RCPT TO:<${address(UTF8_MAILBOX)}>`));
    assert.equal(arrived[0]?.mailbox, UTF8_MAILBOX);
    assert.ok(arrived[0]?.bytes.includes(Buffer.from(`To: ${address(UTF8_MAILBOX)}\r\n`)));
    return "yes";
  });
}

/**
 * Asks for a report of success; a server that makes one sends it to the sender's mailbox.
 * @param {Server} server
 * @param {ConnectionOptions} options
 * @param {"full" | "encoded" | "bare" | "none"} report "encoded": as on the wire, in xtext; "bare": it names neither the envelope nor the
 *   recipient as first given.
 */
export function dsn(server, options, report) {
  return withClient(options, async ({ client, sent }) => {
    await greet(client);
    const delivery = {
      recipients: [
        { address: address("ann"), notify: /** @type {const} */ (["success"]), originalRecipient: "a+n@x.example" },
      ],
      dsn: { return: /** @type {const} */ ("headers"), envelopeId: "id=1+2" },
    };
    if (!client.supports("DSN")) return refused(client, "DSN", note(), delivery);
    await client.send(note(), delivery);
    assert.ok(sent().some((line) => line.startsWith("MAIL ") && line.includes(" RET=HDRS ENVID=id+3D1+2B2")));
    assert.ok(sent().some((line) => line.endsWith(" NOTIFY=SUCCESS ORCPT=rfc822;a+2Bn@x.example")));
    const arrived = await arrive(server.take, report === "none" ? 1 : 2);
    if (report === "none") return "parameters taken, no report";
    const text = arrived.find(({ mailbox }) => mailbox === "sender")?.bytes.toString() ?? "";
    assert.match(text, /^Final-Recipient: rfc822; ?ann@example\.org\r$/im);
    if (report === "bare") return "yes; the report lacks ENVID and ORCPT";
    if (report === "encoded") {
      assert.match(text, /^Original-Envelope-Id: id\+3D1\+2B2\r$/im);
      return "yes; ENVID and ORCPT come back encoded";
    }
    assert.match(text, /^Original-Envelope-Id: id=1\+2\r$/im);
    assert.match(text, /^Original-Recipient: rfc822; ?a\+(?:2B)?n@x\.example\r$/im);
    return "yes, and the report came";
  });
}

/**
 * @param {SmtpClient} client
 * @param {string} extension
 * @param {import("../../packages/postrider/src/index.js").MessageFields} message
 * @param {import("../../packages/postrider/src/index.js").DeliveryOptions} [options]
 */
async function refused(client, extension, message, options) {
  const { SmtpNotSupportedError } = await libraryModule();
  await assert.rejects(
    client.send(message, options),
    (error) => error instanceof SmtpNotSupportedError && error.extension === extension,
  );
  await client.noop();
  return NOT_OFFERED;
}

/**
 * A message from nobody, as reports are.
 * @param {Server} server
 * @param {ConnectionOptions} options
 */
export async function nullSender(server, options) {
  await withClient(options, async (dialogue) => {
    await sendNote(server, dialogue, { from: USERNAME }, { sender: "" });
    assert.ok(dialogue.sent().some((line) => line.startsWith("MAIL FROM:<>")));
  });
}
