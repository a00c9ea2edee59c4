import assert from "node:assert/strict";
import { test } from "node:test";
import { compose } from "../../../src/message/compose.js";
import { EmailMessage } from "../../../src/message/email-message.js";

const compileWith = (name: string, value: string): void => {
  compose(new EmailMessage({ from: "ann@example.org", to: "bob@example.org", text: "x", headers: { [name]: value } }), {
    eightBit: true,
    utf8: true,
  });
};

/** What a caller may set by `headers`, and what the field cannot be. */
const FIELDS: readonly (readonly [name: string, right: readonly string[], wrong: readonly string[]])[] = [
  [
    "Date",
    [
      "Sat, 22 Nov 2025 18:00:00 +0000",
      "22 Nov 2025 18:00 -0330",
      "Sat, 22 Nov 2025 18:00:00 GMT",
      "Sat, 1 Feb 2025 23:59:60 +0100 (CET)",
    ],
    [
      "yesterday",
      "2025-11-22T18:00:00Z",
      "Sun, 22 Nov 2025 18:00:00 +0000",
      "Sun, 30 Feb 2025 18:00:00 +0000",
      "Sat, 22 Nov 2025 25:00:00 +0000",
      "Sat, 22 Nov 2025 18:00:00",
      "Sat, 22 Nov 25 18:00:00 +0000",
      "Sat, 0 Nov 2025 18:00:00 +0000",
      "1763834400",
    ],
  ],
  ["Resent-Date", ["Sat, 22 Nov 2025 18:00:00 +0000"], ["one"]],
  ["Expires", ["Sat, 22 Nov 2025 18:00:00 +0000"], ["never"]],
  [
    "From",
    ["bob@example.org", "Team: bob@example.org;"],
    ["bob", "a@x.example, b@x.example", "a@x.example; b@x.example"],
  ],
  ["Sender", ["bob@example.org"], ["a@x.example, b@x.example", "Team: bob@example.org;", "bob"]],
  ["Reply-To", ["a@x.example, b@x.example"], ["mailto:a@x.example", "a@x.example b@x.example"]],
  ["Disposition-Notification-To", ["a@x.example"], ["yes", "a@[tag:x]"]],
  [
    "Message-ID",
    ["<a@b.example>"],
    ["a@b.example", "<a>", "<a b@c.example>", "<=?utf-8?q?x?=@b.example>", "<a@b> <c@d>"],
  ],
  ["Resent-Message-ID", ["<a@b.example>"], ["<a>"]],
  ["References", ["<a@b.example> <c>"], ["a@b.example", "<a>,<b>", "<a b>"]],
  ["In-Reply-To", ["<a@b.example>"], ["your mail of Tuesday"]],
  ["MIME-Version", ["1.0", "1.0 (produced by a program)"], ["2.0", "1", "one"]],
  ["Content-Type", ["text/plain; charset=utf-8"], ["text", "text/plain; charset", "html"]],
  ["Content-Transfer-Encoding", ["base64"], ["hex", "base 64"]],
  ["Content-Disposition", ["inline", "attachment; filename=a"], ["attachment; filename", "a b"]],
  ["Content-ID", ["<part@b.example>", "<part>"], ["part", "<=?x>"]],
  ["Content-Language", ["de", "en-GB, fr"], ["English (UK)", "de;fr", "en_GB"]],
  ["Content-Location", ["https://x.example/a", "a/b.png"], ["two words", "<x>"]],
  ["Content-MD5", ["Q2hlY2sgSW50ZWdyaXR5IQ=="], ["abc"]],
  [
    "List-Unsubscribe",
    ["<https://x.example/u>", "<mailto:a@b.example> (write), <https://x.example/u>"],
    ["https://x.example/u", "<javascript:alert(1)>", "<https://x.example/a b>", "<x>"],
  ],
  ["List-Unsubscribe-Post", ["List-Unsubscribe=One-Click"], ["yes", "One-Click"]],
  ["List-Post", ["NO", "<mailto:list@x.example>"], ["nobody"]],
  ["List-ID", ["News <news.x.example>"], ["news.x.example"]],
  ["Auto-Submitted", ["auto-generated", "auto-replied; owner-email=a", "no"], ["yes", "true"]],
  ["Precedence", ["bulk"], ["very low", "1"]],
  ["Importance", ["High", "low"], ["urgent", "1"]],
  ["Priority", ["urgent"], ["high"]],
  ["X-Priority", ["1", "1 (Highest)"], ["high", "0", "6"]],
  ["Sensitivity", ["Company-Confidential"], ["secret"]],
  ["TLS-Required", ["No"], ["Yes"]],
  ["MT-Priority", ["-3"], ["10", "high"]],
  ["DKIM-Signature", ["v=1; a=rsa-sha256; b=x;"], ["signed", "v=1; ; b=x"]],
];

test("a structured field that is set by headers is checked by its own grammar, before anything is sent", () => {
  for (const [name, right, wrong] of FIELDS) {
    for (const value of right) compileWith(name, value);
    for (const value of [...wrong, "é", "a\r\nBcc: e@v.example"]) {
      assert.throws(
        () => compileWith(name, value),
        (error: unknown) => {
          const { code, field, outcome } = error as { code: string; field: string; outcome: string };
          assert.match(code, /^(?:address|message)$/, `${name}: ${value}`);
          assert.equal(field, name, `${name}: ${value}`);
          assert.equal(outcome, "not-sent");
          return true;
        },
        `${name}: ${value}`,
      );
    }
  }
});

test("several authors need a sender, whichever way they are given", () => {
  const several = ["ann@example.org", "ada@example.org"];
  const target = { eightBit: true, utf8: true };
  for (const fields of [
    { from: several },
    { from: several.join(", ") },
    { from: { name: "Both", members: several } },
    { headers: { From: several.join(", ") } },
    { headers: { from: several.join(", ") } },
  ]) {
    assert.throws(() => compose(new EmailMessage(fields), target), { name: "MessageError", field: /^from$/i });
    compose(new EmailMessage({ ...fields, sender: "office@example.org" }), target);
  }
  compose(new EmailMessage({ from: { name: "Doe, Jane", address: "jane@example.org" } }), target);
});
