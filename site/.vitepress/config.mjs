// @ts-check
/**
 * VitePress: the pages that `npm run site` wrote, with the table of contents that it made.
 */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitepress";

const at = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url));
const facts = JSON.parse(readFileSync(at("../build/facts.json"), "utf8"));

/**
 * The anchor of a heading, as GitHub makes it: the same link works on both.
 * @param {string} heading
 */
const slugify = (heading) =>
  heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .replaceAll(" ", "-");

// biome-ignore lint/style/noDefaultExport: VitePress reads it.
export default defineConfig({
  title: "Postrider",
  description: "An SMTP client for TypeScript: strict input, true outcomes, few round trips, no dependencies.",
  lang: "en",
  srcDir: "build/pages",
  outDir: "build/site",
  cacheDir: "build/cache",
  lastUpdated: false,
  sitemap: { hostname: facts.homepage },
  head: [
    ["link", { rel: "icon", type: "image/svg+xml", href: "/mark.svg" }],
    ["meta", { name: "theme-color", content: "#b3470f" }],
  ],
  vite: { publicDir: at("../public"), define: { __SENT_AND_SEEN__: JSON.stringify(facts.home) } },
  markdown: {
    anchor: { slugify },
    theme: { light: "github-light-high-contrast", dark: "github-dark-high-contrast" },
    config: (markdown) => {
      // Text is text: VitePress would read {{ }} in it as an expression.
      const { escapeHtml } = markdown.utils;
      const plain = (/** @type {string} */ text) => escapeHtml(text).replaceAll("{{", "&#123;&#123;");
      markdown.renderer.rules.text = (tokens, index) => plain(tokens[index]?.content ?? "");
      markdown.renderer.rules.code_inline = (tokens, index) =>
        `<code v-pre>${plain(tokens[index]?.content ?? "")}</code>`;
      markdown.renderer.rules.code_block = (tokens, index) =>
        `<div class="language-text"><pre v-pre tabindex="0"><code>${plain(tokens[index]?.content ?? "")}</code></pre></div>`;
      // A cell of the head without words is no heading.
      for (const [rule, inside, tag] of /** @type {const} */ ([
        ["th_open", 1, "<td>"],
        ["th_close", -1, "</td>"],
      ])) {
        markdown.renderer.rules[rule] = (tokens, index, options, _, self) =>
          tokens[index + inside]?.content === "" ? tag : self.renderToken(tokens, index, options);
      }
      const fence = markdown.renderer.rules.fence;
      markdown.renderer.rules.fence = (tokens, index, options, environment, self) => {
        const token = tokens[index];
        if (token?.info.trim() === "mermaid") return `<Diagram code="${encodeURIComponent(token.content)}" />`;
        // The guide marks a block that goes on with the one before; readers see a block.
        if (token) token.info = token.info.replace(/^(ts|tsx) continue$/, "$1");
        return fence?.(tokens, index, options, environment, self) ?? "";
      };
    },
  },
  // The home page of the theme has no landmark.
  transformHtml: (html) => html.replace('class="VPContent is-home"', 'class="VPContent is-home" role="main"'),
  themeConfig: {
    logo: "/mark.svg",
    outline: [2, 3],
    nav: [
      { text: "Guide", link: "/guide/01-sending-messages", activeMatch: "^/guide/" },
      { text: "Recipes", link: "/recipes/", activeMatch: "^/recipes/" },
      { text: "Providers", link: "/providers", activeMatch: "^/providers" },
      { text: "Reference", link: "/reference/postrider/", activeMatch: "^/reference/" },
    ],
    sidebar: facts.sidebar,
    socialLinks: [{ icon: "github", link: facts.repository }],
    footer: { message: "MIT licence" },
    docFooter: { prev: "Previous", next: "Next" },
    search: {
      provider: "local",
      options: {
        translations: { button: { buttonText: "Search", buttonAriaLabel: "Search" } },
        miniSearch: {
          searchOptions: {
            // In a word of four letters one other letter is another word: exim is not exit.
            fuzzy: (/** @type {string} */ word) => (word.length > 4 ? 0.2 : false),
            prefix: true,
            boost: { title: 5, titles: 3, text: 1 },
            // Recipes first, then the guide; names of the API are found by those who type them. Within these, the page that is about
            // it (the first section, which has no titles above it) before a section of another page.
            boostDocument: (
              /** @type {string} */ id,
              /** @type {string} */ _word,
              /** @type {{ titles: string[] } | undefined} */ section,
            ) => {
              if (/^\/(?:reference|changelog)/.test(id)) return 0.6;
              const page = id.startsWith("/recipes/") ? 2 : /^\/(?:guide\/|providers)/.test(id) ? 1.5 : 1;
              return section?.titles.length === 0 ? page * 2 : page;
            },
          },
        },
      },
    },
  },
});
