import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { MimeMultipart, MimePart, MimeText } from "../../src/message/mime-part.js";
import { fault } from "./support.js";

const bytes = async (part: MimePart): Promise<string> => Buffer.from(await part.toBytes()).toString("latin1");

test("a part of any type from content and options", async () => {
  const part = new MimePart({
    content: '{"a":1}',
    contentType: "application/json",
    contentId: "a@b",
    description: "data",
  });
  assert.equal(
    await bytes(part),
    [
      "Content-Type: application/json",
      "Content-Transfer-Encoding: base64",
      "Content-ID: <a@b>",
      "Content-Description: data",
      "",
      "eyJhIjoxfQ==",
    ].join("\r\n"),
  );
});

test("a part without anything is empty", async () => {
  assert.equal(await bytes(new MimePart()), "\r\n");
  assert.match(await bytes(new MimePart({})), /^Content-Type: text\/plain; charset=utf-8\r\n/);
  assert.deepEqual(new MimePart().parts, []);
});

test("unknown and wrong options of a part are errors", () => {
  assert.throws(() => new MimePart({ contents: "x" } as never), fault("message", "contents", /content\?/));
  assert.throws(() => new MimePart({ content: 5 } as never), fault("message", "content", /a number/));
  assert.throws(() => new MimePart("text" as never), fault("message", "content", /object/));
});

test("MimeText takes subtype and charset, and refuses what they are not", async () => {
  assert.match(await bytes(new MimeText("x", "html", "UTF8")), /^Content-Type: text\/html; charset=utf-8\r\n/);
  assert.match(await bytes(new MimeText("x", "plain", "us-ascii")), /charset=us-ascii/);
  assert.throws(() => new MimeText(5 as never), fault("message", "text", /a number/));
  assert.throws(() => new MimeText("x", "html; a=b"), fault("message", "subtype"));
  assert.throws(() => new MimeText("x", 5 as never), fault("message", "subtype"));
  assert.throws(() => new MimeText("x", "plain", "koi8-r"), fault("message", "charset"));
  assert.throws(() => new MimeText("x", "plain", 5 as never), fault("message", "charset"));
  assert.throws(() => new MimeText("\udc00"), fault("message", "content", /surrogate/));
  await assert.rejects(new MimeText("é", "plain", "us-ascii").toBytes(), fault("message", "content", /us-ascii/));
});

test("text under a type without charset must be ASCII", async () => {
  const part = new MimeText("é");
  part.headers.set("Content-Type", "text/plain");
  await assert.rejects(part.toBytes(), fault("message", "content", /us-ascii has no U\+00E9/));
});

test("a multipart shows its parts in order and takes parts only", () => {
  const [first, second] = [new MimeText("1"), new MimeText("2")];
  const multipart = new MimeMultipart("alternative", [first]);
  assert.equal(multipart.attach(second), multipart);
  assert.deepEqual(multipart.parts, [first, second]);
  assert.equal(multipart.headers.get("Content-Type"), "multipart/alternative");
  assert.equal(new MimeMultipart().headers.get("Content-Type"), "multipart/mixed");
  assert.throws(() => multipart.attach("text" as never), fault("message", "part", /MimePart, not a string/));
  assert.throws(() => multipart.attach({ ...first } as never), fault("message", "part"));
  assert.throws(() => new MimeMultipart("mixed", "x" as never), fault("message", "parts"));
  assert.throws(() => new MimeMultipart("mixed; boundary=x"), fault("message", "subtype"));
});

test("the array of parts that was given is not the one that grows", () => {
  const given = [new MimeText("1")];
  new MimeMultipart("mixed", given).attach(new MimeText("2"));
  assert.equal(given.length, 1);
});
