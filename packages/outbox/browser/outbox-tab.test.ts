/**
 * The tab of the outbox in the page of the inbox, in a real browser, over a real outbox.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { type Inbox, startInbox } from "@postrider/inbox";
import type { Page } from "playwright-core";
import { SmtpPool } from "postrider";
import { type Outbox, openOutbox } from "../src/index.js";
import {
  closeBrowser,
  findings,
  isWiderThanWindow,
  openWindow,
  VIEWS,
  type View,
  type Window,
} from "./support/browser.js";
import { EVIL, fill, type Mails } from "./support/site.js";
import { staged } from "./support/stage.js";

after(closeBrowser);

interface Visit extends AsyncDisposable {
  readonly inbox: Inbox;
  readonly outbox: Outbox;
  readonly window: Window;
  readonly page: Page;
  readonly mails: Mails;
}

function visit(view: View = {}): Promise<Visit> {
  return staged(async (stage) => {
    const folder = mkdtempSync(join(tmpdir(), "postrider-tab-"));
    stage.defer(() => rmSync(folder, { recursive: true, force: true }));
    const database = `file:${join(folder, "mail.db")}`;
    const shown = await openOutbox({ database });
    stage.defer(() => shown.close());
    const inbox = stage.use(await startInbox({ smtpPort: 0, webPort: 0, outbox: shown }));
    const pool = new SmtpPool({ hostname: "127.0.0.1", port: inbox.smtpPort });
    stage.defer(() => pool.close({ force: true }));
    const outbox = await openOutbox({ database, transport: pool });
    stage.defer(() => outbox.close());
    const mails = await fill({ outbox, inbox });
    const origin = new URL(inbox.url ?? "").origin;
    const window = stage.use(await openWindow(origin, view));
    await window.page.goto(`${origin}/outbox`);
    await window.page.locator(".outbox-list li").nth(3).waitFor();
    return { inbox, outbox, window, page: window.page, mails };
  });
}

test("the inbox leads to the outbox; a mail is followed from there to where it arrived", async () => {
  await using there = await visit();
  const { inbox, page } = there;
  await page.goto(inbox.url ?? "");
  await page.getByRole("link", { name: "Outbox" }).click();
  await page.getByRole("heading", { name: "Outbox" }).waitFor();
  await page.getByRole("link", { name: "Thank you" }).click();
  await page.getByText("Arrived in this inbox").getByRole("link").click();
  await page.waitForURL(/\/messages\//);
  await page.getByText("Thank you").first().waitFor();
});

test("a state is chosen, and what is enqueued, sent and deferred appears by itself", async () => {
  await using there = await visit();
  const { inbox, outbox, page } = there;
  await page.getByRole("button", { name: "failed 1" }).click();
  await page.waitForFunction(() => document.querySelectorAll(".outbox-list li").length === 1);
  await page.getByRole("button", { name: /^all/ }).click();
  inbox.removeRules();
  const { id } = await outbox.enqueue({ from: "shop@example.org", to: "zoe@example.com", subject: "New", text: "x" });
  await page.getByRole("link", { name: "New" }).click();
  await page.getByText("1 attempt").waitFor({ state: "detached" });
  inbox.refuse({ recipient: /zoe/ }, "451 4.7.1 later", { times: 1 });
  await outbox.deliver(id);
  await page.locator(".outbox-rows").getByText("1 attempt, next").waitFor();
  await page.locator(".outbox-rows").getByText("deferred").waitFor();
  await page.getByRole("button", { name: "Send now" }).click();
  await page.locator(".outbox-rows").getByText("retry() was called").waitFor();
  await outbox.deliver(id);
  await page.getByText("Arrived in this inbox").waitFor();
  assert.match(page.url(), new RegExp(`/outbox/${id}$`));
});

test("cancel, decide about unknown, pause and resume; a refusal is said", async () => {
  await using there = await visit();
  const { outbox, page, mails } = there;
  await page.getByRole("link", { name: "Invoice 17" }).click();
  await page.getByRole("button", { name: "It was sent" }).click();
  await page.locator(".outbox-facts").getByText("delivered").waitFor();
  await page.locator(`a[href$="${mails.waiting}"]`).click();
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.locator(".outbox-facts").getByText("cancelled").waitFor();
  assert.equal((await outbox.get(mails.waiting))?.state, "cancelled");
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByText("Paused: by the page of the inbox").waitFor();
  await page.getByRole("button", { name: "Resume" }).click();
  await page.getByText("Delivering").waitFor();

  await page.locator(`a[href$="${mails.refused}"]`).click();
  await page.getByRole("button", { name: "Send now" }).waitFor();
  await page.route("**/outbox/api/messages/*", (route) =>
    route.request().method() === "GET" ? route.continue() : route.fulfill({ status: 400, json: { error: "Not now" } }),
  );
  await page.getByRole("button", { name: "Send now" }).click();
  await page.getByRole("alert").getByText("Not now").waitFor();
});

test("hostile subjects, addresses, replies, tags and reasons are text, and nothing else", async () => {
  await using there = await visit();
  const { outbox, window, page, mails } = there;
  await outbox.pause(`Pause ${EVIL}`);
  const origin = new URL(page.url()).origin;
  for (const id of Object.values(mails)) {
    await page.goto(`${origin}/outbox/${id}`);
    await page.getByRole("heading", { name: "What happened" }).waitFor();
  }
  await page.goto(`${origin}/outbox/${mails.waiting}`);
  await page.getByText(`Pause ${EVIL.slice(0, 20)}`).waitFor();
  for (const text of ["Your order \"'><img src=", "key \"'><img", "later <img src=//evil.example/y>"])
    await page.getByText(text).first().waitFor();
  assert.equal(await page.locator("#app script, #app img, #app b, #app iframe").count(), 0);
  assert.deepEqual(window.troubles, []);
});

test("a message that is not there, and an outbox that is away, are said", async () => {
  await using there = await visit();
  const { page } = there;
  const origin = new URL(page.url()).origin;
  await page.goto(`${origin}/outbox/00000000-0000-7000-8000-000000000000`);
  await page.getByText("The outbox has no such message.").waitFor();
  await there.inbox.close();
  await page.getByRole("alert").waitFor();
});

for (const [name, view] of VIEWS) {
  test(`axe finds nothing, and nothing is wider than the window: ${name}`, async () => {
    await using there = await visit(view);
    const { page, mails } = there;
    assert.deepEqual(await findings(page), []);
    assert.equal(await isWiderThanWindow(page), false);
    for (const id of [mails.waiting, mails.unknown]) {
      await page.locator(`a[href$="${id}"]`).click();
      await page.getByRole("heading", { name: "What happened" }).waitFor();
      assert.deepEqual(await findings(page), []);
      assert.equal(await isWiderThanWindow(page), false);
      if (name === "on a phone") await page.getByRole("button", { name: "← Outbox" }).click();
    }
  });
}
