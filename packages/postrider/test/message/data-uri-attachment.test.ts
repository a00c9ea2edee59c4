import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { dataUriAttachment } from "../../src/message/attachment.js";
import { fromFields } from "../../src/message/email-message.js";
import { fc } from "../support/property.js";
import { attached, fault, readBack } from "./support.js";

test("type and content are those of the URI", () => {
  const cases: readonly [string, string, string][] = [
    ["data:image/png;base64,iVBORw==", "image/png", "\x89PNG"],
    ["DATA:image/png;BASE64,iVBORw%3D%3D", "image/png", "\x89PNG"],
    ["data:,a%20b%00%ff", "text/plain;charset=US-ASCII", "a b\0\xff"],
    ["data:;charset=utf-8,%C3%A9", "text/plain;charset=utf-8", "\xc3\xa9"],
    ["data:image/svg+xml,<svg xmlns='http://a.b/'/>", "image/svg+xml", "<svg xmlns='http://a.b/'/>"],
    ['data:text/plain;x="a";base64,', 'text/plain;x="a"', ""],
  ];
  for (const [uri, contentType, text] of cases) {
    const attachment = dataUriAttachment(uri);
    assert.equal(attachment.contentType, contentType);
    assert.equal(Buffer.from(attachment.content as Uint8Array).toString("latin1"), text);
  }
});

test("options describe it, and undefined is absent", async () => {
  const options = { filename: "a.png", contentId: "a@b", contentType: undefined };
  const attachment = dataUriAttachment(new URL("data:image/png;base64,iVBORw=="), options);
  const read = await readBack(fromFields({ html: '<img src="cid:a@b">', attachments: [attachment] }));
  assert.equal(read.attachments[0]?.filename, "a.png");
  assert.equal(read.attachments[0]?.mimeType, "image/png");
  assert.deepEqual(attached(read), Buffer.from([0x89, 0x50, 0x4e, 0x47]));
});

test("what is no data: URI is an error that says why", () => {
  const rules: readonly [unknown, RegExp][] = [
    ["https://example.org/a.png", /begin with data:/],
    ["file:///etc/passwd", /begin with data:/],
    ["data:image/png;base64", /","/],
    ["data:image,x", /media type/],
    ["data:image/svg+xml;utf8,x", /"="/],
    ["data:a/b;charset=x\r\nBcc: e@v.il,x", /control|expected/],
    ["data:a/b;base64,iVBORw=", /base64/],
    ["data:a/b;base64,iVBORw", /base64/],
    ["data:a/b;base64,iVB Rw==", /base64/],
    ["data:a/b;base64,iVB-Rw==", /base64/],
    ["data:a/b,100%", /hexadecimal/],
    ["data:a/b,%4", /hexadecimal/],
    ["data:a/b,x#y", /without "#"/],
    ["data:a/b,é", /ASCII/],
    ["data:a/b,\n", /ASCII/],
    [7, /not a number/],
    [undefined, /not undefined/],
  ];
  for (const [uri, rule] of rules) {
    assert.throws(() => dataUriAttachment(uri as string), fault("message", "dataUriAttachment", rule));
  }
  assert.throws(
    () => dataUriAttachment("data:,x", { content: "y" } as never),
    fault("message", "dataUriAttachment.content"),
  );
});

test("property: any bytes come back, in base64 and escaped", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const base64 = `data:a/b;base64,${Buffer.from(bytes).toString("base64")}`;
      const escaped = `data:a/b,${Buffer.from(bytes).toString("hex").replace(/../g, "%$&")}`;
      for (const uri of [base64, escaped]) {
        assert.deepEqual(Buffer.from(dataUriAttachment(uri).content as Uint8Array), Buffer.from(bytes));
      }
    }),
  );
});
