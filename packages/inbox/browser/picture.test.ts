/**
 * The HTML of a message saved as a picture, in a real browser.
 */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, test } from "node:test";
import type { Page } from "playwright-core";
import { closeBrowser, visit } from "./support/browser.js";
import { deliver } from "./support/mails.js";

after(closeBrowser);

/** A blue picture of 10 by 10 pixels, made by the browser: the message refers to it by its Content-ID. */
const bluePng = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = 10;
    const context = canvas.getContext("2d");
    if (context !== null) context.fillStyle = "#00f";
    context?.fillRect(0, 0, 10, 10);
    return canvas.toDataURL("image/png").split(",")[1] ?? "";
  });

/** What Outlook writes, what reaches out, and what no XML has; a band of 200 pixels, red on a phone and green elsewhere. */
const mailWith = (png: string): string => `From: a@example.com
To: ben@example.com
Subject: A picture
MIME-Version: 1.0
Content-Type: multipart/related; boundary=r

--r
Content-Type: text/html; charset=utf-8

<!doctype html><html xmlns="http://www.w3.org/1999/xhtml" xmlns:o="urn:schemas-microsoft-com:office:office" style="height: 100%">
<head><style>
body { margin: 0; }
.band { height: 200px; background: #080; }
@media (max-width: 600px) { .band { background: #c00; } }
</style></head><body style="height: 100%">
<!--[if mso]><p>-- only in Outlook --</p><![endif]-->
<div class="band" 1="x" @click="x"><o:p>\u0001&nbsp;</o:p><br>A &amp; B <b>unclosed</div>
<img src="cid:blue" width="100" height="100" style="display: block" onload="document.body.innerHTML = ''">
<img src="https://cdn.example.com/logo.png" width="1" height="1" style="display: block">
<script>document.body.innerHTML = "";</script>
</body></html>
--r
Content-Type: image/png
Content-ID: <blue>
Content-Transfer-Encoding: base64

${png}
--r--
`;

interface Picture {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  /** Colour at a place, such as "204,0,0". */
  readonly at: (x: number, y: number) => Promise<string>;
}

async function savedPicture(page: Page): Promise<Picture> {
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: /^Save as a picture/ }).click();
  const saved = await download;
  const bytes = await readFile(await saved.path());
  assert.equal(bytes.subarray(1, 4).toString(), "PNG");
  const at = (x: number, y: number): Promise<string> =>
    page.evaluate(
      async ([content, left, top]) => {
        const image = new Image();
        image.src = `data:image/png;base64,${content}`;
        await image.decode();
        const canvas = document.createElement("canvas");
        canvas.width = image.width;
        canvas.height = image.height;
        const context = canvas.getContext("2d");
        context?.drawImage(image, 0, 0);
        return Array.from(context?.getImageData(left, top, 1, 1).data.slice(0, 3) ?? []).join();
      },
      [bytes.toString("base64"), x, y] as const,
    );
  return { name: saved.suggestedFilename(), width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20), at };
}

test("the HTML is saved as a picture, as wide as a phone, a tablet or the page, and fetches nothing for it", async () => {
  await using there = await visit({ viewport: { width: 1400, height: 900 } });
  const { page, inbox, foreign, errors } = there;
  await deliver(inbox, mailWith(await bluePng(page)));
  await page.locator(".row-subject").first().click();
  await page.locator("iframe").waitFor();
  const whole = await page.locator("iframe").evaluate((frame) => frame.clientWidth);
  for (const [name, width, band] of [
    ["Phone", 375, "204,0,0"],
    ["Tablet", 768, "0,136,0"],
    ["Desktop", whole, "0,136,0"],
  ] as const) {
    await page.getByRole("button", { name, exact: true }).click();
    const picture = await savedPicture(page);
    await page.getByRole("button", { name: "Save as a picture, without remote content" }).waitFor();
    assert.equal(picture.name, `${inbox.messages[0]?.id}-${width}.png`);
    assert.equal(picture.width, width);
    // The band, the picture of the message, the place of the remote one, and a margin.
    assert.ok(picture.height >= 300 && picture.height <= 330, `${picture.height} pixels high`);
    assert.equal(await picture.at(width - 5, 190), band);
    assert.equal(await picture.at(50, 250), "0,0,255");
    assert.equal(await picture.at(width - 5, 250), "255,255,255");
  }
  assert.deepEqual(foreign, []);
  assert.deepEqual(errors, []);
});

const tall = (pixels: number): string =>
  `Subject: Tall\nContent-Type: text/html\n\n<div style="height: ${pixels}px; background: repeating-linear-gradient(#c00 0 50px, #00c 50px 100px)"></div>`;

/** Its background is as high as what shows it. */
const filling = `Subject: Filling\nContent-Type: text/html\n\n<body style="margin: 0; min-height: 100vh; background: #eee"><div style="height: 60px; background: #c00"></div>`;

test("a picture ends with the content, whatever fills the page below it, and at 16 000 pixels at most", async () => {
  await using there = await visit();
  const { page, inbox } = there;
  await deliver(inbox, tall(15_000), tall(20_000), filling);
  for (const [index, least, most] of [
    [2, 60, 100],
    [1, 15_950, 16_000],
    [0, 15_000, 15_040],
  ] as const) {
    await page.goto(`${inbox.url}messages/${inbox.messages[index]?.id}`);
    await page.getByRole("button", { name: "Phone" }).click();
    const { height } = await savedPicture(page);
    assert.ok(height >= least && height <= most, `${height} pixels high`);
  }
});

test("what the browser cannot draw is said in words, and can be tried again", async () => {
  await using there = await visit();
  const { page, inbox } = there;
  await deliver(inbox, tall(100));
  await page.locator(".row-subject").first().click();
  await page.locator("iframe").waitFor();
  await page.evaluate(() => {
    const { decode } = Image.prototype;
    Image.prototype.decode = () => {
      Image.prototype.decode = decode;
      return Promise.reject(new Error("EncodingError"));
    };
  });
  const save = page.getByRole("button", { name: "Save as a picture" });
  await save.click();
  await page.getByRole("status").getByText("This browser cannot draw the message as a picture.").waitFor();
  assert.ok((await savedPicture(page)).height >= 100);
  await page.getByText("This browser cannot draw").waitFor({ state: "detached" });
});
