import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { fromFields } from "../../../src/message/email-message.js";
import { type InlineImagesOptions, inlineImages } from "../../../src/message/html/inline-images.js";
import { attached, fault, readBack, shape } from "../support.js";

let root = "";
let outside = "";

before(async () => {
  const folder = await mkdtemp(join(tmpdir(), "postrider-inline-"));
  root = join(folder, "root");
  outside = join(folder, "outside.png");
  await mkdir(join(root, "img", "folder.png"), { recursive: true });
  await writeFile(join(root, "logo.png"), "logo");
  await writeFile(join(root, "img", "a b#c.gif"), "gif");
  await writeFile(join(root, "img", "%2e.png"), "percent");
  await writeFile(join(root, "secret.env"), "secret");
  await writeFile(outside, "outside");
  await symlink(outside, join(root, "escape.png"));
  await symlink(folder, join(root, "up"));
  await symlink(join(root, "logo.png"), join(root, "alias.png"));
});

after(async () => {
  await rm(join(root, ".."), { recursive: true });
});

const inline = (html: string, options: Partial<InlineImagesOptions> = { root }): ReturnType<typeof inlineImages> =>
  inlineImages(html, options as InlineImagesOptions);

test("local images become related parts, each once, and the html says so", async () => {
  const html = `<p><img src="logo.png"><IMG SRC='./img/a%20b%23c.gif?v=2#x'><img src=alias.png><td background="logo.png">`;
  const inlined = await inline(html);
  assert.match(
    inlined.html,
    /^<p><img src="cid:(image-1\.[^"]+)"><IMG SRC='cid:image-2\.[^']+'><img src=cid:\1><td background="cid:\1">$/,
  );
  assert.deepEqual(
    inlined.attachments.map(({ filename }) => filename),
    ["logo.png", "a b#c.gif"],
  );
  const message = fromFields({ text: "t", ...inlined, to: "a@b.c" });
  assert.equal(
    shape(message).replace(/\s+/g, " "),
    "multipart/related multipart/alternative text/plain text/html image/png image/gif",
  );
  const read = await readBack(message);
  assert.equal(attached(read, 0).toString(), "logo");
  assert.equal(attached(read, 1).toString(), "gif");
  assert.equal(read.attachments[0]?.disposition, "inline");
});

test("the root may be a URL, and a link absolute below it", async () => {
  const { attachments } = await inline(`<img src="${root}/logo.png">`, { root: pathToFileURL(root) });
  assert.equal(attachments.length, 1);
  assert.equal((await inline('<img src="img/%252e.png">')).attachments.length, 1);
});

test("links to elsewhere, and html without links, stay as they are", async () => {
  const html =
    '<img src="https://a.b/c.png"><img src="HTTP://a.b/c.png"><img src="cid:x"><img src="data:image/png;base64,AA==">' +
    '<img src="//a.b/c.png"><img src=""><!-- <img src="none.png"> --><style>p { background: url(none.png) }</style>';
  assert.deepEqual(await inline(html), { html, attachments: [] });
});

test("nothing outside of the root is read, whatever the way out", async () => {
  const ways = [
    "../outside.png",
    "img/../../outside.png",
    "img/../logo.png",
    "%2e%2e/outside.png",
    "..%2foutside.png",
    "..%5Coutside.png",
    "..\\outside.png",
    "&#46;&#46;/outside.png",
    "escape.png",
    "up/outside.png",
    outside,
    "/etc/passwd.png",
    pathToFileURL(outside).href,
    "C:/outside.png",
    "javascript:x.png",
    "logo.png%00.png",
    "a\nb.png",
    "%ff.png",
    "%zz.png",
    "?x.png",
  ];
  for (const way of ways) {
    await assert.rejects(inline(`<img src="logo.png"><img src="${way}">`), fault("message", "inlineImages"), way);
    await assert.rejects(inline(`<img srcset="logo.png 1x, ${way} 2x">`), fault("message", "inlineImages"), way);
  }
});

test("only images are taken: the html does not choose among the other files", async () => {
  await assert.rejects(
    inline('<img src="secret.env">'),
    fault("message", "inlineImages", /"secret\.env" is not an image/),
  );
  await assert.rejects(inline('<img src="img/folder.png">'), fault("message", "inlineImages", /regular file/));
});

test("a file or a root that is missing is an error that names it", async () => {
  await assert.rejects(
    inline('<img src="none.png">'),
    fault("message", "inlineImages", /"none\.png" cannot be read below .*ENOENT/),
  );
  await assert.rejects(
    inline('<img src="a.png">', { root: join(root, "none") }),
    fault("message", "inlineImages", /the root/),
  );
});

test("arguments of another kind are errors", async () => {
  await assert.rejects(inline(7 as unknown as string), fault("message", "inlineImages", /a number/));
  await assert.rejects(inline("x", {}), fault("message", "inlineImages.root", /missing/));
  await assert.rejects(inline("x", { root, roots: "y" } as never), fault("message", "inlineImages.roots", /root/));
  await assert.rejects(inline('<img src="a.png">', { root: 7 } as never), fault("message", "root", /a number/));
  await assert.rejects(
    inline('<img src="a.png">', { root: new URL("https://a.b") }),
    fault("message", "root", /file:/),
  );
});
