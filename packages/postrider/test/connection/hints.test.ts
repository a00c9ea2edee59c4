import assert from "node:assert/strict";
import { test } from "node:test";
import { describeWait, protocolHint, timeoutHint } from "../../src/connection/ending.js";
import type { Expectation } from "../../src/session/work.js";
import { message } from "../session/session-driver.js";

test("what is waited for is said in words", () => {
  const transaction = message("k");
  const cases: readonly (readonly [Expectation | undefined, RegExp])[] = [
    [undefined, /content to be read/],
    [{ slot: "greeting" }, /greeting/],
    [{ slot: "mail", transaction }, /MAIL/],
    [{ slot: "rcpt", transaction, index: 0 }, /RCPT/],
    [{ slot: "data", transaction }, /DATA/],
    [{ slot: "chunk", transaction }, /BDAT/],
    [{ slot: "content", transaction }, /after the content/],
    [{ slot: "reset" }, /RSET/],
    [{ slot: "command", work: { kind: "command", verb: "VRFY", line: "VRFY x" } }, /VRFY/],
  ];
  for (const [expectation, words] of cases) assert.match(describeWait(expectation, false), words);
  assert.match(describeWait({ slot: "greeting" }, true), /take more bytes/);
});

test("a greeting that is none hints at what listens there", () => {
  assert.match(protocolHint("greeting", "\u0015\u0003\u0001") ?? "", /useTls: true/);
  assert.match(protocolHint("greeting", "HTTP/1.1 400 Bad Request") ?? "", /web server/);
  assert.match(protocolHint("greeting", "* OK IMAP4rev1") ?? "", /IMAP or POP3/);
  assert.match(protocolHint("greeting", "+OK ready") ?? "", /IMAP or POP3/);
  assert.match(protocolHint("greeting", "SSH-2.0-OpenSSH") ?? "", /SSH/);
  assert.match(protocolHint("greeting", "?") ?? "", /Check hostname and port/);
  assert.equal(protocolHint("command", "HTTP/1.1"), undefined);
});

test("silence in place of a greeting hints at TLS, on either side of it", () => {
  assert.match(timeoutHint("greeting", false) ?? "", /useTls: true/);
  assert.match(timeoutHint("greeting", true) ?? "", /sends no SMTP greeting/);
  assert.equal(timeoutHint("mail", false), undefined);
});
