// @ts-check
/**
 * `npm run docs`: writes the pages that are made from the source anew.
 *
 * Layer: scripts.
 */

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "./build.mjs";
import { STATE_MACHINE, stateMachinePage } from "./docs/state-machine.mjs";
import { ensureInstalled } from "./ensure-installed.mjs";
import { ROOT } from "./workspace/root.mjs";

await ensureInstalled();
await build();
const pages = [{ path: STATE_MACHINE, text: await stateMachinePage() }];
for (const { path, text } of pages) {
  const file = join(ROOT, path);
  const same = existsSync(file) && readFileSync(file, "utf8") === text;
  if (!same) writeFileSync(file, text);
  console.log(`${path}: ${same ? "up to date" : "written"}`);
}
