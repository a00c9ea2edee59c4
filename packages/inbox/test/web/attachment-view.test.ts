import assert from "node:assert/strict";
import { test } from "node:test";
import { ask, withMail } from "../support/mail.js";

const withPart = (type: string): string =>
  `Subject: x\nContent-Type: multipart/mixed; boundary=m\n\n--m\nContent-Type: ${type}; name="file"\nContent-Disposition: attachment; filename="a file"\n\n<script>alert(1)</script>\n--m--\n`;

for (const [type, shownAs] of [
  ["image/png", "image/png"],
  ["image/svg+xml", "image/svg+xml"],
  ["text/html", "text/plain; charset=utf-8"],
  ["text/calendar", "text/plain; charset=utf-8"],
  ["application/json", "text/plain; charset=utf-8"],
  ["application/pdf", "application/pdf"],
] as const)
  test(`${type} is shown as ${shownAs}, and can do nothing`, async () => {
    await using inbox = await withMail(withPart(type));
    const { headers } = await ask(inbox, `/api/messages/${inbox.messages[0]?.id}/attachments/0/view`);
    assert.equal(headers["content-type"], shownAs);
    assert.equal(headers["content-disposition"], "inline; filename*=UTF-8''a%20file");
    assert.equal(headers["x-content-type-options"], "nosniff");
    assert.match(String(headers["content-security-policy"]), /default-src 'none'/);
    if (type !== "application/pdf") assert.match(String(headers["content-security-policy"]), /^sandbox;/);
  });

for (const type of ["application/zip", "application/xhtml+xml", "application/javascript", "image/tiff"])
  test(`${type} is saved, never shown`, async () => {
    await using inbox = await withMail(withPart(type));
    const { headers } = await ask(inbox, `/api/messages/${inbox.messages[0]?.id}/attachments/0/view`);
    assert.equal(headers["content-type"], "application/octet-stream");
    assert.match(String(headers["content-disposition"]), /^attachment;/);
  });
