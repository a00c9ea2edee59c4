// @ts-check
/**
 * `npm run bench -- NAME`: builds, then runs bench/NAME.mjs. Without a name it lists what there is.
 *
 * Layer: scripts.
 */

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { build } from "./build.mjs";
import { ensureInstalled } from "./ensure-installed.mjs";
import { ROOT } from "./workspace/root.mjs";
import { runNode } from "./workspace/run.mjs";

const FOLDER = join(ROOT, "bench");
const names = readdirSync(FOLDER)
  .filter((file) => file.endsWith(".mjs"))
  .map((file) => file.slice(0, -".mjs".length));

const [name, ...parameters] = process.argv.slice(2);
if (name === undefined || !names.includes(name)) {
  console.error(`npm run bench -- ${names.join(" | ")}`);
  process.exitCode = 1;
} else {
  await ensureInstalled();
  await build();
  const { code } = await runNode(join(FOLDER, `${name}.mjs`), parameters, { show: true });
  process.exitCode = code;
}
