// @ts-check
/**
 * Builds the page of the inbox: packages/inbox/page becomes packages/inbox/page/dist, a few files that a browser takes as they
 * are.
 *
 * Layer: scripts. Needs Vite installed.
 */

import { rmSync } from "node:fs";
import { join } from "node:path";
import { ROOT, readJson } from "./root.mjs";
import { hashOf, readStamp, removeStamp, writeStamp } from "./stamp.mjs";

const PAGE = join(ROOT, "packages", "inbox", "page");
const OUTPUT = join(PAGE, "dist");

/** @returns {Promise<boolean>} Whether there was something to do. */
export async function buildPage() {
  const versions = ["vite", "preact"].map((name) => readJson(join(ROOT, "node_modules", name, "package.json")).version);
  const sources = ["index.html", "tsconfig.json", "public", "src"].map((name) => join(PAGE, name));
  const before = hashOf(sources, versions);
  // The result counts too: it may have been removed, or written by hand.
  if (readStamp("inbox-page") === before + hashOf([OUTPUT])) return false;

  removeStamp("inbox-page");
  rmSync(OUTPUT, { recursive: true, force: true });
  // Loaded late: it may just have been installed.
  const { build } = await import("vite");
  await build({
    root: PAGE,
    configFile: false,
    logLevel: "warn",
    build: {
      outDir: OUTPUT,
      target: "es2023",
      // The policy of the page allows no scripts within it, and this one preloads by script what the page loads anyway.
      modulePreload: false,
      assetsInlineLimit: 0,
    },
  });
  writeStamp("inbox-page", before + hashOf([OUTPUT]));
  return true;
}
