import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { Readable } from "node:stream";
import { test } from "node:test";
import type { Attachment } from "../../src/message/attachment.js";
import { compose } from "../../src/message/compose.js";
import { EmailMessage } from "../../src/message/email-message.js";
import { attached, drain, EIGHT, fault, readBack, SEVEN, wire } from "./support.js";

const withAttachment = (content: unknown, more: Partial<Attachment> = {}): EmailMessage =>
  new EmailMessage({ text: "x", attachments: [{ filename: "f.bin", ...more, content: content as never }] });

async function* generate(...pieces: readonly (string | Uint8Array)[]): AsyncGenerator<string | Uint8Array> {
  yield* pieces;
}

/** All bytes of the message, from content in memory or from a stream. */
async function bytesOf(message: EmailMessage, target = SEVEN): Promise<Buffer> {
  const { content } = compose(message, target);
  return content instanceof Uint8Array ? Buffer.from(content) : await drain(content());
}

test("every kind of content comes back byte for byte", async () => {
  const bytes = Buffer.from(Array.from({ length: 1000 }, (_, index) => (index * 7) % 256));
  const halves = [bytes.subarray(0, 301), bytes.subarray(301)];
  const inputs: readonly (() => unknown)[] = [
    () => bytes,
    () => Uint8Array.from(bytes),
    () => halves,
    () => new Blob(halves),
    () => new File(halves, "named.bin"),
    () => new Blob(halves).stream(),
    () => Readable.from(halves),
    () => Readable.toWeb(Readable.from(halves)),
    () => generate(...halves),
    () => new Set(halves),
    () => () => bytes,
    () => () => halves,
    () => () => new Blob(halves),
    () => async () => generate(...halves),
    () => () => Promise.resolve(Readable.from(halves)),
  ];
  for (const input of inputs) {
    const email = await readBack(withAttachment(input()));
    assert.deepEqual(attached(email), bytes, input.toString());
  }
});

test("a stream of strings is their UTF-8", async () => {
  assert.equal(attached(await readBack(withAttachment(Readable.from(["Grüße ", "😀"])))).toString(), "Grüße 😀");
  assert.equal(attached(await readBack(withAttachment(() => "Grüße"))).toString(), "Grüße");
});

test("the name and type of a File are used, and what the options say wins", () => {
  const headers = (content: unknown, options: Partial<Attachment> = {}): string | undefined =>
    new EmailMessage({ attachments: [{ ...options, content: content as never }] }).parts[0]?.headers.get(
      "Content-Type",
    );
  assert.equal(headers(new File(["x"], "a.png")), 'image/png; name="a.png"');
  assert.equal(headers(new File(["x"], "a.png", { type: "image/gif" })), 'image/gif; name="a.png"');
  assert.equal(headers(new Blob(["x"], { type: "image/svg+xml" })), "image/svg+xml");
  assert.equal(headers(new File(["x"], "a.png"), { filename: "b.pdf" }), 'application/pdf; name="b.pdf"');
  assert.equal(headers(new File(["x"], "a.png"), { contentType: "image/webp" }), 'image/webp; name="a.png"');
});

test("the size is known where the source knows it, and unknown where it does not", async () => {
  const size = (content: unknown): number | undefined => compose(withAttachment(content), SEVEN).size;
  assert.equal(typeof size(new Uint8Array(5)), "number");
  assert.equal(typeof size(new Blob(["x"])), "number");
  assert.equal(size(Readable.from([])), undefined);
  assert.equal(
    size(() => "x"),
    undefined,
  );
  const opener = Object.assign(() => generate("a".repeat(100)), { size: 100 });
  assert.equal(typeof size(opener), "number");
  // The helper checks that the size is exact.
  for (const content of [new Blob(["x".repeat(58)]), opener, new Blob([])]) await wire(withAttachment(content));
});

test("a size that is no number of bytes, or not the number that came, is an error", async () => {
  const sized = (size: number, ...pieces: string[]): EmailMessage =>
    withAttachment(Object.assign(() => generate(...pieces), { size }));
  for (const size of [-1, 1.5, Number.NaN]) {
    assert.throws(() => compose(sized(size), SEVEN), fault("message", "attachments[0].content", /size/));
  }
  await assert.rejects(bytesOf(sized(5, "abcd")), fault("message", "attachments[0].content", /4 instead of the 5/));
  await assert.rejects(bytesOf(sized(5, "abc", "def")), fault("message", "attachments[0].content", /more than the 5/));
});

test("a stream serves once, a function again and again", async () => {
  const once = withAttachment(Readable.from(["a"]));
  await bytesOf(once);
  await assert.rejects(bytesOf(once), fault("message", "attachments[0].content", /pass a function/));
  const again = withAttachment(() => Readable.from(["a"]));
  assert.deepEqual(await bytesOf(again), await bytesOf(again));
  const blob = withAttachment(new Blob(["a"]));
  assert.deepEqual(await bytesOf(blob), await bytesOf(blob));
});

test("composing opens nothing", () => {
  let opened = 0;
  const message = withAttachment(() => {
    opened++;
    return "x";
  });
  compose(message, SEVEN);
  assert.equal(opened, 0);
});

test("a stream that fails is an error with its cause", async () => {
  const cause = new Error("disk on fire");
  async function* fail(): AsyncGenerator<Uint8Array> {
    yield new Uint8Array(1);
    throw cause;
  }
  const failing = [
    withAttachment(fail()),
    withAttachment(() => {
      throw cause;
    }),
    withAttachment(() => Promise.reject(cause)),
    withAttachment(new ReadableStream({ pull: (controller) => controller.error(cause) })),
  ];
  for (const message of failing) {
    await assert.rejects(bytesOf(message), (error) => {
      fault("message", "attachments[0].content", /disk on fire/)(error);
      return (error as Error).cause === cause;
    });
  }
  await assert.rejects(
    bytesOf(withAttachment(() => Promise.reject("no error object"))),
    fault("message", "attachments[0].content", /no error object/),
  );
});

test("pieces that are no bytes, and functions that open nothing, are errors", async () => {
  await assert.rejects(
    bytesOf(withAttachment(Readable.from([1]))),
    fault("message", /content/, /must yield bytes, not a number/),
  );
  await assert.rejects(bytesOf(withAttachment(generate("\ud83d", "\ude00"))), fault("message", /content/, /surrogate/));
  for (const nothing of [undefined, null, 5, {}]) {
    await assert.rejects(bytesOf(withAttachment(() => nothing)), fault("message", /content/, /must open bytes/));
  }
});

test("leaving early closes the source", async () => {
  const closed: string[] = [];
  async function* endless(): AsyncGenerator<Uint8Array> {
    try {
      while (true) yield new Uint8Array(100_000);
    } finally {
      closed.push("generator");
    }
  }
  const web = new ReadableStream({
    pull: (controller) => controller.enqueue(new Uint8Array(100_000)),
    cancel: () => {
      closed.push("web");
    },
  });
  const readable = Readable.from(endless());
  for (const source of [endless(), web, readable]) {
    let pieces = 0;
    for await (const _ of withAttachment(source).stream()) if (++pieces > 3) break;
  }
  assert.equal(readable.destroyed, true);
  assert.deepEqual(closed, ["generator", "web", "generator"]);
});

test("memory stays flat: pieces go out as they come in", async () => {
  let produced = 0;
  async function* source(): AsyncGenerator<Uint8Array> {
    for (; produced < 100; produced++) yield new Uint8Array(57_000);
  }
  const { content } = compose(withAttachment(source()), SEVEN);
  assert.ok(typeof content === "function");
  let largest = 0;
  let behind = 0;
  let taken = 0;
  for await (const piece of content()) {
    largest = Math.max(largest, piece.length);
    behind = Math.max(behind, produced - taken++);
  }
  assert.ok(largest < 100_000);
  assert.ok(behind <= 1);
});

test("large content in memory beside a stream is encoded in blocks", async () => {
  const bytes = Buffer.alloc(1_000_003, "postrider");
  const message = new EmailMessage({ text: "x", attachments: [{ content: bytes }, { content: Readable.from(["s"]) }] });
  const email = await readBack(message);
  assert.deepEqual(attached(email), bytes);
  assert.equal(attached(email, 1).toString(), "s");
});

test("a stream may be the whole content", async () => {
  const message = new EmailMessage().setContent(Readable.from(["abc"]), { contentType: "application/pdf" });
  assert.match(await wire(message), /base64\r\n\r\nYWJj\r\n$/);
  const refused = new EmailMessage().setContent(() => "x", { encoding: "quoted-printable" });
  assert.throws(() => compose(refused, SEVEN), fault("message", "content", /is sent as base64/));
});

const RAW = "Subject: inner\n\nfrom a file\r\nwith mixed\rends";
const EML = { filename: "mail.eml" };

test("a message as bytes is never encoded: its lines get CRLF", async () => {
  for (const content of [
    RAW,
    Buffer.from(RAW),
    () => RAW,
    generate("Subject: inner\n\nfrom a file\r", "\nwith mixed\rends"),
  ]) {
    const text = await wire(withAttachment(content, EML));
    assert.match(text, /Content-Type: message\/rfc822; name="?mail\.eml"?\r\n/);
    assert.match(text, /\r\n\r\nSubject: inner\r\n\r\nfrom a file\r\nwith mixed\r\nends\r\n--B1--\r\n$/);
  }
});

test("a message as bytes that needs eight bits goes only where they are taken", async () => {
  const raw = Buffer.from("Subject: x\r\n\r\nGrüße\r\n");
  assert.throws(() => compose(withAttachment(raw, EML), SEVEN), fault("message", "attachments[0].content", /8BITMIME/));
  assert.match(await wire(withAttachment(raw, EML), EIGHT), /Content-Transfer-Encoding: 8bit/);
  assert.match(Buffer.from(await withAttachment(raw, EML).toBytes()).toString(), /Grüße/);
  const streamed = withAttachment(() => generate(raw), EML);
  await assert.rejects(bytesOf(streamed), fault("message", "attachments[0].content", /above 127/));
  assert.equal(compose(streamed, EIGHT).hasEightBit, true);
  assert.match((await bytesOf(streamed, EIGHT)).toString(), /8bit[\s\S]*Grüße/);
  assert.match(Buffer.from(await streamed.toBytes()).toString(), /Grüße/);
});

test("a streamed message with a long line or a NUL is an error on the way", async () => {
  for (const [raw, text] of [
    ["x".repeat(999), /998/],
    ["a\u0000", /NUL/],
  ] as const) {
    await assert.rejects(bytesOf(withAttachment(() => raw, EML)), fault("message", "attachments[0].content", text));
    assert.throws(() => compose(withAttachment(raw, EML), SEVEN), fault("message", "attachments[0].content"));
  }
});

test("asking for base64 of a message is an error", () => {
  for (const content of ["x", () => "x", new EmailMessage({ text: "x" })]) {
    const message = withAttachment(content, { ...EML, encoding: "base64" });
    assert.throws(() => compose(message, SEVEN), fault("message", "attachments[0].content", /encoded/));
  }
  const wrong = withAttachment(new EmailMessage({ text: "x" }), { contentType: "text/plain" });
  assert.throws(() => compose(wrong, SEVEN), fault("message", "attachments[0].content", /message\/rfc822/));
});

test("a streamed message alone in the message ends with a line end", async () => {
  const message = new EmailMessage().setContent(() => "Subject: x", { contentType: "message/rfc822" });
  assert.match(await wire(message), /Subject: x\r\n$/);
  const bytes = new EmailMessage().setContent("Subject: x", { contentType: "message/rfc822" });
  assert.match(await wire(bytes), /Subject: x\r\n$/);
});

test("a message inside that needs UTF-8 is message/global with eight bits, or an error", async () => {
  const inner = new EmailMessage({ from: "jürgen@example.org", text: "x" });
  assert.throws(
    () => compose(withAttachment(inner), EIGHT),
    fault("message", "attachments[0].content", /message\/global/),
  );
  const global = withAttachment(inner, { contentType: "message/global" });
  assert.throws(() => compose(global, SEVEN), fault("message", "attachments[0].content", /8BITMIME/));
  const { content, hasEightBit } = compose(global, EIGHT);
  assert.match(Buffer.from(content as Uint8Array).toString(), /8bit[\s\S]*From: jürgen@example\.org/);
  assert.equal(hasEightBit, true);
  assert.match(Buffer.from(await global.toBytes()).toString(), /From: jürgen@example\.org/);
});

test("a given boundary cannot be checked against a streamed message", () => {
  const message = withAttachment(() => RAW, EML);
  message.headers.set("Content-Type", "multipart/mixed; boundary=own");
  assert.throws(() => compose(message, SEVEN), fault("message", "Content-Type", /boundary/));
  const encoded = withAttachment(() => "x");
  encoded.headers.set("Content-Type", "multipart/mixed; boundary=own");
  compose(encoded, SEVEN);
});
