// @ts-check
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { ENTRIES } from "../../site/entries.mjs";
import { readBlocks, readFiles } from "../guide/blocks.mjs";
import { recipeNames } from "../recipes/project.mjs";
import { JOBS } from "../site/jobs.mjs";
import { checkLinks } from "../site/links.mjs";
import { changeLinks, changeProse, slugOf, summaryOf, titleOf } from "../site/markdown.mjs";
import { guideOf, Names, withGuide } from "../site/reference.mjs";
import { entriesOf, packages, ROOT, readJson } from "../workspace/root.mjs";

/**
 * @param {string} name
 * @param {Partial<import("../site/reference.mjs").Entry>} [facts]
 * @returns {import("../site/reference.mjs").Entry}
 */
function entry(name, { module = "postrider", kind = "classes", text = "", members = new Map() } = {}) {
  return { name, module, kind, path: `reference/${module}/${kind}/${name}.md`, text, members };
}

test("a link that leads nowhere, or to no heading, is found", () => {
  const folder = mkdtempSync(join(tmpdir(), "site-"));
  try {
    writeFileSync(
      join(folder, "index.html"),
      '<a href="a.html#b&amp;c"></a><a href="/a.html#no"></a><a href="./gone.html"></a><a href="https://example.org/x"></a><a href="#top" id="top"></a>',
    );
    writeFileSync(join(folder, "a.html"), '<h2 id="b&amp;c"></h2><img src="no.png">');
    const { pages, links, dead } = checkLinks(folder);
    assert.deepEqual([pages, links], [2, 5]);
    assert.deepEqual(dead.sort(), [
      "a.html: no.png leads nowhere",
      "index.html: ./gone.html leads nowhere",
      "index.html: /a.html#no leads to no heading",
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("prose may change; code, links, headings and tags stay", () => {
  const page = "# RFC 1\n\nRFC 2 `RFC 3` [RFC 4](x) <a title='RFC 5'>\n\n```ts\n// RFC 6\n```\nRFC 7";
  const changed = changeProse(page, { prose: (text) => text.replace(/RFC/g, "rfc"), code: () => "`code`" });
  assert.equal(changed, "# RFC 1\n\nrfc 2 `code` [RFC 4](x) <a title='RFC 5'>\n\n```ts\n// RFC 6\n```\nrfc 7");
});

test("links change outside of code alone", () => {
  const page = "[a](b.md#c) `[a](b.md)` ![d](e.png)\n```md\n[a](b.md)\n```\n";
  assert.equal(
    changeLinks(page, (target) => `x/${target}`),
    "[a](x/b.md#c) `[a](b.md)` ![d](x/e.png)\n```md\n[a](b.md)\n```\n",
  );
});

test("titles and summaries are plain text", () => {
  assert.equal(titleOf("<!-- made -->\n\n# `Checked`\\<T\\>\n"), "Checked");
  assert.equal(slugOf("OAuth 2: how, and `why`"), "oauth-2-how-and-why");
  const page = "# T\n\n```ts\ncode\n```\n\n| a |\n\nA *page* about [that](x.md),\nin two lines.\n\nMore.";
  assert.equal(summaryOf(page), "A page about that, in two lines.");
});

test("a member that a class does not have is a stale name", () => {
  const names = new Names([
    entry("Pool", { members: new Map([["send", "send"]]) }),
    entry("Pool", { module: "@postrider/other" }),
  ]);
  const found = (/** @type {string} */ code) => {
    const one = names.find(code);
    return typeof one === "object" ? `${one.entry.module}#${one.anchor}` : one;
  };
  assert.equal(found("Pool"), "postrider#");
  assert.equal(found("Pool.send()"), "postrider#send");
  assert.equal(found("Pool.sendd"), "unknown-member");
  assert.equal(found("pool.sendd"), undefined);
  assert.equal(found("npm run site"), undefined);
});

test("the guide of a name is the page that uses it most, or that of a name that refers to it", () => {
  const [send, result, lost] = [entry("send", { text: "`SendResult`" }), entry("SendResult"), entry("Lost")];
  const pages = new Map([
    ["guide/a.md", "`send` and `pool.send`"],
    ["guide/b.md", "```ts\nsend(); send();\n```\nLost"],
  ]);
  const guide = guideOf([send, result, lost], pages);
  assert.deepEqual(guide.get(send), ["guide/b.md", "guide/a.md"]);
  assert.deepEqual(guide.get(result), ["guide/b.md", "guide/a.md"]);
  assert.equal(guide.get(lost), undefined);
  const text = withGuide(
    { ...send, kind: "functions", text: "# send()\n\nSends.\n" },
    ["guide/a.md"],
    new Map([["guide/a.md", "# 1. First\n"]]),
  );
  assert.match(
    text,
    /^# send\(\)\n\n```ts\nimport \{ send \} from "postrider";\n```\n\nGuide: \[First\]\(..\/..\/..\/guide\/a.md\)\n/,
  );
});

test("a fence that begins with a path is a file of a project, and no block of the guide", () => {
  const page =
    "```ts\n// src/app.ts\nlet a;\n```\n\n```yaml\n# compose.yaml\nb: 1\n```\n\n```ts\n// a comment\nlet c;\n```\n";
  assert.deepEqual(
    readFiles(page).map(({ path }) => path),
    ["src/app.ts", "compose.yaml"],
  );
  assert.deepEqual(
    readBlocks("page.md", page).map(({ fences }) => fences[0]?.code),
    ["// a comment\nlet c;"],
  );
});

test("the reference has every module that a package exports", () => {
  const exported = packages().flatMap(({ name, path, manifest }) =>
    entriesOf(manifest)
      // Modules under nodemailer's own paths, which hold its own names.
      .filter((entry) => !entry.startsWith("lib/"))
      .map((entry) => [
        entry === "index" ? name : `${name}/${entry.replace(/\/index$/, "")}`,
        `${path}/src/${entry}.ts`,
      ]),
  );
  assert.deepEqual(Object.fromEntries(exported), ENTRIES);
  const { files } = readJson(join(ROOT, "site", "tsconfig.reference.json"));
  assert.deepEqual(
    files.sort(),
    Object.values(ENTRIES)
      .map((path) => `../${path}`)
      .sort(),
  );
});

test("every recipe with files has a check, and every check a recipe", () => {
  const helpers = ["support", "sink"];
  const checks = readdirSync(join(ROOT, "recipes", "checks")).map((file) => file.replace(/\.mjs$/, ""));
  assert.deepEqual(checks.filter((name) => !helpers.includes(name)).sort(), recipeNames());
});

test("every page of docs/recipes is on its index, and something that people search for", () => {
  const folder = join(ROOT, "docs", "recipes");
  const index = readFileSync(join(folder, "index.md"), "utf8");
  for (const file of readdirSync(folder).filter((name) => name !== "index.md")) {
    assert.ok(index.includes(`(${file})`), file);
    assert.ok(isSearched(`recipes/${file}`), file);
  }
});

test("every page of docs and of its guide is something that people search for", () => {
  const docs = join(ROOT, "docs");
  const pages = [...readdirSync(docs), ...readdirSync(join(docs, "guide")).map((file) => `guide/${file}`)];
  assert.deepEqual(
    pages.filter((file) => file.endsWith(".md") && !isSearched(file)),
    [],
  );
});

/** @param {string} page From docs/. */
function isSearched(page) {
  return JOBS.some(({ path }) => `${path}.md` === page);
}
