import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import { compose } from "../../../src/message/compose.js";
import { EmailMessage } from "../../../src/message/email-message.js";
import { fileAttachment } from "../../../src/message/files/file-attachment.js";
import { attached, fault, readBack, SEVEN, wire } from "../support.js";

const folder = mkdtempSync(join(tmpdir(), "postrider-"));
after(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

test("a file comes with its name, its type and its bytes, as often as it is composed", async () => {
  const content = Buffer.alloc(600_001, "postrider");
  const path = file("Übersicht.pdf", content);
  for (const location of [path, pathToFileURL(path)]) {
    const message = new EmailMessage({ text: "x", attachments: [fileAttachment(location)] });
    for (let round = 0; round < 2; round++) {
      const email = await readBack(message);
      assert.equal(email.attachments[0]?.filename, "Übersicht.pdf");
      assert.equal(email.attachments[0]?.mimeType, "application/pdf");
      assert.ok(attached(email).equals(content));
    }
    assert.ok((compose(message, SEVEN).size ?? 0) > 800_000);
    await wire(message);
  }
});

test("the pieces that a program reads by itself are its own", async () => {
  const bytes = Uint8Array.from({ length: 600_001 }, (_, index) => (index * 2_654_435_761) >>> 24);
  const { content } = fileAttachment(file("own.bin", bytes));
  assert.ok(typeof content === "function");
  const pieces: Uint8Array[] = [];
  for await (const piece of content() as AsyncIterable<Uint8Array>) pieces.push(piece);
  assert.ok(pieces.length > 1);
  assert.ok(Buffer.concat(pieces).equals(bytes));
  const message = new EmailMessage({ attachments: [{ filename: "own.bin", content }] });
  assert.ok(attached(await readBack(message)).equals(bytes));
});

test("the options win over the name and type of the file, also in the methods of a message", async () => {
  const path = file("a.txt", "x");
  const options = { filename: "b.csv", description: "table", contentId: undefined };
  const message = new EmailMessage().setContent("<p>", { contentType: "text/html" });
  message.addRelated(fileAttachment(path, { contentId: "logo", contentType: "image/png" }));
  message.addAttachment(fileAttachment(path, options));
  const [related, csv] = message.parts;
  assert.equal(related?.parts[1]?.headers.get("Content-Type"), 'image/png; name="a.txt"');
  assert.equal(related?.parts[1]?.headers.get("Content-Disposition"), 'inline; filename="a.txt"');
  assert.equal(csv?.headers.get("Content-Type"), 'text/csv; name="b.csv"');
  assert.equal(csv?.headers.get("Content-Description"), "table");
  assert.equal((await readBack(message)).attachments.length, 2);
});

test("an empty file is an empty attachment", async () => {
  const message = new EmailMessage({ attachments: [fileAttachment(file("empty.bin", ""))] });
  assert.equal(attached(await readBack(message)).length, 0);
});

test("a file that is missing, or none, is an error that names it when the message is composed", () => {
  const missing = new EmailMessage({ attachments: [fileAttachment(join(folder, "missing.pdf"))] });
  assert.throws(
    () => compose(missing, SEVEN),
    fault("message", "fileAttachment", /missing\.pdf cannot be read: ENOENT/),
  );
  const directory = new EmailMessage({ attachments: [fileAttachment(folder)] });
  assert.throws(() => compose(directory, SEVEN), fault("message", "fileAttachment", /not a regular file/));
});

test("a file that goes away, shrinks or grows after composing is an error, never a shorter message", async () => {
  const path = file("changing.bin", Buffer.alloc(1000));
  const message = new EmailMessage({ attachments: [fileAttachment(path)] });
  const read = async (change: () => void): Promise<void> => {
    writeFileSync(path, Buffer.alloc(1000));
    const { content } = compose(message, SEVEN);
    change();
    assert.ok(typeof content === "function");
    for await (const _ of content());
  };
  await assert.rejects(
    read(() => truncateSync(path, 10)),
    fault("message", /./, /10 instead of the 1000/),
  );
  await assert.rejects(
    read(() => writeFileSync(path, Buffer.alloc(2000))),
    fault("message", /./, /more than the 1000/),
  );
  await assert.rejects(
    read(() => rmSync(path)),
    fault("message", "fileAttachment", /ENOENT/),
  );
});

test("a file that shrinks while it is read is an error that names it", async () => {
  const path = file("shrinking.bin", Buffer.alloc(1_000_000));
  const { content } = fileAttachment(path);
  assert.ok(typeof content === "function");
  const opened = (content as () => AsyncIterable<Uint8Array>)();
  await assert.rejects(
    async () => {
      for await (const _ of opened) truncateSync(path, 300_000);
    },
    fault("message", "fileAttachment", /shrinking\.bin changed/),
  );
});

test("what is no path, and options that are unknown, are errors at once", () => {
  for (const path of ["", "a\0b", 5, null, undefined, { path: "/x" }]) {
    assert.throws(() => fileAttachment(path as never), fault("message", "fileAttachment"));
  }
  assert.throws(() => fileAttachment(new URL("http://127.0.0.1/x")), fault("message", "fileAttachment", /file: URL/));
  assert.throws(() => fileAttachment("x", { content: "y" } as never), fault("message", "fileAttachment.content"));
  assert.throws(
    () => fileAttachment("x", { filname: "y" } as never),
    fault("message", "fileAttachment.filname", /filename/),
  );
});
