/**
 * Screenshots of the guide, written for a person to look at: `npm run browser -- --screenshots`.
 */
import { after, test } from "node:test";
import { closeBrowser, visit } from "./support/browser.js";
import { WELCOME_MAIL } from "./support/features.js";
import { deliver, plainMail, RICH_MAIL } from "./support/mails.js";

after(closeBrowser);

const folder = process.env["SCREENSHOTS"];

const MAILS = [
  plainMail(
    "Reset your password",
    "Dear Ben,\n\nhere is the link that you asked for.",
    "Accounts <accounts@example.com>",
  ),
  plainMail(
    "Meeting moved to Thursday",
    "Hello,\n\nwe meet a day later, same place.",
    "Katherine Johnson <katherine@example.com>",
  ),
  plainMail("Invoice 2026-117", "Please find the invoice attached.", "Billing <billing@example.com>"),
  plainMail("Welcome", "Dear Ben,\n\nplease confirm your address.", "Ada Lovelace <ada@example.com>"),
  'From: Newsletter <news@example.com>\nTo: ben@example.com\nBcc: carol@example.com\nSubject: What is new\nContent-Type: text/html\n\n<style>@media (prefers-color-scheme: dark) { body { background: #000 } }</style><h1 style="display: flex; border-radius: 8px">What is new</h1><img src="cid:logo"><p style="color: var(--ink)">Much.</p>',
  WELCOME_MAIL,
  // Without what only the tests look for.
  RICH_MAIL.replace(/<form.*(?=<\/body>)/s, ""),
];

const SUBJECTS = {
  HTML: "Your order has shipped",
  Checks: "What is new",
  Attachments: "Confirm your address",
} as const;

for (const [name, view, tab] of [
  ["inbox-link", { viewport: { width: 1200, height: 720 } }, "Attachments"],
  ["inbox", { viewport: { width: 1200, height: 720 } }, "HTML"],
  ["inbox-dark", { viewport: { width: 1200, height: 720 }, colorScheme: "dark" }, "HTML"],
  ["inbox-phone", { viewport: { width: 375, height: 700 } }, "HTML"],
  ["inbox-checks", { viewport: { width: 1200, height: 720 } }, "Checks"],
  ["inbox-empty", { viewport: { width: 1200, height: 560 } }, undefined],
] as const) {
  test(`${name}.png can be drawn`, async () => {
    await using there = await visit({ ...view, inbox: tab === undefined ? { smtpPort: 0 } : {} });
    const { page, inbox } = there;
    if (tab !== undefined) {
      await deliver(inbox, ...MAILS);
      await page.getByText(SUBJECTS[tab]).first().click();
      await page.getByRole("tab", { name: tab }).click();
      if (tab === "HTML") await page.frameLocator("iframe").getByText("Analytical Engine").waitFor();
      else await page.getByText(tab === "Checks" ? "Bcc in the header" : "Design review").waitFor();
      // Where the pointer is, a row looks otherwise.
      await page.mouse.move(600, 0);
    } else await page.locator(".snippet code").waitFor();
    const image = await page.screenshot(folder === undefined ? {} : { path: `${folder}/${name}.png` });
    if (image.length < 10_000) throw new Error("there is nothing on the picture");
  });
}
