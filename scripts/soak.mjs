// @ts-check
/**
 * `npm run soak -- --messages 100000 [--seed N]`: a pool against a server that drops, waits, refuses and starts again at random.
 * At the end every message is accounted for.
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
async function soak(words) {
  const { values } = parseArgs({
    args: [...words],
    options: { messages: { type: "string", default: "100000" }, seed: { type: "string" } },
  });
  await ensureInstalled();
  await build({ tests: true });
  const program = join(ROOT, "packages", "postrider", "build", "test", "soak", "long-run.js");
  const seed = values.seed === undefined ? [] : [values.seed];
  const { code } = await run(process.execPath, ["--enable-source-maps", program, values.messages, ...seed], {
    show: true,
  });
  return code === 0;
}

await runMain(import.meta.url, soak);
