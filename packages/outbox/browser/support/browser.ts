/**
 * A real browser, and what it does that it should not: requests of other places, dialogs, errors, violations of the policy.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";

export interface View {
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly colorScheme?: "light" | "dark";
}

export const VIEWS: readonly (readonly [name: string, view: View])[] = [
  ["light", { colorScheme: "light" }],
  ["dark", { colorScheme: "dark" }],
  ["on a phone", { viewport: { width: 375, height: 740 } }],
];

export interface Window extends AsyncDisposable {
  readonly context: BrowserContext;
  readonly page: Page;
  /** What a hostile text has brought about, or a fault of the page. */
  readonly troubles: string[];
}

let browser: Promise<Browser> | undefined;

/** An empty window; whatever it asks of another origin is refused and noted. */
export async function openWindow(origin: string, view: View = {}): Promise<Window> {
  const executablePath = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
  browser ??= chromium.launch({ executablePath, args: ["--headless", "--no-sandbox"] });
  const context = await (await browser).newContext({ viewport: { width: 1280, height: 800 }, ...view });
  const page = await context.newPage();
  const troubles: string[] = [];
  page.on("pageerror", (error) => troubles.push(`error: ${error.message}`));
  page.on("dialog", (dialog) => {
    troubles.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("console", (message) => {
    if (/Content Security Policy/i.test(message.text())) troubles.push(message.text());
  });
  await context.route(
    (url) => url.origin !== origin,
    (route) => {
      troubles.push(`request: ${route.request().url()}`);
      return route.abort();
    },
  );
  return { context, page, troubles, [Symbol.asyncDispose]: () => context.close() };
}

export async function closeBrowser(): Promise<void> {
  await (await browser)?.close();
}

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core"), "utf8");

/** What axe finds. */
export async function findings(page: Page): Promise<string[]> {
  // The policy of the page lets no script in; the debugger is not asked.
  await page.evaluate(AXE);
  const found = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run: () => Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }> };
    };
    return (await axe.run()).violations;
  });
  return found.map(({ id, impact, nodes }) => `${id} (${impact}): ${nodes[0]?.html}`);
}

export function isWiderThanWindow(page: Page): Promise<boolean> {
  return page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
}
