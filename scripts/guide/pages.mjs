// @ts-check
/**
 * The pages whose code runs: README.md, that of the library, all of docs/, the home page of the site, and the programs of examples/, each of which counts as
 * one block.
 *
 * Layer: scripts.
 */

import { readFileSync } from "node:fs";
import { basename, join, relative, sep } from "node:path";
import { ROOT } from "../workspace/root.mjs";
import { filesUnder } from "../workspace/stamp.mjs";
import { readBlocks } from "./blocks.mjs";

/** @typedef {import("./blocks.mjs").Block} Block */

/**
 * The blocks that run with what the workspace has, page by page.
 * @param {string} [root]
 * @returns {Block[]}
 */
export function guideBlocks(root = ROOT) {
  return allBlocks(root).filter(({ isInterop }) => !isInterop);
}

/**
 * Those that need a driver.
 * @returns {Block[]}
 */
export function interopBlocks() {
  return allBlocks(ROOT).filter(({ isInterop }) => isInterop);
}

/**
 * @param {string} root
 * @returns {Block[]}
 */
function allBlocks(root) {
  const path = (/** @type {string} */ file) => relative(root, file).split(sep).join("/");
  const sources = ["README.md", "packages/postrider/README.md", "docs", "site/index.md"].map((one) => join(root, one));
  const pages = filesUnder(sources).filter((file) => file.endsWith(".md"));
  const examples = filesUnder([join(root, "examples")]).filter((file) => file.endsWith(".ts"));
  return [
    ...pages.flatMap((file) => readBlocks(path(file), readFileSync(file, "utf8"))),
    ...examples.map((file) => ({
      page: path(file),
      heading: basename(file, ".ts"),
      number: 1,
      isInterop: false,
      fences: [{ line: 1, code: readFileSync(file, "utf8") }],
    })),
  ];
}
