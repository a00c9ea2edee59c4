import assert from "node:assert/strict";
import { test } from "node:test";
import { checkHtmlSupport } from "../../src/checks/html/support-check.js";
import { MAIL_PROGRAMS, SUPPORT } from "../../src/checks/html/support-table.js";
import { usedFeatures } from "../../src/checks/html/used-features.js";
import { checkLinks } from "../../src/checks/link-check.js";
import { parsed } from "../support/parsed.js";

const page = (html: string): Promise<Awaited<ReturnType<typeof parsed>>> =>
  parsed(`Subject: x\nContent-Type: text/html; charset=utf-8\n\n${html}`);

test("every row of the table has a token, a page and a letter for each program", () => {
  const rows = SUPPORT.trim().split("\n");
  assert.ok(rows.length > 200);
  for (const row of rows)
    assert.match(row, new RegExp(`^[pwfus@eai]:\\S+(?: \\S+)? [a-z0-9-]+ [ynau]{${MAIL_PROGRAMS.length}}$`));
});

test("elements, attributes, properties, values, functions, units, selectors, at-rules and pictures are found", () => {
  const used = usedFeatures(`<style>
    /* .no { float: left } */
    @media (prefers-color-scheme: dark) { a:hover::before { display: FLEX; width: calc(1rem + 2vh) } }
    p { background: url("x;y:z(") }
  </style><input type="Text"><img src="a.webp?x" loading="lazy"><p style="border-radius: 4px; --x: 1">`);
  for (const token of [
    "@:media",
    "@:media prefers-color-scheme",
    "s:hover",
    "s:before",
    "p:display",
    "p:display=flex",
    "f:calc",
    "u:rem",
    "u:vh",
    "e:input=text",
    "i:webp",
    "a:loading",
    "p:border-radius",
  ])
    assert.ok(used.has(token), token);
  for (const token of ["p:float", "f:z", "s:dark"]) assert.ok(!used.has(token), token);
});

test("the finding names the programs, and the page that says more", async () => {
  const found = checkHtmlSupport(
    await page('<p style="display:flex; border-radius:4px"><video src="https://a.example/x.mp4"></video>'),
  );
  const item = found?.list?.find(({ text }) => text === "border-radius");
  assert.match(item?.detail ?? "", /^not in Outlook for Windows/);
  assert.equal(item?.url, "https://www.caniemail.com/features/css-border-radius/");
  assert.ok(found?.list?.some(({ text }) => text === "<video>"));
  assert.ok(found?.list?.some(({ text }) => text === "display: flex"));
});

test("hostile HTML and CSS take no time", async () => {
  for (const html of [
    `<style>${"/*".repeat(400_000)}</style>`,
    `<style>${"url(".repeat(200_000)}</style>`,
    `<style>${"a{b:".repeat(200_000)}</style>`,
    `<p style="x:${"url(".repeat(200_000)}">`,
    `<style>${"@a ".repeat(200_000)}</style>`,
    "<a href=".repeat(100_000),
  ]) {
    // Of the processor: what else the machine does is no fault.
    const before = process.cpuUsage();
    const message = await page(html);
    checkHtmlSupport(message);
    checkLinks(message);
    const { user, system } = process.cpuUsage(before);
    assert.ok(user + system < 5_000_000, html.slice(0, 20));
  }
});
