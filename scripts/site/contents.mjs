// @ts-check
/**
 * The table of contents: which pages stand in which section, in which order. A page that is in no section is an error.
 *
 * Layer: scripts.
 */

import { posix } from "node:path";

/** @typedef {import("./pages.mjs").Page} Page */

/**
 * @typedef {object} Section
 * @property {string} title
 * @property {string} area The first part of the addresses for which the sidebar shows it.
 * @property {readonly string[]} paths
 */

/** Recipes by what one wants to do; the order is that of the sidebar. */
const RECIPES = [
  {
    title: "Applications",
    names: ["password-reset-express", "contact-form", "nextjs", "fastify", "hono", "nestjs", "aws-lambda"],
  },
  { title: "Templates", names: ["react-email", "mjml", "handlebars", "invoice-pdf", "newsletter"] },
  { title: "Tests", names: ["end-to-end-tests", "inbox-in-ci"] },
  {
    title: "Providers",
    names: [
      ...[
        "gmail",
        "microsoft-365",
        "amazon-ses",
        "postmark",
        "mailgun",
        "sendgrid",
        "brevo",
        "resend",
        "mailtrap",
        "fastmail",
      ],
    ],
  },
];

const BACKGROUND = [
  "performance",
  "security",
  "servers",
  "rfcs",
  "wire",
  "inbox-compared",
  "architecture",
  "state-machine",
  "outbox-states",
  "changelog",
];

/**
 * @param {readonly Page[]} pages
 * @returns {Section[]}
 * @throws {Error} naming a page that is in no section, or a row without a page.
 */
export function contents(pages) {
  const paths = pages.map(({ path }) => path);
  const guide = paths.filter((path) => path.startsWith("guide/")).sort();
  const modules = paths
    .filter((path) => /^reference\/.*\/index\.md$/.test(path) && !path.includes("/namespaces/"))
    // The library first.
    .sort((one, other) => Number(one.includes("@")) - Number(other.includes("@")) || (one < other ? -1 : 1));
  /** @type {Section[]} */
  const sections = [
    { title: "Guide", area: "guide", paths: guide },
    {
      title: "Coming from",
      area: "guide",
      paths: ["nodemailer-drop-in.md", "coming-from-nodemailer.md", "coming-from-aiosmtplib.md"],
    },
    { title: "Background", area: "guide", paths: BACKGROUND.map((name) => `${name}.md`) },
    { title: "Recipes", area: "recipes", paths: ["recipes/index.md"] },
    ...RECIPES.map(({ title, names }) => ({
      title,
      area: "recipes",
      paths: names.map((name) => `recipes/${name}.md`),
    })),
    { title: "All providers", area: "recipes", paths: ["providers.md"] },
    ...modules.flatMap((index) => {
      const module = index.replace(/^reference\/|\/index\.md$/g, "");
      const kinds = KINDS.map(({ title, folder }) => ({
        title,
        area: `reference/${module}`,
        paths: paths.filter((path) => posix.dirname(path) === `reference/${module}/${folder}`).sort(),
      }));
      return [
        { title: module, area: `reference/${module}`, paths: [index] },
        ...kinds.filter((kind) => kind.paths.length > 0),
      ];
    }),
  ];
  const listed = new Set(sections.flatMap((section) => section.paths));
  const forgotten = paths.filter(
    (path) => !listed.has(path) && path !== "reference/index.md" && !path.includes("/namespaces/"),
  );
  const empty = [...listed].filter((path) => !paths.includes(path));
  if (forgotten.length > 0 || empty.length > 0) {
    throw new Error(
      `scripts/site/contents.mjs: in no section: ${forgotten.join(", ")}; without a page: ${empty.join(", ")}`,
    );
  }
  return sections;
}

/** The kinds of exports in the reference, and the folders in which their pages lie. */
const KINDS = [
  { title: "Functions", folder: "functions" },
  { title: "Classes", folder: "classes" },
  { title: "Interfaces", folder: "interfaces" },
  { title: "Types", folder: "type-aliases" },
  { title: "Constants", folder: "variables" },
];

/**
 * VitePress's sidebars, by the beginning of the addresses that have them.
 * @param {readonly Section[]} sections
 * @param {readonly Page[]} pages
 */
export function sidebar(sections, pages) {
  const titles = new Map(pages.map(({ path, title }) => [path, title]));
  // The words after a colon are for the search.
  const item = (/** @type {string} */ path) => ({
    text: (titles.get(path) ?? path).replace(/: .*/, ""),
    link: `/${path.replace(/(?:index)?\.md$/, "")}`,
  });
  const groups = (/** @type {string} */ area) =>
    sections
      .filter((section) => section.area === area)
      .map(({ title, paths }) => ({ text: title, items: paths.map(item) }));
  const modules = sections.filter(({ area, title }) => area === `reference/${title}`);
  const packages = {
    text: "Packages",
    items: modules.map(({ title }) => ({ text: title, link: `/reference/${title}/` })),
  };
  return {
    ...Object.fromEntries(modules.map(({ area }) => [`/${area}/`, [packages, ...groups(area).slice(1)]])),
    "/reference/": [packages],
    "/recipes/": groups("recipes"),
    "/providers": groups("recipes"),
    "/": groups("guide"),
  };
}
