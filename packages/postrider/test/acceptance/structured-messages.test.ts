/**
 * Messages that carry their own envelope.
 */
import assert from "node:assert/strict";
import {
  AddressError,
  EmailMessage,
  MessageError,
  type MessageInput,
  MimeMultipart,
  MimeText,
  OptionError,
  type SendOptions,
  SmtpClient,
  SmtpNotSupportedError,
  send,
} from "../../src/index.js";
import { ENVELOPE, plain } from "../support/plain-client.js";
import { ScriptedServer } from "../support/scripted-server.js";
import { acceptance, rejection, rejects } from "../support/settle.js";

const DATE = "Mon, 3 Feb 2025 10:00:00 +0000";

const recipientsOf = (server: ScriptedServer): readonly string[] =>
  server.lines.filter((line) => line.startsWith("RCPT")).map((line) => /<(.*)>/.exec(line)?.[1] ?? line);
const mailOf = (server: ScriptedServer): string => server.lines.find((line) => line.startsWith("MAIL")) ?? "";
const textOf = (server: ScriptedServer): string => server.messages[0]?.text ?? "";

const fields = {
  from: "from@x.example",
  to: ["to1@y.example", "to2@y.example"],
  cc: "cc@y.example",
  bcc: "bcc@y.example",
  subject: "hello",
  text: "hello\n",
};

acceptance("To, Cc and Bcc get the message in that order, and Bcc never leaves", async () => {
  const message = new EmailMessage(fields);
  message.headers.append("Resent-Bcc", "hidden@y.example");
  for (const input of [message, fields] as const) {
    await using server = await ScriptedServer.start();
    const result = await send(input, plain(server));
    assert.equal(mailOf(server), "MAIL FROM:<from@x.example>");
    assert.deepEqual(recipientsOf(server), ["to1@y.example", "to2@y.example", "cc@y.example", "bcc@y.example"]);
    assert.doesNotMatch(textOf(server), /\bbcc\b/i);
    assert.doesNotMatch(textOf(server), /hidden/);
    assert.match(textOf(server), /^To: to1@y\.example,\s+to2@y\.example\r$/m);
    assert.match(textOf(server), /^Cc: cc@y\.example\r$/m);
    assert.equal(typeof result.messageId, "string");
    assert.ok(result.messageId !== undefined && textOf(server).includes(result.messageId));
  }
  assert.equal(message.headers.has("bcc"), true);
  assert.equal(message.headers.has("Resent-Bcc"), true);
});

acceptance("Bcc that is folded over lines leaves no line behind", async () => {
  const bcc = Array.from({ length: 40 }, (_, index) => `Person Number ${index} <p${index}@y.example>`);
  await using server = await ScriptedServer.start();
  await send(new EmailMessage({ ...fields, bcc }), plain(server));
  assert.equal(recipientsOf(server).length, 43);
  assert.doesNotMatch(textOf(server), /Person|p\d+@/);
});

acceptance("a message that is sent twice is the same message", async () => {
  await using server = await ScriptedServer.start();
  await using client = await SmtpClient.connect(plain(server));
  const message = new EmailMessage(fields);
  const first = await client.send(message);
  const second = await client.send(message);
  assert.equal(first.messageId, second.messageId);
  assert.equal(server.messages[0]?.text, server.messages[1]?.text);
  for (const name of ["Date", "Message-ID", "MIME-Version", "From", "To", "Subject"]) {
    assert.equal(textOf(server).match(new RegExp(`^${name}: `, "gim"))?.length, 1, name);
  }
});

acceptance("nothing of one send is in the next", async () => {
  await using server = await ScriptedServer.start();
  await using client = await SmtpClient.connect(plain(server));
  await client.send({ ...fields, attachments: [{ filename: "secret.txt", content: "secret" }] });
  await client.send({ from: "from@x.example", to: "only@y.example", subject: "two", text: "two" });
  assert.deepEqual(server.messages[1]?.recipients, ["RCPT TO:<only@y.example>"]);
  assert.doesNotMatch(server.messages[1]?.text ?? "", /secret|cc@y|multipart/i);
});

acceptance("Sender comes before From as the envelope sender", async () => {
  await using server = await ScriptedServer.start();
  await send({ ...fields, sender: "secretary@x.example" }, plain(server));
  assert.equal(mailOf(server), "MAIL FROM:<secretary@x.example>");
  assert.match(textOf(server), /^From: from@x\.example\r$/m);
  assert.match(textOf(server), /^Sender: secretary@x\.example\r$/m);
});

acceptance("without From and Sender, or without recipients, nothing is even connected", async () => {
  await using server = await ScriptedServer.start();
  const wrong: MessageInput[] = [
    { to: "to@y.example", text: "x" },
    { from: "from@x.example", text: "x" },
    new EmailMessage({ to: "to@y.example", text: "x" }),
    new EmailMessage({ from: "from@x.example", text: "x" }),
    new EmailMessage(),
    {},
  ];
  for (const message of wrong) await argumentError(send(message, plain(server)));
  assert.equal(server.connections.length, 0);
  await using client = await SmtpClient.connect(plain(server));
  for (const message of wrong) await argumentError(client.send(message));
  assert.ok(!server.verbs.includes("MAIL"));
  assert.equal((await client.noop()).code, 250);
});

acceptance("plain data opens no file and no address", async () => {
  await using server = await ScriptedServer.start();
  for (const data of [
    { ...fields, text: { path: "/etc/passwd" } },
    { ...fields, html: { href: "http://127.0.0.1/" } },
    { ...fields, attachments: [{ path: "/etc/passwd" }] },
    { ...fields, attachments: [{ filename: "x", href: "http://127.0.0.1/" }] },
    { ...fields, raw: { path: "/etc/passwd" } },
  ]) {
    await argumentError(send(data as unknown as MessageInput, plain(server)));
  }
  assert.equal(server.connections.length, 0);
});

acceptance("a resent message takes its envelope from the Resent fields alone", async () => {
  const message = new EmailMessage(fields);
  message.headers.append("Resent-Date", DATE);
  message.headers.append("Resent-From", "again@z.example");
  message.headers.append("Resent-To", "r-to@z.example");
  message.headers.append("Resent-Cc", "r-cc@z.example");
  message.headers.append("Resent-Bcc", "r-bcc@z.example");
  await using server = await ScriptedServer.start();
  await send(message, plain(server));
  assert.equal(mailOf(server), "MAIL FROM:<again@z.example>");
  assert.deepEqual(recipientsOf(server), ["r-to@z.example", "r-cc@z.example", "r-bcc@z.example"]);
  assert.doesNotMatch(textOf(server), /\bbcc\b/i);

  message.headers.append("Resent-Sender", "hand@z.example");
  await using second = await ScriptedServer.start();
  await send(message, plain(second));
  assert.equal(mailOf(second), "MAIL FROM:<hand@z.example>");
});

acceptance("two Resent-Date fields are an argument error", async () => {
  const message = new EmailMessage(fields);
  for (const _ of [1, 2]) {
    message.headers.append("Resent-Date", DATE);
    message.headers.append("Resent-From", "again@z.example");
    message.headers.append("Resent-To", "r-to@z.example");
  }
  await using server = await ScriptedServer.start();
  await argumentError(send(message, plain(server)));
  assert.equal(server.connections.length, 0);
});

acceptance("sender and recipients of the caller's override the fields, which go out unchanged", async () => {
  await using server = await ScriptedServer.start();
  const result = await send(fields, {
    ...plain(server),
    sender: "bounce@x.example",
    recipients: ["elsewhere@z.example"],
  });
  assert.equal(mailOf(server), "MAIL FROM:<bounce@x.example>");
  assert.deepEqual(recipientsOf(server), ["elsewhere@z.example"]);
  assert.match(textOf(server), /^From: from@x\.example\r$/m);
  assert.match(textOf(server), /^To: to1@y\.example/m);
  assert.doesNotMatch(textOf(server), /elsewhere|bounce/);
  assert.deepEqual(result.envelope, { sender: "bounce@x.example", recipients: ["elsewhere@z.example"] });
});

acceptance("one of the two alone overrides only its half", async () => {
  await using server = await ScriptedServer.start();
  await send(fields, { ...plain(server), sender: "bounce@x.example" });
  assert.equal(recipientsOf(server).length, 4);
  await using second = await ScriptedServer.start();
  await send(fields, { ...plain(second), recipients: "elsewhere@z.example" });
  assert.equal(mailOf(second), "MAIL FROM:<from@x.example>");
});

acceptance("an address that is not ASCII goes out as UTF-8 where SMTPUTF8 is offered", async () => {
  await using server = await ScriptedServer.start({ extensions: ["SMTPUTF8", "8BITMIME"] });
  await send({ ...fields, to: "jörg@y.example", cc: undefined, bcc: undefined }, plain(server));
  assert.match(mailOf(server), / SMTPUTF8( |$)/);
  assert.deepEqual(recipientsOf(server), ["jörg@y.example"]);
  assert.match(textOf(server), /^To: <?jörg@y\.example>?\r$/m);
});

acceptance("where SMTPUTF8 is not offered it is an error before MAIL", async () => {
  for (const extensions of [[], ["8BITMIME", "PIPELINING"]]) {
    await using server = await ScriptedServer.start({ extensions });
    await using client = await SmtpClient.connect(plain(server));
    const inputs: [MessageInput, SendOptions][] = [
      [{ ...fields, to: "jörg@y.example" }, {}],
      [{ ...fields, from: "jörg@y.example" }, {}],
      ["Subject: x\r\n\r\nx\r\n", { sender: "a@x.example", recipients: "jörg@y.example" }],
      ["Subject: x\r\n\r\nx\r\n", { sender: "jörg@x.example", recipients: "a@y.example" }],
    ];
    for (const [message, options] of inputs) {
      const error = await rejects(client.send(message, options), SmtpNotSupportedError);
      assert.equal(error.extension, "SMTPUTF8");
    }
    assert.ok(!server.verbs.includes("MAIL"));
    assert.equal((await client.send(fields)).accepted.length, 4);
  }
});

acceptance("a domain that is not ASCII goes out as an A-label where SMTPUTF8 is not needed", async () => {
  for (const extensions of [[], ["SMTPUTF8", "8BITMIME"]]) {
    await using server = await ScriptedServer.start({ extensions });
    await send({ ...fields, to: "joerg@bücher.example", cc: undefined, bcc: undefined }, plain(server));
    assert.deepEqual(recipientsOf(server), ["joerg@xn--bcher-kva.example"]);
    assert.doesNotMatch(mailOf(server), /SMTPUTF8/);
    assert.match(textOf(server), /^To: <?joerg@xn--bcher-kva\.example>?\r$/m);
  }
});

acceptance("a display name that is not ASCII needs no SMTPUTF8", async () => {
  await using server = await ScriptedServer.start({ extensions: ["SMTPUTF8", "8BITMIME"] });
  await send({ ...fields, from: { name: "Jörg Übel", address: "j@x.example" }, subject: "Grüße" }, plain(server));
  assert.doesNotMatch(mailOf(server), /SMTPUTF8/);
  assert.match(textOf(server), /^From: =\?utf-8\?/im);
  assert.match(textOf(server), /^Subject: =\?utf-8\?/im);
});

const UMLAUT = { ...fields, text: "Grüße aus Köln\n" };

acceptance("text with 8-bit characters goes out as it is where 8BITMIME is offered", async () => {
  await using server = await ScriptedServer.start({ extensions: ["8BITMIME"] });
  await send(UMLAUT, plain(server));
  assert.match(mailOf(server), / BODY=8BITMIME( |$)/);
  assert.match(textOf(server), /^Content-Transfer-Encoding: 8bit\r$/im);
  assert.ok(textOf(server).endsWith("\r\n\r\nGrüße aus Köln\r\n"));
});

acceptance("where 8BITMIME is not offered the text is encoded, and its header says so", async () => {
  await using server = await ScriptedServer.start();
  await send(UMLAUT, plain(server));
  assert.equal(mailOf(server), "MAIL FROM:<from@x.example>");
  const raw = server.messages[0]?.raw ?? Buffer.alloc(0);
  assert.ok(raw.every((byte) => byte < 0x80));
  const encoding = /^Content-Transfer-Encoding: (base64|quoted-printable)\r$/im.exec(textOf(server))?.[1];
  const body = textOf(server).split("\r\n\r\n")[1] ?? "";
  if (encoding?.toLowerCase() === "base64") {
    assert.equal(Buffer.from(body, "base64").toString(), "Grüße aus Köln\r\n");
  } else {
    assert.equal(encoding?.toLowerCase(), "quoted-printable");
    assert.match(body, /Gr=C3=BC=C3=9Fe aus K=C3=B6ln/);
  }
});

acceptance("one message goes to a server with 8BITMIME and to one without", async () => {
  const message = new EmailMessage(UMLAUT);
  await using modern = await ScriptedServer.start({ extensions: ["8BITMIME"] });
  await using old = await ScriptedServer.start();
  const first = await send(message, plain(modern));
  const second = await send(message, plain(old));
  assert.equal(first.messageId, second.messageId);
  assert.match(mailOf(modern), /BODY=8BITMIME/);
  assert.ok(old.messages[0]?.raw.every((byte) => byte < 0x80));
});

acceptance("pure ASCII has no BODY", async () => {
  await using server = await ScriptedServer.start({ extensions: ["8BITMIME"] });
  await send(fields, plain(server));
  await send("Subject: x\r\n\r\nx\r\n", { ...ENVELOPE, ...plain(server) });
  for (const line of server.lines) assert.doesNotMatch(line, /BODY=/);
});

acceptance("raw 8-bit content without 8BITMIME is an error before MAIL, with it BODY says so", async () => {
  for (const raw of ["Subject: x\r\n\r\nGrüße\r\n", Buffer.from("Subject: x\r\n\r\nGrüße\r\n", "latin1")]) {
    await using server = await ScriptedServer.start();
    await using client = await SmtpClient.connect(plain(server));
    const error = await rejects(client.send(raw, ENVELOPE), SmtpNotSupportedError);
    assert.equal(error.extension, "8BITMIME");
    assert.ok(!server.verbs.includes("MAIL"));
    await using modern = await ScriptedServer.start({ extensions: ["8BITMIME"] });
    await send(raw, { ...ENVELOPE, ...plain(modern) });
    assert.match(mailOf(modern), /BODY=8BITMIME/);
    assert.deepEqual(modern.messages[0]?.raw, Buffer.from(raw));
  }
});

acceptance("G: a multipart of parts is a message too", async () => {
  const message = new MimeMultipart("alternative");
  message.headers.set("From", "from@x.example");
  message.headers.set("To", "to@y.example");
  message.headers.set("Subject", "both");
  message.attach(new MimeText("plain text", "plain"));
  message.attach(new MimeText("<p>html text</p>", "html"));
  await using server = await ScriptedServer.start();
  const result = await send(message, plain(server));
  assert.deepEqual(result.accepted, ["to@y.example"]);
  assert.match(textOf(server), /^Content-Type: multipart\/alternative;\s+boundary=/im);
  assert.match(textOf(server), /plain text/);
  assert.match(textOf(server), /<p>html text<\/p>/);
  for (const name of ["Date", "Message-ID", "MIME-Version"]) {
    assert.equal(textOf(server).match(new RegExp(`^${name}: `, "gim"))?.length, 1, name);
  }
});

acceptance("G: groups are recipients one by one, and a list of addresses in one string too", async () => {
  await using server = await ScriptedServer.start();
  await send(
    { ...fields, to: "team: t1@y.example, T2 <t2@y.example>;", cc: "c1@y.example, c2@y.example", bcc: undefined },
    plain(server),
  );
  assert.deepEqual(recipientsOf(server), ["t1@y.example", "t2@y.example", "c1@y.example", "c2@y.example"]);
});

acceptance("G: a recipient that cannot be parsed is an error, not a gap", async () => {
  await using server = await ScriptedServer.start();
  for (const to of [["b@y.example", "oops"], "b@y.example, oops", "x\r\nBcc: e@v.il"]) {
    await argumentError(send({ ...fields, to }, plain(server)));
  }
  await argumentError(send({ ...fields, subject: "x\r\nBcc: e@v.il" }, plain(server)));
  await argumentError(send({ ...fields, headers: { "X-A\r\nBcc": "e@v.il" } }, plain(server)));
  await argumentError(send({ ...fields, from: { name: "a\r\nBcc: e@v.il", address: "a@b.c" } }, plain(server)));
  assert.equal(server.connections.length, 0);
});

async function argumentError(promise: Promise<unknown>): Promise<void> {
  const error = await rejection(promise);
  const isInput = error instanceof OptionError || error instanceof AddressError || error instanceof MessageError;
  assert.ok(isInput, `${error.name}: ${error.message}`);
  assert.equal(error.phase, "input");
}
