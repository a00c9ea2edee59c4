/**
 * The page of the outbox in a real browser, behind a site's own login.
 */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { Page } from "playwright-core";
import {
  closeBrowser,
  findings,
  isWiderThanWindow,
  openWindow,
  VIEWS,
  type View,
  type Window,
} from "./support/browser.js";
import { EVIL, fill, type Mails, openSite, type Site } from "./support/site.js";
import { staged } from "./support/stage.js";

after(closeBrowser);

interface Visit extends AsyncDisposable {
  readonly site: Site;
  readonly window: Window;
  readonly page: Page;
  readonly mails: Mails;
}

/** Logged in, on the first page. */
function visit(view: View = {}, options: { bodies?: boolean } = {}): Promise<Visit> {
  return staged(async (stage) => {
    const site = stage.use(await openSite(options));
    const mails = await fill(site);
    const window = stage.use(await openWindow(site.origin, view));
    const { page } = window;
    await page.goto(site.url);
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByRole("heading", { name: "Outbox" }).waitFor();
    return { site, window, page, mails };
  });
}

/** The hostile text as a person sees it. */
const SEEN = EVIL.replace("\u202e", "\\u{202e}");

test("without the login of the site nothing of the outbox is seen or done", async () => {
  await using there = await visit();
  const { site, mails } = there;
  const before = site.reached.length;
  await using stranger = await openWindow(site.origin);
  await stranger.page.goto(`${site.url}?id=${mails.waiting}`);
  await stranger.page.getByRole("heading", { name: "Log in" }).waitFor();
  const response = await stranger.page.request.post(site.url, { form: { action: "cancel", id: mails.waiting } });
  assert.equal(response.status(), 401);
  assert.equal(site.reached.length, before);
});

test("a form of another origin does nothing, though the browser has the cookie", async () => {
  await using there = await visit();
  const { site, window, mails } = there;
  const other = await openSite();
  try {
    const tab = await window.context.newPage();
    await window.context.unrouteAll();
    await tab.goto(`${other.url}`);
    const answered = tab.waitForResponse((response) => response.request().method() === "POST");
    await tab.evaluate(
      ([url = "", id = ""]) => {
        document.body.innerHTML = `<form method="post" action="${url}"><input name="action" value="cancel"><input name="id" value="${id}"></form>`;
        document.querySelector("form")?.submit();
      },
      [site.url, mails.waiting],
    );
    assert.equal((await answered).status(), 403);
    assert.equal((await site.outbox.get(mails.waiting))?.state, "waiting");
  } finally {
    await other[Symbol.asyncDispose]();
  }
});

test("hostile subjects, addresses, replies, tags and reasons are text, and nothing else", async () => {
  await using there = await visit({}, { bodies: true });
  const { site, window, page, mails } = there;
  await site.outbox.pause(`Pause ${EVIL}`);
  await page.goto(site.url);
  for (const text of [
    `Pause ${SEEN}`,
    `Your order ${SEEN}`,
    '"<script>alert(3)</script>"@example.com',
    "<b onclick=alert(4)>no such user</b>",
  ])
    await page.getByText(text).first().waitFor();
  for (const id of Object.values(mails)) {
    await page.goto(`${site.url}?id=${id}`);
    await page.getByRole("heading", { name: "What happened" }).waitFor();
    await page.getByText("Show the beginning").click();
    await page.locator("pre").waitFor();
  }
  await page.goto(`${site.url}?id=${mails.waiting}`);
  for (const text of [`tag ${SEEN}`, `key ${SEEN}`, "later <img src=//evil.example/y>"])
    await page.getByText(text).first().waitFor();
  for (const query of [
    `?recipient=${encodeURIComponent(EVIL)}`,
    `?key=${encodeURIComponent(EVIL)}`,
    `?tag=${encodeURIComponent(EVIL)}`,
  ]) {
    await page.goto(`${site.url}${query}`);
    await page.getByRole("heading", { name: "Outbox" }).waitFor();
  }
  assert.equal(await page.locator("script, img, b, iframe").count(), 0);
  assert.deepEqual(window.troubles, []);
});

test("a message is found, and cancelled; another is sent again, a third resolved; each is seen at once", async () => {
  await using there = await visit();
  const { site, page, mails } = there;
  await page.getByRole("link", { name: "waiting" }).click();
  await page.getByRole("textbox", { name: "Recipient" }).fill("bob@example.net");
  await page.getByRole("button", { name: "Find" }).click();
  await page.getByRole("link", { name: "Your order" }).click();
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.locator(".facts").getByText("cancelled").waitFor();
  assert.equal((await site.outbox.get(mails.waiting))?.state, "cancelled");

  site.inbox.removeRules();
  await page.goto(`${site.url}?id=${mails.refused}`);
  await page.getByRole("button", { name: "Send now" }).click();
  await page.locator(".facts").getByText("waiting").waitFor();
  await site.outbox.deliver(mails.refused);
  await page.reload();
  await page.locator(".facts").getByText("delivered").waitFor();

  await page.goto(`${site.url}?id=${mails.unknown}`);
  await page.getByRole("button", { name: "It was sent" }).click();
  await page.locator(".facts").getByText("delivered").waitFor();

  await page.getByRole("link", { name: "Outbox" }).click();
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByText("by the page of the outbox").waitFor();
  assert.equal((await site.outbox.stats()).paused?.kind, "person");
  await page.getByRole("button", { name: "Resume" }).click();
  await page.getByText("Delivering.").waitFor();
});

test("the source is saved, byte for byte, when bodies are allowed", async () => {
  await using there = await visit({}, { bodies: true });
  const { site, page, mails } = there;
  await page.goto(`${site.url}?id=${mails.delivered}`);
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download as .eml" }).click();
  assert.equal((await download).suggestedFilename(), `${mails.delivered}.eml`);
});

for (const [name, view] of VIEWS) {
  test(`axe finds nothing, and nothing is wider than the window: ${name}`, async () => {
    await using there = await visit(view, { bodies: true });
    const { site, page, mails } = there;
    for (const query of ["", "?state=failed", `?id=${mails.waiting}`, `?id=${mails.unknown}`, "?id=x"]) {
      await page.goto(`${site.url}${query}`);
      await page.getByRole("heading", { name: "Outbox" }).waitFor();
      if (query.includes(mails.unknown)) await page.getByText("Show the beginning").click();
      assert.deepEqual(await findings(page), [], query);
      assert.equal(await isWiderThanWindow(page), false, query);
    }
    await site.outbox.pause("a look");
    await page.goto(site.url);
    await page.getByText("a look").waitFor();
    assert.deepEqual(await findings(page), []);
  });
}
