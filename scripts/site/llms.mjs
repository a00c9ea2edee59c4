// @ts-check
/**
 * The site for programs that read text: llms.txt lists every page with a sentence, llms-full.txt is the whole manual, and beside each
 * page lies its Markdown.
 *
 * Layer: scripts.
 */

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { project } from "./repository.mjs";

/** @typedef {import("./pages.mjs").Page} Page */

const ABOUT = `# Postrider

> An SMTP client for TypeScript: send mail from Node, Bun, Deno and workers. Wrong input is an error before a connection is opened, every
> recipient has a known outcome, and nothing is installed beside it.
`;

/**
 * @param {string} output
 * @param {readonly Page[]} pages
 * @param {readonly { title: string, paths: readonly string[] }[]} sections
 */
export function writeForModels(output, pages, sections) {
  const { homepage } = project();
  const byPath = new Map(pages.map((page) => [page.path, page]));
  const list = sections.flatMap(({ title, paths }) => [
    `\n## ${title}\n`,
    ...paths.flatMap((path) => {
      const page = byPath.get(path);
      return page === undefined ? [] : [`- [${page.title}](${homepage}/${path}): ${page.summary}`];
    }),
  ]);
  writeFileSync(join(output, "llms.txt"), `${ABOUT}${list.join("\n")}\n`);
  const manual = pages.filter(({ path }) => !path.startsWith("reference/"));
  writeFileSync(
    join(output, "llms-full.txt"),
    `${ABOUT}${manual.map(({ path, text }) => `\n---\nSource: ${homepage}/${path}\n\n${text}`).join("\n")}`,
  );
  for (const { path, text } of pages) {
    mkdirSync(dirname(join(output, path)), { recursive: true });
    writeFileSync(join(output, path), text);
  }
}
