// @ts-check
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";
import { ROOT } from "../workspace/root.mjs";
import { filesUnder } from "../workspace/stamp.mjs";

const SOURCE = join(ROOT, "packages", "postrider", "src");
const INBOX = join(ROOT, "packages", "inbox", "src");
const PAGES = filesUnder(
  [
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "docs",
    "packages/postrider/README.md",
    "packages/postrider/test/README.md",
  ].map((path) => join(ROOT, path)),
).filter((file) => file.endsWith(".md"));

/** @param {string} folder @param {string} prefix @returns {[name: string, text: string][]} */
const textsOf = (folder, prefix) =>
  filesUnder([folder]).map((file) => [
    `${prefix}${relative(folder, file).replaceAll("\\", "/")}`,
    readFileSync(file, "utf8"),
  ]);

/** Of the library, and of the inbox behind `inbox/`. */
const sources = new Map([...textsOf(SOURCE, ""), ...textsOf(INBOX, "inbox/")]);

/** @param {string} text */
const rfcsIn = (text) => [...text.matchAll(/RFC (\d+)/g)].map(([, number = ""]) => number);

/** Rows of docs/rfcs.md: the numbers in the first column, the files in the last. */
const rows = readFileSync(join(ROOT, "docs", "rfcs.md"), "utf8")
  .split("\n")
  .filter((line) => line.startsWith("| RFC "))
  .map((line) => {
    const cells = line.split("|").slice(1, -1);
    return {
      rfcs: rfcsIn(cells[0] ?? ""),
      files: [...(cells[3] ?? "").matchAll(/`([^`]+)`/g)].map(([, file = ""]) => file),
    };
  })
  .filter(({ rfcs }) => rfcs.length > 0);

for (const page of PAGES) {
  test(`links of ${relative(ROOT, page)} lead to files and headings that exist`, () => {
    assert.deepEqual(brokenLinks(page), []);
  });
}

test("each file in docs/rfcs.md names the RFC of its row", () => {
  const wrong = rows.flatMap(({ rfcs, files }) =>
    files
      .filter((file) => !rfcs.some((rfc) => rfcsIn(sources.get(file) ?? "").includes(rfc)))
      .map((file) => `${rfcs.join(", ")}: ${file}`),
  );
  assert.deepEqual(wrong, []);
});

test("each RFC that stands at the head of a file is in docs/rfcs.md", () => {
  const known = new Set(rows.flatMap(({ rfcs }) => rfcs));
  const missing = [...sources].flatMap(([file, text]) =>
    rfcsIn(text.split("*/")[0] ?? "")
      .filter((rfc) => !known.has(rfc))
      .map((rfc) => `RFC ${rfc} of ${file}`),
  );
  assert.deepEqual(missing, []);
});

/** @param {string} page */
function brokenLinks(page) {
  const text = readFileSync(page, "utf8").replace(/^```[\s\S]*?^```/gm, "");
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) => link);
  return links.filter((link) => {
    if (/^[a-z]+:/.test(link)) return false;
    const [path = "", heading] = link.split("#");
    const target = path === "" ? page : join(dirname(page), path);
    if (!existsSync(target)) return true;
    return heading !== undefined && !headingsOf(target).includes(heading);
  });
}

/** @param {string} page */
function headingsOf(page) {
  const headings = readFileSync(page, "utf8").matchAll(/^#+ (.*)$/gm);
  return [...headings].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-"),
  );
}
