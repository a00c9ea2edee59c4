import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { Readable } from "node:stream";
import { test } from "node:test";
import { MessageError, SmtpNotSupportedError } from "../../src/errors/errors.js";
import { isRawMessage, type RawMessage, rawContent } from "../../src/submission/raw-message.js";
import type { OpenedContent } from "../../src/submission/submission.js";
import { parseCapabilities } from "../../src/wire/capabilities.js";
import { makeReply } from "../../src/wire/reply.js";

const PLAIN = parseCapabilities(makeReply(250, ["x"]));
const EIGHT_BIT = parseCapabilities(makeReply(250, ["x", "8BITMIME"]));

async function open(message: RawMessage, capabilities = EIGHT_BIT): Promise<OpenedContent> {
  return rawContent(message).open(capabilities);
}

async function text({ content, source }: OpenedContent): Promise<string> {
  if (content.kind === "bytes") return Buffer.from(content.bytes).toString("latin1");
  const chunks: Uint8Array[] = [];
  for (let next = await source?.next(); next !== undefined && next.done !== true; next = await source?.next()) {
    chunks.push(next.value);
  }
  return Buffer.concat(chunks).toString("latin1");
}

/** An iterable that tells when it was asked to stop. */
function watched(chunks: readonly unknown[]): { stream: AsyncIterable<Uint8Array>; isReleased: () => boolean } {
  let isReleased = false;
  async function* generate(): AsyncGenerator<Uint8Array> {
    try {
      for (const chunk of chunks) yield chunk as Uint8Array;
    } finally {
      isReleased = true;
    }
  }
  return { stream: generate(), isReleased: () => isReleased };
}

test("text, bytes, web streams and iterables of bytes are raw messages; plain data is not", () => {
  for (const message of ["", new Uint8Array(1), Readable.from([]), new Blob(["x"]).stream(), watched([]).stream]) {
    assert.equal(isRawMessage(message), true);
  }
  for (const message of [undefined, null, 5, {}, [], ["x"], { path: "/etc/passwd" }, { text: "x" }]) {
    assert.equal(isRawMessage(message), false);
  }
});

test("text goes as UTF-8, and is seen as what it is", async () => {
  assert.deepEqual(await open("a\n.b"), {
    content: {
      kind: "bytes",
      bytes: Buffer.from("a\r\n.b\r\n"),
      hasEightBit: false,
      hasLeadingDot: true,
    },
    hasUtf8Headers: false,
    source: undefined,
  });
  const { content } = await open("grüße\r\n");
  assert.equal(content.hasEightBit, true);
  assert.equal(content.kind === "bytes" && content.bytes.length, 9);
});

test("a lone surrogate is an error, U+FFFD of the caller's own is not", async () => {
  for (const message of ["a\ud800b", "\ude00", "\ud83d\n\ude00"]) {
    await assert.rejects(open(message), { name: "MessageError", field: "message" }, JSON.stringify(message));
  }
  assert.equal(await text(await open("\ufffd\u{1f600}\n")), Buffer.from("\ufffd\u{1f600}\r\n").toString("latin1"));
});

test("canonical bytes go out as they are, without a copy", async () => {
  const bytes = Buffer.from("a\r\n");
  const { content } = await open(bytes);
  assert.equal(content.kind === "bytes" && content.bytes, bytes);
});

test("a small stream becomes bytes, so that its size and its kind are known", async () => {
  for (const stream of [
    Readable.from([Buffer.from("a\r"), Buffer.from("\nb")]),
    new Blob(["a\r\n", "b"]).stream(),
    watched([Buffer.from("a\r\nb")]).stream,
  ]) {
    const opened = await open(stream as RawMessage);
    assert.equal(opened.content.kind, "bytes");
    assert.equal(await text(opened), "a\r\nb\r\n");
  }
});

test("a web stream is read where streams cannot be iterated, too", async () => {
  const { stream } = watched([Buffer.from("a"), Buffer.from("\n")]);
  const iterator = stream[Symbol.asyncIterator]();
  let isCancelled = false;
  const bare: RawMessage = {
    getReader: () => ({
      read: async () => {
        const { done, value } = await iterator.next();
        return { done: done === true, value: done === true ? undefined : value };
      },
      cancel: async () => {
        isCancelled = true;
      },
    }),
  };
  assert.equal(isRawMessage(bare), true);
  const raw = rawContent(bare);
  assert.equal(await text(await raw.open(PLAIN)), "a\r\n");
  raw.close();
  await Promise.resolve();
  assert.equal(isCancelled, true);
});

test("a large stream is read while it is sent, canonical across its chunks", async () => {
  const chunks = [Buffer.alloc(70_000, "x"), Buffer.from("\r"), Buffer.from("\n\n.\r"), Buffer.from("end")];
  const opened = await open(Readable.from(chunks));
  assert.deepEqual(opened.content, { kind: "stream", size: undefined, hasEightBit: undefined });
  assert.equal(await text(opened), `${"x".repeat(70_000)}\r\n\r\n.\r\nend\r\n`);
});

test("a stream serves once, but that a short one is in memory then", async () => {
  const raw = rawContent(Readable.from([Buffer.alloc(70_000, "a")]));
  await raw.open(PLAIN);
  await assert.rejects(async () => raw.open(PLAIN), MessageError);
  const short = rawContent(Readable.from([Buffer.from("a")]));
  assert.deepEqual(await short.open(PLAIN), await short.open(PLAIN));
  const again = rawContent("a\r\n");
  assert.deepEqual(await again.open(PLAIN), await again.open(PLAIN));
});

test("a stream of something else than bytes is an error, early or late, and is told to stop", async () => {
  for (const chunk of ["text", 5, null, [1]]) {
    const early = watched([chunk]);
    await assert.rejects(open(early.stream), { name: "MessageError", phase: "content" });
    assert.equal(early.isReleased(), true);
    const late = await open(watched([Buffer.alloc(70_000, "x"), chunk]).stream);
    await assert.rejects(text(late), { name: "MessageError", phase: "content" });
  }
});

test("a large stream with 8-bit bytes is stopped where the server does not take them", async () => {
  const chunks = [Buffer.alloc(70_000, "x"), Buffer.from("é")];
  await assert.rejects(text(await open(Readable.from(chunks), PLAIN)), SmtpNotSupportedError);
  assert.equal((await text(await open(Readable.from(chunks), EIGHT_BIT))).length, 70_004);
});

test("what the stream throws is the cause of a MessageError", async () => {
  const cause = new Error("disk");
  const failing = Readable.from(
    (async function* (): AsyncGenerator<Buffer> {
      yield Buffer.from("a");
      throw cause;
    })(),
  );
  await assert.rejects(open(failing), { name: "MessageError", field: "message", phase: "content", cause });
});

test("a stream that is not needed any more is told to stop", async () => {
  const large = watched([Buffer.alloc(70_000), Buffer.alloc(70_000)]);
  const { source } = await open(large.stream);
  await source?.return?.();
  assert.equal(large.isReleased(), true);

  const web = new ReadableStream<Uint8Array>({ pull: (controller) => controller.enqueue(new Uint8Array(70_000)) });
  const opened = await open(web);
  await opened.source?.return?.();
  assert.deepEqual(await opened.source?.next(), { done: true, value: undefined });
});

test("giving up a stream while it is opened tells it to stop", async () => {
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
  const raw = rawContent(hanging);
  void raw.open(PLAIN);
  raw.close();
  assert.equal(isStopped, true);
  rawContent("x").close();
});

test("a stream that is given up while it is read ahead is not taken for a shorter message", async () => {
  let stop: () => void = () => undefined;
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  const chunks = [Buffer.from("Subject: a")];
  const slow: AsyncIterable<Uint8Array> = {
    [Symbol.asyncIterator]: () => ({
      next: async () => {
        const value = chunks.shift();
        if (value !== undefined) return { done: false, value };
        await stopped;
        return { done: true, value: undefined };
      },
      return: async () => {
        stop();
        return { done: true, value: undefined };
      },
    }),
  };
  const raw = rawContent(slow);
  const opening = Promise.resolve(raw.open(PLAIN));
  raw.close();
  await assert.rejects(opening, MessageError);
  await assert.rejects(async () => raw.open(PLAIN), MessageError);
});
