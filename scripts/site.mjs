// @ts-check
/**
 * `npm run site`: the site, from docs/ and the sources, into site/build/site, with everything checked: dead links, names that are not in
 * the reference, exports that no page uses. `-- --look` also opens it in Debian's Chromium: axe, search, phone and dark, pictures in
 * site/build/screenshots. `-- --serve` shows it until Ctrl-C.
 *
 * Its tools are installed into site/node_modules on first use.
 *
 * Layer: scripts.
 */

import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "./build.mjs";
import { ensureInstalled } from "./ensure-installed.mjs";
import { contents, sidebar } from "./site/contents.mjs";
import { sentAndSeen } from "./site/home.mjs";
import { checkLinks } from "./site/links.mjs";
import { writeForModels } from "./site/llms.mjs";
import { writePages } from "./site/pages.mjs";
import { project } from "./site/repository.mjs";
import { ROOT } from "./workspace/root.mjs";
import { runNode } from "./workspace/run.mjs";
import { runMain } from "./workspace/run-main.mjs";

const TOOLS = join(ROOT, "site");
const OUTPUT = join(TOOLS, "build", "site");

/** One that takes longer hangs; in ms. It takes a minute on a machine that does nothing else. */
const BUILD_LIMIT = 600_000;

/** @returns {Promise<string[]>} What is wrong. */
async function buildSite() {
  const { pages, problems } = await writePages(TOOLS, join(TOOLS, "build", "pages"));
  const sections = contents(pages);
  const facts = { ...project(), sidebar: sidebar(sections, pages), home: await sentAndSeen() };
  writeFileSync(join(TOOLS, "build", "facts.json"), JSON.stringify(facts));
  const vitepress = join(TOOLS, "node_modules", "vitepress", "bin", "vitepress.js");
  const { code, output } = await runNode(vitepress, ["build", TOOLS], { timeout: BUILD_LIMIT });
  if (code !== 0) return [...problems, output];
  writeForModels(OUTPUT, pages, sections);
  const { pages: count, links, dead } = checkLinks(OUTPUT);
  console.log(`Site: ${count} pages, ${links} links, in ${OUTPUT}`);
  return [...problems, ...dead];
}

await runMain(import.meta.url, async (parameters) => {
  await ensureInstalled();
  await ensureInstalled({ root: TOOLS });
  await build();
  mkdirSync(join(TOOLS, "build"), { recursive: true });
  if (!parameters.includes("--built") || !existsSync(OUTPUT)) {
    const problems = await buildSite();
    for (const problem of problems) console.error(problem);
    if (problems.length > 0) return false;
  }
  const { look, serve } = await import("./site/look.mjs");
  if (parameters.includes("--serve")) await serve(OUTPUT);
  return parameters.includes("--look") ? look(OUTPUT, join(TOOLS, "build", "screenshots")) : true;
});
