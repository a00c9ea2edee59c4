/**
 * A real browser, an inbox, and a page of it. Whatever the page asks of other places is noted and answered here.
 */
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { type Inbox, startInbox } from "../../src/inbox.js";
import type { InboxOptions } from "../../src/options.js";

export interface Visit extends AsyncDisposable {
  readonly inbox: Inbox;
  readonly context: BrowserContext;
  readonly page: Page;
  /** Addresses outside of the inbox that were asked for. */
  readonly foreign: string[];
  /** Errors of the page's own scripts. */
  readonly errors: string[];
}

interface VisitOptions {
  readonly inbox?: InboxOptions;
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly colorScheme?: "light" | "dark";
}

const PIXEL = Buffer.from("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7", "base64");
let browser: Promise<Browser> | undefined;
/** What a test that failed halfway did not close. */
const visits = new Set<Visit>();

/** A browser of its own, as far as pages can tell. */
export async function newContext(
  options: BrowserContextOptions,
): Promise<{ readonly context: BrowserContext } & AsyncDisposable> {
  const context = await (await launched()).newContext(options);
  return { context, [Symbol.asyncDispose]: () => context.close() };
}

/** A program of its own, for what must be said when it starts. */
export async function openBrowser(
  ...flags: readonly string[]
): Promise<{ readonly context: BrowserContext } & AsyncDisposable> {
  const own = await launch(flags);
  return { context: await own.newContext(), [Symbol.asyncDispose]: () => own.close() };
}

function launched(): Promise<Browser> {
  browser ??= launch([]);
  return browser;
}

function launch(flags: readonly string[]): Promise<Browser> {
  const executablePath = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
  return chromium.launch({ executablePath, args: ["--headless", "--no-sandbox", ...flags] });
}

/** Opens the page of a new inbox. */
export async function visit({ inbox: options, ...view }: VisitOptions = {}): Promise<Visit> {
  const inbox = await startInbox({ smtpPort: 0, webPort: 0, ...options });
  try {
    return await visitOf(inbox, view);
  } catch (error) {
    // An inbox that stays open keeps the file from its end.
    await inbox.close();
    throw error;
  }
}

async function visitOf(inbox: Inbox, view: Omit<VisitOptions, "inbox">): Promise<Visit> {
  const origin = new URL(inbox.url ?? "").origin;
  const context = await (await launched()).newContext({ viewport: { width: 1280, height: 800 }, ...view });
  const page = await context.newPage();
  const foreign: string[] = [];
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  await context.route(
    (url) => url.origin !== origin,
    (route) => {
      foreign.push(route.request().url());
      return route.fulfill({ body: PIXEL, contentType: "image/gif" });
    },
  );
  const there: Visit = {
    inbox,
    context,
    page,
    foreign,
    errors,
    [Symbol.asyncDispose]: async () => {
      visits.delete(there);
      await context.close();
      await inbox.close();
    },
  };
  visits.add(there);
  await page.goto(inbox.url ?? "");
  return there;
}

export async function closeBrowser(): Promise<void> {
  for (const visit of visits) await visit[Symbol.asyncDispose]();
  await (await browser)?.close();
}
