// @ts-check
/**
 * Dead links of a built site: every address within it must lead to a file, and every fragment to an element of that file.
 *
 * Layer: scripts.
 */

import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { filesUnder } from "../workspace/stamp.mjs";

const LINK = /\s(?:href|src)="([^"]*)"/g;
const ID = /\sid="([^"]*)"/g;

/**
 * @param {string} folder Of the site as it is served.
 * @returns {{ pages: number, links: number, dead: string[] }}
 */
export function checkLinks(folder) {
  /** @type {Map<string, Set<string>>} */
  const ids = new Map();
  const idsOf = (/** @type {string} */ file) => {
    const known =
      ids.get(file) ?? new Set([...readFileSync(file, "utf8").matchAll(ID)].map(([, id = ""]) => unescaped(id)));
    ids.set(file, known);
    return known;
  };
  const pages = filesUnder([folder]).filter((file) => file.endsWith(".html"));
  let links = 0;
  const dead = pages.flatMap((page) =>
    [...readFileSync(page, "utf8").matchAll(LINK)].flatMap(([, escaped = ""]) => {
      const link = unescaped(escaped);
      if (/^(?:[a-z]+:|\/\/)/i.test(link)) return [];
      links += 1;
      const problem = problemOf(link, page, folder, idsOf);
      return problem === "" ? [] : [`${relative(folder, page)}: ${link} ${problem}`];
    }),
  );
  return { pages: pages.length, links, dead: [...new Set(dead)] };
}

/**
 * @param {string} link
 * @param {string} page
 * @param {string} folder
 * @param {(file: string) => Set<string>} idsOf
 */
function problemOf(link, page, folder, idsOf) {
  const [path = "", fragment] = link.split("#");
  const bare = decodeURIComponent(path.split("?")[0] ?? "");
  let file = bare === "" ? page : bare.startsWith("/") ? join(folder, bare) : join(dirname(page), bare);
  if (existsSync(file) && statSync(file).isDirectory()) file = join(file, "index.html");
  if (!existsSync(file)) return "leads nowhere";
  if (fragment === undefined || fragment === "" || !file.endsWith(".html")) return "";
  return idsOf(file).has(decodeURIComponent(fragment)) ? "" : "leads to no heading";
}

/** @param {string} text */
function unescaped(text) {
  return text.replaceAll("&quot;", '"').replaceAll("&#39;", "'").replaceAll("&amp;", "&");
}
