/**
 * The page in a real browser: what one does with it.
 */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, test } from "node:test";
import type { Page } from "playwright-core";
import { closeBrowser, visit } from "./support/browser.js";
import { deliver, deliverTo, plainMail, RICH_MAIL, RICH_TAB_NAMES, showRichTab } from "./support/mails.js";

after(closeBrowser);

const rows = (page: Page): Promise<string[]> => page.locator(".row-subject").allTextContents();

/** Waits until the list shows these subjects. */
async function expectRows(page: Page, ...wanted: readonly string[]): Promise<void> {
  await page.waitForFunction(
    (subjects) =>
      JSON.stringify(Array.from(document.querySelectorAll(".row-subject"), (row) => row.textContent)) === subjects,
    JSON.stringify(wanted),
  );
  assert.deepEqual(await rows(page), wanted);
}

test("an empty inbox shows the code that sends a first message to it", async () => {
  await using there = await visit();
  const code = await there.page.locator(".snippet code").textContent();
  assert.match(code ?? "", /import \{ send \} from "postrider"/);
  assert.ok(code?.includes(`port: ${there.inbox.smtpPort}`));
});

test("new mail appears at the top without a reload, and is unread until it is opened", async () => {
  await using there = await visit();
  const { page, inbox, errors } = there;
  await page.locator(".empty").waitFor();
  await deliver(inbox, plainMail("First", "one"));
  await expectRows(page, "First");
  await deliver(inbox, plainMail("Second", "two"));
  await expectRows(page, "Second", "First");
  await page.waitForFunction(() => document.title === "(2) Posthouse");
  await page.locator(".row-subject").getByText("Second").click();
  await page.locator("pre.text").filter({ hasText: "two" }).waitFor();
  await page.waitForFunction(() => document.title === "(1) Posthouse");
  assert.equal(await page.locator("li.unread").count(), 1);
  await page.getByRole("button", { name: "Mark unread" }).click();
  await page.waitForFunction(() => document.title === "(2) Posthouse");
  assert.deepEqual(errors, []);
});

test("search filters the list while the user types, and mail that arrives later; Escape leaves the field", async () => {
  await using there = await visit();
  const { page, inbox } = there;
  await deliver(inbox, plainMail("Invoice 17", "please pay"), plainMail("Welcome", "hello there"));
  await expectRows(page, "Welcome", "Invoice 17");
  await page.keyboard.press("/");
  await page.keyboard.type("pay INVOICE");
  await expectRows(page, "Invoice 17");
  await deliver(inbox, plainMail("Invoice 18", "pay too"), plainMail("Other", "nothing"));
  await expectRows(page, "Invoice 18", "Invoice 17");
  assert.match(page.url(), /\?q=pay\+INVOICE$/);
  await page.reload();
  await expectRows(page, "Invoice 18", "Invoice 17");
  await page.getByRole("searchbox").fill("no such thing");
  await page.getByText("No message matches the search.").waitFor();
  await page.getByRole("searchbox").fill("");
  await expectRows(page, "Other", "Invoice 18", "Welcome", "Invoice 17");
});

test("all recipients of a message can be listed, and its Bcc recipients are named", async () => {
  await using there = await visit();
  const { page, inbox } = there;
  const named = Array.from({ length: 24 }, (_, index) => `member${index + 1}@example.com`);
  const mail = plainMail("To many", "text").replace(/^To: .*$/m, `To: ${named.join(", ")}`);
  await deliverTo(inbox, [...named, "hidden@example.com"], mail);
  await page.locator(".row-subject").click();
  await page.locator(".facts-fold summary").first().click();
  const fact = (label: string): ReturnType<Page["locator"]> =>
    page.locator(".facts div").filter({ has: page.getByText(label, { exact: true }) });
  assert.equal(await fact("Bcc").locator("dd").textContent(), "hidden@example.com");
  for (const [label, last] of [
    ["To", "member24@example.com"],
    ["Envelope", "<hidden@example.com>"],
  ] as const) {
    const hidden = fact(label).getByText(last, { exact: true });
    assert.equal(await hidden.isVisible(), false);
    await fact(label)
      .getByText(/^and \d more$/)
      .click();
    await hidden.waitFor();
  }
  assert.equal(
    await fact("To")
      .getByText(/^member\d+@/)
      .count(),
    24,
  );
});

test("HTML is shown in a frame, without scripts and without requests", async () => {
  await using there = await visit();
  const { page, inbox, foreign } = there;
  await deliver(inbox, RICH_MAIL);
  await page.locator(".row-subject").click();
  const frame = page.frameLocator("iframe");
  await frame.getByText("Analytical Engine").waitFor();
  assert.equal(await frame.getByText("script ran").count(), 0);
  assert.equal(await frame.getByText("handler ran").count(), 0);
  await page.waitForLoadState("networkidle");
  assert.deepEqual(foreign, []);
});

test("remote content is loaded on request, from the hosts on the button only", async () => {
  await using there = await visit();
  const { page, inbox, context, foreign } = there;
  await deliver(inbox, RICH_MAIL);
  await page.locator(".row-subject").click();
  await page.getByText("5 remote addresses are blocked").click();
  await page.locator(".remote li").nth(4).waitFor();
  assert.deepEqual(await page.locator(".remote li").allTextContents(), [
    "https://style.example/a.css",
    "https://elsewhere.example/",
    "https://cdn.example.com/logo.png",
    "https://tracker.example.net/p.gif",
    "https://frame.example/",
  ]);
  const loaded = ["https://cdn.example.com/logo.png", "https://tracker.example.net/p.gif"].map((url) =>
    context.waitForEvent("requestfinished", (request) => request.url() === url),
  );
  await page.getByRole("button", { name: "Load from cdn.example.com and tracker.example.net" }).click();
  await Promise.all(loaded);
  await page.frameLocator("iframe").getByText("Analytical Engine").waitFor();
  await page.waitForLoadState("networkidle");
  assert.deepEqual(foreign.toSorted(), ["https://cdn.example.com/logo.png", "https://tracker.example.net/p.gif"]);
  // What is no picture stays blocked, and the page goes on to say so.
  await page.getByText("3 remote addresses are blocked").waitFor();
});

test("a link opens in a new tab and sends no Referer", async () => {
  await using there = await visit();
  const { page, inbox, context, foreign } = there;
  await deliver(inbox, RICH_MAIL);
  await page.locator(".row-subject").click();
  const opened = context.waitForEvent("page");
  const asked = context.waitForEvent("request", (request) => request.url().startsWith("https://shop.example/"));
  await page.frameLocator("iframe").locator("#track").click();
  await opened;
  assert.equal((await (await asked).allHeaders())["referer"], undefined);
  assert.deepEqual(foreign, ["https://shop.example/track?id=4711"]);
  assert.ok(page.url().startsWith(inbox.url ?? "?"));
});

test("each tab shows its part of the message; arrow keys move between tabs", async () => {
  await using there = await visit();
  const { page, inbox } = there;
  await deliver(inbox, RICH_MAIL);
  await page.locator(".row-subject").click();
  // "Checks" is the last of them.
  for (const tab of RICH_TAB_NAMES) await showRichTab(page, tab);
  await page.keyboard.press("ArrowRight");
  await page.getByRole("tab", { name: "Headers", selected: true }).waitFor();
  await page.keyboard.press("ArrowLeft");
  await page.getByRole("tab", { name: "Checks", selected: true }).waitFor();
  await page.reload();
  await page.getByRole("tabpanel").getByText("No DKIM signature").waitFor();
});

test("HTML is shown in the width of a phone, a tablet or the page", async () => {
  await using there = await visit({ viewport: { width: 1400, height: 900 } });
  const { page, inbox } = there;
  await deliver(inbox, RICH_MAIL);
  await page.locator(".row-subject").click();
  const isWide = (least: number, most: number): Promise<unknown> =>
    page.waitForFunction(
      ([from, to]) => {
        const { width } = document.querySelector("iframe")?.getBoundingClientRect() ?? { width: 0 };
        return width >= from && width <= to;
      },
      [least, most] as const,
    );
  for (const [name, pixels] of [
    ["Phone", 375],
    ["Tablet", 768],
  ] as const) {
    await page.getByRole("button", { name, exact: true }).click();
    await isWide(pixels, pixels);
  }
  await page.getByRole("button", { name: "Desktop" }).click();
  await isWide(901, 1400);
});

test("the message and its attachment are downloaded byte for byte", async () => {
  await using there = await visit();
  const { page, inbox } = there;
  await deliver(inbox, RICH_MAIL);
  await page.locator(".row-subject").click();
  const save = async (name: RegExp): Promise<Buffer> => {
    const download = page.waitForEvent("download");
    await page.getByRole("link", { name }).click();
    return readFile(await (await download).path());
  };
  assert.deepEqual(await save(/Download \.eml/), Buffer.from(inbox.messages[0]?.raw ?? []));
  await page.getByRole("tab", { name: "Attachments" }).click();
  assert.equal((await save(/Save invoice\.pdf/)).toString(), "%PDF-1.4\n%%EOF\n");
});

test("j and k move through the list, Del deletes and opens the next message, Escape closes", async () => {
  await using there = await visit();
  const { page, inbox } = there;
  await deliver(inbox, ...["A", "B", "C", "D"].map((name) => plainMail(`Mail ${name}`, `text ${name}`)));
  // Which one has opened by itself depends on how many came at once; of those that are there already it is the newest.
  await page.reload();
  await expectRows(page, "Mail D", "Mail C", "Mail B", "Mail A");
  const open = (name: string): Promise<void> =>
    page
      .locator("#subject")
      .filter({ hasText: `Mail ${name}` })
      .waitFor();
  await page.keyboard.press("j");
  await open("D");
  await page.keyboard.press("j");
  await open("C");
  await page.keyboard.press("k");
  await open("D");
  await page.keyboard.press("Delete");
  await open("C");
  await expectRows(page, "Mail C", "Mail B", "Mail A");
  assert.deepEqual(
    inbox.messages.map(({ subject }) => subject),
    ["Mail A", "Mail B", "Mail C"],
  );
  await page.keyboard.press("Escape");
  await page.getByText("Nothing is open").waitFor();
  await page.keyboard.press("?");
  await page.getByRole("dialog").getByText("next (older) message").waitFor();
});

test("a message that opens by itself does not move the list", async () => {
  await using there = await visit({ inbox: { maxMessages: 30 } });
  const { page, inbox } = there;
  const opened = (name: string): Promise<void> => page.locator("#subject").filter({ hasText: name }).waitFor();
  await deliver(inbox, plainMail("First", "x"));
  await opened("First");
  await deliver(inbox, ...Array.from({ length: 29 }, (_, index) => plainMail(`Mail ${index}`, "x")));
  await page.locator(".row-subject").getByText("Mail 28").waitFor();
  const list = page.locator(".list-scroll");
  await list.evaluate((element) => element.scrollTo(0, 800));
  // The first message makes room for it, and the newest one opens in its place.
  await deliver(inbox, plainMail("Last", "x"));
  await opened("Last");
  // A frame later all is done that follows.
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))));
  assert.ok((await list.evaluate((element) => element.scrollTop)) >= 800);
});

test("delete all asks first", async () => {
  await using there = await visit();
  const { page, inbox } = there;
  await deliver(inbox, plainMail("One", "x"), plainMail("Two", "x"));
  // Also what is open goes.
  await page.locator(".row-subject").first().click();
  await page.getByRole("button", { name: "Delete all" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
  assert.equal(inbox.messages.length, 2);
  await page.getByRole("button", { name: "Delete all" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete all" }).click();
  await page.locator(".snippet code").waitFor();
  assert.equal(inbox.messages.length, 0);
});

test("a message that is gone says so; one that makes room goes from the list", async () => {
  await using there = await visit({ inbox: { maxMessages: 2 } });
  const { page, inbox } = there;
  await deliver(inbox, ...["A", "B", "C"].map((name) => plainMail(name, "x")));
  await expectRows(page, "C", "B");
  await page.goto(`${inbox.url}messages/00`);
  await page.getByText("There is no such message").waitFor();
});

test("the page says when the inbox has ended", async () => {
  await using there = await visit();
  await there.page.getByText("0 messages, 0 unread").waitFor();
  await there.inbox.close();
  await there.page.getByText("The inbox is not running").waitFor();
});
