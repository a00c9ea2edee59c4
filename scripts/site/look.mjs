// @ts-check
/**
 * The built site in a real browser: nothing for axe to find, no error of a script, nothing asked of other hosts, in light and dark and
 * on a phone; and its search finds the page for a job at once.
 *
 * Layer: scripts. Needs the site built.
 */

import { createReadStream, existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { extname, join, normalize } from "node:path";
import { CHROMIUM, missingBrowser } from "../testing/chromium.mjs";
import { JOBS } from "./jobs.mjs";

/** Packages that the tests of the inbox's page bring. */
const require = createRequire(new URL("../../packages/inbox/package.json", import.meta.url));

const TYPES = /** @type {Readonly<Record<string, string>>} */ ({
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".json": "application/json",
  ".woff2": "font/woff2",
  ".md": "text/markdown; charset=utf-8",
  ".txt": "text/plain; charset=utf-8",
});

/** Pages of every kind. */
const PAGES = [
  "index.html",
  "guide/01-sending-messages.html",
  "guide/20-command-line.html",
  "recipes/index.html",
  "providers.html",
  "state-machine.html",
  "reference/postrider/index.html",
  "reference/postrider/classes/SmtpPool.html",
  "reference/postrider/interfaces/ConnectionOptions.html",
];

const VIEWS = /** @type {const} */ ([
  { name: "light", width: 1280, height: 900, colorScheme: "light" },
  { name: "dark", width: 1280, height: 900, colorScheme: "dark" },
  { name: "phone", width: 390, height: 844, colorScheme: "light" },
]);

/** @typedef {import("playwright-core").Page} BrowserPage */

/**
 * @param {string} folder Of the site.
 * @param {string} screenshots Where the pictures go.
 * @returns {Promise<boolean>} Whether all is well.
 */
export async function look(folder, screenshots) {
  const missing = missingBrowser();
  if (missing !== "") {
    console.error(`The site was not looked at in a browser: ${missing}`);
    return process.env["CI"] !== "true";
  }
  mkdirSync(screenshots, { recursive: true });
  const { chromium } = /** @type {typeof import("playwright-core")} */ (require("playwright-core"));
  const server = await listen(folder);
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--headless", "--no-sandbox"] });
  /** @type {string[]} */
  const problems = [];
  try {
    for (const { name, width, height, colorScheme } of VIEWS) {
      const context = await browser.newContext({ viewport: { width, height }, colorScheme });
      const page = await context.newPage();
      page.on("pageerror", (error) => problems.push(`${name}: ${page.url()}: ${error.message}`));
      page.on("request", (request) => {
        if (!request.url().startsWith(server.url) && !/^(?:data|blob|about):/.test(request.url()))
          problems.push(`${name}: ${page.url()} asks for ${request.url()}`);
      });
      for (const path of PAGES)
        problems.push(
          ...(
            await lookAt(
              page,
              `${server.url}/${path}`,
              join(screenshots, `${name}-${path.replaceAll("/", "-").replace(".html", "")}.png`),
            )
          ).map((one) => `${name}: ${path}: ${one}`),
        );
      if (name === "light") problems.push(...(await search(page, server.url)));
      await context.close();
    }
  } finally {
    await browser.close();
    server.close();
  }
  for (const problem of problems) console.error(problem);
  console.log(
    `Site: ${PAGES.length} pages in ${VIEWS.length} views, ${JOBS.length} jobs searched, ${problems.length} problems`,
  );
  return problems.length === 0;
}

/**
 * @param {BrowserPage} page
 * @param {string} url
 * @param {string} picture
 * @returns {Promise<string[]>}
 */
async function lookAt(page, url, picture) {
  await page.goto(url);
  await page.locator("h1, .VPHero .name").first().waitFor();
  await page.waitForLoadState("networkidle");
  if (url.includes("state-machine")) await page.locator(".diagram svg").first().waitFor();
  await page.screenshot({ path: picture });
  // A text: these files are checked without the types of a browser.
  const isWider = await page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth");
  await page.evaluate(readFileSync(require.resolve("axe-core"), "utf8"));
  const found = await page.evaluate(async () => {
    const { axe } = /** @type {any} */ (globalThis);
    const { violations } = await axe.run({ exclude: ["iframe"] });
    return violations.map(
      (/** @type {any} */ one) =>
        `${one.id}: ${one.nodes
          .map((/** @type {any} */ node) => node.target.join(" "))
          .slice(0, 3)
          .join("; ")}`,
    );
  });
  return [...found, ...(isWider ? ["is wider than the screen"] : [])];
}

/**
 * Types what people look for; the first result must be the page for it.
 * @param {BrowserPage} page
 * @param {string} url
 */
async function search(page, url) {
  /** @type {string[]} */
  const problems = [];
  for (const { words, path } of JOBS) {
    await page.goto(`${url}/recipes/index.html`);
    // The button is on the page before the script is that heeds it.
    await page.waitForFunction('document.querySelector("#app").__vue_app__ !== undefined');
    await page.locator("button.DocSearch-Button").first().click();
    await page.locator("#localsearch-input").fill(words);
    const first = page.locator("a.result").first();
    // The index is loaded and read first.
    await first.waitFor().catch(() => undefined);
    const wanted = page.locator(`.results > li:first-child a.result[href^="/${path}"]`);
    const isFound = await wanted.waitFor({ timeout: 10_000 }).then(
      () => true,
      () => false,
    );
    if (isFound) continue;
    const link = (await first.count()) === 0 ? "nothing" : await first.getAttribute("href");
    problems.push(`searching "${words}" finds ${link}, not ${path}`);
    if (link === "nothing") break;
  }
  return problems;
}

/**
 * Serves the site until Ctrl-C.
 * @param {string} folder
 */
export async function serve(folder) {
  const server = await listen(folder);
  console.log(`${server.url}  (Ctrl-C ends it)`);
  await new Promise((resolve) => process.once("SIGINT", resolve));
  server.close();
}

/**
 * @param {string} folder
 * @returns {Promise<{ url: string, close(): void }>}
 */
function listen(folder) {
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? "/", "http://127.0.0.1").pathname);
    let file = join(folder, normalize(path));
    if (existsSync(file) && statSync(file).isDirectory()) file = join(file, "index.html");
    if (!existsSync(file) && existsSync(`${file}.html`)) file = `${file}.html`;
    if (!file.startsWith(folder) || !existsSync(file)) return void response.writeHead(404).end();
    response.writeHead(200, { "Content-Type": TYPES[extname(file)] ?? "application/octet-stream" });
    createReadStream(file).pipe(response);
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
      const close = () => {
        server.close();
        server.closeAllConnections();
      };
      resolve({ url: `http://127.0.0.1:${address.port}`, close });
    });
  });
}
