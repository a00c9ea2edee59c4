import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { settle } from "../../../src/message/compose.js";
import { EmailMessage, fromFields } from "../../../src/message/email-message.js";
import { autoText } from "../../../src/message/fields/apply-content.js";
import { MimePart } from "../../../src/message/mime-part.js";
import { deliveryOptions } from "../../../src/options/delivery-options.js";
import { prepareSubmission } from "../../../src/submission/prepare.js";
import { fault, readBack, shape } from "../support.js";

const HTML =
  '<h1>Grüße</h1><p>See <a href="https://example.org/a">this</a>. <img src="cid:a" alt="x"></p><ul><li>one<li>two</ul>';

test("text that is made from html says what the html says, links among it, pictures not", async () => {
  const message = fromFields({ text: "auto", html: HTML });
  assert.equal(shape(message).replace(/\s+/g, " "), "multipart/alternative text/plain text/html");
  await settle(message);
  const { text } = await readBack(message);
  assert.equal(text?.trim(), "Grüße\n\nSee this [https://example.org/a].\n\n * one\n * two");
});

test("toBytes and stream wait for it, also deep inside, and give the same each time", async () => {
  const inner = fromFields({ text: "auto", html: "<p>Inner ä</p>" });
  const outer = new EmailMessage({ text: "outer" }).addAttachment(inner).addAttachment("x", { filename: "x.txt" });
  const bytes = await outer.toBytes();
  assert.match(Buffer.from(bytes).toString(), /Inner ä|Inner =C3=A4/);
  assert.deepEqual(await outer.toBytes(), bytes);
  assert.match(Buffer.from(await new MimePart({ content: inner }).toBytes()).toString(), /Inner/);
});

test("a message that is sent is composed after it, any other without waiting", async () => {
  const options = deliveryOptions({ sender: "a@b.c", recipients: "d@e.f" });
  const prepared = prepareSubmission({ text: "auto", html: "<p>Hello</p>" }, options);
  assert.ok(prepared instanceof Promise);
  const { content } = await (await prepared).open({ extensions: new Map() } as never);
  assert.ok(content.kind === "bytes" && Buffer.from(content.bytes).toString().includes("\r\n\r\nHello\r\n"));
  assert.ok(!(prepareSubmission({ text: "x", html: "<p>Hello</p>" }, options) instanceof Promise));
});

test("without html it is an error, and the word itself can be said", async () => {
  assert.throws(() => fromFields({ text: "auto" }), fault("message", "text", /html/));
  assert.equal((await readBack(fromFields({ text: { content: "auto" } }))).text?.trim(), "auto");
});

test("a package that is missing, or fails, is a MessageError that says so", async () => {
  const missing = autoText("x", "text", () => Promise.reject(new Error("ERR_MODULE_NOT_FOUND")));
  await assert.rejects(async () => await missing.settle?.(), fault("message", "text", /npm install html-to-text/));
  assert.throws(() => missing.text, fault("message", "text"));
  const failing = autoText("x", "text", () =>
    Promise.resolve({
      convert: () => {
        throw new RangeError("too deep");
      },
    }),
  );
  await assert.rejects(async () => await failing.settle?.(), fault("message", "text", /too deep/));
  assert.throws(() => autoText("x".repeat(16 * 1024 * 1024 + 1), "text"), fault("message", "text", /at most/));
});

test("it is made once", async () => {
  let count = 0;
  const content = autoText("x", "text", () => Promise.resolve({ convert: () => `made ${++count}` }));
  await content.settle?.();
  await content.settle?.();
  assert.equal(content.text, "made 1");
});
