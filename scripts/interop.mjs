// @ts-check
/**
 * `npm run interop`: builds, then tests against real servers. Words select servers by name; `--write` also writes
 * docs/servers.md.
 *
 * Layer: scripts.
 */

import { join } from "node:path";
import { build } from "./build.mjs";
import { ensureInstalled } from "./ensure-installed.mjs";
import { ROOT } from "./workspace/root.mjs";
import { runNode } from "./workspace/run.mjs";

await ensureInstalled();
// The suites of the outbox are its tests, over another database.
await build({ tests: true });
const { code } = await runNode(join(ROOT, "interop", "main.mjs"), process.argv.slice(2), { show: true });
process.exitCode = code;
