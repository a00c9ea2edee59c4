import assert from "node:assert/strict";
import { test } from "node:test";
import { DkimSigner } from "../../src/dkim/dkim-signer.js";
import { dkimDnsRecord } from "../../src/dkim/dns-record.js";
import { type SigningTools, type Spool, signBytesContent, signStreamContent } from "../../src/dkim/sign-content.js";
import { MessageError, OptionError } from "../../src/errors/errors.js";
import { TemporaryFile } from "../../src/message/files/temporary-file.js";
import { ALGORITHMS, KEYS, latin1, RFC_MESSAGE } from "./keys.js";
import { verdicts } from "./verify.js";

const SIGNERS = ALGORITHMS.map(
  (algorithm) => new DkimSigner({ domain: "example.org", selector: algorithm, privateKey: KEYS[algorithm].private }),
);

async function records(): Promise<ReadonlyMap<string, string>> {
  const entries = ALGORITHMS.map(
    async (one) => [`${one}._domainkey.example.org`, await dkimDnsRecord(KEYS[one].public)] as const,
  );
  return new Map(await Promise.all(entries));
}

class MemorySpool implements Spool {
  readonly chunks: Uint8Array[] = [];
  closed = 0;
  write(chunk: Uint8Array): void {
    this.chunks.push(chunk);
  }
  async *read(): AsyncGenerator<Uint8Array> {
    yield* this.chunks;
  }
  close(): void {
    this.closed++;
  }
}

function tools(spool: Spool = new MemorySpool(), signal?: AbortSignal): SigningTools {
  return { createSpool: () => spool, signal };
}

async function* chunks(text: string, size: number): AsyncGenerator<Uint8Array, undefined> {
  const bytes = latin1(text);
  for (let offset = 0; offset < bytes.length; offset += size) yield bytes.subarray(offset, offset + size);
}

async function read(source: AsyncIterator<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for (;;) {
    const next = await source.next();
    if (next.done === true) return Buffer.concat(pieces);
    pieces.push(next.value);
  }
}

async function assertSigned(bytes: Uint8Array, message: string): Promise<void> {
  const text = Buffer.from(bytes).toString("latin1");
  assert.ok(text.endsWith(message));
  assert.match(text, /^DKIM-Signature: .*a=ed25519|^DKIM-Signature: .*a=rsa/);
  assert.deepEqual(
    (await verdicts(bytes, await records())).map(({ result }) => result),
    ["pass", "pass"],
  );
}

test("bytes get their signatures in front", async () => {
  await assertSigned(await signBytesContent(SIGNERS, latin1(RFC_MESSAGE)), RFC_MESSAGE);
});

test("content that can be opened again is opened twice, and nothing is kept", async () => {
  let openings = 0;
  const open = () => {
    openings++;
    return chunks(RFC_MESSAGE, 7);
  };
  const spool = new MemorySpool();
  const { source, size } = await signStreamContent(SIGNERS, { open, isRepeatable: true }, tools(spool));
  assert.equal(openings, 2);
  const bytes = await read(source);
  assert.equal(bytes.length, size);
  assert.deepEqual(spool.chunks, []);
  await assertSigned(bytes, RFC_MESSAGE);
});

test("a stream that serves once goes through the spool, which is closed at the end", async () => {
  const spool = new MemorySpool();
  const open = () => chunks(RFC_MESSAGE, 5);
  const { source, size } = await signStreamContent(SIGNERS, { open, isRepeatable: false }, tools(spool));
  assert.equal(spool.closed, 0);
  const bytes = await read(source);
  assert.equal(bytes.length, size);
  assert.equal(spool.closed, 1);
  await assertSigned(bytes, RFC_MESSAGE);
  assert.deepEqual(await source.next(), { done: true, value: undefined });
});

test("content that changed between its readings fails before its end", async () => {
  for (const other of [
    `${RFC_MESSAGE}more\r\n`,
    RFC_MESSAGE.replace("Suzie", "Other"),
    "",
    RFC_MESSAGE.replace("lost", "won!"),
  ]) {
    const texts = [RFC_MESSAGE, other];
    const open = () => chunks(texts.shift() ?? "", 11);
    const { source } = await signStreamContent(SIGNERS, { open, isRepeatable: true }, tools());
    await assert.rejects(read(source), (error) => error instanceof MessageError && error.phase === "content");
    assert.deepEqual(await source.next(), { done: true, value: undefined });
  }
});

test("a key that cannot sign fails before anything is read", async () => {
  const broken = Buffer.from(KEYS["rsa-sha256"].private.replace(/-----[A-Z ]+-----/g, ""), "base64");
  // In the modulus.
  broken.writeUInt8(broken.readUInt8(100) ^ 0xff, 100);
  const one = new DkimSigner({ domain: "example.org", selector: "s", privateKey: broken });
  const open = () => assert.fail("was opened");
  await assert.rejects(signStreamContent([one], { open, isRepeatable: true }, tools()), OptionError);
  await assert.rejects(signBytesContent([one], latin1(RFC_MESSAGE)), OptionError);
});

test("a stream that breaks, and one that has no From, close the spool", async () => {
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield latin1("From: a\r\n");
    throw new Error("cut");
  }
  for (const [open, rule] of [
    [broken, /cut/],
    [() => chunks("To: a\r\n\r\n", 3), /no From/],
  ] as const) {
    const spool = new MemorySpool();
    await assert.rejects(signStreamContent(SIGNERS, { open, isRepeatable: false }, tools(spool)), rule);
    assert.equal(spool.closed, 1);
  }
});

test("a spool that is full stops the stream and fails the signing", async () => {
  let released = false;
  async function* endless(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) yield latin1("From: a\r\n\r\n");
    } finally {
      released = true;
    }
  }
  const spool = new MemorySpool();
  spool.write = () => {
    throw new MessageError("message", "no room");
  };
  await assert.rejects(signStreamContent(SIGNERS, { open: endless, isRepeatable: false }, tools(spool)), /no room/);
  assert.ok(released);
});

test("an abort ends the first reading at once, also of a stream that gives nothing", async () => {
  const aborting = new AbortController();
  let released = false;
  const silent: AsyncIterator<Uint8Array> = {
    next: () => new Promise(() => undefined),
    return: async () => {
      released = true;
      return { done: true, value: undefined };
    },
  };
  const spool = new MemorySpool();
  const signing = signStreamContent(
    SIGNERS,
    { open: () => silent, isRepeatable: false },
    tools(spool, aborting.signal),
  );
  setImmediate(() => aborting.abort(new Error("enough")));
  await assert.rejects(signing, /enough/);
  assert.ok(released);
  assert.equal(spool.closed, 1);
  const late = signStreamContent(SIGNERS, { open: () => silent, isRepeatable: false }, tools(spool, aborting.signal));
  await assert.rejects(late, /enough/);
});

test("told to stop, the second reading tells its content at once and closes the spool", async () => {
  const spool = new MemorySpool();
  const open = () => chunks(RFC_MESSAGE, 5);
  const { source } = await signStreamContent(SIGNERS, { open, isRepeatable: false }, tools(spool));
  await source.next();
  await source.return?.();
  await source.return?.();
  assert.equal(spool.closed, 1);
  assert.deepEqual(await source.next(), { done: true, value: undefined });
});

test("20 MB, streamed: through a temporary file and read twice, both verify and are the same message", async () => {
  const line = `${"QUJD".repeat(19)}\r\n`;
  const block = latin1(line.repeat(800));
  async function* large(): AsyncGenerator<Uint8Array, undefined> {
    yield latin1("From: a@example.org\r\nSubject: large\r\n\r\ntext  with \t spaces \r\n\r\n");
    for (let total = 0; total < 20e6; total += block.length) yield block;
    yield latin1("\r\n\r\n\r\n");
  }
  for (const isRepeatable of [true, false]) {
    const file = new TemporaryFile();
    const { source, size } = await signStreamContent(SIGNERS, { open: large, isRepeatable }, tools(file));
    const bytes = await read(source);
    assert.equal(bytes.length, size);
    assert.ok(size > 20e6);
    assert.deepEqual(
      (await verdicts(bytes, await records())).map(({ result }) => result),
      ["pass", "pass"],
    );
  }
});
