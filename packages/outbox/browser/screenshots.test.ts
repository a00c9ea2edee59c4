/**
 * Screenshots of the guide, written for a person to look at: `npm run browser -- --screenshots`.
 */
import { after, test } from "node:test";
import { startInbox } from "@postrider/inbox";
import { closeBrowser, openWindow, type View } from "./support/browser.js";
import { fillForPicture, openSite } from "./support/site.js";

after(closeBrowser);

const folder = process.env["SCREENSHOTS"];

/** Those of the guide; the others are looked at, and not kept. */
const KEPT = ["outbox-page", "inbox-outbox"];

const PICTURES: readonly (readonly [name: string, view: View, message: boolean])[] = [
  ["outbox-page", { viewport: { width: 1200, height: 900 } }, false],
  ["outbox-page-message", { viewport: { width: 1200, height: 900 }, colorScheme: "dark" }, true],
  ["outbox-page-phone", { viewport: { width: 375, height: 740 } }, false],
];

for (const [name, view, isMessage] of PICTURES) {
  test(`${name}.png can be drawn`, async () => {
    await using site = await openSite({ bodies: true });
    const id = await fillForPicture(site);
    await using window = await openWindow(site.origin, view);
    const { page } = window;
    await page.goto(site.url);
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByRole("heading", { name: "Outbox" }).waitFor();
    if (isMessage) await page.goto(`${site.url}?id=${id}`);
    await page.getByText(isMessage ? "What happened" : "Recipients by reply").waitFor();
    const image = await page.screenshot(
      folder === undefined || !KEPT.includes(name) ? {} : { path: `${folder}/${name}.png` },
    );
    if (image.length < 10_000) throw new Error("there is nothing on the picture");
  });
}

for (const [name, view] of [
  ["inbox-outbox", { viewport: { width: 1200, height: 760 } }],
  ["inbox-outbox-dark", { viewport: { width: 1200, height: 760 }, colorScheme: "dark" }],
  ["inbox-outbox-phone", { viewport: { width: 375, height: 740 } }],
] as const) {
  test(`${name}.png can be drawn`, async () => {
    await using site = await openSite();
    await using inbox = await startInbox({ smtpPort: 0, webPort: 0, outbox: site.outbox });
    const id = await fillForPicture(site);
    const origin = new URL(inbox.url ?? "").origin;
    await using window = await openWindow(origin, view);
    const { page } = window;
    await page.goto(`${origin}/outbox${name === "inbox-outbox-phone" ? "" : `/${id}`}`);
    await page.getByText(name === "inbox-outbox-phone" ? "Invoice 2026-118" : "What happened").waitFor();
    const image = await page.screenshot(
      folder === undefined || !KEPT.includes(name) ? {} : { path: `${folder}/${name}.png` },
    );
    if (image.length < 10_000) throw new Error("there is nothing on the picture");
  });
}
