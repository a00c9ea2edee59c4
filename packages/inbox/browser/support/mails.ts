/**
 * Mails to look at, the way into the inbox, and the way to each part of a mail on the page.
 */
import { once } from "node:events";
import { connect } from "node:net";
import type { Page } from "playwright-core";
import type { Inbox } from "../../src/inbox.js";

/** Delivers messages to ben@example.com, all in one go; lines may end with LF. */
export async function deliver(inbox: Inbox, ...contents: readonly string[]): Promise<void> {
  await deliverTo(inbox, ["ben@example.com"], ...contents);
}

export async function deliverTo(
  inbox: Inbox,
  recipients: readonly string[],
  ...contents: readonly string[]
): Promise<void> {
  const socket = connect(inbox.smtpPort, "127.0.0.1");
  socket.resume();
  socket.write("EHLO test\r\n");
  for (const content of contents) {
    const lines = content.replace(/\r?\n/g, "\r\n").replace(/^\./gm, "..");
    const to = recipients.map((address) => `RCPT TO:<${address}>\r\n`).join("");
    const whole = `MAIL FROM:<sender@example.com>\r\n${to}DATA\r\n${lines}\r\n.\r\n`;
    if (!socket.write(whole)) await once(socket, "drain");
  }
  socket.write("QUIT\r\n");
  await once(socket, "close");
}

const HEAD = "Date: Sun, 22 Nov 2026 12:00:00 +0000\nMIME-Version: 1.0";

export function plainMail(subject: string, text: string, from = "Ada Lovelace <ada@example.com>"): string {
  const id = Buffer.from(subject).toString("hex");
  return `From: ${from}\nTo: Ben <ben@example.com>\nSubject: ${subject}\nMessage-ID: <${id}@example.com>\n${HEAD}\n\n${text}\n`;
}

/** Text, HTML that wants to reach out, a picture of its own, and a file. */
export const RICH_MAIL = `From: Grace Hopper <grace@example.com>
To: Ben <ben@example.com>
Cc: carol@example.com
Subject: Your order has shipped
Message-ID: <order@example.com>
${HEAD}
Content-Type: multipart/mixed; boundary=m

--m
Content-Type: multipart/alternative; boundary=a

--a
Content-Type: text/plain

Your order has shipped. It will arrive on Monday.
--a
Content-Type: text/html

<!doctype html><html><head><link rel="stylesheet" href="https://style.example/a.css"><meta http-equiv="refresh" content="0;url=https://elsewhere.example/"></head>
<body style="font-family: sans-serif; max-width: 560px; margin: auto; padding: 24px; color: #222">
<img src="https://cdn.example.com/logo.png" alt="" width="1" height="1"><img src="https://tracker.example.net/p.gif" alt="" width="1" height="1">
<h1 style="color: #0b5cad">Your order has shipped</h1>
<p>Dear Ben,</p><p>your order <b>4711</b> is on its way and will arrive on <b>Monday</b>.</p>
<p><a id="track" href="https://shop.example/track?id=4711" style="display: inline-block; padding: 10px 18px; border-radius: 6px; background: #0b5cad; color: #fff; text-decoration: none">Track the parcel</a></p>
<table style="width: 100%; border-collapse: collapse"><tr><td style="padding: 8px 0; border-top: 1px solid #ddd">Analytical Engine, used</td><td style="text-align: right; border-top: 1px solid #ddd">1 842,00</td></tr><tr><td style="padding: 8px 0; border-top: 1px solid #ddd">Punched cards, 500</td><td style="text-align: right; border-top: 1px solid #ddd">12,50</td></tr></table>
<form action="https://form.example/"><input name="x"></form>
<script>document.body.innerHTML = "<h1>script ran</h1>"; fetch("https://script.example/");</script>
<img src="x" onerror="document.body.innerHTML = 'handler ran'">
<iframe src="https://frame.example/"></iframe>
</body></html>
--a--
--m
Content-Type: application/pdf; name="invoice.pdf"
Content-Disposition: attachment; filename="invoice.pdf"
Content-Transfer-Encoding: base64

JVBERi0xLjQKJSVFT0YK
--m--
`;

/** The tabs of RICH_MAIL, and words that the last part of each has. */
const RICH_TABS = {
  HTML: "Analytical Engine",
  Text: "It will arrive on Monday.",
  Headers: "<order@example.com>",
  Source: "Content-Type: multipart/mixed; boundary=m",
  Attachments: "application/pdf, 15 B, attachment",
  Links: "Track the parcel",
  Checks: "No DKIM signature",
} as const;

export const RICH_TAB_NAMES = Object.keys(RICH_TABS) as readonly (keyof typeof RICH_TABS)[];

/** Opens this tab of RICH_MAIL, which is open, and waits until its content is there. */
export async function showRichTab(page: Page, name: keyof typeof RICH_TABS): Promise<void> {
  await page.getByRole("tab", { name }).click();
  const content = name === "HTML" ? page.frameLocator("iframe").locator("body") : page.getByRole("tabpanel");
  await content.getByText(RICH_TABS[name]).waitFor();
}
