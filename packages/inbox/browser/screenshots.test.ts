/**
 * Screenshots of the guide, written for a person to look at: `npm run browser -- --screenshots`.
 */
import { after, test } from "node:test";
import { closeBrowser, visit } from "./support/browser.js";
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
  'From: Newsletter <news@example.com>\nTo: ben@example.com\nBcc: carol@example.com\nSubject: What is new\nContent-Type: text/html\n\n<h1>What is new</h1><img src="cid:logo"><p>Much.</p>',
  // Without what only the tests look for.
  RICH_MAIL.replace(/<form.*(?=<\/body>)/s, ""),
];

for (const [name, view, tab] of [
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
      await page
        .getByText(tab === "Checks" ? "What is new" : "Your order has shipped")
        .first()
        .click();
      await page.getByRole("tab", { name: tab }).click();
      if (tab === "HTML") await page.frameLocator("iframe").getByText("Analytical Engine").waitFor();
      else await page.getByText("Bcc in the header").waitFor();
    } else await page.locator(".snippet code").waitFor();
    const image = await page.screenshot(folder === undefined ? {} : { path: `${folder}/${name}.png` });
    if (image.length < 10_000) throw new Error("there is nothing on the picture");
  });
}
