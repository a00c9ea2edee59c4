// @ts-check
/**
 * What the guide shows of a program in examples/ is what stands there: those programs run in interop, with databases.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { ROOT } from "../workspace/root.mjs";

const PAGE = join(ROOT, "docs", "guide", "24-outbox-recipes.md");

test("each excerpt of the recipes is in the program that was named last before it", () => {
  const text = readFileSync(PAGE, "utf8");
  let program = "";
  let count = 0;
  for (const [, link, code] of text.matchAll(/\]\(([^)]+\.mjs)\)|^```js\n([\s\S]*?)^```$/gm)) {
    if (link !== undefined) program = readFileSync(join(dirname(PAGE), link), "utf8");
    else {
      assert.ok(program.includes(code ?? "?"), code);
      count += 1;
    }
  }
  assert.ok(count >= 5);
});
