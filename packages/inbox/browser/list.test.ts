/**
 * The list in a real browser: finding, folding, selecting, deleting and bringing back.
 */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { Page } from "playwright-core";
import type { Inbox } from "../src/inbox.js";
import { closeBrowser, visit } from "./support/browser.js";
import { WELCOME_MAIL } from "./support/features.js";
import { deliver, deliverTo, plainMail } from "./support/mails.js";

after(closeBrowser);

async function expectRows(page: Page, ...wanted: readonly string[]): Promise<void> {
  await page.waitForFunction(
    (subjects) =>
      JSON.stringify(Array.from(document.querySelectorAll(".row-subject"), (row) => row.textContent)) === subjects,
    JSON.stringify(wanted),
  );
}

async function to(inbox: Inbox, recipient: string, subject: string): Promise<void> {
  const mail = plainMail(subject, `Hello ${recipient}`).replace("To: Ben <ben@example.com>", `To: ${recipient}`);
  await deliverTo(inbox, [recipient], mail);
}

const subjects = (inbox: Inbox): unknown[] => inbox.messages.map(({ subject }) => subject);
const search = (page: Page): ReturnType<Page["getByRole"]> => page.getByRole("searchbox");

test("rows show size and tags, and the recipient if all mail has the same sender", async () => {
  await using there = await visit();
  const { page, inbox } = there;
  await to(inbox, "ann@example.com", "One");
  await to(inbox, "ben@example.com", "Two");
  await expectRows(page, "Two", "One");
  await page.locator(".row-people").getByText("ann@example.com").waitFor();
  assert.equal(await page.locator(".row-people").getByText("Ada Lovelace").count(), 0);
  await deliver(inbox, WELCOME_MAIL);
  await page.locator(".row-people").getByText("Shop").waitFor();
  await page.locator(".tag").getByText("signup").waitFor();
  await page.locator(".row-size").filter({ hasText: "kB" }).waitFor();
});

test("a message to many recipients is one row, which expands; a button shows all rows", async () => {
  await using there = await visit();
  const { page, inbox } = there;
  await to(inbox, "ann@example.com", "Before");
  for (let index = 0; index < 5; index += 1) await to(inbox, `reader${index}@example.com`, "News");
  await expectRows(page, "News", "Before");
  await page.locator(".group-row").getByText("5 messages").waitFor();
  await page.locator(".group-row").click();
  await expectRows(page, "News", "News", "News", "News", "News", "News", "Before");
  await page.locator(".group-row").click();
  await expectRows(page, "News", "Before");
  await page.getByRole("button", { name: "Group bulk mail" }).click();
  await expectRows(page, "News", "News", "News", "News", "News", "Before");
  await page.reload();
  await expectRows(page, "News", "News", "News", "News", "News", "Before");
});

test("search operators work, matches are counted, and words are highlighted", async () => {
  await using there = await visit();
  const { page, inbox } = there;
  await to(inbox, "ann@example.com", "Bill 17");
  await to(inbox, "ben@example.com", "Bill 18");
  await deliver(inbox, WELCOME_MAIL);
  await expectRows(page, "Confirm your address", "Bill 18", "Bill 17");
  for (const [query, ...found] of [
    ["bill", "Bill 18", "Bill 17"],
    ["to:ann", "Bill 17"],
    ['subject:"bill 18"', "Bill 18"],
    ["has:attachment", "Confirm your address"],
    ["logo.png", "Confirm your address"],
    ["tag:signup", "Confirm your address"],
    ["-bill", "Confirm your address"],
    ["bill -to:ben", "Bill 17"],
  ] as const) {
    await search(page).fill(query);
    await expectRows(page, ...found);
  }
  await search(page).fill("bill");
  await page.getByText("2 matches").waitFor();
  assert.deepEqual(await page.locator(".row-subject mark").allTextContents(), ["Bill", "Bill"]);
  await page.locator(".row-subject").getByText("Bill 17").click();
  // What is searched for before the server knows of it finds it still.
  await page.waitForFunction(() => document.title === "(2) Posthouse");
  await search(page).fill("bill is:unread");
  await expectRows(page, "Bill 18");
});

test("a hint puts its operator into the search", async () => {
  await using there = await visit();
  const { page, inbox } = there;
  await deliver(inbox, plainMail("Plain", "x"), WELCOME_MAIL);
  await search(page).focus();
  await page.getByRole("button", { name: "has:attachment" }).click();
  await expectRows(page, "Confirm your address");
});

test("several messages are selected by clicks, ranges and keys, and marked or deleted together", async () => {
  await using there = await visit();
  const { page, inbox } = there;
  await deliver(inbox, ...["A", "B", "C", "D", "E"].map((name) => plainMail(name, "x")));
  await expectRows(page, "E", "D", "C", "B", "A");
  await page.getByRole("checkbox", { name: "Select: D" }).click();
  await page.getByRole("checkbox", { name: "Select: B" }).click({ modifiers: ["Shift"] });
  await page.getByText("3 selected").waitFor();
  await page.getByRole("button", { name: "Mark read" }).first().click();
  await page.waitForFunction(() => document.title.startsWith("(2)"));
  await page.keyboard.press("Delete");
  await expectRows(page, "E", "A");
  await page.getByText("3 messages deleted.").waitFor();
  await page.keyboard.press("j");
  await page.keyboard.press("x");
  await page.getByText("1 selected").waitFor();
  await page.keyboard.press("Escape");
  await page.getByText("1 selected").waitFor({ state: "detached" });
});

test("Undo restores a deleted message to its place", async () => {
  await using there = await visit();
  const { page, inbox } = there;
  await deliver(inbox, ...["A", "B", "C"].map((name) => plainMail(name, "x")));
  await expectRows(page, "C", "B", "A");
  await page.getByRole("checkbox", { name: "Select: B" }).click();
  await page.locator(".list-head").getByRole("button", { name: "Delete" }).click();
  await expectRows(page, "C", "A");
  await page.getByRole("button", { name: "Undo" }).click();
  await expectRows(page, "C", "B", "A");
  assert.deepEqual(subjects(inbox), ["A", "B", "C"]);
});

test("all messages are marked as read; deleting the results of a search leaves the other messages", async () => {
  await using there = await visit();
  const { page, inbox } = there;
  await deliver(inbox, ...["Keep", "Spam 1", "Spam 2"].map((name) => plainMail(name, "x")));
  await expectRows(page, "Spam 2", "Spam 1", "Keep");
  await page.getByRole("button", { name: "Mark all as read" }).click();
  await page.waitForFunction(() => document.title === "Posthouse");
  await search(page).fill("subject:spam");
  await expectRows(page, "Spam 2", "Spam 1");
  await page.getByRole("button", { name: "Delete search results" }).click();
  await page.getByText("2 messages deleted.").waitFor();
  await search(page).fill("");
  await expectRows(page, "Keep");
  assert.deepEqual(subjects(inbox), ["Keep"]);
});

test("each recipient has an inbox", async () => {
  await using there = await visit();
  const { page, inbox } = there;
  await to(inbox, "ann@example.com", "For Ann");
  await to(inbox, "joann@example.com", "For Joann");
  await expectRows(page, "For Joann", "For Ann");
  await page
    .locator(".box-choice option")
    .filter({ hasText: "ann@example.com (1 of 1 unread)" })
    .first()
    .waitFor({ state: "attached" });
  await page.getByRole("combobox", { name: "Inbox" }).selectOption('rcpt:"<ann@example.com>"');
  await expectRows(page, "For Ann");
  await page.getByRole("combobox", { name: "Inbox" }).selectOption("");
  await expectRows(page, "For Joann", "For Ann");
});

test("the newest opens by itself and stays unread; a later one does not take its place", async () => {
  await using there = await visit();
  const { page, inbox } = there;
  await deliver(inbox, plainMail("First", "one"));
  await page.locator("#subject").filter({ hasText: "First" }).waitFor();
  await deliver(inbox, plainMail("Second", "two"));
  await expectRows(page, "Second", "First");
  assert.equal(await page.locator("#subject").textContent(), "First");
  await page.waitForFunction(() => document.title.startsWith("(2)"));
  await page.locator(".row-subject").getByText("First").click();
  await page.waitForFunction(() => document.title.startsWith("(1)"));
});
