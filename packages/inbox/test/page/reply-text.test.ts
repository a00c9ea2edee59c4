import assert from "node:assert/strict";
import { test } from "node:test";
import { quoted, repliedTo } from "../../page/src/message/reply-text.js";
import type { ApiMessage } from "../../src/web/api-types.js";

const MESSAGE = {
  headers: [],
  from: { name: "Ann", address: "ann@example.com" },
  date: "2026-11-22T12:00:00.000Z",
  receivedAt: "2026-11-22T12:00:01.000Z",
} as unknown as ApiMessage;

test("the text is quoted line by line, under who wrote it and when", () => {
  assert.equal(
    quoted({ ...MESSAGE, text: "One\n\n> two\n" }),
    "\n\nOn Sun, 22 Nov 2026 12:00:00 +0000, Ann wrote:\n> One\n>\n>> two\n",
  );
  assert.equal(quoted({ ...MESSAGE, text: " \n" }), "");
  assert.equal(quoted(MESSAGE), "");
  assert.equal(quoted({ ...MESSAGE, text: "x\n".repeat(1000) }).split("\n> ").length, 201);
});

test("a reply goes to Reply-To, or to From", () => {
  assert.equal(repliedTo(MESSAGE), "ann@example.com");
  assert.equal(repliedTo({ ...MESSAGE, headers: [{ name: "reply-to", value: "Desk <d@e.f>" }] }), "Desk <d@e.f>");
  assert.equal(repliedTo({ headers: [], from: undefined }), "");
});
