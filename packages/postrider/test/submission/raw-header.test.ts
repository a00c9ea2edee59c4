import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { Readable } from "node:stream";
import { test } from "node:test";
import type { DeliveryOptions } from "../../src/options/delivery-options.js";
import { deliveryOptions } from "../../src/options/delivery-options.js";
import { prepareSubmission } from "../../src/submission/prepare.js";
import { readRawHeader } from "../../src/submission/raw-header.js";
import type { RawMessage } from "../../src/submission/raw-message.js";
import type { Submission } from "../../src/submission/submission.js";
import { parseCapabilities } from "../../src/wire/capabilities.js";
import { makeReply } from "../../src/wire/reply.js";
import { fault } from "../message/support.js";

const FULL = parseCapabilities(makeReply(250, ["x", "8BITMIME", "SMTPUTF8"]));

function prepare(message: RawMessage, options: DeliveryOptions = {}): Submission | Promise<Submission> {
  return prepareSubmission(message, deliveryOptions({ envelopeFromHeaders: true, ...options }));
}

function parties({ envelope }: Submission): unknown {
  return [envelope.sender?.address, ...envelope.recipients.map(({ address }) => address)];
}

async function wire(submission: Submission): Promise<string> {
  const { content, source } = await submission.open(FULL);
  if (content.kind === "bytes") return Buffer.from(content.bytes).toString();
  const chunks: Uint8Array[] = [];
  for (let next = await source?.next(); next !== undefined && next.done !== true; next = await source?.next()) {
    chunks.push(next.value);
  }
  return Buffer.concat(chunks).toString();
}

/** The message in every form, cut in many ways. */
function* forms(text: string): Generator<RawMessage> {
  const bytes = Buffer.from(text);
  yield text;
  yield bytes;
  yield Readable.from([bytes]);
  yield Readable.from(Array.from(bytes, (byte) => Uint8Array.of(byte)));
  yield new Blob([bytes]).stream();
}

const MESSAGE = [
  "Received: by x",
  "From: Ann <ann@x.example>",
  "BCC: Hidden <hidden@y.example>,",
  "\t=?utf-8?q?H=C3=B6rer?= <heard@y.example>",
  "To: Team: bob@y.example, cyd@y.example;,",
  " dan@y.example",
  "Resent-Bcc : nobody@y.example",
  "Subject: Bcc: not this",
  "Message-ID: <1@x.example>",
  "",
  "Bcc: this is body",
  "",
].join("\r\n");

test("sender and recipients come from the header, and Bcc leaves with no byte", async () => {
  for (const form of forms(MESSAGE)) {
    const submission = await prepare(form);
    assert.deepEqual(parties(submission), [
      "ann@x.example",
      "bob@y.example",
      "cyd@y.example",
      "dan@y.example",
      "hidden@y.example",
      "heard@y.example",
    ]);
    assert.equal(submission.messageId, "<1@x.example>");
    const kept = MESSAGE.split("\r\n").filter((line) => !/^(BCC|\t=|Resent)/.test(line));
    assert.equal(await wire(submission), kept.join("\r\n"));
  }
});

test("lines that end in LF alone are the same header", async () => {
  for (const form of forms(MESSAGE.replaceAll("\r\n", "\n"))) {
    const text = await wire(await prepare(form));
    assert.doesNotMatch(text, /hidden|nobody/);
    assert.ok(text.endsWith("\r\n\r\nBcc: this is body\r\n"));
  }
});

test("a message without Bcc goes out as the same bytes", async () => {
  const bytes = Buffer.from("Subject: a\r\nTo: b@y.example\r\nFrom: a@x.example\r\n\r\nbody\r\n");
  const { content } = await (await prepare(bytes)).open(FULL);
  assert.deepEqual(content.kind === "bytes" && content.bytes, bytes);
});

test("Sender goes before From, and with one Resent-Date the resent fields count", async () => {
  const sent = await prepare("Sender: s@x.example\nFrom: a@x.example, b@x.example\nTo: t@y.example\n\n");
  assert.deepEqual(parties(sent), ["s@x.example", "t@y.example"]);
  const resent =
    "Resent-Date: x\nResent-From: r@x.example\nResent-To: t@y.example\nResent-Bcc: h@y.example\nFrom: a@x.example\nTo: b@y.example\n\n";
  const submission = await prepare(resent);
  assert.deepEqual(parties(submission), ["r@x.example", "t@y.example", "h@y.example"]);
  assert.doesNotMatch(await wire(submission), /h@y/);
});

test("what is given goes before the header, and Bcc stays hidden all the same", async () => {
  const text = "From: a@x.example\nTo: b@y.example\nBcc: h@y.example\n\n";
  const cases: [DeliveryOptions, string[]][] = [
    [{ sender: "s@x.example" }, ["s@x.example", "b@y.example", "h@y.example"]],
    [{ recipients: "r@y.example" }, ["a@x.example", "r@y.example"]],
    [{ sender: "s@x.example", recipients: ["r@y.example"] }, ["s@x.example", "r@y.example"]],
  ];
  for (const [options, expected] of cases) {
    const submission = await prepare(text, options);
    assert.deepEqual(parties(submission), expected);
    assert.doesNotMatch(await wire(submission), /\bbcc\b|h@y/i);
  }
  const broken = "From: oops\nFrom: again\nTo: oops\n\n";
  const given = { sender: "", recipients: "r@y.example" } as const;
  assert.deepEqual(parties(await prepare(broken, given)), [undefined, "r@y.example"]);
});

test("a header that says nothing clear is an error that names the field, and the stream is told to stop", async () => {
  const cases: [string, ReturnType<typeof fault>][] = [
    ["To: b@y.example\n\nx", fault("message", "From", /no sender/)],
    ["From: a@x.example\n\nx", fault("message", "To", /no recipients/)],
    ["\nFrom: a@x.example", fault("message", "message", /empty line/)],
    ["From: a@x.example\nFrom: b@x.example\nTo: c@y.example\n\n", fault("message", "From", /more than once/)],
    ["From: a@x.example\nTo: b@y.example, oops\n\n", fault("address", "To")],
    ["From: a@x.example\nTo: b@y.example\nno field\n\n", fault("message", "headers", /line 3/)],
    ["From: a@x.example\nTo: b@y.example\rBcc: h@y.example\n\n", fault("message", "To", /control character/)],
    ["From: a@x.example\nTo: b@y.example\n\rBcc: h@y.example\n\n", fault("message", "headers", /line 3/)],
    ["Resent-Date: x\nResent-Date: y\nFrom: a@x.example\nTo: b@y.example\n\n", fault("message", "Resent-Date")],
    ["\ufeffFrom: a@x.example\nTo: b@y.example\n\n", fault("message", "message", /byte order mark/)],
  ];
  assert.throws(() => prepare(""), fault("message", "From", /no sender/));
  for (const [text, expected] of cases) {
    assert.throws(() => prepare(text), expected, text);
    const { stream, isReleased } = watched([text, "\n\nmore"]);
    await assert.rejects(async () => prepare(stream), expected, text);
    assert.equal(isReleased(), true);
  }
});

test("a header in UTF-8 asks for SMTPUTF8, encoded words and the body do not", async () => {
  const head = "From: a@x.example\nTo: b@y.example\nSubject: ";
  for (const [text, expected] of [
    [`${head}Gr\u00fc\u00dfe\n\n`, true],
    [`${head}=?utf-8?q?Gr=C3=BC=C3=9Fe?=\n\nGr\u00fc\u00dfe`, false],
  ] as const) {
    for (const form of forms(text)) {
      assert.equal((await (await prepare(form)).open(FULL)).hasUtf8Headers, expected);
    }
  }
});

test("of a stream no more is read than the chunks up to the empty line", async () => {
  const { stream, taken } = watched(["From: a@x.example\nTo: b@y.example\n", "\nbody 1\n", "body 2\n", "body 3"]);
  const submission = await prepare(stream);
  assert.equal(taken(), 2);
  assert.equal(await wire(submission), "From: a@x.example\r\nTo: b@y.example\r\n\r\nbody 1\r\nbody 2\r\nbody 3\r\n");
});

test("a header without end is refused before it fills the memory", async () => {
  let given = 0;
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (; ; given += 1) yield Buffer.from(`X-${given}: ${"x".repeat(900)}\n`.repeat(64));
  }
  await assert.rejects(async () => prepare(endless()), fault("message", "message", /longer than/));
  assert.ok(given < 100);
  assert.throws(() => prepare(`From: a\n${" x\n".repeat(2_000_000)}`), fault("message", "headers", /longer than/));
});

test("a stream that fails or gives no bytes fails as it does when it is sent", async () => {
  const cause = new Error("disk");
  async function* failing(): AsyncGenerator<Uint8Array> {
    yield Buffer.from("From: a@x.example\n");
    throw cause;
  }
  await assert.rejects(async () => prepare(failing()), { name: "MessageError", field: "message", cause });
  await assert.rejects(
    async () => prepare(Readable.from(["text"]) as unknown as RawMessage),
    fault("message", "message", /not of strings/),
  );
});

test("an abort does not wait for the stream", async () => {
  let isStopped = false;
  const hanging: AsyncIterable<Uint8Array> = {
    [Symbol.asyncIterator]: () => ({
      next: () => new Promise(() => undefined),
      return: async () => {
        isStopped = true;
        return { done: true, value: undefined };
      },
    }),
  };
  const reason = new Error("enough");
  const aborting = new AbortController();
  const reading = Promise.resolve(readRawHeader(hanging, aborting.signal));
  aborting.abort(reason);
  await assert.rejects(reading, reason);
  assert.equal(isStopped, true);
  await assert.rejects(Promise.resolve(readRawHeader(hanging, AbortSignal.abort(reason))), reason);
});

/** An iterable that tells how much of it was taken, and when it was asked to stop. */
function watched(chunks: readonly string[]): {
  stream: AsyncIterable<Uint8Array>;
  taken: () => number;
  isReleased: () => boolean;
} {
  let taken = 0;
  let isReleased = false;
  async function* generate(): AsyncGenerator<Uint8Array> {
    try {
      for (const chunk of chunks) {
        taken += 1;
        yield Buffer.from(chunk);
      }
    } finally {
      isReleased = true;
    }
  }
  return { stream: generate(), taken: () => taken, isReleased: () => isReleased };
}

test("a file whose lines end in CR alone is read as it is sent", async () => {
  const lines = ["From: a@x.example", "To: b@x.example,", " c@x.example", "Bcc: d@x.example", "", "one", "two", ""];
  for (const message of forms(lines.join("\r"))) {
    const submission = await prepare(message);
    assert.deepEqual(parties(submission), ["a@x.example", "b@x.example", "c@x.example", "d@x.example"]);
    assert.equal(await wire(submission), lines.filter((line) => !line.startsWith("Bcc")).join("\r\n"));
  }
});

test("a CR among other line ends of a header stays a fault", async () => {
  for (const text of [
    "From: a@x.example\r\nTo: b@x.example\rBcc: e@v.example\r\n\r\nx",
    "From: a@x.example\rBcc: e@v.example\nTo: b@x.example\n\nx",
    "Subject: x\rBcc: e@v.example\r\nFrom: a@x.example\r\nTo: b@x.example\r\n\r\nx\r\ry",
    "Subject: x\r\r\nFrom: a@x.example\r\r\nTo: b@x.example\r\r\n\r\r\nx",
  ]) {
    for (const message of forms(text)) {
      await assert.rejects(async () => prepare(message), { name: "MessageError", message: /control character/ });
    }
  }
});

test("what stands before the first field of some files is named, with and without a look at the header", async () => {
  const header = "From: a@x.example\r\nTo: b@x.example\r\n\r\nx\r\n";
  const utf16 = Buffer.from(`\ufeff${header}`, "utf16le");
  const asBytes = (bytes: Uint8Array): RawMessage[] => [
    bytes,
    Readable.from([bytes]),
    Readable.from([...bytes].map((byte) => Uint8Array.of(byte))),
  ];
  for (const [messages, words] of [
    [forms(`\r\n${header}`), /begins with an empty line/],
    [forms(`\n${header}`), /begins with an empty line/],
    [forms(`\ufeff${header}`), /byte order mark \(U\+FEFF\)/],
    [forms(`From ann@x.example Sat Nov 22 18:00:00 2025\n${header}`), /mbox/],
    [asBytes(utf16), /UTF-16/],
    [asBytes(Buffer.from(utf16).swap16()), /UTF-16/],
    [asBytes(Buffer.from(header, "utf16le")), /UTF-16/],
  ] as const) {
    for (const message of messages) {
      const isStream = typeof message !== "string" && !(message instanceof Uint8Array);
      const look = { name: "MessageError", field: "message", message: words, outcome: "not-sent" };
      // A stream serves once.
      if (!isStream) await assert.rejects(async () => prepare(message), look);
      const options = deliveryOptions({ sender: "a@x.example", recipients: "b@x.example" });
      await assert.rejects(async () => wire(await prepareSubmission(message, options)), look);
    }
  }
  for (const message of forms(`\ufeff${header}`)) await assert.rejects(async () => prepare(message), /byte order mark/);
  assert.deepEqual(parties(await prepare(`From : a@x.example\r\nTo: b@x.example\r\n\r\nx`)), [
    "a@x.example",
    "b@x.example",
  ]);
});

test("what cannot be seen in a header is shown escaped", async () => {
  await assert.rejects(async () => prepare("\u200bFrom: a@x.example\r\n\r\nx"), {
    message: /line 1 is not a header field: "\\u\{200b\}From: a@x\.example"/,
  });
});
