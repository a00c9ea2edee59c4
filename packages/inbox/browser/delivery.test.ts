/**
 * The ways into the inbox, and what the page in a real browser shows of them: TLS, LMTP, POP3, rules, folders, several inboxes.
 */
import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { Page } from "playwright-core";
import { type Inbox, startInbox } from "../src/inbox.js";
import { Dialogue } from "../test/support/dialogue.js";
import { Pop3Dialogue } from "../test/support/pop3.js";
import { findings } from "./support/axe.js";
import { closeBrowser, newContext, visit } from "./support/browser.js";
import { deliver, deliverTo, plainMail } from "./support/mails.js";

after(closeBrowser);

/** Waits until the list has exactly these subjects, newest first. */
async function expectRows(page: Page, ...wanted: readonly string[]): Promise<void> {
  await page.waitForFunction(
    (subjects) =>
      JSON.stringify(Array.from(document.querySelectorAll(".row-subject"), (row) => row.textContent)) === subjects,
    JSON.stringify(wanted),
  );
}

test("mail over STARTTLS and over implicit TLS, with the certificate generated at start, is shown as such", async () => {
  for (const mode of ["starttls", "implicit"] as const) {
    await using there = await visit({ inbox: { tls: mode } });
    const { page, inbox } = there;
    await deliverOverTls(inbox, mode);
    await page.locator(".row-subject").getByText("Sealed").click();
    await page.locator(".facts-fold summary").first().click();
    await page
      .locator(".facts")
      .getByText(/over TLS$/)
      .waitFor();
    await page.getByRole("searchbox").fill("is:secure");
    await expectRows(page, "Sealed");
    await page.getByRole("searchbox").fill("-is:secure");
    await expectRows(page, ...(mode === "starttls" ? ["Open"] : []));
  }
});

/** With STARTTLS also one before it. */
async function deliverOverTls(inbox: Inbox, mode: "starttls" | "implicit"): Promise<void> {
  const { smtpPort, certificate = "" } = inbox;
  const client = await (mode === "implicit" ? Dialogue.openTls(smtpPort, certificate) : Dialogue.open(smtpPort));
  await client.say("EHLO me");
  if (mode === "starttls") {
    await client.deliver(plainMail("Open", "x"));
    await client.startTls(certificate);
    await client.say("EHLO me");
  }
  await client.deliver(plainMail("Sealed", "x"));
  client.destroy();
}

test("mail over LMTP appears with the recipients that were accepted", async () => {
  await using there = await visit({ inbox: { protocol: "lmtp" } });
  const { page, inbox } = there;
  inbox.refuse({ recipient: "full@example.com", message: () => true }, "452 4.2.2 Mailbox full");
  const client = await Dialogue.open(inbox.smtpPort);
  await client.say("LHLO me");
  const first = await client.deliver(plainMail("By LMTP", "x"), "a@example.com", [
    "ben@example.com",
    "full@example.com",
  ]);
  assert.match(first, /^250 /);
  assert.equal(await client.reply(), "452 4.2.2 Mailbox full");
  client.destroy();
  await expectRows(page, "By LMTP");
  await page.locator(".row-subject").click();
  await page.locator(".facts-fold summary").first().click();
  const envelope = page.locator(".facts div").filter({ has: page.getByText("Envelope", { exact: true }) });
  await envelope.getByText("<ben@example.com>").waitFor();
  assert.equal(await envelope.getByText("full@example.com").count(), 0);
});

test("a Maildir keeps messages and their read state across a restart", async () => {
  const folder = await mkdtemp(join(tmpdir(), "inbox-browser-"));
  const store = join(folder, "mail");
  try {
    {
      await using there = await visit({ inbox: { store } });
      const { page, inbox } = there;
      await deliver(inbox, plainMail("Kept and read", "x"), plainMail("Kept", "x"));
      await page.locator(".row-subject").getByText("Kept and read").click();
      await page.waitForFunction(() => document.title === "(1) Posthouse");
    }
    // As other programs read it: one file a message, seen ones with the flag S.
    const [seen] = await readdir(join(store, "cur"));
    assert.match(seen ?? "", /[:;]2,S$/);
    assert.match(await readFile(join(store, "cur", seen ?? ""), "utf8"), /^Subject: Kept and read\r?$/m);
    assert.equal((await readdir(join(store, "new"))).length, 1);
    await using again = await visit({ inbox: { store } });
    await expectRows(again.page, "Kept", "Kept and read");
    await again.page.waitForFunction(() => document.title === "(1) Posthouse");
    assert.equal(await again.page.locator("li.unread .row-subject").textContent(), "Kept");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test("rules refuse, delay and disconnect; the page shows only accepted messages", async () => {
  await using there = await visit();
  const { page, inbox } = there;
  inbox.refuse({ message: ({ subject }) => subject === "Refused" }, "554 5.6.0 Content refused");
  const client = await Dialogue.open(inbox.smtpPort);
  await client.say("EHLO me");
  assert.equal(await client.deliver(plainMail("Refused", "x")), "554 5.6.0 Content refused");
  const slow = inbox.delay(30);
  const start = performance.now();
  assert.match(await client.deliver(plainMail("Delayed", "x")), /^250 /);
  // MAIL, RCPT, DATA and the content; timers of Node may be a millisecond early.
  assert.ok(performance.now() - start >= 4 * 29);
  slow.remove();
  inbox.dropAfter("data", { times: 1 });
  assert.equal(await client.deliver(plainMail("Disconnected", "x")), "");
  client.destroy();
  await deliver(inbox, plainMail("Last", "x"));
  await expectRows(page, "Last", "Delayed");
});

test("POP3 clients fetch what the page shows; what they delete leaves the page, and Undo restores it", async () => {
  await using there = await visit({ inbox: { pop3Port: 0 } });
  const { page, inbox } = there;
  await page.locator(".address-card code").getByText(`127.0.0.1:${inbox.pop3Port}`, { exact: true }).waitFor();
  assert.deepEqual(await findings(page), []);
  await deliver(inbox, plainMail("First", "One line.\n\nAnother."), plainMail("Second", "x"));
  await deliverTo(inbox, ["cyd@example.com"], plainMail("For Cyd", "x"));
  await expectRows(page, "For Cyd", "Second", "First");
  const client = await Pop3Dialogue.open(inbox.pop3Port ?? 0);
  assert.match(await client.logIn("ben@example.com"), /^\+OK 2 messages/);
  const [, id] = (await client.say("UIDL 1")).slice("+OK ".length).split(" ");
  const fetched = await client.sayForLines("RETR 1");
  const shown = await page.request.get(new URL(`/api/messages/${id}.eml`, inbox.url).href);
  assert.equal(`${fetched}\r\n`, await shown.text());
  await page.locator(".row-subject").getByText("First").click();
  assert.match(fetched, /^Subject: First\r$/m);
  assert.match(await client.say("DELE 1"), /^\+OK/);
  await expectRows(page, "For Cyd", "Second", "First");
  assert.match(await client.say("QUIT"), /^\+OK/);
  await expectRows(page, "For Cyd", "Second");
  await page.keyboard.press("z");
  await expectRows(page, "For Cyd", "Second", "First");
});

test("several inboxes in one process take free ports, and each page shows its own mail", async () => {
  await using first = await startInbox({ smtpPort: 0, webPort: 0 });
  await using second = await startInbox({ smtpPort: 0, webPort: 0 });
  const ports = [first.smtpPort, first.webPort, second.smtpPort, second.webPort];
  assert.equal(new Set(ports).size, 4);
  await using browser = await newContext({});
  for (const [inbox, subject] of [
    [first, "For the first"],
    [second, "For the second"],
  ] as const) {
    const page = await browser.context.newPage();
    await page.goto(inbox.url ?? "");
    const found = inbox.waitFor((message) => message.subject === subject);
    await deliver(inbox, plainMail(subject, "x"));
    await expectRows(page, subject);
    assert.equal((await found).subject, subject);
  }
});
