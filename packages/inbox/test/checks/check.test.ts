import assert from "node:assert/strict";
import { test } from "node:test";
import { checkMessage } from "../../src/checks/check.js";
import type { ApiCheck } from "../../src/web/api-types.js";
import { parsed } from "../support/parsed.js";

const GOOD = `From: Ann <ann@example.com>
To: ben@example.com
Date: Sun, 22 Nov 2026 11:59:00 +0000
Message-ID: <1@example.com>
Subject: Hello
`;

async function check(id: string, content: string | Uint8Array): Promise<ApiCheck> {
  const found = checkMessage(await parsed(content), {}).find((one) => one.id === id);
  assert.ok(found !== undefined, `no check ${id}`);
  return found;
}

const without = (name: string): string => GOOD.replace(new RegExp(`^${name}:.*\n`, "m"), "");

test("a good message has nothing worse than notes", async () => {
  const found = checkMessage(await parsed(`${GOOD}\nHi\n`), {});
  assert.deepEqual(
    found.filter(({ level }) => level === "problem" || level === "warning"),
    [],
  );
  assert.deepEqual(
    found.filter(({ level }) => level === "note").map(({ id }) => id),
    ["unsubscribe", "dkim"],
  );
});

const FINDINGS: readonly (readonly [what: string, id: string, level: string, content: string])[] = [
  ["no From", "from", "problem", `${without("From")}\nHi`],
  ["two From fields", "from", "problem", `From: x@example.com\n${GOOD}\nHi`],
  ["a From without an address", "from", "problem", `From: nobody\n${without("From")}\nHi`],
  ["no Date", "date", "problem", `${without("Date")}\nHi`],
  ["a Date that is none", "date", "problem", `Date: yesterday\n${without("Date")}\nHi`],
  ["two Date fields", "date", "problem", `Date: Sun, 22 Nov 2026 11:59:00 +0000\n${GOOD}\nHi`],
  ["a Date of last month", "date", "warning", `Date: Thu, 22 Oct 2026 11:59:00 +0000\n${without("Date")}\nHi`],
  ["no Message-ID", "message-id", "problem", `${without("Message-ID")}\nHi`],
  ["a Message-ID without a right side", "message-id", "warning", `Message-ID: <1>\n${without("Message-ID")}\nHi`],
  ["no Subject", "subject", "warning", `${without("Subject")}\nHi`],
  ["Bcc", "bcc", "problem", `Bcc: secret@example.com\n${GOOD}\nHi`],
  ["Resent-Bcc", "bcc", "problem", `Resent-Bcc: secret@example.com\n${GOOD}\nHi`],
  ["HTML without text", "text", "warning", `${GOOD}Content-Type: text/html\n\n<p>Hi</p>`],
  ["nothing to read", "text", "warning", `${GOOD}\n \n`],
  ["a cid that no part has", "cid", "problem", `${GOOD}Content-Type: text/html\n\n<img src="cid:logo">`],
  ["an inline part that is not used", "cid", "note", related("<p>no picture</p>")],
  ["a remote picture", "remote", "note", `${GOOD}Content-Type: text/html\n\n<img src="https://a.example/x.png">`],
  [
    "a remote picture without TLS",
    "remote",
    "warning",
    `${GOOD}Content-Type: text/html\n\n<img src="http://a.example/x.png">`,
  ],
  ["HTML that Gmail clips", "size", "warning", `${GOOD}Content-Type: text/html\n\n${"<p>Hello</p>\n".repeat(9000)}`],
  ["a line of 999 bytes", "lines", "problem", `${GOOD}\n${"x".repeat(999)}`],
  [
    "no https address to unsubscribe",
    "unsubscribe",
    "warning",
    `List-Unsubscribe: <mailto:u@example.com>\n${GOOD}\nHi`,
  ],
  ["no word of one click", "unsubscribe", "warning", `List-Unsubscribe: <https://example.com/u>\n${GOOD}\nHi`],
  [
    "one click that is not signed",
    "unsubscribe",
    "warning",
    `List-Unsubscribe: <https://example.com/u>\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\n${GOOD}\nHi`,
  ],
  [
    "one click without an address",
    "unsubscribe",
    "problem",
    `List-Unsubscribe-Post: List-Unsubscribe=One-Click\n${GOOD}\nHi`,
  ],
];

for (const [what, id, level, content] of FINDINGS) {
  test(`${what} is a ${level}`, async () => {
    assert.equal((await check(id, content)).level, level);
  });
}

test("more than 25 MB is a problem, more than 10 MB a warning", async () => {
  const message = await parsed(`${GOOD}\nHi`);
  for (const [size, level] of [
    [25_000_001, "problem"],
    [25_000_000, "warning"],
    [10_000_000, "ok"],
  ] as const) {
    assert.equal(checkMessage({ ...message, size }, {}).find(({ id }) => id === "size")?.level, level);
  }
});

test("a line of 998 bytes is good, and the longest is named", async () => {
  const { level, detail } = await check("lines", `${GOOD}\n${"x".repeat(998)}\n`);
  assert.equal(level, "ok");
  assert.match(detail, /998 bytes of the 998/);
});

test("CR or LF alone is a problem that names its line", async () => {
  for (const body of ["a\r\nb\nc\r\n", "a\r\nb\rc\r\n"]) {
    const { level, detail } = await check("lines", Buffer.from(`Subject: x\r\n\r\n${body}`));
    assert.equal(level, "problem");
    assert.match(detail, /^Line 4 /);
  }
});

test("pictures of the message that are all there are good, percent-encoded or not", async () => {
  assert.equal((await check("cid", related('<img src="cid:pic@x"><img src="cid:pic%40x">'))).level, "ok");
});

test("one click that is signed is good", async () => {
  const head = `DKIM-Signature: v=1; a=rsa-sha256; d=example.com; s=s;\n h=From:List-Unsubscribe:List-Unsubscribe-Post; bh=x; b=x
List-Unsubscribe: <mailto:u@example.com>, <https://example.com/u>
List-Unsubscribe-Post: List-Unsubscribe=One-Click\n`;
  assert.equal((await check("unsubscribe", `${head}${GOOD}\nHi`)).level, "ok");
});

test("the worst comes first", async () => {
  const levels = checkMessage(await parsed("Subject: x\n\nHi"), {}).map(({ level }) => level);
  const order = ["problem", "warning", "note", "ok"];
  assert.deepEqual(
    levels,
    levels.toSorted((left, right) => order.indexOf(left) - order.indexOf(right)),
  );
  assert.equal(levels[0], "problem");
});

test("hostile content costs linear time", async () => {
  for (const text of [`Subject: x\n\n${" ".repeat(2_000_000)}`, `Subject: ${";b =".repeat(200_000)}\n\nHi`]) {
    const message = await parsed(`DKIM-Signature: ${"b = ;".repeat(100_000)}\n${text}`);
    assert.ok(checkMessage(message, {}).length > 10);
  }
});

function related(html: string): string {
  return `${GOOD}Content-Type: multipart/related; boundary=r

--r
Content-Type: text/html

${html}
--r
Content-Type: image/png
Content-Disposition: inline
Content-ID: <pic@x>
Content-Transfer-Encoding: base64

AAEC
--r--
`;
}
