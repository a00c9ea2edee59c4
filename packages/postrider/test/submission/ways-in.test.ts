import assert from "node:assert/strict";
import { test } from "node:test";
import { pathAddress } from "../../src/address/mailbox.js";
import { recipientEnvelope } from "../../src/connection/commands.js";
import type { DeliveryOptions } from "../../src/options/delivery-options.js";
import { deliveryOptions } from "../../src/options/delivery-options.js";
import type { Envelope } from "../../src/session/envelope.js";
import { parseSender } from "../../src/submission/envelope.js";
import { type MessageInput, prepareSubmission } from "../../src/submission/prepare.js";

/** Every way in which an address reaches an envelope. */
interface Way {
  /** The addresses on the wire. */
  readonly take: (text: string) => string[] | Promise<string[]>;
  /** What an error names. */
  readonly field: RegExp;
  /** Names, several addresses and white space around them have a place there. */
  readonly isList?: true;
  /** Printable ASCII only. */
  readonly isAscii?: true;
}

const BASE = { from: "ann@a.example", text: "x" };

async function envelopeOf(message: MessageInput, options: DeliveryOptions = {}): Promise<Envelope> {
  return (await prepareSubmission(message, deliveryOptions(options))).envelope;
}

const recipientsOf = async (message: MessageInput, options?: DeliveryOptions): Promise<string[]> =>
  (await envelopeOf(message, options)).recipients.map(pathAddress);

async function senderOf(message: MessageInput, options?: DeliveryOptions): Promise<string[]> {
  const { sender } = await envelopeOf(message, options);
  return sender === undefined ? [] : [pathAddress(sender)];
}

async function* streamOf(text: string): AsyncGenerator<Uint8Array> {
  for (const byte of Buffer.from(text)) yield Uint8Array.of(byte);
}

const rawTo = (text: string): string => `From: ann@a.example\r\nTo: ${text}\r\n\r\nx\r\n`;

const WAYS: Readonly<Record<string, Way>> = {
  to: { take: (text) => recipientsOf({ ...BASE, to: text }), field: /^to$/, isList: true },
  cc: { take: (text) => recipientsOf({ ...BASE, cc: text }), field: /^cc$/, isList: true },
  bcc: { take: (text) => recipientsOf({ ...BASE, bcc: text }), field: /^bcc$/, isList: true },
  "to, second in an array": {
    take: async (text) => (await recipientsOf({ ...BASE, to: ["z@z.example", text] })).slice(1),
    field: /^to\[1\]$/,
    isList: true,
  },
  "to, in an object": { take: (text) => recipientsOf({ ...BASE, to: { address: text } }), field: /^to\.address$/ },
  "to, in a named object": {
    take: (text) => recipientsOf({ ...BASE, to: [{ name: "Bob", address: text }] }),
    field: /^to\[0\]\.address$/,
  },
  "to, in a group": {
    take: (text) => recipientsOf({ ...BASE, to: { name: "Team", members: [{ address: text }] } }),
    field: /^to\.members\[0\]\.address$/,
  },
  from: { take: (text) => senderOf({ from: text, to: "b@b.example" }), field: /^from$/ },
  "from, in an object": {
    take: (text) => senderOf({ from: { name: "Ann", address: text }, to: "b@b.example" }),
    field: /^from\.address$/,
  },
  "sender of the message": {
    take: (text) => senderOf({ ...BASE, to: "b@b.example", sender: { address: text } }),
    field: /^sender\.address$/,
  },
  "sender of the delivery": {
    take: (text) => senderOf({ ...BASE, to: "b@b.example" }, { sender: text }),
    field: /^sender$/,
  },
  "recipients, one text": {
    take: (text) => recipientsOf(BASE, { recipients: text }),
    field: /^recipients$/,
    isList: true,
  },
  "recipients, second of an array": {
    take: async (text) => (await recipientsOf(BASE, { recipients: ["z@z.example", text] })).slice(1),
    field: /^recipients\[1\]$/,
  },
  "recipients, an object": {
    take: (text) => recipientsOf(BASE, { recipients: [{ address: text }] }),
    field: /^recipients\[0\]$/,
  },
  "the original recipient of a report": {
    take: async (text) => {
      const recipients = [{ address: "b@b.example", originalRecipient: text }];
      const [parameter] = (await envelopeOf(BASE, { recipients })).recipients[0]?.parameters ?? [];
      const xtext = parameter?.text.replace(/^ORCPT=rfc822;/, "") ?? "";
      return [xtext.replace(/\+([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))];
    },
    field: /^recipients\[0\]\.originalRecipient$/,
    isAscii: true,
  },
  "a header of the message": {
    take: (text) => recipientsOf({ ...BASE, headers: { To: text } }),
    field: /^To$/,
    isList: true,
  },
  "the header of a raw message": {
    take: (text) => recipientsOf(rawTo(text), { envelopeFromHeaders: true }),
    field: /^(?:To|headers|message)$/,
    isList: true,
  },
  "the header of a raw stream": {
    take: (text) => recipientsOf(streamOf(rawTo(text)), { envelopeFromHeaders: true }),
    field: /^(?:To|headers|message)$/,
    isList: true,
  },
  "MAIL by hand": {
    take: (text) => [pathAddress(parseSender(text) ?? { address: "", asciiAddress: "" })],
    field: /^sender$/,
  },
  "RCPT by hand": { take: (text) => recipientEnvelope(text, []).recipients.map(pathAddress), field: /^recipient$/ },
};

/** What each way takes, and how it stands on the wire. */
const TAKEN: readonly (readonly [text: string, wire: string])[] = [
  ["bob@example.org", "bob@example.org"],
  ["Bob.B+tag@Example.ORG", "Bob.B+tag@Example.ORG"],
  ["bob@localhost", "bob@localhost"],
  ["bob@mail_server.example", "bob@mail_server.example"],
  ['"bob b"@example.org', '"bob b"@example.org'],
  ['"bob"@example.org', "bob@example.org"],
  ['"bob"."b"@example.org', "bob.b@example.org"],
  ["bob@[192.0.2.1]", "bob@[192.0.2.1]"],
  ["bob@[IPv6:2001:db8::1]", "bob@[IPv6:2001:db8::1]"],
  ["bob@bücher.example", "bob@xn--bcher-kva.example"],
  ["bob@ex\u00adample.com", "bob@example.com"],
  ["bob@b\u3002example", "bob@b.example"],
  ["grüße@bücher.example", "grüße@bücher.example"],
  ["ن\u200cا@example.org", "ن\u200cا@example.org"],
];

/** What no way takes. */
const REFUSED: readonly string[] = [
  "",
  "bob",
  "bob@",
  "@b.example",
  "bob b@b.example",
  ".bob@b.example",
  "bob.@b.example",
  "bob..b@b.example",
  "bob@b..example",
  "bob@-b.example",
  "bob@b.example.",
  "bob@b@b.example",
  "bob@xn--a.example",
  "bob@[x:foo]",
  "bob@[192.0.2]",
  "bob@[192.0.2.01]",
  "bob@[IPv6:192.0.2.1]",
  "bo\tb@b.example",
  '"bo\tb"@b.example',
  "bo\u200bb@b.example",
  "bo\u00adb@b.example",
  "bo\u202eb@b.example",
  "bo\u00a0b@b.example",
  "bo\u3000b@b.example",
  "bob\ufeff@b.example",
  "bo\u2028b@b.example",
  "bo\u0000b@b.example",
  "bo\u0085b@b.example",
  "bob@b.example\r\nRCPT TO:<eve@v.example>",
  "bo\ud800b@b.example",
  "mailto:bob@b.example",
  "bob@b.example; eve@v.example",
  "bob@b.example eve@v.example",
  "<@a.example:bob@b.example>",
  "bob@b.example> SIZE=1",
  "bob@b.example(",
  `${"b".repeat(250)}@b.example`,
];

/** A list takes these, and what stands for one address does not. */
const LISTED: readonly (readonly [text: string, wire: readonly string[]])[] = [
  ["Bob <bob@b.example>", ["bob@b.example"]],
  ["<bob@b.example>", ["bob@b.example"]],
  ["bob@b.example (Bob)", ["bob@b.example"]],
  [" bob@b.example", ["bob@b.example"]],
  ["bob@b.example, eve@e.example", ["bob@b.example", "eve@e.example"]],
  ["bob@b.example,\teve@e.example", ["bob@b.example", "eve@e.example"]],
  ["Team: bob@b.example, eve@e.example;", ["bob@b.example", "eve@e.example"]],
];

async function refusal(way: Way, text: string): Promise<{ field: string; message: string }> {
  try {
    await way.take(text);
  } catch (error) {
    const { outcome, field, option, message } = error as Record<string, string>;
    assert.equal(outcome, "not-sent", String(error));
    return { field: field ?? option ?? "", message: message ?? "" };
  }
  assert.fail(`${JSON.stringify(text)} should be refused`);
}

for (const [name, way] of Object.entries(WAYS)) {
  test(`an address is the same by every way in: ${name}`, async () => {
    for (const [text, wire] of TAKEN) {
      if (way.isAscii && /[^ -~]/.test(text)) continue;
      assert.deepEqual(await way.take(text), [wire], text);
    }
    for (const text of REFUSED) {
      // The null sender, and fields that are empty and so absent.
      if (name === "the header of a raw stream" && text.includes("\ud800")) continue;
      if (text === "" && /^(?:sender|To)$|To\|/.test(way.field.source.replace(/[\^$]/g, ""))) continue;
      const { field, message } = await refusal(way, text);
      assert.match(field, way.field, JSON.stringify(text));
      assert.doesNotMatch(message, /[\u0000-\u001f\u007f-\u00a0\u00ad\u200b\u2028\u202e\ufeff\ud800-\udfff]/u);
    }
  });

  test(`names, lists and white space have a place in a list only: ${name}`, async () => {
    for (const [text, wire] of LISTED) {
      if (way.isList) assert.deepEqual(await way.take(text), wire, text);
      else if (name !== "from") assert.match((await refusal(way, text)).field, way.field, text);
    }
  });
}

test("the words of an error say what to write instead", async () => {
  for (const [name, text, words] of [
    ["to", "bob@b.example; eve@v.example", /";" does not separate addresses/],
    ["to", "mailto:bob@b.example", /"mailto:"/],
    ["recipients, one text", "mailto:bob@b.example", /"mailto:"/],
    ["to, in an object", "mailto:bob@b.example", /"mailto:"/],
    ["to, in an object", "bob@b.example, eve@v.example", /exactly one address/],
    ["recipients, second of an array", "bob@b.example; eve@v.example", /exactly one address/],
    ["sender of the delivery", "Ann <ann@a.example>", /without a name and angle brackets/],
    ["MAIL by hand", "Ann <ann@a.example>", /without a name and angle brackets/],
    ["to", "bo\u200bb@b.example", /U\+200B.*\\u\{200b\}/],
  ] as const) {
    const way = WAYS[name];
    assert.ok(way !== undefined);
    assert.match((await refusal(way, text)).message, words);
  }
});

test("where exactly one recipient is meant, an object takes exactly one", async () => {
  const one = (address: string): Promise<string[]> => recipientsOf({ ...BASE, to: { address } });
  assert.deepEqual(await one("bob@b.example"), ["bob@b.example"]);
  for (const form of ["bob@b.example, eve@v.example", "Team: bob@b.example;", "Bob <bob@b.example>", ""]) {
    await assert.rejects(() => one(form), { name: "AddressError", field: "to.address" });
  }
});
