// @ts-check
/**
 * `npm run recipes`: the recipes of docs/recipes against the frameworks that they are written for. Words select pages:
 * `npm run recipes -- express nextjs`. The files of a page are type-checked, compiled and run, unchanged, by a check of the same name in
 * recipes/checks.
 *
 * The frameworks are installed into recipes/node_modules on first use. Not part of `npm test`, which runs every other block of the pages.
 *
 * Layer: scripts.
 */

import { build } from "./build.mjs";
import { ensureInstalled } from "./ensure-installed.mjs";
import { RECIPES_FOLDER, recipeNames, tryRecipe } from "./recipes/project.mjs";
import { missingBrowser } from "./testing/chromium.mjs";
import { matching } from "./testing/test-files.mjs";
import { runMain } from "./workspace/run-main.mjs";

/** Recipes that need a browser. */
const IN_BROWSER = ["end-to-end-tests"];

await runMain(import.meta.url, async (words) => {
  const names = matching(recipeNames(), words);
  if (names.length === 0) throw new Error(`no recipe with files is called like ${words.join(" or ")}`);
  // Cypress's types are needed, its browser is not.
  process.env["CYPRESS_INSTALL_BINARY"] = "0";
  await ensureInstalled();
  await ensureInstalled({ root: RECIPES_FOLDER });
  await build();
  let passed = 0;
  let failed = 0;
  let skipped = 0;
  for (const name of names) {
    const start = performance.now();
    const missing = IN_BROWSER.includes(name) ? missingBrowser() : "";
    if (missing !== "" && process.env["CI"] !== "true") {
      console.log(`skip  ${name}: ${missing}`);
      skipped += 1;
      continue;
    }
    const { problem, remark } = await tryRecipe(name);
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    console.log(
      `${problem === "" ? "ok   " : "FAIL "} ${name} (${seconds} s)${remark}${problem.replace(/^/gm, "\n      ").trimEnd()}`,
    );
    if (problem === "") passed += 1;
    else failed += 1;
  }
  console.log(`Recipes: ${passed} passed, ${failed} failed${skipped === 0 ? "" : `, ${skipped} skipped`}`);
  return failed === 0;
});
