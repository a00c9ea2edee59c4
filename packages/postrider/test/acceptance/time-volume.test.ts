/**
 * Time is about progress: content may take as long as it takes while its server reads and its producer gives, and no longer.
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { generateKeyPairSync } from "node:crypto";
import { Duplex } from "node:stream";
import { mock, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
// Loaded on the first connection else, and no time passes here while a file is read.
import "../../src/connection/engine.js";
import {
  type ConnectionOptions,
  type DeliveryOptions,
  DkimSigner,
  SmtpClient,
  SmtpPool,
  SmtpTimeoutError,
  type TraceEvent,
} from "../../src/index.js";
import { ENVELOPE, plain, TEXT } from "../support/plain-client.js";
import { ScriptedServer } from "../support/scripted-server.js";
import { acceptance, rejects } from "../support/settle.js";

const TIMEOUT = 1000;
/** With an author, whom a signature must cover. */
const SIGNABLE = `From: a@x.example\r\n${TEXT}`;
const LARGE = Buffer.from(`Subject: large\r\n\r\n${`${"x".repeat(78)}\r\n`.repeat(250_000)}`);

/** A server that reads commands at once, and each write of content when the test says so. */
class Reader extends Duplex {
  readonly lines: string[] = [];
  /** Content is held from now on. */
  isHolding = false;
  /** A write that is held. */
  held: { readonly isLast: boolean; goOn(): void } | undefined;
  /** Bytes of content that were read. */
  contentRead = 0;
  readonly #extensions: readonly string[];
  /** Content is awaited: until a dot, or so many bytes. */
  #content: "dot" | number | undefined;
  #input = "";
  #readOfMessage = 0;
  /** The last bytes of the content that was read. */
  #tail = "";

  constructor(extensions: readonly string[]) {
    super({ writableHighWaterMark: 1 });
    this.#extensions = extensions;
    queueMicrotask(() => this.push("220 reader\r\n"));
  }

  override _read(): void {}

  override _write(chunk: Buffer, _: unknown, done: () => void): void {
    const text = chunk.toString("latin1");
    const hear = (): void => {
      this.held = undefined;
      this.#input += text;
      while (this.#hear());
      done();
    };
    if (!this.isHolding || this.#content === undefined) return hear();
    const isLast =
      this.#content === "dot" ? endsContent(this.#tail + text) : this.#readOfMessage + text.length === this.#content;
    this.held = { isLast, goOn: hear };
  }

  /** Takes one line or the content; false when it has not come whole. */
  #hear(): boolean {
    if (this.#content !== undefined) return this.#hearContent();
    const end = this.#input.indexOf("\r\n");
    if (end === -1) return false;
    const line = this.#input.slice(0, end);
    this.#input = this.#input.slice(end + 2);
    this.lines.push(line);
    this.#answer(line);
    return true;
  }

  #hearContent(): boolean {
    const isDot = this.#content === "dot";
    const isWhole = isDot
      ? endsContent(this.#tail + this.#input)
      : this.#readOfMessage + this.#input.length === this.#content;
    this.#tail = (this.#tail + this.#input).slice(-5);
    this.#readOfMessage += this.#input.length;
    this.#input = "";
    if (!isWhole) return false;
    this.contentRead += this.#readOfMessage;
    this.#readOfMessage = 0;
    this.#tail = "";
    this.#content = undefined;
    this.push("250 taken\r\n");
    return false;
  }

  #answer(line: string): void {
    const [verb, size] = line.split(" ");
    if (verb === "BDAT") this.#content = Number(size);
    else if (verb === "DATA") this.#content = "dot";
    if (verb === "EHLO")
      this.push(["250-reader", ...this.#extensions.map((one) => `250-${one}`), "250 HELP", ""].join("\r\n"));
    else if (verb === "DATA") this.push("354 go\r\n");
    else if (verb !== "BDAT") this.push("250 OK\r\n");
  }
}

const endsContent = (text: string): boolean => text.endsWith("\r\n.\r\n");

const WAYS = [
  ["DATA", []],
  ["BDAT", ["PIPELINING", "CHUNKING"]],
] as const;

/** Sends the large message behind a small one, so that BDAT is tried, and steps through time for as long as the server reads. */
async function sendLarge(extensions: readonly string[], step: (held: NonNullable<Reader["held"]>) => boolean) {
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    const reader = new Reader(extensions);
    const client = new SmtpClient({
      socket: reader,
      startTls: false,
      localHostname: "client.example",
      timeout: TIMEOUT,
      deliveryTimeout: 10 * TIMEOUT,
    });
    await client.connect();
    await client.send(TEXT, ENVELOPE);
    reader.isHolding = true;
    let ending: { result: unknown } | { error: unknown } | undefined;
    void client.send(LARGE, ENVELOPE).then(
      (result) => (ending = { result }),
      (error: unknown) => (ending = { error }),
    );
    let isReading = true;
    while (ending === undefined && isReading) {
      await turn();
      if (reader.held !== undefined) isReading = step(reader.held);
    }
    return {
      reader,
      client,
      /** What has become of the message by now. */
      async ending() {
        for (let count = 0; count < 20; count++) await turn();
        return ending;
      },
    };
  } catch (error) {
    mock.timers.reset();
    throw error;
  }
}

for (const [verb, extensions] of WAYS) {
  test(`20 MB by ${verb} to a server that reads all the time may take far longer than the timeout`, async () => {
    try {
      let milliseconds = 0;
      const { reader, client, ending } = await sendLarge(extensions, (held) => {
        mock.timers.tick(TIMEOUT - 1);
        milliseconds += TIMEOUT - 1;
        held.goOn();
        return true;
      });
      assert.ok(
        reader.lines.some((line) => line.startsWith(verb)),
        reader.lines.join(),
      );
      const sent = await ending();
      assert.ok(sent !== undefined && "result" in sent, JSON.stringify(sent));
      assert.ok(milliseconds > 20 * TIMEOUT, `${milliseconds} ms`);
      assert.ok(reader.contentRead >= TEXT.length + LARGE.length);
      client.close();
    } finally {
      mock.timers.reset();
    }
  });

  for (const [where, slices, outcome] of [
    ["at the first slice", 0, "not-sent"],
    ["in the middle", 60, "not-sent"],
    ["at the last slice", Number.POSITIVE_INFINITY, "unknown"],
  ] as const) {
    test(`a server that stops reading ${where} of ${verb} is given up after the timeout: ${outcome}`, async () => {
      try {
        let taken = 0;
        const { reader, client, ending } = await sendLarge(extensions, (held) => {
          if (taken++ >= slices || held.isLast) return false;
          held.goOn();
          return true;
        });
        mock.timers.tick(TIMEOUT - 1);
        assert.equal(await ending(), undefined);
        mock.timers.tick(1);
        const failed = await ending();
        assert.ok(failed !== undefined && "error" in failed && failed.error instanceof SmtpTimeoutError);
        const { timeout, phase } = failed.error;
        assert.deepEqual([timeout, phase, failed.error.outcome], [TIMEOUT, "content", outcome]);
        assert.equal(client.isConnected, false);
        reader.destroy();
      } finally {
        mock.timers.reset();
      }
    });
  }
}

const { privateKey } = generateKeyPairSync("ed25519", {
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
  publicKeyEncoding: { type: "spki", format: "pem" },
});
const dkim = new DkimSigner({ domain: "x.example", selector: "s", privateKey });

/** A producer that gives so many bytes and no more, and says when it is asked in vain. */
function stalling(bytes: number): { content: AsyncIterable<Uint8Array>; stalled: Promise<void> } {
  let resolve = (): void => undefined;
  const stalled = new Promise<void>((done) => {
    resolve = done;
  });
  const content = async function* (): AsyncGenerator<Uint8Array> {
    const head = Buffer.from("From: a@x.example\r\nTo: b@y.example\r\nSubject: slow\r\n\r\n");
    const whole = Buffer.concat([head, Buffer.alloc(Math.max(0, bytes - head.length), "x\r\n")]);
    for (let start = 0; start < bytes; start += 8192) yield whole.subarray(start, Math.min(bytes, start + 8192));
    resolve();
    await new Promise(() => undefined);
  };
  return { content: content(), stalled };
}

/** Before anything of the message is written, since it is read that far first. */
const STALLS: readonly (readonly [string, number, ConnectionOptions, DeliveryOptions])[] = [
  ["gives nothing", 0, {}, ENVELOPE],
  ["stalls within its first 64 KiB", 40_000, {}, ENVELOPE],
  ["stalls in its header, which names the envelope", 20, {}, { envelopeFromHeaders: true }],
  ["stalls anywhere while it is read to be signed", 300_000, { dkim }, ENVELOPE],
];

for (const [what, bytes, options, delivery] of STALLS) {
  acceptance(`a producer that ${what} is given up after the timeout, and the client goes on`, async () => {
    await using server = await ScriptedServer.start();
    let written = "";
    const trace = (event: TraceEvent): void => {
      if (event.type === "client") written += event.line;
    };
    const client = await SmtpClient.connect({ ...plain(server), ...options, timeout: TIMEOUT, trace });
    await client.ehlo();
    mock.timers.enable({ apis: ["setTimeout"] });
    try {
      const { content, stalled } = stalling(bytes);
      const slow = rejects(client.send(content, delivery), SmtpTimeoutError);
      const behind = client.send(SIGNABLE, ENVELOPE);
      await stalled;
      for (let count = 0; count < 20; count++) await turn();
      // No time passes while the server owes a reply.
      if (written.includes("MAIL")) await behind;
      mock.timers.tick(TIMEOUT);
      const error = await slow;
      assert.deepEqual([error.phase, error.outcome, error.timeout], ["content", "not-sent", TIMEOUT]);
      await behind;
      assert.equal(server.messages.length, 1);
      assert.equal(server.connections.length, 1);
    } finally {
      mock.timers.reset();
    }
    await client.quit();
  });

  acceptance(`a producer that ${what} holds up no other message of a pool`, async () => {
    await using server = await ScriptedServer.start();
    await using pool = new SmtpPool({ ...plain(server), ...options, timeout: TIMEOUT });
    await pool.send(SIGNABLE, ENVELOPE);
    mock.timers.enable({ apis: ["setTimeout"] });
    try {
      const { content, stalled } = stalling(bytes);
      const slow = rejects(pool.send(content, delivery), SmtpTimeoutError);
      const others = Promise.all(Array.from({ length: 5 }, () => pool.send(SIGNABLE, ENVELOPE)));
      await stalled;
      // No time passes here.
      await others;
      mock.timers.tick(TIMEOUT);
      assert.equal((await slow).outcome, "not-sent");
      assert.equal(server.messages.length, 6);
    } finally {
      mock.timers.reset();
    }
  });
}

acceptance(
  "a producer that stalls in the middle of its content ends the connection without the dot; a pool goes on",
  async () => {
    await using server = await ScriptedServer.start();
    await using pool = new SmtpPool({ ...plain(server), timeout: TIMEOUT });
    await pool.send(SIGNABLE, ENVELOPE);
    mock.timers.enable({ apis: ["setTimeout"] });
    try {
      const { content, stalled } = stalling(200_000);
      let isOver = false;
      const slow = rejects(pool.send(content, ENVELOPE), SmtpTimeoutError).finally(() => (isOver = true));
      const others = Promise.all(Array.from({ length: 5 }, () => pool.send(SIGNABLE, ENVELOPE)));
      await stalled;
      await others;
      // What the kernel still takes of it is progress, and begins the time anew.
      while (!isOver) {
        mock.timers.tick(TIMEOUT);
        await turn();
      }
      const error = await slow;
      assert.deepEqual([error.phase, error.outcome, error.timeout], ["content", "not-sent", TIMEOUT]);
      await pool.send(SIGNABLE, ENVELOPE);
      assert.equal(server.messages.length, 7);
    } finally {
      mock.timers.reset();
    }
  },
);
