/**
 * Messages are composed as they would leave.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { DeliveryOptions, MessageInput } from "postrider";
import { type Composed, Composer } from "../src/message/compose.js";
import { RehearsalServer } from "../src/message/rehearsal.js";

const MAIL = { from: "Shop <shop@example.org>", to: "alice@example.com", subject: "Hello", text: "It is on its way." };

async function compose(message: MessageInput, options: DeliveryOptions = {}, id = "ID"): Promise<Composed> {
  const composer = new Composer();
  try {
    return await composer.compose({
      message,
      options,
      maxSize: 10_000_000,
      needsFingerprint: true,
      id,
      writePart: async () => undefined,
    });
  } finally {
    composer.close();
  }
}

const textOf = ({ head }: Composed): string => Buffer.from(head ?? []).toString("latin1");

test("content comes through whole, however it is cut", async () => {
  const content = "a: b\r\n\r\n.\r\n..\r\n.x\r\n\r\n...\r\ny\r\n.z";
  const stuffed = `${content.replaceAll("\r\n.", "\r\n..")}\r\n.\r\n`;
  for (let size = 1; size < 12; size += 1) {
    for (let offset = 0; offset < size; offset += 1) {
      const server = new RehearsalServer(true);
      const heard: Uint8Array[] = [];
      server.listen({
        mail: () => undefined,
        rcpt: () => undefined,
        content: (chunk) => {
          heard.push(chunk);
          return undefined;
        },
      });
      server.write("DATA\r\n");
      server.write(stuffed.slice(0, offset));
      for (let at = offset; at < stuffed.length; at += size) server.write(stuffed.slice(at, at + size));
      assert.equal(Buffer.concat(heard).toString(), `${content}\r\n`, `pieces of ${size} from ${offset}`);
      server.destroy();
    }
  }
});

test("blind copies are in the envelope and not in the content", async () => {
  const composed = await compose({ ...MAIL, bcc: "carl@example.net" });
  assert.deepEqual(
    composed.recipients.map(({ address }) => address),
    ["alice@example.com", "carl@example.net"],
  );
  assert.equal(composed.sender, "shop@example.org");
  assert(!textOf(composed).includes("carl"));
  assert.match(textOf(composed), new RegExp(`^Message-ID: ${composed.messageId}\r$`, "m"));
});

test("a message of the library's is composed for servers without 8BITMIME; a raw one stays as it is", async () => {
  const own = await compose({ ...MAIL, text: "Grüße" });
  assert(!/[^\x00-\x7f]/.test(textOf(own)));
  const raw = Buffer.from("Subject: x\r\n\r\nGr\u00fc\u00dfe\r\n.\r\n");
  const composed = await compose(raw, { sender: "a@example.org", recipients: ["b@example.com"] });
  assert(raw.equals(composed.head ?? new Uint8Array()));
  assert.equal(composed.messageId, "");
});

test("what a recipient asks for goes with it into the database, and on to the server", async () => {
  const recipients = [
    { address: "a@example.com", notify: ["success", "delay"], originalRecipient: "old+x@example.com" },
    "b@example.com",
    { address: "c@example.com", notify: "never" },
  ] as const;
  const composed = await compose(MAIL, { recipients, rcptOptions: ["XTEST=1"] });
  assert.deepEqual(composed.recipients, [
    { address: "a@example.com", options: { notify: ["success", "delay"], originalRecipient: "old+x@example.com" } },
    { address: "b@example.com", options: undefined },
    { address: "c@example.com", options: { notify: "never" } },
  ]);
});

test("a mailbox that is not ASCII is said to need SMTPUTF8", async () => {
  assert.equal((await compose({ ...MAIL, to: "jörg@example.com" })).needsUtf8, true);
  assert.equal((await compose(MAIL)).needsUtf8, false);
  const named = await compose({ ...MAIL, to: "Jörg <joerg@bücher.example>" });
  assert.equal(named.needsUtf8, false);
  assert(!/[^\x00-\x7f]/.test(textOf(named)));
});

test("the fingerprint counts what the caller gave, and not what was generated", async () => {
  const parts = { ...MAIL, html: "<p>Hello</p>", attachments: [{ filename: "a.txt", content: "x".repeat(100_000) }] };
  const { fingerprint } = await compose(parts);
  assert.equal((await compose(parts, {}, "OTHER")).fingerprint, fingerprint);
  const date = new Date(0);
  const messageId = "<1@example.org>";
  const others: [MessageInput, DeliveryOptions][] = [
    [{ ...parts, subject: "Other" }, {}],
    [{ ...parts, date }, {}],
    [{ ...parts, messageId }, {}],
    [{ ...parts, html: "<p>Hello.</p>" }, {}],
    [parts, { sender: "other@example.org" }],
    [parts, { recipients: ["alice@example.com", "bob@example.com"] }],
    [parts, { dsn: { return: "full" } }],
  ];
  const all = await Promise.all(
    others.map(async ([message, options]) => (await compose(message, options)).fingerprint),
  );
  assert.equal(new Set([fingerprint, ...all]).size, others.length + 1);
  assert.equal(
    (await compose({ ...parts, date, messageId })).fingerprint,
    (await compose({ ...parts, date, messageId })).fingerprint,
  );
  // The id that stands in the sender of a message is its own.
  const verp = async (id: string): Promise<unknown> =>
    (await compose(parts, { sender: `bounces+${id}@example.org`, dsn: { envelopeId: id } }, id)).fingerprint;
  assert.equal(await verp("one"), await verp("two"));
});

test("many messages at once are not mixed up", async () => {
  const composer = new Composer();
  const all = await Promise.all(
    Array.from({ length: 60 }, (_, n) =>
      composer.compose({
        message: { ...MAIL, subject: `number ${n}`, text: "x".repeat(n * 1000) },
        options: {},
        maxSize: 1_000_000,
        needsFingerprint: false,
        id: "",
        writePart: async () => undefined,
      }),
    ),
  );
  composer.close();
  for (const [n, composed] of all.entries())
    assert.match(textOf(composed), new RegExp(`^Subject: number ${n}\r$`, "m"));
});

test("a stream that fails is the error of enqueue, and later messages are composed", async () => {
  const composer = new Composer();
  const request = {
    options: {},
    maxSize: 10_000_000,
    needsFingerprint: false,
    id: "",
    writePart: async () => undefined,
  };
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield Buffer.alloc(100_000, 65);
    throw new Error("the file is gone");
  }
  const bad = { ...MAIL, attachments: [{ filename: "a", content: broken() }] };
  await assert.rejects(composer.compose({ ...request, message: bad }), /the file is gone/);
  assert.match(textOf(await composer.compose({ ...request, message: MAIL })), /Subject: Hello/);
  composer.close();
});
