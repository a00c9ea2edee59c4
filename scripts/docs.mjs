// @ts-check
/**
 * `npm run docs`: writes anew what is made from something else: pages from the source, the table of media types from a package.
 *
 * Layer: scripts.
 */

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "./build.mjs";
import { PROVIDERS, providersPage } from "./docs/providers.mjs";
import { OUTBOX_STATES, outboxStatesPage, STATE_MACHINE, stateMachinePage } from "./docs/state-machine.mjs";
import { ensureInstalled } from "./ensure-installed.mjs";
import { ROOT } from "./workspace/root.mjs";

await ensureInstalled();
await build();
// Loads a package that may have just been installed.
const { MEDIA_TYPES, mediaTypeTable } = await import("./docs/media-types.mjs");
const pages = [
  { path: STATE_MACHINE, text: await stateMachinePage() },
  { path: OUTBOX_STATES, text: await outboxStatesPage() },
  { path: PROVIDERS, text: await providersPage() },
  { path: MEDIA_TYPES, text: mediaTypeTable() },
];
for (const { path, text } of pages) {
  const file = join(ROOT, path);
  const same = existsSync(file) && readFileSync(file, "utf8") === text;
  if (!same) writeFileSync(file, text);
  console.log(`${path}: ${same ? "up to date" : "written"}`);
}
