/**
 * The checks of a message in a real browser: what each kind says, and the links that are requested by a click.
 */
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, test } from "node:test";
import type { Locator, Page } from "playwright-core";
import { DkimSigner, dkimDnsRecord, send } from "postrider";
import { findings } from "./support/axe.js";
import { closeBrowser, type Visit, visit } from "./support/browser.js";
import { deliver, plainMail } from "./support/mails.js";

after(closeBrowser);

/** Opens the checks of the newest message. */
async function checksOf(there: Visit, content: string): Promise<Page> {
  const { page, inbox } = there;
  await deliver(inbox, content);
  const [message] = inbox.messages.slice(-1);
  await page.goto(`${inbox.url}messages/${message?.id}?tab=checks`);
  await page.locator(".score").waitFor();
  await page
    .getByText(/that are good$/)
    .first()
    .click();
  return page;
}

/** The finding with exactly this title, with its level and words. */
function finding(page: Page, level: "Problem" | "Warning" | "Note" | "Good", title: string): Locator {
  return page
    .locator(".checks > li")
    .filter({ has: page.locator(".level", { hasText: level }) })
    .filter({ has: page.locator("strong", { hasText: new RegExp(`^${title}$`) }) });
}

const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const PEM = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
const dkim = new DkimSigner({ domain: "example.com", selector: "s1", privateKey: PEM });
const SIGNATURE = "DKIM signature of example.com";

test("DKIM signatures are verified with the configured keys, without DNS", async () => {
  const record = await dkimDnsRecord(PEM);
  await using there = await visit({ inbox: { dkimKeys: { "s1._domainkey.example.com": record } } });
  const letter = { from: "shop@example.com", to: "ben@example.com", subject: "Signed", text: "Two books" };
  await send(letter, { port: there.inbox.smtpPort, dkim });
  const signed = Buffer.from(there.inbox.messages[0]?.raw ?? []).toString();
  const page = await checksOf(there, signed);
  await finding(page, "Good", `${SIGNATURE} holds`).waitFor();
  await checksOf(there, signed.replace("Two books", "Ten books"));
  await finding(page, "Problem", `${SIGNATURE} does not hold`).getByText(/body/).waitFor();
  await checksOf(there, signed.replace("s=s1", "s=s2"));
  await finding(page, "Note", `${SIGNATURE} was not verified`).waitFor();
  assert.deepEqual(there.foreign, []);
});

test("one-click unsubscribe passes if its header fields are signed; missing parts are named", async () => {
  await using there = await visit();
  const url = "https://example.com/leave/8f3a";
  await send(
    {
      from: "shop@example.com",
      to: "ben@example.com",
      subject: "News",
      text: "There are none.",
      list: { unsubscribe: [url], unsubscribePost: true },
    },
    { port: there.inbox.smtpPort, dkim },
  );
  const signed = Buffer.from(there.inbox.messages[0]?.raw ?? []).toString();
  const page = await checksOf(there, signed);
  await finding(page, "Good", "Unsubscribing with one click").getByText(url).waitFor();
  await checksOf(there, signed.replace(/^DKIM-Signature:[^\n]*\n(?:[ \t][^\n]*\n)*/m, ""));
  await finding(page, "Warning", "Unsubscribing is not signed").waitFor();
  await checksOf(there, signed.replace("List-Unsubscribe=One-Click", "yes"));
  await finding(page, "Warning", "No unsubscribing with one click").waitFor();
  await checksOf(there, plainMail("To one", "Hello"));
  await finding(page, "Note", "No List-Unsubscribe").waitFor();
});

test("malformed headers, encodings and MIME structure are named", async () => {
  await using there = await visit();
  const page = await checksOf(
    there,
    `From: a@example.com
Subject: =?utf-8?B?R3L8?=
X-Name: Grüße
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain; charset=klingon

Hello
--b
Content-Type: application/pdf
Content-Transfer-Encoding: base64

JVBERi0*LjQK
`,
  );
  for (const [level, title] of [
    ["Problem", "No Date"],
    ["Problem", "No Message-ID"],
    ["Problem", "A broken encoded word"],
    ["Warning", "UTF-8 in the header"],
    ["Problem", "A broken multipart/mixed"],
    ["Problem", "An unknown charset"],
    ["Problem", "Broken base64"],
  ] as const)
    await finding(page, level, title).waitFor();
});

test("a text that differs from the HTML, HTML that Gmail clips, and placeholders are found", async () => {
  await using there = await visit();
  const alternative = (text: string, html: string): string =>
    plainMail("Offer", "").replace(
      /\n\n.*$/s,
      `\nContent-Type: multipart/alternative; boundary=a\n\n--a\nContent-Type: text/plain\n\n${text}\n--a\nContent-Type: text/html\n\n${html}\n--a--\n`,
    );
  const line = "<p>We have many books for you, of all kinds and at every price.</p>\n";
  const page = await checksOf(
    there,
    alternative("Please switch to HTML.", `<p>Dear {{name}},</p>${line.repeat(1700)}`),
  );
  await finding(page, "Warning", "Text and HTML say different things").waitFor();
  await finding(page, "Warning", "HTML is long").getByText(/Gmail/).waitFor();
  await finding(page, "Warning", "A placeholder is not filled in").getByText("{{name}}").waitFor();
  const words = "We have many books for you, of all kinds and at every price.";
  await checksOf(there, alternative(words, line));
  for (const title of ["Text and HTML", "Gmail shows all of it", "No placeholders"])
    await finding(page, "Good", title).waitFor();
});

test("links are requested only after a click; redirects are shown, unsubscribe links are skipped", async () => {
  const paths: string[] = [];
  const shop = createServer(({ url = "" }, response) => {
    paths.push(url);
    const statuses: Readonly<Record<string, number>> = { "/old": 301, "/gone": 404 };
    response.writeHead(statuses[url] ?? 200, url === "/old" ? { Location: "/new" } : {}).end();
  });
  shop.listen(0, "127.0.0.1");
  await once(shop, "listening");
  const origin = `http://127.0.0.1:${(shop.address() as AddressInfo).port}`;
  const links = ["/confirm?token=abcdef123456", "/old", "/gone", "/leave/17"].map((path) => `${origin}${path}`);
  try {
    await using there = await visit();
    const mail = plainMail("Links", links.join("\n")).replace("To:", `List-Unsubscribe: <${links[3]}>\nTo:`);
    const page = await checksOf(there, mail);
    const part = page.getByRole("region", { name: "Do the links work?" });
    await part.getByText(/may confirm something, unsubscribe somebody or be counted/).waitFor();
    assert.deepEqual(paths, []);
    await part.getByRole("button", { name: "Request 3 links" }).click();
    await part.getByText("3 links requested, 1 broken.").waitFor();
    const answers = part.getByRole("list", { name: "Answers" }).getByRole("listitem");
    assert.deepEqual(
      (await answers.allTextContents()).map((text) => text.replaceAll(origin, " ")),
      [
        "200 /confirm?token=abcdef123456",
        "301 /oldLeads to  /new",
        "404 /gone",
        "Left out /leave/17It may unsubscribe somebody.",
      ],
    );
    assert.deepEqual(paths.toSorted(), ["/confirm?token=abcdef123456", "/gone", "/old"]);
    // The browser itself has asked nobody, and the answers stay while one looks at something else.
    assert.deepEqual(there.foreign, []);
    assert.deepEqual(await findings(page), []);
    await page.getByRole("tab", { name: "Source" }).click();
    await page.getByRole("tab", { name: "Checks" }).click();
    await part.getByText("3 links requested, 1 broken.").waitFor();
  } finally {
    shop.close();
    shop.closeAllConnections();
  }
});
