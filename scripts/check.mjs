// @ts-check
/**
 * `npm run check`: everything that can be known without running the tests. One line a step, and the output of those that fail.
 * Words select the steps whose name contains one of them: `npm run check -- types layers`.
 *
 * Layer: scripts.
 */

import { build } from "./build.mjs";
import { ensureInstalled } from "./ensure-installed.mjs";
import { runMain } from "./workspace/run-main.mjs";

/**
 * @param {readonly string[]} words
 * @returns {Promise<boolean>} Whether all is well.
 */
async function check(words) {
  await ensureInstalled();
  // A failing build is no reason to stop: its errors are those of the steps about types.
  await build({ tests: true }).catch(() => console.log("Build: failed, see the types below"));
  // Loaded late: the steps use what may just have been installed and built.
  const { steps } = await import("./checks/steps.mjs");
  const chosen = steps().filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)));
  if (chosen.length === 0) throw new Error(`no step is called like ${words.join(" or ")}`);
  let failed = 0;
  for (const step of chosen) {
    const start = performance.now();
    const { problem, remark } = await step.run().catch((error) => ({ problem: String(error), remark: undefined }));
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    console.log(
      `${problem === "" ? "ok  " : "FAIL"}  ${step.name}${remark === undefined ? "" : `: ${remark}`} (${seconds} s)`,
    );
    if (problem === "") continue;
    failed += 1;
    console.log(problem.replace(/^/gm, "      "));
  }
  console.log(
    failed === 0 ? `Check: all ${chosen.length} steps pass` : `Check: ${failed} of ${chosen.length} steps fail`,
  );
  return failed === 0;
}

await runMain(import.meta.url, check);
