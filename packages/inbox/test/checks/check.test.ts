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
  const found = (await checkMessage(await parsed(content), {})).find((one) => one.id === id);
  assert.ok(found !== undefined, `no check ${id}`);
  return found;
}

const without = (name: string): string => GOOD.replace(new RegExp(`^${name}:.*\n`, "m"), "");

function alternative(text: string, html: string): string {
  return `${GOOD}Content-Type: multipart/alternative; boundary=a\n\n--a\nContent-Type: text/plain\n\n${text}\n--a\nContent-Type: text/html\n\n${html}\n--a--\n`;
}

test("a good message has nothing worse than notes", async () => {
  const found = await checkMessage(await parsed(`${GOOD}\nHi\n`), {});
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
  [
    "HTML that Gmail clips",
    "clipping",
    "warning",
    `${GOOD}Content-Type: text/html\n\n${"<p>Hello</p>\n".repeat(9000)}`,
  ],
  [
    "HTML that Gmail nearly clips",
    "clipping",
    "note",
    `${GOOD}Content-Type: text/html\n\n${"<p>Hello</p>\n".repeat(7000)}`,
  ],
  ["a link without a scheme", "links", "warning", `${GOOD}Content-Type: text/html\n\n<a href="www.example.com">x</a>`],
  ["a link to this machine", "links", "warning", `${GOOD}\nSee http://localhost:3000/confirm`],
  ["a link without TLS", "links", "warning", `${GOOD}\nSee http://example.com/`],
  ["a link that leads nowhere", "links", "warning", `${GOOD}Content-Type: text/html\n\n<a class="x" href="#">x</a>`],
  ["a link that runs a script", "links", "warning", `${GOOD}Content-Type: text/html\n\n<a href="javascript:x()">x</a>`],
  [
    "a link whose words name another host",
    "links",
    "warning",
    `${GOOD}Content-Type: text/html\n\n<a href="https://tracker.example.net/1">www.example.com</a>`,
  ],
  ["links of good form", "links", "ok", `${GOOD}\nSee https://example.com/ or mailto:a@example.com`],
  [
    "a text without the link that the HTML is for",
    "alternative",
    "warning",
    alternative("Please confirm.", '<a href="https://example.com/confirm/1">Confirm</a>'),
  ],
  [
    "a text that says something else",
    "alternative",
    "warning",
    alternative(
      "Your program cannot show this mail.",
      "<p>Dear Ben, your order of three analytical engines shipped today, arriving Monday</p>",
    ),
  ],
  [
    "a text that says the same",
    "alternative",
    "ok",
    alternative("Dear Ben, hello there.", "<p>Dear Ben,</p><b>hello</b> there."),
  ],
  ["HTML that works everywhere", "html-support", "ok", alternative("Hello", "<p>Hello</p>")],
  [
    "HTML that Outlook does not round",
    "html-support",
    "note",
    alternative("Hello", '<p style="border-radius: 4px">Hello</p>'),
  ],
  [
    "HTML that many do not show",
    "html-support",
    "warning",
    alternative("Hello", "<style>p{color:var(--x)}@supports (a:b){}</style><p>Hello</p>"),
  ],
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

const MIME = `${GOOD}MIME-Version: 1.0\n`;
const bytes = (content: string): Buffer => Buffer.from(content.replaceAll("\n", "\r\n"), "latin1");
const word = (text: string): string => `Subject: ${text}\n${without("Subject")}\nHi`;
const multipart = (head: string, body: string): string => `${head}Content-Type: multipart/mixed; boundary=b\n\n${body}`;

const ENCODING_FINDINGS: readonly (readonly [what: string, id: string, level: string, content: string | Buffer])[] = [
  ["a Latin-1 header", "header-bytes", "problem", bytes(word("Gr\xfc\xdfe"))],
  ["a UTF-8 header", "header-bytes", "warning", word("Grüße")],
  [
    "a Latin-1 file name of a part",
    "header-bytes",
    "problem",
    bytes(multipart(MIME, "--b\nContent-Disposition: attachment; filename=\xfc.txt\n\nx\n--b--\n")),
  ],
  [
    "an 8-bit body without encoding",
    "body-bytes",
    "problem",
    `${MIME}Content-Type: text/plain; charset=utf-8\n\nGrüße`,
  ],
  [
    "an 8-bit body called 7bit",
    "body-bytes",
    "problem",
    `${MIME}Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 7bit\n\nGrüße`,
  ],
  [
    "an 8-bit body called quoted-printable",
    "body-bytes",
    "problem",
    `${MIME}Content-Transfer-Encoding: quoted-printable\n\nGrüße`,
  ],
  [
    "an 8-bit body called 8bit",
    "body-bytes",
    "ok",
    `${MIME}Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\nGrüße`,
  ],
  ["a multipart without MIME-Version", "multipart", "problem", multipart(GOOD, "--b\n\nHi\n--b--\n")],
  ["a type without MIME-Version", "multipart", "warning", `${GOOD}Content-Type: text/html\n\nHi`],
  ["MIME-Version 2.0", "multipart", "warning", `${GOOD}MIME-Version: 2.0\nContent-Type: text/plain\n\nHi`],
  [
    "a multipart without boundary",
    "multipart",
    "problem",
    `${MIME}Content-Type: multipart/mixed\n\n--b\n\nHi\n--b--\n`,
  ],
  ["a multipart whose boundary never comes", "multipart", "problem", multipart(MIME, "--c\n\nHi\n--c--\n")],
  ["a multipart without its end", "multipart", "problem", multipart(MIME, "--b\n\nHi\n")],
  [
    "a multipart within another without boundary",
    "multipart",
    "problem",
    multipart(MIME, "--b\nContent-Type: multipart/related\n\nHi\n--b--\n"),
  ],
  ["a whole multipart", "multipart", "ok", multipart(MIME, "--b\n\nHi\n--b--\n")],
  ["an unknown charset", "charset", "problem", `${MIME}Content-Type: text/plain; charset=utf-9\n\nHi`],
  [
    "UTF-8 that is none",
    "charset",
    "problem",
    bytes(`${MIME}Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n\xfc`),
  ],
  [
    "UTF-8 that is none, in quoted-printable",
    "charset",
    "problem",
    `${MIME}Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n=FC`,
  ],
  [
    "ASCII that is none",
    "charset",
    "problem",
    `${MIME}Content-Type: text/plain; charset=us-ascii\nContent-Transfer-Encoding: 8bit\n\nü`,
  ],
  [
    "no charset for 8-bit bytes",
    "charset",
    "problem",
    `${MIME}Content-Type: text/html\nContent-Transfer-Encoding: base64\n\nw7w=`,
  ],
  ["a known charset", "charset", "ok", `${MIME}Content-Type: text/plain; charset=koi8-r\n\nHi`],
  ["an unknown transfer encoding", "transfer-encoding", "problem", `${MIME}Content-Transfer-Encoding: base-64\n\nHi`],
  ["uuencode", "transfer-encoding", "problem", `${MIME}Content-Transfer-Encoding: x-uuencode\n\nHi`],
  [
    "a multipart in base64",
    "transfer-encoding",
    "problem",
    multipart(`${MIME}Content-Transfer-Encoding: base64\n`, "--b\n\nHi\n--b--\n"),
  ],
  ["base64 with other characters", "base64", "problem", `${MIME}Content-Transfer-Encoding: base64\n\nSGVs*G8=`],
  ["base64 of the web", "base64", "problem", `${MIME}Content-Transfer-Encoding: base64\n\n_-_-`],
  ["base64 that is cut off", "base64", "problem", `${MIME}Content-Transfer-Encoding: base64\n\nSGVsbG8`],
  ["base64 with more behind its end", "base64", "problem", `${MIME}Content-Transfer-Encoding: base64\n\nSGk=SGk=`],
  [
    "text that is called base64",
    "base64",
    "problem",
    `${MIME}Content-Transfer-Encoding: base64\n\nHello Ben, how are you`,
  ],
  ["quoted-printable with a lone =", "base64", "problem", `${MIME}Content-Transfer-Encoding: quoted-printable\n\na=b`],
  ["base64 in lines", "base64", "ok", `${MIME}Content-Transfer-Encoding: base64\n\nSGVs\nbG8=\n`],
  ["quoted-printable", "base64", "ok", `${MIME}Content-Transfer-Encoding: quoted-printable\n\na=3D=\nb=\n`],
  ["an encoded word without its end", "encoded-words", "problem", word("=?utf-8?Q?Gr=C3=BC")],
  ["an encoded word without its text", "encoded-words", "problem", word("Hi =?utf-8?B")],
  ["an encoded word that ends within a character", "encoded-words", "problem", word("=?utf-8?Q?Gr=C3?=")],
  ["an encoded word of broken base64", "encoded-words", "problem", word("=?utf-8?B?R3L?=")],
  ["an encoded word of broken Q", "encoded-words", "problem", word("=?utf-8?Q?Gr=C?=")],
  ["an encoded word of an unknown charset", "encoded-words", "problem", word("=?utf-9?Q?Gr?=")],
  ["an encoded word that is neither B nor Q", "encoded-words", "problem", word("=?utf-8?X?Gr?=")],
  ["a whole encoded word", "encoded-words", "ok", word("=?utf-8*de?Q?Gr=C3=BC_?= =?iso-8859-1?b?/A==?=")],
  ["a question", "encoded-words", "ok", word("a=?b?c")],
  ["{{name}} in the subject", "placeholders", "warning", word("Hello {{ first.name }}")],
  ["{{name}} in the text", "placeholders", "warning", `${GOOD}\nHello {{name}}!`],
  ["{{name}} in the HTML", "placeholders", "warning", `${GOOD}Content-Type: text/html\n\n<p>{{name}}</p>`],
  ["{{name}} in a field", "placeholders", "warning", `X-Campaign: {{campaign}}\n${GOOD}\nHi`],
  [
    "{{name}} in a file name",
    "placeholders",
    "warning",
    multipart(MIME, '--b\nContent-Disposition: attachment; filename="{{name}}.pdf"\n\nx\n--b--\n'),
  ],
  ["<%= name %>", "placeholders", "warning", `${GOOD}\nHello <%= name %>`],
  ["{% if %}", "placeholders", "warning", `${GOOD}\n{% if vip %}`],
  ["a placeholder of JavaScript", "placeholders", "warning", `${GOOD}\nHello \${user.name}`],
  ["*|FNAME|*", "placeholders", "warning", `${GOOD}\nHello *|FNAME|*`],
  ["[object Object]", "placeholders", "warning", `${GOOD}\nHello [object Object]`],
  ["a link with an encoded {{name}}", "placeholders", "warning", `${GOOD}\nhttps://a.example/%7B%7Btoken%7D%7D`],
  ["braces of a program", "placeholders", "ok", `${GOOD}\na { b { c } } $5 50% {x}`],
];

for (const [what, id, level, content] of ENCODING_FINDINGS) {
  test(`of ${id}: ${what} is ${level}`, async () => {
    assert.equal((await check(id, content)).level, level);
  });
}

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
    assert.equal((await checkMessage({ ...message, size }, {})).find(({ id }) => id === "size")?.level, level);
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
  const levels = (await checkMessage(await parsed("Subject: x\n\nHi"), {})).map(({ level }) => level);
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
    assert.ok((await checkMessage(message, {})).length > 10);
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
