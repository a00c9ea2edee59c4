/**
 * What was checked is what is sent: whatever the caller does with its bytes and objects after it handed them in.
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { Readable } from "node:stream";
import { test } from "node:test";
import { runInNewContext } from "node:vm";
import { EmailMessage, type MessageInput, MimeMultipart, MimePart, SmtpPool, send } from "../../src/index.js";
import { fromOtherCopy } from "../support/other-copy.js";
import { plain } from "../support/plain-client.js";
import { ScriptedServer } from "../support/scripted-server.js";
import { acceptance } from "../support/settle.js";

const ENVELOPE = { sender: "a@x.example", recipients: ["b@y.example"] } as const;
const FIELDS = { from: "a@x.example", to: "b@y.example", subject: "Hi" } as const;
const GOOD = Buffer.from("Subject: good\r\n\r\ngood good good good good good\r\n");
const EVIL = Buffer.from("Subject: evil\r\n\r\n.\r\nMAIL FROM:<evil@x.example>\r\n");

/** Bytes with the good text, and what makes evil of them. */
const CHANGING: Readonly<Record<string, () => { bytes: unknown; change: () => void }>> = {
  Buffer: () => {
    const bytes = Buffer.from(GOOD);
    return { bytes, change: () => bytes.set(EVIL) };
  },
  ArrayBuffer: () => {
    const bytes = Uint8Array.from(GOOD);
    return { bytes: bytes.buffer, change: () => bytes.set(EVIL) };
  },
  SharedArrayBuffer: () => {
    const buffer = new SharedArrayBuffer(GOOD.length);
    new Uint8Array(buffer).set(GOOD);
    return { bytes: new Uint8Array(buffer), change: () => new Uint8Array(buffer).set(EVIL) };
  },
  "resizable ArrayBuffer": () => {
    const Resizable = ArrayBuffer as unknown as new (
      size: number,
      options: { maxByteLength: number },
    ) => ArrayBuffer & { resize(size: number): void };
    const buffer = new Resizable(GOOD.length, { maxByteLength: GOOD.length * 2 });
    new Uint8Array(buffer).set(GOOD);
    return { bytes: new Uint8Array(buffer), change: () => buffer.resize(3) };
  },
  "transferred ArrayBuffer": () => {
    const bytes = Uint8Array.from(GOOD);
    return { bytes, change: () => structuredClone(bytes, { transfer: [bytes.buffer] }) };
  },
};

const PLACES: Readonly<Record<string, (content: unknown) => MessageInput>> = {
  raw: (content) => content as never,
  attachment: (content) => ({ ...FIELDS, attachments: [{ content: content as never }] }),
  "attached message": (content) => ({ ...FIELDS, attachments: [{ filename: "a.eml", content: content as never }] }),
  "attachment beside a stream": (content) => ({
    ...FIELDS,
    attachments: [{ content: Readable.from([Buffer.from("x")]) }, { content: content as never }],
  }),
  "array of pieces": (content) => ({ ...FIELDS, attachments: [{ content: [content] as never }] }),
  EmailMessage: (content) => new EmailMessage(FIELDS).addAttachment(content as never),
};

acceptance("bytes that change after send() was called are sent as they were", async () => {
  await using server = await ScriptedServer.start({ extensions: [] });
  await using pool = new SmtpPool(plain(server));
  let sent = 0;
  for (const [kind, make] of Object.entries(CHANGING)) {
    for (const [place, message] of Object.entries(PLACES)) {
      const { bytes, change } = make();
      const sending = [message(bytes)].map((one) => [
        send(one, { ...plain(server), ...ENVELOPE }),
        pool.send(one, ENVELOPE),
      ]);
      change();
      // The message that holds a stream that serves once is sent by one of them only.
      const outcomes = await Promise.allSettled(sending.flat());
      sent += outcomes.filter(({ status }) => status === "fulfilled").length;
      const name = `${kind} as ${place}`;
      assert.equal(server.messages.length, sent, `${name}: nothing was smuggled in`);
      for (const { raw } of server.messages.slice(-1)) {
        const text = raw.toString("latin1");
        const encoded = GOOD.toString("base64").slice(0, 60);
        assert.ok(text.includes(encoded) || text.includes(GOOD.toString()), `${name}: ${text}`);
      }
    }
  }
  assert.ok(sent >= Object.keys(CHANGING).length * Object.keys(PLACES).length);
});

acceptance("a producer that fills one buffer again and again is sent chunk by chunk", async () => {
  await using server = await ScriptedServer.start();
  const letters = Array.from({ length: 20 }, (_, index) => String.fromCharCode(97 + index));
  async function* reusing(): AsyncGenerator<Uint8Array> {
    const buffer = Buffer.alloc(10_000);
    for (const letter of letters) {
      buffer.fill(letter);
      for (let at = 500; at < buffer.length; at += 500) buffer.write("\r\n", at);
      yield buffer;
      buffer.fill("!");
    }
  }
  const read = (content: Buffer): string => [...new Set(content.toString("latin1").match(/[a-z!]/g) ?? [])].join("");
  await send(reusing(), { ...plain(server), ...ENVELOPE });
  assert.equal(read(server.messages[0]?.raw ?? Buffer.alloc(0)), letters.join(""));
  await send({ ...FIELDS, attachments: [{ content: reusing() }] }, plain(server));
  const [, body = ""] = (server.messages[1]?.raw.toString("latin1") ?? "").split("base64\r\n");
  const [, encoded = ""] = body.split("\r\n\r\n");
  assert.equal(read(Buffer.from(encoded.split("\r\n--")[0] ?? "", "base64")), letters.join(""));
});

test("getters are read once, and arrays that grow while they are read end", async () => {
  let reads = 0;
  const attachments: unknown[] = [];
  const growing = {
    filename: "a.txt",
    get content(): string {
      attachments.push(growing);
      return `read ${++reads}`;
    },
  };
  attachments.push(growing);
  const fields = {
    from: "a@x.example",
    get to(): string {
      return ++reads > 100 ? "evil@x.example" : "b@y.example";
    },
    attachments,
  };
  const message = new EmailMessage(fields as never);
  assert.equal(reads, 2);
  assert.equal(message.parts.length || 1, 1);
});

test("what a getter throws is the cause of a MessageError", () => {
  const cause = new Error("getter");
  const fields = {
    get subject(): string {
      throw cause;
    },
  };
  assert.throws(() => new EmailMessage(fields), { name: "MessageError", field: "message", cause });
});

acceptance("what stands on Object.prototype is obeyed in no message and no option", async () => {
  await using server = await ScriptedServer.start({ extensions: ["DSN"] });
  const pollution = {
    bcc: "evil@x.example",
    cc: "evil@x.example",
    sender: "evil@x.example",
    recipients: ["evil@x.example"],
    headers: { "X-Evil": "1" },
    replyTo: "evil@x.example",
    attachments: [{ content: "evil" }],
    filename: "evil.exe",
    contentId: "evil",
    disposition: "inline",
    content: "evil",
    members: ["evil@x.example"],
    url: "smtp://evil.example",
    hostname: "evil.example",
    socketPath: "/evil",
    mailOptions: ["EVIL"],
    rcptOptions: ["EVIL"],
    dsn: { return: "full" },
    envelopeFromHeaders: true,
    notify: "never",
    originalRecipient: "rfc822;evil@x.example",
    envelopeId: "evil",
    nonsense: "evil",
  };
  for (const [name, value] of Object.entries(pollution)) {
    Object.defineProperty(Object.prototype, name, { value, enumerable: true, configurable: true, writable: true });
    try {
      const before = server.lines.length;
      const options = { startTls: false, localHostname: "client.example", ...server.address };

      await send({ ...FIELDS, text: "x", attachments: [{ content: "x" }] }, options);
      await using pool = new SmtpPool(options);
      await pool.send({ ...FIELDS, to: { address: "b@y.example" }, text: "x" });
      const recipients = [{ address: "b@y.example" }];
      await pool.send("Subject: a\r\n\r\n", { sender: "a@x.example", recipients, dsn: { envelopeId: "mine" } });
      const lines = [...server.lines.slice(before), ...server.messages.map(({ text }) => text)].join("\n");
      assert.doesNotMatch(lines, /evil|NOTIFY|RET=/i, name);
    } finally {
      delete (Object.prototype as Record<string, unknown>)[name];
    }
  }
});

acceptance("bytes, blobs, streams, dates and URLs of another realm are what they are", async () => {
  await using server = await ScriptedServer.start();
  const foreign = (code: string): never => runInNewContext(code, { Blob, ReadableStream, Buffer }) as never;
  const raw = JSON.stringify(GOOD.toString());
  const raws = [
    `Uint8Array.from(Buffer.from(${raw}))`,
    `Uint8Array.from(Buffer.from(${raw})).buffer`,
    `new DataView(Uint8Array.from(Buffer.from(${raw})).buffer)`,
    `new Blob([${raw}])`,
    `new Blob([Uint8Array.from(Buffer.from(${raw}))]).stream()`,
    `(async function* () { yield Uint8Array.from(Buffer.from(${raw})); })()`,
  ];
  for (const code of raws) {
    await send(foreign(code), { ...plain(server), ...ENVELOPE });
    assert.equal(server.messages.at(-1)?.raw.toString(), GOOD.toString(), code);
    await send({ ...FIELDS, attachments: [{ content: foreign(code) }] }, plain(server));
    assert.ok(server.messages.at(-1)?.raw.includes(GOOD.toString("base64").slice(0, 60)), code);
  }
  const url = { href: "https://x.example/", protocol: "https:" } as unknown as URL;
  const message = { ...FIELDS, date: foreign("new Date(0)"), list: { help: url }, text: "x" };
  await send(message, { ...plain(server), holdUntil: undefined });
  assert.match(server.messages.at(-1)?.text ?? "", /^Date: Thu, 01 Jan 1970 00:00:00 \+0000\r\n/m);
  assert.match(server.messages.at(-1)?.text ?? "", /^List-Help: <https:\/\/x\.example\/>/m);
});

test("the wrong type of content is named, with its value", () => {
  const table: readonly (readonly [Record<string, unknown>, string, RegExp])[] = [
    [{ html: Buffer.from("<p>") }, "html", /must be a string.*not a Buffer of 3 bytes/],
    [{ text: 5 }, "text", /not a number \(5\)/],
    [{ html: Promise.resolve("<p>") }, "html", /await it/],
    [{ text: { content: Buffer.from("x") } }, "text.content", /not a Buffer of 1 bytes/],
    [{ attachments: [{ content: Promise.resolve("x") }] }, "attachments[0].content", /await it/],
    [{ attachments: [{ content: 5 }] }, "attachments[0].content", /not a number \(5\)/],
    [
      { attachments: [{ content: JSON.parse(JSON.stringify(Buffer.from("x"))) }] },
      "attachments[0].content",
      /Buffer that went through JSON/,
    ],
    [{ attachments: [Promise.resolve({})] }, "attachments[0]", /await it/],
  ];
  for (const [fields, field, message] of table) {
    assert.throws(() => new EmailMessage(fields as never), { name: "MessageError", field, message });
  }
});

acceptance("an ArrayBuffer, a Response and its body are content", async () => {
  await using server = await ScriptedServer.start();
  const contents = [
    () => Uint8Array.from(GOOD).buffer,
    () => new Response(GOOD),
    () => new Response(GOOD).body,
    () => () => new Response(GOOD),
  ];
  for (const content of contents) {
    await send({ ...FIELDS, attachments: [{ content: content() as never }] }, plain(server));
    assert.ok(server.messages.at(-1)?.raw.includes(GOOD.toString("base64").slice(0, 60)));
  }
  await assert.rejects(send(Promise.resolve("x") as never, { ...plain(server), ...ENVELOPE }), {
    name: "MessageError",
    field: "message",
    message: /await it/,
  });
});

/** A message inside a message inside a message, or the same with multiparts. */
function nested(levels: number, wrap: (inner: MimePart) => MimePart): MimePart {
  let part: MimePart = new MimePart({ content: "x" });
  for (let level = 0; level < levels; level++) part = wrap(part);
  return part;
}

test("parts that are nested too deep, or doubled at each level, are a MessageError", async () => {
  const wraps: readonly ((inner: MimePart) => MimePart)[] = [
    (inner) => new MimeMultipart("mixed", [inner]),
    (inner) => new MimePart({ content: inner as never, contentType: "message/rfc822" }),
    (inner) => new EmailMessage({ ...FIELDS, attachments: [{ content: inner as never }] }),
  ];
  for (const wrap of wraps) {
    const message = new EmailMessage(FIELDS).setContent(nested(2500, wrap));
    const fault = { name: "MessageError", field: "parts", message: /nested deeper than/ };
    await assert.rejects(message.toBytes(), fault);
    await assert.rejects(send(message, { hostname: "127.0.0.1", port: 9 }), fault);
  }
  const doubled = nested(40, (inner) => new MimeMultipart("mixed", [inner, inner]));
  await assert.rejects(doubled.toBytes(), { name: "MessageError", message: /more than 100000 parts/ });
});

test("a message of another copy of the package is a message, and of another form an error that says so", async (t) => {
  const copy = (await fromOtherCopy(t, "message/email-message.js")) as { readonly EmailMessage: typeof EmailMessage };
  assert.notEqual(copy.EmailMessage, EmailMessage);
  const other = new copy.EmailMessage({ ...FIELDS, text: "from the other copy" });
  const outer = new EmailMessage({ ...FIELDS, attachments: [{ content: other }] });
  assert.match(Buffer.from(await outer.toBytes()).toString(), /message\/rfc822[\s\S]*from the other copy/);
  const strange = { [Symbol.for("postrider.MimePart")]: "message/99" };
  const fault = { name: "MessageError", message: /another version of postrider/ };
  assert.throws(() => new EmailMessage({ attachments: [{ content: strange as never }] }), fault);
  await assert.rejects(send(strange as never, { port: 9 }), fault);
});
