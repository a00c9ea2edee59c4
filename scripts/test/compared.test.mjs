// @ts-check
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ROOT } from "../workspace/root.mjs";

const INBOX = join(ROOT, "packages", "inbox");

/** Cells of each row of the tables: the feature, what is here, and its test. */
const rows = readFileSync(join(ROOT, "docs", "inbox-compared.md"), "utf8")
  .split("\n")
  .filter((line) => /^\| (?!feature|-)/.test(line))
  .map((line) => line.split("|").map((cell) => cell.trim()))
  .map((cells) => ({ feature: cells[1] ?? "", here: cells[2] ?? "", proof: cells[7] ?? "" }));

test("each yes of docs/inbox-compared.md names a test that there is, and each no names none", () => {
  assert.ok(rows.length > 50);
  for (const { feature, here, proof } of rows) {
    assert.ok(here === "yes" || here === "no", feature);
    if (here === "no") assert.equal(proof, "", feature);
    else assert.equal(problemOf(proof), "", feature);
  }
});

/**
 * @param {string} proof "`file`: name of the test", or "`test/file`:" for a file as a whole.
 * @returns {string} Empty when all is well.
 */
function problemOf(proof) {
  const [, file = "", name = ""] = /^`([\w/-]+)`: ?(.*)$/.exec(proof) ?? [];
  const path = join(INBOX, file.startsWith("test/") ? `${file}.test.ts` : `browser/${file}.test.ts`);
  if (!existsSync(path)) return `${path} is not there`;
  return readFileSync(path, "utf8").includes(name) ? "" : `${path} has no test called ${name}`;
}
