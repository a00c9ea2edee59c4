// @ts-check
/**
 * The pages of the site: docs/ as it is, the changelog, and the reference. Links that leave docs/ lead to the repository, names of the
 * API to the reference, numbers of RFCs to their text.
 *
 * Layer: scripts. Needs the tools of the site installed.
 */

import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, posix, relative, sep } from "node:path";
import { ROOT } from "../workspace/root.mjs";
import { filesUnder } from "../workspace/stamp.mjs";
import { changeLinks, changeProse, summaryOf, titleOf } from "./markdown.mjs";
import { guideOf, Names, readReference, withGuide, writeReference } from "./reference.mjs";
import { project } from "./repository.mjs";

/** Pages that are not in docs/, by their path on the site. */
const FURTHER = /** @type {const} */ ({ "changelog.md": "CHANGELOG.md" });

/**
 * @typedef {object} Page
 * @property {string} path From the root of the site, such as `"guide/01-sending-messages.md"`.
 * @property {string} title
 * @property {string} summary
 * @property {string} text
 */

/**
 * Writes the pages that VitePress reads.
 * @param {string} tools Folder of the site's tools.
 * @param {string} output
 * @returns {Promise<{ pages: Page[], problems: string[] }>}
 */
export async function writePages(tools, output) {
  rmSync(output, { recursive: true, force: true });
  mkdirSync(output, { recursive: true });
  await writeReference(tools, join(output, "reference"));

  const entries = readReference(output);
  const names = new Names(entries);
  const docs = readDocs();
  /** @type {string[]} */
  const problems = [];
  const guides = guideOf(
    entries,
    new Map([...docs].filter(([path]) => /^(?:guide|recipes|providers|nodemailer|wire)/.test(path))),
  );
  for (const entry of entries) {
    if (!guides.has(entry)) problems.push(`${entry.module}: no page of docs/ uses ${entry.name}, or what refers to it`);
  }

  /** @type {Map<string, string>} */
  const pages = new Map();
  /** @type {Map<string, string>} Of the reference, without what stands before its own words. */
  const summaries = new Map();
  for (const [path, text] of docs) {
    const { linked, stale } = withNames(text, path, names);
    problems.push(...stale.map((name) => `${path}: ${name} is not in the reference`));
    pages.set(
      path,
      changeLinks(linked, (target) => leaving(path, target)),
    );
  }
  for (const file of filesUnder([join(output, "reference")])) {
    const path = relative(output, file).split(sep).join("/");
    const entry = entries.find((one) => one.path === path);
    const text = entry === undefined ? readFileSync(file, "utf8") : withGuide(entry, guides.get(entry) ?? [], docs);
    pages.set(path, withNames(text, path, names).linked);
    if (entry !== undefined) summaries.set(path, summaryOf(entry.text));
  }
  const home = readFileSync(join(tools, "index.md"), "utf8");
  write(join(output, "index.md"), home);
  const all = [...pages].map(([path, text]) => ({
    path,
    title: titleOf(text),
    summary: summaries.get(path) ?? summaryOf(text),
    text,
  }));
  for (const page of all) write(join(output, page.path), withMatter(page));
  cpSync(join(ROOT, "docs", "images"), join(output, "images"), { recursive: true });
  return { pages: all, problems };
}

/** @returns {Map<string, string>} */
function readDocs() {
  const folder = join(ROOT, "docs");
  const files = filesUnder([folder]).filter((file) => file.endsWith(".md"));
  return new Map([
    ...files.map(
      (file) => /** @type {const} */ ([relative(folder, file).split(sep).join("/"), readFileSync(file, "utf8")]),
    ),
    ...Object.entries(FURTHER).map(
      ([path, file]) => /** @type {const} */ ([path, readFileSync(join(ROOT, file), "utf8")]),
    ),
  ]);
}

/**
 * @param {string} text
 * @param {string} path
 * @param {Names} names
 * @returns {{ linked: string, stale: string[] }}
 */
function withNames(text, path, names) {
  /** @type {Set<string>} */
  const told = new Set();
  /** @type {string[]} */
  const stale = [];
  const linked = changeProse(text, {
    prose: (prose) =>
      prose.replace(/\bRFC (\d{3,5})\b(?: §(\d+(?:\.\d+)*))?/g, (words, number, section) => {
        const fragment = section === undefined ? "" : `#section-${section}`;
        return `[${words}](https://www.rfc-editor.org/rfc/rfc${number}${fragment})`;
      }),
    code: (code) => {
      const found = names.find(code.slice(1, -1));
      if (found === undefined) return code;
      if (found === "unknown-member") {
        stale.push(code);
        return code;
      }
      const { entry, anchor } = found;
      const key = `${entry.path}#${anchor}`;
      if (entry.path === path || told.has(key)) return code;
      told.add(key);
      const target = posix.relative(posix.dirname(path), entry.path);
      return `[${code}](${anchor === "" ? target : `${target}#${anchor}`})`;
    },
  });
  return { linked, stale };
}

/**
 * @param {string} path Of the page.
 * @param {string} target Of a link on it.
 */
function leaving(path, target) {
  if (/^(?:[a-z]+:|#)/i.test(target)) return target;
  const [file = "", fragment] = target.split("#");
  const source = Object.entries(FURTHER).find(([page]) => page === path)?.[1] ?? `docs/${path}`;
  const there = posix.join(posix.dirname(source), file);
  const page = there.startsWith("docs/")
    ? there.slice("docs/".length)
    : Object.entries(FURTHER).find(([, original]) => original === there)?.[0];
  if (page !== undefined && !(existsSync(join(ROOT, there)) && statSync(join(ROOT, there)).isDirectory())) {
    const inside = posix.relative(posix.dirname(path), page);
    return fragment === undefined ? inside : `${inside}#${fragment}`;
  }
  const kind = existsSync(join(ROOT, there)) && statSync(join(ROOT, there)).isDirectory() ? "tree" : "blob";
  return `${project().repository}/${kind}/main/${there}${fragment === undefined ? "" : `#${fragment}`}`;
}

/** @param {Page} page */
function withMatter({ path, title, summary, text }) {
  const matter = { title, description: summary, ...(path.startsWith("reference/") ? { outline: [2, 3] } : {}) };
  const lines = Object.entries(matter).map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
  return `---\n${lines.join("\n")}\n---\n\n${text}`;
}

/**
 * @param {string} file
 * @param {string} text
 */
function write(file, text) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
