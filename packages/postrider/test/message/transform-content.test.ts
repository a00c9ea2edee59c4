import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { MessageError } from "../../src/errors/errors.js";
import { compose } from "../../src/message/compose.js";
import { EmailMessage } from "../../src/message/email-message.js";
import { MimeMultipart, MimePart, MimeText } from "../../src/message/mime-part.js";
import { corpus } from "../corpus/corpus.js";
import { drain, EIGHT, fault, SEVEN, shape, wire } from "./support.js";

const TYPE = 'multipart/signed; protocol="application/x-signature"; micalg=x';

/** A signature that anybody could make: the bytes that are signed, in base64. */
async function sign(part: MimePart): Promise<MimePart> {
  const signature = new MimePart({ content: await part.toBytes(), contentType: "application/x-signature" });
  const signed = new MimeMultipart("signed", [part, signature]);
  signed.headers.set("Content-Type", TYPE);
  return signed;
}

test("the content moves into a part, the other headers stay", async () => {
  const message = new EmailMessage({
    from: "a@x.example",
    to: "b@y.example",
    subject: "Signed",
    text: "text",
    html: "<p>html</p>",
    attachments: [{ filename: "a.txt", content: "x" }],
  });
  assert.equal(await message.transformContent(sign), message);
  assert.equal(
    shape(message),
    "multipart/signed\n  multipart/mixed\n    multipart/alternative\n      text/plain\n      text/html\n    text/plain\n  application/x-signature",
  );
  assert.equal(message.headers.get("Subject"), "Signed");
  assert.equal(message.headers.getAll("Content-Type").length, 1);
  const text = await wire(message);
  assert.match(text, /^From: a@x\.example\r\n/);
  assert.equal(text.match(/^Subject:/gm)?.length, 1);
});

test("what is signed has on the wire the bytes that it had alone, whatever it is and whatever the server takes", async () => {
  let count = 0;
  for (const { name, message } of corpus()) {
    if (!(message instanceof EmailMessage)) continue;
    await message.transformContent(sign);
    const [part] = message.parts;
    const expected = Buffer.from((await part?.toBytes()) ?? []).toString("latin1");
    for (const target of [SEVEN, EIGHT, { eightBit: true, utf8: true }]) {
      if (!target.utf8 && message.headers.get("To")?.includes("ürgen")) continue;
      const { content } = compose(message, target);
      const bytes = content instanceof Uint8Array ? Buffer.from(content) : await drain(content());
      const text = bytes.toString("latin1");
      const boundary = /^Content-Type: multipart\/signed;.*?boundary="([^"]+)"/ms.exec(text)?.[1] ?? "";
      const [, signed] = text.split(`--${boundary}\r\n`);
      assert.equal(signed, `${expected}\r\n`, name);
    }
    count += 1;
  }
  assert.ok(count > 300);
});

test("a header in UTF-8 around it does not change what is signed", async () => {
  const message = new EmailMessage({
    from: "a@x.example",
    to: "jürgen@y.example",
    subject: "Grüße",
    attachments: [{ filename: "grüße.txt", content: "x", description: "Grüße", headers: { "X-Note": "Grüße" } }],
  });
  await message.transformContent(sign);
  const alone = Buffer.from((await message.parts[0]?.toBytes()) ?? []).toString("latin1");
  const { content } = compose(message, { eightBit: true, utf8: true });
  const text = Buffer.from(content as Uint8Array).toString("latin1");
  assert.ok(text.includes("Subject: Gr\u00c3\u00bc\u00c3\u009fe"));
  assert.ok(text.includes(`\r\n${alone}\r\n--`));
});

test("a message without content has an empty part, and content that is one part stays one", async () => {
  const empty = await new EmailMessage({ from: "a@x.example" }).transformContent(sign);
  assert.equal(shape(empty), "multipart/signed\n  none\n  application/x-signature");
  const same = await new EmailMessage({ text: "text" }).transformContent((part) => part);
  assert.match(await wire(same), /Content-Type: text\/plain; charset=utf-8\r\n.*\r\n\r\ntext\r\n$/s);
});

test("when the function fails, or makes no part, the message is as it was", async () => {
  const message = new EmailMessage({ subject: "s", text: "text" });
  const before = await wire(message);
  const cause = new Error("no key");
  await assert.rejects(
    message.transformContent(() => Promise.reject(cause)),
    cause,
  );
  for (const made of [undefined, "text", new EmailMessage({ text: "x" })]) {
    await assert.rejects(
      message.transformContent(() => made as MimePart),
      fault("message", "content"),
    );
  }
  const foreign = new MimeText("x");
  foreign.headers.set("Subject", "mine");
  await assert.rejects(
    message.transformContent(() => foreign),
    fault("message", "Subject"),
  );
  assert.equal(await wire(message), before);
});

test("what needs eight bits cannot be signed: a server on the way might encode it", async () => {
  const inner = Buffer.from("Subject: x\r\n\r\ngr\u00fc\u00dfe\r\n");
  const message = new EmailMessage({ text: "x" }).addAttachment(inner, { contentType: "message/rfc822" });
  await message.transformContent(sign);
  assert.throws(() => compose(message, EIGHT), MessageError);
});
