import assert from "node:assert/strict";
import { test } from "node:test";
import { printPage } from "../../src/web/print-page.js";
import { parsed } from "../support/parsed.js";

test("only the page's own script has the nonce, which is in front of all that the sender wrote", async () => {
  const { content, policy } = printPage(
    await parsed(
      'From: "</title><script>x</script>" <a@example.com>\nSubject: <script>alert(1)</script>\nContent-Type: text/html\n\n<script>alert(2)</script>',
    ),
  );
  const nonce = /script-src 'nonce-([\w-]+)'/.exec(policy)?.[1] ?? "?";
  assert.ok(nonce.length >= 20);
  assert.equal(content.split(nonce).length, 2);
  assert.ok(content.indexOf(nonce) < content.indexOf("alert(2)"));
  assert.doesNotMatch(content, /<script>alert\(1\)|<\/title><script>x/);
  assert.match(policy, /^sandbox allow-modals allow-scripts; default-src 'none'/);
  assert.doesNotMatch(policy, /allow-same-origin|unsafe-inline.*script/);
});

test("the nonce is another one each time, and a text is on paper as text", async () => {
  const message = await parsed("To: b@example.com\nSubject: x\n\n<b>not bold</b>");
  const [first, second] = [printPage(message), printPage(message)];
  assert.notEqual(first.policy, second.policy);
  assert.match(first.content, /<b>To:<\/b> b@example\.com/);
  assert.match(first.content, /&#60;b&#62;not bold/);
});
