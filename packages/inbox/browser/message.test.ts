/**
 * An open message in a real browser: its facts, links, source, attachments and checks.
 */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { Page } from "playwright-core";
import { startInbox } from "../src/inbox.js";
import { findings } from "./support/axe.js";
import { closeBrowser, type Visit, visit } from "./support/browser.js";
import { WELCOME_MAIL } from "./support/features.js";
import { deliver, deliverTo, plainMail, RICH_MAIL } from "./support/mails.js";
import { scriptedRspamd } from "./support/rspamd.js";

after(closeBrowser);

async function opened(options: Parameters<typeof visit>[0] = {}): Promise<Visit> {
  const there = await visit(options);
  await deliver(there.inbox, WELCOME_MAIL);
  await there.page.locator(".row-subject").first().click();
  await there.page.locator("iframe").waitFor();
  return there;
}

const tab = (page: Page, name: string): Promise<void> => page.getByRole("tab", { name }).click();
const panel = (page: Page): ReturnType<Page["getByRole"]> => page.getByRole("tabpanel");

test("little stands above the mail: facts are one line, with who got a blind copy", async () => {
  await using there = await visit({ viewport: { width: 1280, height: 900 } });
  const { page, inbox } = there;
  const mail = plainMail("To two", "text").replace("MIME-Version", "X-A: 1\nMIME-Version");
  await deliverTo(inbox, ["ben@example.com", "hidden@example.com"], mail);
  await page.locator(".row-subject").first().click();
  await page.locator(".facts-line").getByText("hidden@example.com").waitFor();
  const top = (await page.locator(".tab-panel").boundingBox())?.y ?? 900;
  assert.ok(top < 180, `${top} pixels`);
  await page.locator(".facts-fold summary").first().click();
  await page.locator(".facts").getByText("<hidden@example.com>").waitFor();
});

test("every newly opened message shows its HTML, whatever tab was open before", async () => {
  await using there = await opened();
  const { page, inbox } = there;
  await deliver(inbox, RICH_MAIL);
  await tab(page, "Source");
  await page.locator(".row-subject").getByText("Your order has shipped").click();
  await page.locator("#subject").filter({ hasText: "Your order has shipped" }).waitFor();
  await page.getByRole("tab", { name: "HTML", selected: true }).waitFor();
});

test("the confirmation link and the one-time code are shown above the message, and copied by a click", async () => {
  await using there = await opened();
  const { page, context, inbox } = there;
  await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: new URL(inbox.url ?? "").origin });
  const purpose = page.locator(".purpose");
  assert.equal(
    await purpose.getByRole("link", { name: "Confirm your address" }).getAttribute("href"),
    "https://shop.example/confirm?token=abcdef123456",
  );
  await purpose.getByRole("button", { name: "Copy the link" }).click();
  await purpose.getByRole("button", { name: "Copied" }).waitFor();
  assert.equal(
    await page.evaluate(() => navigator.clipboard.readText()),
    "https://shop.example/confirm?token=abcdef123456",
  );
  await purpose.getByRole("button", { name: "Copy the code of the message" }).click();
  await page.waitForFunction(async () => (await navigator.clipboard.readText()) === "482913");
});

test("URLs in the text are links that send no Referer", async () => {
  await using there = await opened();
  const { page } = there;
  await tab(page, "Text");
  const link = panel(page).getByRole("link");
  assert.equal(await link.getAttribute("href"), "https://shop.example/confirm?token=abcdef123456");
  assert.match((await link.getAttribute("rel")) ?? "", /noreferrer/);
});

test("all links are listed, the confirmation link first, and none is requested", async () => {
  await using there = await opened();
  const { page, foreign } = there;
  await tab(page, "Links");
  await panel(page).getByText("what it was sent for").waitFor();
  assert.deepEqual(await panel(page).getByRole("link").allTextContents(), [
    "https://shop.example/confirm?token=abcdef123456",
    "http://shop.example/help",
  ]);
  await panel(page).getByText("without TLS").waitFor();
  assert.deepEqual(foreign, []);
});

test("the source of the HTML is decoded and highlighted", async () => {
  await using there = await opened();
  const { page } = there;
  await tab(page, "Source");
  await panel(page).getByText('style=3D"border-radius').waitFor();
  await page.getByRole("button", { name: "HTML, decoded" }).click();
  await page.locator(".html-value").getByText('"border-radius: 8px"').waitFor();
  assert.ok((await page.locator(".html-tag").count()) > 5);
});

test("attachments have thumbnails and previews, and invitations are rendered", async () => {
  await using there = await opened();
  const { page, context } = there;
  await tab(page, "Attachments");
  await page.waitForFunction(
    () => (document.querySelector("img.thumbnail") as HTMLImageElement | null)?.naturalWidth === 10,
  );
  const event = page.getByRole("region", { name: "Invitation" });
  await event.getByText("Design review").waitFor();
  await event.getByText("Fri 2026-12-04 10:00 to 11:00 Europe/Berlin").waitFor();
  const view = context.waitForEvent("page");
  await panel(page).getByRole("link", { name: "View" }).first().click();
  const picture = await view;
  await picture.waitForURL(/\/attachments\/0\/view$/);
  assert.equal(await picture.evaluate(() => document.contentType), "image/png");
});

test("an attached message opens, with a button back to the outer message", async () => {
  await using there = await opened();
  const { page } = there;
  await tab(page, "Attachments");
  await panel(page).getByRole("button", { name: "Open" }).click();
  await page.locator("#subject").filter({ hasText: "The numbers" }).waitFor();
  await panel(page).getByText("They are in.").waitFor();
  await page.reload();
  await panel(page).getByText("They are in.").waitFor();
  await page.getByRole("button", { name: "Back to the outer message" }).click();
  await page.locator("#subject").filter({ hasText: "Confirm your address" }).waitFor();
});

test("previous and next lead through the list", async () => {
  await using there = await visit();
  const { page, inbox } = there;
  await deliver(inbox, ...["A", "B", "C"].map((name) => plainMail(`Mail ${name}`, "x")));
  await page.locator(".row-subject").getByText("Mail B").click();
  await page.getByRole("button", { name: "Older message" }).click();
  await page.locator("#subject").filter({ hasText: "Mail A" }).waitFor();
  await page.locator('button[aria-label="Older message"]:disabled').waitFor();
  await page.getByRole("button", { name: "Newer message" }).click();
  await page.locator("#subject").filter({ hasText: "Mail B" }).waitFor();
});

test("Print opens a page with the header and the HTML, and the print dialog; scripts of the message do not run", async () => {
  await using there = await visit();
  const { page, inbox, context, foreign } = there;
  await context.addInitScript(() => {
    Object.assign(globalThis, { print: () => document.documentElement.setAttribute("data-printed", "yes") });
  });
  await deliver(inbox, RICH_MAIL);
  await page.locator(".row-subject").first().click();
  const paper = context.waitForEvent("page");
  await page.getByRole("link", { name: "Print" }).click();
  const printed = await paper;
  await printed.locator("html[data-printed=yes]").waitFor();
  await printed.getByText("Grace Hopper <grace@example.com>").waitFor();
  await printed.getByText("Analytical Engine, used").waitFor();
  assert.equal(await printed.getByText("script ran").count(), 0);
  assert.equal(await printed.getByText("handler ran").count(), 0);
  assert.deepEqual(foreign, []);
});

test("checks: a score, problems first, passed checks collapsed, HTML support with a link to caniemail", async () => {
  await using there = await opened();
  const { page } = there;
  await tab(page, "Checks");
  assert.match((await page.locator(".score strong").textContent()) ?? "", /^\d+$/);
  const flex = page.locator(".check-list li").filter({ hasText: "display: flex" });
  await flex.getByText(/Outlook for Windows/).waitFor();
  assert.equal(
    await flex.getByRole("link").getAttribute("href"),
    "https://www.caniemail.com/features/css-display-flex/",
  );
  await page.getByText("A link that is wrong").waitFor();
  const good = page.locator(".good-checks li").first();
  assert.equal(await good.isVisible(), false);
  await page.getByText(/that are good$/).click();
  await good.waitFor();
});

test("checks: the result of the spam filter, or why the filter gave none", async () => {
  await using rspamd = await scriptedRspamd();
  await using there = await opened({ inbox: { spamFilter: rspamd.url } });
  const { page } = there;
  await page.getByRole("tab", { name: "Checks" }).waitFor();
  assert.equal(rspamd.asked, 0);
  await tab(page, "Checks");
  const spam = page.getByRole("region", { name: "Spam filter" });
  await spam.getByText("Rspamd: spam, 9.5 points").waitFor();
  await spam.getByText("Refused from 15 on. Action: add header.").waitFor();
  assert.deepEqual(await spam.locator(".check-list li").allInnerTexts(), [
    "7.2 PHISHING <b>Phished</b> URL",
    "2.5 MISSING_MID Message id is missing",
    "-0.2 R_DKIM_ALLOW DKIM verification succeed",
    "0 FROM_HAS_DN From header has a display name",
  ]);
  rspamd.close();
  await tab(page, "Source");
  await tab(page, "Checks");
  await spam
    .getByText(/^Rspamd at 127\.0\.0\.1:\d+ could not check the message: the connection was refused\.$/)
    .waitFor();
  // The rest of the checks is there all the same.
  await page.getByText("A link that is wrong").waitFor();
});

test("a message is released to the configured address, after a second click", async () => {
  await using outside = await startInbox({ smtpPort: 0, webPort: false });
  await using there = await opened({
    inbox: { release: { to: "me@example.net", server: `smtp://127.0.0.1:${outside.smtpPort}` } },
  });
  const { page } = there;
  await page.getByRole("button", { name: "Release to me@example.net" }).click();
  assert.equal(outside.messages.length, 0);
  await page.getByRole("button", { name: "Send to me@example.net" }).click();
  await page.getByText("Sent to me@example.net").waitFor();
  assert.deepEqual(outside.messages[0]?.envelope.recipients, ["me@example.net"]);
});

test("a reply is written above the quoted text, arrives in the inbox in the thread, and opens", async () => {
  await using there = await opened({});
  const { page, inbox } = there;
  await page.getByRole("button", { name: "Reply", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Reply" });
  const field = dialog.getByRole("textbox", { name: "Text" });
  await field.waitFor();
  assert.deepEqual(await findings(page), []);
  // Escape closes the dialog, and the message stays open.
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "hidden" });
  await page.getByRole("button", { name: "Reply", exact: true }).click();
  await page.waitForFunction(() => document.activeElement?.tagName === "TEXTAREA");
  // Letters are text here: j would open the next message.
  await page.keyboard.type("jk, it hums.");
  await dialog.getByRole("button", { name: "Send reply" }).click();
  await page.getByRole("heading", { name: "Re: Confirm your address" }).waitFor();
  await page.locator(".row-subject").getByText("Re: Confirm your address").waitFor();
  const sent = inbox.messages.at(-1);
  assert.match(
    sent?.text ?? "",
    /^jk, it hums\.\n\nOn Sun, 22 Nov 2026 12:00:00 \+0000, Shop wrote:\n> Dear Ben, your code is 482913/,
  );
  assert.equal(sent?.headers.get("In-Reply-To"), "<confirm@example.com>");
  assert.deepEqual(sent?.envelope, { sender: "ben@example.com", recipients: ["shop@example.com"] });
});
