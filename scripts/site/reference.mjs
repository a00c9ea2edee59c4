// @ts-check
/**
 * The API reference: what TypeDoc makes of the sources, with links to the guide, and an index of every name and its members.
 *
 * Layer: scripts. Needs the tools of the site installed.
 */

import { readFileSync } from "node:fs";
import { basename, dirname, join, posix, relative, sep } from "node:path";
import { ROOT } from "../workspace/root.mjs";
import { runNode } from "../workspace/run.mjs";
import { filesUnder } from "../workspace/stamp.mjs";
import { slugOf, titleOf } from "./markdown.mjs";

/**
 * @typedef {object} Entry One export of a package.
 * @property {string} name
 * @property {string} module By which it is imported.
 * @property {string} kind `"functions"`, `"classes"`, `"interfaces"` ...
 * @property {string} path Of its page.
 * @property {string} text Of its page.
 * @property {Map<string, string>} members Name to anchor.
 */

/** Where one name is exported by several packages, a page means the first of these. */
const PREFERENCE = ["postrider", "postrider/providers", "postrider/wire", "@postrider/inbox", "@postrider/outbox"];

/**
 * Runs TypeDoc.
 * @param {string} folder Of the site's tools.
 * @param {string} output
 * @throws {Error} with what TypeDoc says.
 */
export async function writeReference(folder, output) {
  const { code, output: said } = await runNode(
    join(folder, "node_modules", "typedoc", "bin", "typedoc"),
    ["--options", join(folder, "typedoc.config.mjs"), "--out", output],
    { cwd: ROOT },
  );
  if (code !== 0 || /\[(?:error|warning)\]/.test(said)) throw new Error(`TypeDoc:\n${said}`);
}

/**
 * @param {string} pages The folder of all pages.
 * @returns {Entry[]}
 */
export function readReference(pages) {
  return filesUnder([join(pages, "reference")])
    .map((file) => ({ file, path: relative(pages, file).split(sep).join("/") }))
    .filter(({ path }) => path.endsWith(".md") && !path.endsWith("/index.md"))
    .map(({ file, path }) => {
      const text = readFileSync(file, "utf8");
      const kind = basename(dirname(path));
      return {
        name: basename(path, ".md"),
        module: posix.dirname(posix.dirname(path)).replace("reference/", ""),
        kind,
        path,
        text,
        members: membersOf(text),
      };
    });
}

/** @param {string} text */
function membersOf(text) {
  /** @type {Map<string, string>} */
  const members = new Map();
  for (const [, heading = ""] of text.matchAll(/^### (.*)$/gm)) {
    const name = heading.replace(/\\|\(\)|\?|~~/g, "");
    if (/^[\w$[\]]+$/.test(name)) members.set(name, slugOf(heading));
  }
  for (const [, anchor = "", name = ""] of text.matchAll(
    /<a id="([^"]+)"><\/a> `(?:readonly )?(?:static )?([\w$]+)\??/g,
  )) {
    members.set(name, anchor);
  }
  return members;
}

/** Finds the page of a name, and of a member of it. */
export class Names {
  /** @type {Map<string, Entry>} */
  #byName = new Map();

  /** @param {readonly Entry[]} entries */
  constructor(entries) {
    const rank = (/** @type {Entry} */ { module }) => {
      const at = PREFERENCE.indexOf(module);
      return at < 0 ? PREFERENCE.length : at;
    };
    for (const entry of [...entries].sort((one, other) => rank(one) - rank(other))) {
      if (!this.#byName.has(entry.name)) this.#byName.set(entry.name, entry);
    }
  }

  /**
   * @param {string} code `"SmtpPool"`, `"SmtpPool.sendAll()"`, `"send()"`
   * @returns {{ entry: Entry, anchor: string } | "unknown-member" | undefined} Undefined: no name of these packages.
   */
  find(code) {
    const [, name = "", member] = /^([A-Za-z_$][\w$]*)(?:\.([\w$]+))?(?:\(\))?$/.exec(code) ?? [];
    const entry = this.#byName.get(name);
    if (entry === undefined) return undefined;
    if (member === undefined) return { entry, anchor: "" };
    const anchor = entry.members.get(member);
    // `SmtpError.message` is Error's; a value such as `pool.send` is lower case and no class of ours.
    if (anchor === undefined) return /^[A-Z]/.test(name) && hasMembers(entry) ? "unknown-member" : undefined;
    return { entry, anchor };
  }
}

/** @param {Entry} entry */
function hasMembers({ kind, members }) {
  return (kind === "classes" || kind === "interfaces") && members.size > 0;
}

/** Types that appear in signatures of members alone. */
const FURTHER = new Map([
  ["AccessTokenRequest", "guide/02-authentication.md"],
  ["TraceEvent", "guide/03-connection-options.md"],
  ["CanonicalizationPair", "guide/09-dkim.md"],
  ["Canonicalization", "guide/09-dkim.md"],
]);

/** The page about a package, for names that no page uses. */
const ABOUT_PACKAGE = new Map([
  ["postrider/providers", "providers.md"],
  ["postrider/wire", "wire.md"],
  ["@postrider/inbox", "guide/18-inbox.md"],
  ["@postrider/inbox/session", "wire.md"],
  ["@postrider/nodemailer", "nodemailer-drop-in.md"],
  ["@postrider/outbox", "guide/21-never-lose-a-mail.md"],
]);

/**
 * Pages of the guide that use a name, those that use it most first; for a name that none uses, those of the names that refer to it.
 * @param {readonly Entry[]} entries
 * @param {ReadonlyMap<string, string>} guide Path to text.
 * @returns {Map<Entry, string[]>} Paths, at most four each.
 */
export function guideOf(entries, guide) {
  const code = [...guide].map(([path, text]) => ({ path, words: wordsOf(codeOf(text)) }));
  /** @type {Map<Entry, string[]>} */
  const found = new Map();
  for (const entry of entries) {
    const uses = code
      .map(({ path, words }) => ({ path, times: words.get(entry.name) ?? 0 }))
      .filter(({ times }) => times > 0)
      .sort((one, other) => other.times - one.times);
    const known = entry.module === "postrider" ? FURTHER.get(entry.name) : undefined;
    if (uses.length > 0)
      found.set(
        entry,
        uses.slice(0, 4).map(({ path }) => path),
      );
    else if (known !== undefined) found.set(entry, [known]);
  }
  const referring = entries.map((entry) => ({ entry, words: wordsOf(entry.text) }));
  // Each round reaches the names one step further away.
  for (let before = -1; before !== found.size; ) {
    before = found.size;
    for (const entry of entries.filter((one) => !found.has(one))) {
      const from = referring.flatMap((other) =>
        other.entry !== entry && other.entry.module === entry.module && other.words.has(entry.name)
          ? (found.get(other.entry) ?? [])
          : [],
      );
      if (from.length > 0) found.set(entry, [...new Set(from)].slice(0, 2));
    }
  }
  for (const entry of entries) {
    const page = [...ABOUT_PACKAGE].find(([name]) => entry.module === name || entry.module.startsWith(`${name}/`))?.[1];
    if (!found.has(entry) && page !== undefined) found.set(entry, [page]);
  }
  return found;
}

/**
 * @param {string} text
 * @returns {Map<string, number>} How often each name stands in it by itself, not as a member of something.
 */
function wordsOf(text) {
  /** @type {Map<string, number>} */
  const words = new Map();
  for (const [word] of text.matchAll(/(?<![\w.$-])[A-Za-z_$][\w$]*(?![\w$-])/g))
    words.set(word, (words.get(word) ?? 0) + 1);
  return words;
}

/**
 * Blocks and inline code of a page.
 * @param {string} text
 */
function codeOf(text) {
  return (text.match(/^(`{3,})[\s\S]*?^\1|`[^`\n]+`/gm) ?? []).join("\n");
}

/**
 * The page of a name, with its guide below the first words.
 * @param {Entry} entry
 * @param {readonly string[]} paths
 * @param {ReadonlyMap<string, string>} guide
 */
export function withGuide({ text, path, module, name, kind }, paths, guide) {
  const isType = kind === "interfaces" || kind === "type-aliases";
  const imported = `\`\`\`ts\nimport ${isType ? "type " : ""}{ ${name} } from "${module}";\n\`\`\`\n`;
  const links = paths.map((one) => {
    const title = titleOf(guide.get(one) ?? "").replace(/^\d+\. /, "");
    return `[${title}](${posix.relative(posix.dirname(path), one)})`;
  });
  const line = links.length === 0 ? "" : `\nGuide: ${links.join(", ")}\n`;
  return text.replace(/^# .*\n/, (heading) => `${heading}\n${imported}${line}`);
}
