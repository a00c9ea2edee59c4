import assert from "node:assert/strict";
import { test } from "node:test";
import { smtpAddress, snippetsFor } from "../../page/src/send/snippets.js";
import type { ApiInbox } from "../../src/web/api-types.js";

const PLAIN: ApiInbox = { host: "127.0.0.1", smtpPort: 1025, protocol: "smtp", tls: "none", auth: "none" };
const code = (inbox: ApiInbox, host: string): Record<string, string> =>
  Object.fromEntries(snippetsFor(inbox, host).map((snippet) => [snippet.name, snippet.code]));

test("every language says where the inbox is", () => {
  for (const [name, text] of Object.entries(code(PLAIN, "inbox.local"))) {
    assert.match(text, /inbox\.local/, name);
    assert.match(text, /1025/, name);
    assert.doesNotMatch(text, /PASSWORD|undefined/, name);
  }
  assert.match(code(PLAIN, "127.0.0.1")["Postrider"] ?? "", /\{ port: 1025 \}/);
});

test("every language logs in where it must, and uses TLS where there is TLS", () => {
  const inbox: ApiInbox = { ...PLAIN, tls: "implicit", auth: "required", anyUser: true };
  for (const [name, text] of Object.entries(code(inbox, "inbox.local"))) {
    assert.match(text, /PASSWORD/, name);
    assert.match(text, /smtps|secure: true|useTls: true|SMTP_SSL/, name);
  }
  const startTls = code({ ...inbox, tls: "starttls" }, "::1");
  assert.match(startTls["Python"] ?? "", /starttls/);
  assert.match(startTls["curl"] ?? "", /--ssl-reqd/);
  assert.match(startTls["Nodemailer"] ?? "", /requireTLS/);
});

test("an IPv6 address stands in brackets in front of a port", () => {
  assert.equal(smtpAddress(PLAIN, "::1"), "[::1]:1025");
});
