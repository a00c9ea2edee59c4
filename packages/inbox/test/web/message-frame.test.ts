import assert from "node:assert/strict";
import { test } from "node:test";
import { ask, withMail } from "../support/mail.js";

const HOSTILE = `Subject: hostile
Content-Type: multipart/related; boundary=r

--r
Content-Type: text/html

<!DOCTYPE html><script>alert(2)</script><img src="http://192.0.2.1/pixel"><link rel=preconnect href="http://192.0.2.1"><meta http-equiv=refresh content="0;url=http://192.0.2.1"><img src="cid:pic"></html>
--r
Content-Type: image/png; name="a.png"
Content-ID: <pic>
Content-Transfer-Encoding: base64

AAEC
--r--
`;

test("HTML comes with a policy that allows no script and fetches nothing", async () => {
  await using inbox = await withMail(HOSTILE);
  const { body, headers } = await ask(inbox, `/messages/${inbox.messages[0]?.id}/html`);
  const policy = String(headers["content-security-policy"]);
  assert.match(policy, /^sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; /);
  assert.doesNotMatch(policy, /script-src|allow-scripts|allow-same-origin|allow-forms|allow-top|https?:|\*/);
  assert.doesNotMatch(body, /<link|<meta/);
  assert.ok(body.startsWith('<!DOCTYPE html><base target="_blank">'));
  assert.ok(body.includes('<img src="data:image/png;base64,AAEC">'));
});

test("when the reader asks for it, the policy lets in the places that were named, for pictures and fonts", async () => {
  await using inbox = await withMail(HOSTILE);
  const { headers } = await ask(inbox, `/messages/${inbox.messages[0]?.id}/html?remote=1`);
  const policy = String(headers["content-security-policy"]);
  assert.match(policy, /; img-src data: http:\/\/192\.0\.2\.1; font-src data: http:\/\/192\.0\.2\.1; /);
  assert.doesNotMatch(policy, /script-src|allow-scripts|allow-same-origin|style-src [^;]*http/);
});

test("one large picture that is named very often does not grow without bound", async () => {
  const picture = Buffer.alloc(600_000)
    .toString("base64")
    .replace(/(.{76})/g, "$1\n");
  const html = '<img src="cid:pic">'.repeat(1000).replaceAll(">", ">\n");
  await using inbox = await withMail(
    `Content-Type: multipart/related; boundary=r\n\n--r\nContent-Type: text/html\n\n${html}\n--r\nContent-Type: image/png\nContent-ID: <pic>\nContent-Transfer-Encoding: base64\n\n${picture}\n--r--`,
  );
  const { body } = await ask(inbox, `/messages/${inbox.messages[0]?.id}/html`);
  assert.ok(body.length > 30_000_000 && body.length < 34_000_000, String(body.length));
});
