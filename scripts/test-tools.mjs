// @ts-check
/**
 * `npm run test:tools`: the packages as they are published, in the tools that people use them with: Jest, bundlers, TypeScript 5. Words
 * select tools by name: `npm run test:tools -- jest webpack`. Not part of `npm test`: it installs them, each in an empty folder.
 *
 * Layer: scripts.
 */

import { build } from "./build.mjs";
import { ensureInstalled } from "./ensure-installed.mjs";
import { matching } from "./testing/test-files.mjs";
import { TOOLS, tryTool } from "./testing/tools.mjs";
import { runMain } from "./workspace/run-main.mjs";

await runMain(import.meta.url, async (words) => {
  const names = matching(
    TOOLS.map(({ name }) => name),
    words,
  );
  if (names.length === 0) throw new Error(`no tool is called like ${words.join(" or ")}`);
  await ensureInstalled();
  await build();
  let isWell = true;
  for (const tool of TOOLS.filter(({ name }) => names.includes(name))) {
    const problem = await tryTool(tool).catch(String);
    console.log(problem === "" ? `ok    ${tool.name}` : `FAIL  ${tool.name}\n${problem.replace(/^/gm, "      ")}`);
    isWell &&= problem === "";
  }
  return isWell;
});
