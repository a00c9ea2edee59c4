/**
 * Delivery reports that come back (RFC 3464).
 */
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import type { CustomDatabase } from "../src/database/open-database.js";
import type { EnqueueOptions, Outbox } from "../src/index.js";
import { Clock, type Ground, openOn, sqliteGround } from "./support/ground.js";
import { ScriptedTransport } from "./support/transport.js";

let ground: Ground;
let outbox: Outbox;
const transport = new ScriptedTransport();

beforeEach(async () => {
  ground = await sqliteGround();
  outbox = await openOn(ground, new Clock(), { transport, verp: "bounces@example.org" });
});
afterEach(async () => {
  await outbox.close();
  await ground.close();
});

interface ReportParts {
  readonly to?: string;
  readonly envelopeId?: string;
  readonly messageId?: string;
  readonly recipients: readonly { readonly address: string; readonly action?: string; readonly original?: string }[];
  readonly encoding?: "base64" | "7bit";
}

function report({
  to = "postmaster@example.org",
  envelopeId,
  messageId,
  recipients,
  encoding = "7bit",
}: ReportParts): string {
  const status = [
    [
      "Reporting-MTA: dns; mx.example.com",
      ...(envelopeId === undefined ? [] : [`Original-Envelope-Id: ${envelopeId}`]),
    ],
    ...recipients.map(({ address, action = "failed", original }) => [
      ...(original === undefined ? [] : [`Original-Recipient: rfc822;${original}`]),
      `Final-Recipient: rfc822; ${address}`,
      `Action: ${action}`,
      "Status: 5.1.1",
      "Diagnostic-Code: smtp; 550 5.1.1 no such\r\n  user",
    ]),
  ]
    .map((block) => `${block.join("\r\n")}\r\n`)
    .join("\r\n");
  const body = encoding === "base64" ? Buffer.from(status).toString("base64") : status;
  return [
    "From: MAILER-DAEMON@mx.example.com",
    `To: ${to}`,
    "Subject: Undelivered",
    'Content-Type: multipart/report; report-type=delivery-status;\r\n boundary="b1"',
    "",
    "--b1",
    "",
    "It could not be delivered.",
    "--b1",
    "Content-Type: message/delivery-status",
    `Content-Transfer-Encoding: ${encoding}`,
    "",
    body,
    "--b1",
    "Content-Type: text/rfc822-headers",
    "",
    ...(messageId === undefined ? ["Subject: x"] : [`Message-ID: ${messageId}`]),
    "",
    "--b1--",
    "",
  ].join("\r\n");
}

const MAIL = { from: "shop@example.org", to: ["alice@example.com", "bob@example.com"], subject: "Hi", text: "..." };

async function delivered(options: object = {}): Promise<{ id: string; messageId: string }> {
  const { id } = await outbox.enqueue(MAIL, options);
  const { messageId, state } = await outbox.deliver(id);
  assert.equal(state, "delivered");
  return { id, messageId };
}

const states = async (id: string): Promise<unknown> => (await outbox.get(id))?.recipients.map(({ state }) => state);

test("a report is matched by the sender to which it came, and only the recipient that it names becomes bounced", async () => {
  const { id } = await delivered();
  assert.equal(transport.sent.at(-1)?.sender, `bounces+${id}@example.org`);
  const recipients = [{ address: "Alice@Example.com" }, { address: "carl@example.com" }];
  const message = await outbox.bounce(report({ to: `<bounces+${id}@example.org>`, recipients }));
  assert.equal(message?.id, id);
  assert.equal(message?.state, "partly-delivered");
  assert.deepEqual(await states(id), ["bounced", "accepted"]);
  assert.deepEqual(message?.recipients[0]?.reply, {
    code: 550,
    enhancedCode: "5.1.1",
    message: "550 5.1.1 no such user",
  });
});

test("a report is matched by its envelope id, which dsn asks for, and by the original recipient", async () => {
  const { id } = await delivered({ dsn: { return: "headers" } });
  const recipients = [{ address: "inbox7@mx.example.com", original: "bob@example.com" }];
  await outbox.bounce(report({ envelopeId: id, recipients, encoding: "base64" }));
  assert.deepEqual(await states(id), ["accepted", "bounced"]);
});

test("a report is matched by the Message-ID of the mail that it brings back", async () => {
  const { id, messageId } = await delivered();
  await outbox.bounce(Buffer.from(report({ messageId, recipients: [{ address: "bob@example.com" }] })));
  assert.deepEqual(await states(id), ["accepted", "bounced"]);
});

test("the same report twice is one event", async () => {
  const { id, messageId } = await delivered();
  const text = report({ messageId, recipients: [{ address: "bob@example.com" }] });
  await outbox.bounce(text);
  assert.equal((await outbox.bounce(text))?.id, id);
  const bounced = [];
  for await (const { type } of outbox.events({ types: ["bounced"] })) bounced.push(type);
  assert.equal(bounced.length, 1);
});

test("what tells of no failure, of nobody known, or is no report, changes nothing", async () => {
  const { id, messageId } = await delivered();
  const recipients = [{ address: "bob@example.com", action: "delayed" }];
  assert.equal((await outbox.bounce(report({ messageId, recipients })))?.state, "delivered");
  assert.equal(await outbox.bounce(report({ messageId: "<other@example.org>", recipients })), undefined);
  for (const other of ["", "Subject: x\r\n\r\nhello", "\0\0", `${"-".repeat(5000)}`]) {
    assert.equal(await outbox.bounce(other), undefined);
  }
  await assert.rejects(outbox.bounce(7 as never), { code: "message", field: "report" });
  assert.deepEqual(await states(id), ["accepted", "accepted"]);
});

test("a message that was not accepted does not bounce", async () => {
  const { id } = await outbox.enqueue(MAIL);
  await outbox.bounce(report({ to: `bounces+${id}@example.org`, recipients: [{ address: "bob@example.com" }] }));
  assert.deepEqual(await states(id), ["waiting", "waiting"]);
});

test("a report that is too large, or no raw message, is an error that says so", async () => {
  const bytes = Buffer.alloc(64 * 1024 * 1024 + 1, "x");
  for (const report of [bytes, new Blob([bytes]), bytes.toString(), null, {}, 7])
    await assert.rejects(outbox.bounce(report as never), { code: "message" }, typeof report);
});

test("only recipients of the message cost a statement", async () => {
  let statements = 0;
  const { functions } = ground;
  const counted: CustomDatabase = {
    ...functions,
    transaction: (run) =>
      functions.transaction((execute) =>
        run((text, values) => {
          statements += 1;
          return execute(text, values);
        }),
      ),
  };
  const watched = await openOn({ ...ground, functions: counted }, new Clock(), { transport });
  const { id } = await delivered({ dsn: {} });
  statements = 0;
  const named = Array.from({ length: 3000 }, (_, n) => ({ address: `user${n}@example.com` }));
  await watched.bounce(report({ recipients: [...named, { address: "bob@example.com" }], envelopeId: id }));
  await watched.close();
  assert.deepEqual(await states(id), ["accepted", "bounced"]);
  assert(statements < 15, `${statements} statements`);
});

/** Sends a message and takes the report about it; the states of its recipients. */
async function statesAfter(
  to: readonly string[],
  make: (message: { readonly id: string; readonly messageId: string }) => string,
  options: EnqueueOptions = {},
): Promise<readonly string[] | undefined> {
  const { id } = await outbox.enqueue({ ...MAIL, to }, options);
  const { messageId } = await outbox.deliver(id);
  const found = await outbox.bounce(make({ id, messageId }));
  return found?.recipients.map(({ state }) => state);
}

test("a plus in an address is one, whatever follows; and xtext is decoded (RFC 3461)", async () => {
  for (const address of ["user+2024@example.com", "user+AB@example.com", "user+tag@example.com"]) {
    const plain = await statesAfter([address], ({ messageId }) => report({ messageId, recipients: [{ address }] }));
    assert.deepEqual(plain, ["bounced"], address);
    const original = address.replace("+", "+2B");
    const recipients = [{ address: "forwarded@example.net", original }];
    const encoded = await statesAfter([address], ({ messageId }) => report({ messageId, recipients }));
    assert.deepEqual(encoded, ["bounced"], original);
  }
  const recipients = [{ address: "alice@example.com" }];
  for (const [envelopeId, told] of [
    ["a+2Bb", "a+2Bb"],
    ["order+7=x", "order+2B7+3Dx"],
  ] as const) {
    const states = await statesAfter(["alice@example.com"], () => report({ envelopeId: told, recipients }), {
      dsn: { envelopeId },
    });
    assert.deepEqual(states, ["bounced"], envelopeId);
  }
});

test("a report about an address that is not ASCII, in each of its forms (RFC 6533)", async () => {
  const address = "j\u00f6rg@example.com";
  const global = (text: string): string =>
    text
      .replaceAll("message/delivery-status", "message/global-delivery-status")
      .replaceAll("text/rfc822-headers", "message/global-headers");
  for (const [what, told] of [
    ["UTF-8", address],
    ["escaped", "j\\x{F6}rg@example.com"],
  ] as const) {
    const states = await statesAfter([address], ({ messageId }) =>
      global(report({ messageId, recipients: [{ address: told }] })).replaceAll("rfc822; ", "utf-8; "),
    );
    assert.deepEqual(states, ["bounced"], what);
  }
});

test("reports as gateways, mail clients and files bring them", async () => {
  const recipients = [{ address: "alice@example.com" }];
  const forms: Readonly<Record<string, (text: string, id: string, messageId: string) => string>> = {
    "line ends of Unix": (text) => text.replaceAll("\r\n", "\n"),
    "behind a line of an mbox": (text) => `From MAILER-DAEMON Mon Jan  1 00:00:00 2026\r\n${text}`,
    "with a note of a gateway": (text) => {
      const inner = text.slice(text.indexOf("Content-Type"));
      return `From: a@example.net\r\nContent-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\n${inner}\r\n--o\r\n\r\nscanned\r\n--o--\r\n`;
    },
    "cut off behind the header of the message": (text) => text.replace("\r\n--b1--", ""),
    "Message-ID in the status": (text, _, messageId) =>
      text
        .replace(`Message-ID: ${messageId}`, "Subject: x")
        .replace("Reporting-MTA", `X-Original-Message-ID: ${messageId}\r\nReporting-MTA`),
    "VERP, noted by Exim": (text, id) =>
      text
        .replace(/Message-ID: \S+/, "Subject: x")
        .replace("To: postmaster", `Envelope-To: bounces+${id}@example.org\r\nTo: postmaster`),
  };
  for (const [what, form] of Object.entries(forms)) {
    const states = await statesAfter(["alice@example.com"], ({ id, messageId }) =>
      form(report({ messageId, recipients }), id, messageId),
    );
    assert.deepEqual(states, ["bounced"], what);
  }
});

test("a report whose names hold what no database takes is about nothing", async () => {
  const recipients = [{ address: "alice@example.com" }];
  for (const envelopeId of ["+00", "\\x{D800}", "a\0b"])
    assert.equal(await outbox.bounce(report({ envelopeId, recipients })), undefined);
});
