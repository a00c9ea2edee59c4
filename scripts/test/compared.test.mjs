// @ts-check
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ROOT } from "../workspace/root.mjs";

const BROWSER_TESTS = join(ROOT, "packages", "inbox", "browser");

const PAGE = readFileSync(join(ROOT, "docs", "inbox-compared.md"), "utf8");

/** Cells of each row of the tables: the feature, what is here, and its tests. */
const rows = PAGE.split("\n")
  .filter((line) => /^\| (?!feature|-)/.test(line))
  .map((line) => line.split("|").map((cell) => cell.trim()))
  .map((cells) => ({ feature: cells[1] ?? "", here: cells[2] ?? "", proof: cells[7] ?? "" }));

test("each yes of docs/inbox-compared.md names tests in a real browser that there are, and each no or partly names none", () => {
  assert.ok(rows.length > 50);
  for (const { feature, here, proof } of rows) {
    assert.ok(here === "yes" || here === "no" || here === "partly", feature);
    // Why it is only "partly" is said below the tables, and tested where it is.
    if (here === "partly") assert.match(PAGE, /^- Here: /m, feature);
    if (here !== "yes") assert.equal(proof, "", feature);
    else assert.equal(problemOf(proof), "", feature);
  }
});

test("a name of no test, a part of a name, another file, a test of the server, and nothing at all are no proof", () => {
  const name = "search filters the list while the user types, and mail that arrives later; Escape leaves the field";
  assert.equal(problemOf(`\`page\`: ${name}`), "");
  assert.equal(problemOf(`\`page\`: ${name}<br>\`page\`: delete all asks first`), "");
  for (const proof of [
    "",
    "`page`:",
    "`page`: the search narrows the list",
    `\`page\`: ${name}, and more`,
    `\`list\`: ${name}`,
    `\`nowhere\`: ${name}`,
    "`test/web/guard`:",
    // Words of the file that are no name of a test.
    "`page`: Waits until the list shows these subjects.",
    `\`page\`: ${name}<br>\`page\`: another`,
    `\`page\`: ${name} and \`page\`: delete all asks first`,
  ])
    assert.notEqual(problemOf(proof), "", proof);
});

test("only tests that run are tests: neither comments nor what is skipped or still to be written", () => {
  const source = [
    'test("one that runs", async () => {});',
    'test(\n  "one on a line of its own",\n  async () => {},\n);',
    'test("a \\"quoted\\" one", () => {});',
    '// test("a comment", () => {});',
    'test.skip("skipped", () => {});',
    'test.todo("to do");',
    'test("skipped by option", { skip: true }, () => {});',
    'latest("another function", () => {});',
  ].join("\n");
  assert.deepEqual(testsOf(source), ["one that runs", "one on a line of its own", 'a "quoted" one']);
});

/**
 * @param {string} proof "`file`: name of the test", the file one of packages/inbox/browser; several are separated by <br>.
 * @returns {string} Empty when all is well.
 */
function problemOf(proof) {
  return proof
    .split("<br>")
    .map((one) => {
      const [, file = "", name = ""] = /^`([\w-]+)`: (.+)$/.exec(one) ?? [];
      const path = join(BROWSER_TESTS, `${file}.test.ts`);
      if (!existsSync(path)) return `"${one}" names no file of packages/inbox/browser`;
      return testsOf(readFileSync(path, "utf8")).includes(name) ? "" : `${path} has no test called ${name}`;
    })
    .filter((problem) => problem !== "")
    .join("; ");
}

/**
 * @param {string} source
 * @returns {string[]} Names of the tests at its top level.
 */
function testsOf(source) {
  return [...source.matchAll(/^test\(\s*("(?:[^"\\\n]|\\.)*"),(?!\s*\{)/gm)].map(([, name = ""]) => JSON.parse(name));
}
