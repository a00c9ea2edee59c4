// @ts-check
/**
 * `node scripts/docs/html-support.mjs`: writes packages/inbox/src/checks/html/support-table.ts from the data of caniemail.com,
 * which it takes from the package caniemail on npm, unpacked into a folder that is gone afterwards.
 *
 * Not a part of `npm run docs`: the package has dependencies that nothing here needs, and the data changes a few times a year.
 *
 * Layer: scripts.
 */

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "../workspace/root.mjs";

const TABLE = "packages/inbox/src/checks/html/support-table.ts";
const PACKAGE = "caniemail@2.0.2";

/** The mail programs that most people have, by their place in the data. */
const CLIENTS = /** @type {const} */ ([
  ["Gmail", "gmail", "desktop-webmail"],
  ["Gmail for Android", "gmail", "android"],
  ["Outlook for Windows", "outlook", "windows"],
  ["Outlook.com", "outlook", "outlook-com"],
  ["Outlook for Mac", "outlook", "macos"],
  ["Apple Mail", "apple-mail", "macos"],
  ["Apple Mail on iOS", "apple-mail", "ios"],
  ["Yahoo Mail", "yahoo", "desktop-webmail"],
  ["Samsung Email", "samsung-email", "android"],
  ["Thunderbird", "thunderbird", "macos"],
]);

/**
 * @typedef {{ slug: string, title: string, category: string, stats: Record<string, Record<string, Record<string, string>>> }} Feature
 */

/** Titles that name more than one thing, or name it in words. */
const IN_WORDS = /** @type {Readonly<Record<string, readonly string[]>>} */ ({
  "css-block-inline-size": ["p:block-size", "p:inline-size"],
  "css-border-radius-logical": ["p:border-start-start-radius", "p:border-start-end-radius"],
  "css-color-scheme": ["p:color-scheme"],
  "css-column-layout-properties": ["p:columns", "p:column-width", "p:column-rule"],
  "css-display-flex": ["p:display=flex", "p:display=inline-flex"],
  "css-display-grid": ["p:display=grid", "p:display=inline-grid"],
  "css-display-none": ["p:display=none"],
  "css-flex-direction": ["p:flex-direction"],
  "css-flex-wrap": ["p:flex-wrap"],
  "css-gap": ["p:gap", "p:column-gap", "p:row-gap"],
  "css-grid-template": ["p:grid-template", "p:grid-template-columns", "p:grid-template-rows", "p:grid-template-areas"],
  "css-height": ["p:height"],
  "css-width": ["p:width"],
  "css-max-height": ["p:max-height"],
  "css-min-height": ["p:min-height"],
  "css-min-width": ["p:min-width"],
  "css-inline-size": [],
  "css-intrinsic-size": ["w:fit-content", "w:min-content", "w:max-content"],
  "css-left-right-top-bottom": ["p:left", "p:right", "p:top", "p:bottom"],
  "css-margin-block-start-end": ["p:margin-block-start", "p:margin-block-end"],
  "css-margin-inline-block": ["p:margin-block", "p:margin-inline"],
  "css-margin-inline-start-end": ["p:margin-inline-start", "p:margin-inline-end"],
  "css-modern-color": ["f:lch", "f:oklch", "f:lab", "f:oklab"],
  "css-padding-block-start-end": ["p:padding-block-start", "p:padding-block-end"],
  "css-padding-inline-block": ["p:padding-block", "p:padding-inline"],
  "css-padding-inline-start-end": ["p:padding-inline-start", "p:padding-inline-end"],
  "css-sytem-ui": ["w:system-ui", "w:ui-serif", "w:ui-sans-serif", "w:ui-rounded", "w:ui-monospace"],
  "css-unit-calc": ["f:calc"],
  "css-variables": ["f:var"],
  "css-at-media-hover": ["@:media hover"],
  "css-at-media-orientation": ["@:media orientation"],
  "css-at-media-prefers-color-scheme": ["@:media prefers-color-scheme"],
  "css-at-media-prefers-reduced-motion": ["@:media prefers-reduced-motion"],
  "html-address": ["e:address"],
  "html-base": ["e:base"],
  "html-h1-h6": [],
  "html-lists": [],
  "html-image-maps": ["e:map"],
  "html-svg": ["e:svg"],
  "html-srcset": ["a:srcset", "a:sizes"],
  "image-svg": ["i:svg"],
  "image-webp": ["i:webp"],
  "image-avif": ["i:avif"],
  "image-apng": ["i:apng"],
  "image-bmp": ["i:bmp"],
  "image-tiff": ["i:tif", "i:tiff"],
  "image-heif": ["i:heic", "i:heif"],
  "image-base64": ["i:data"],
  "image-mp4": ["i:mp4"],
});

/**
 * How a feature is known in HTML; none for what cannot be told from the text of it.
 * @param {Feature} feature
 * @returns {readonly string[]}
 */
function tokensOf({ slug, title, category }) {
  const words = IN_WORDS[slug];
  if (words !== undefined) return words;
  if (category === "css") {
    if (/^[a-z-]+$/.test(title)) return [`p:${title}`];
    const at = /^@([\w-]+)$/.exec(title);
    if (at !== null) return [`@:${at[1]}`];
    const fn = /^([\w-]+)\(\)$/.exec(title);
    if (fn !== null) return [`f:${fn[1]}`];
    const pseudo = /^::?([\w-]+)(?:\(\))?$/.exec(title);
    if (pseudo !== null) return [`s:${pseudo[1]}`];
    const unit = /^([a-z]+) unit$/.exec(title);
    return unit === null || unit[1] === "initial" ? [] : [`u:${unit[1]}`];
  }
  if (category !== "html") return [];
  const typed = /^<(\w+) type="(\w+)"> element$/.exec(title);
  if (typed !== null) return [`e:${typed[1]}=${typed[2]}`];
  const element = /^<(\w+)> element$/.exec(title);
  if (element !== null) return [`e:${element[1]}`];
  const attribute = /^([\w-]+) attribute$/.exec(title);
  return attribute === null ? [] : [`a:${attribute[1]}`];
}

/**
 * One letter for each client: y(es), n(o), a(lmost), u(nknown); of the latest version that was tried.
 * @param {Feature} feature
 * @returns {string}
 */
function supportOf({ stats }) {
  return CLIENTS.map(
    ([, family, platform]) =>
      Object.values(stats[family]?.[platform] ?? {})
        .at(-1)
        ?.charAt(0) ?? "u",
  ).join("");
}

/** @returns {{ features: readonly Feature[], date: string }} */
function readData() {
  const folder = mkdtempSync(join(tmpdir(), "caniemail-"));
  try {
    execFileSync("npm", ["pack", PACKAGE, "--silent"], { cwd: folder });
    execFileSync("tar", ["xzf", `${PACKAGE.replace("@", "-")}.tgz`], { cwd: folder });
    const json = JSON.parse(readFileSync(join(folder, "package", "dist", "data", "caniemail.json"), "utf8"));
    return { features: json.data, date: String(json.last_update_date).slice(0, 10) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const { features, date } = readData();
const rows = features.flatMap((feature) => {
  const support = supportOf(feature);
  // What works everywhere, or is known of nobody, is never told.
  return /[na]/.test(support) ? tokensOf(feature).map((token) => `${token} ${feature.slug} ${support}`) : [];
});
const names = CLIENTS.map(([name]) => `  ${JSON.stringify(name)},`).join("\n");
writeFileSync(
  join(ROOT, TABLE),
  `/**
 * What mail programs do not support, by how it is known in HTML: the data of https://www.caniemail.com (MIT license), of
 * ${date}, as scripts/docs/html-support.mjs writes it from the package ${PACKAGE}.
 *
 * Tokens: \`p:\` CSS property (\`=\` value), \`w:\` word of a value, \`f:\` function, \`u:\` unit, \`s:\` pseudo-class or -element, \`@:\` at-rule,
 * \`e:\` element (\`=\` type), \`a:\` attribute, \`i:\` format of a picture.
 */

/** In the order of the letters below. */
export const MAIL_PROGRAMS: readonly string[] = [
${names}
];

/** The token, the name of its page on caniemail.com, and a letter for each program: y(es), n(o), a(lmost), u(nknown). */
export const SUPPORT: string = \`
${rows.sort().join("\n")}
\`;
`,
);
console.log(`${TABLE}: ${rows.length} tokens, data of ${date}`);
