// @ts-check
/**
 * `npm run fuzz -- --minutes 10 [--target WORD]`: new random input for every parser and encoder of the library until the time is
 * over. What fails is printed with the seed that finds it again; kept in test/fuzz/kept-seeds.ts, `npm test` tries it first.
 *
 * Layer: scripts.
 */

import { join } from "node:path";
import { parseArgs } from "node:util";
import { build } from "./build.mjs";
import { ensureInstalled } from "./ensure-installed.mjs";
import { ROOT } from "./workspace/root.mjs";
import { run } from "./workspace/run.mjs";
import { runMain } from "./workspace/run-main.mjs";

/** @param {readonly string[]} words */
async function fuzz(words) {
  const { values } = parseArgs({
    args: [...words],
    options: { minutes: { type: "string", default: "1" }, target: { type: "string", multiple: true, default: [] } },
  });
  await ensureInstalled();
  await build({ tests: true });
  const program = join(ROOT, "packages", "postrider", "build", "test", "fuzz", "long-run.js");
  const { code } = await run(process.execPath, ["--enable-source-maps", program, values.minutes, ...values.target], {
    show: true,
  });
  return code === 0;
}

await runMain(import.meta.url, fuzz);
