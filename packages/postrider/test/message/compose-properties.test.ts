/** What holds of every message, whatever is in it. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import PostalMime from "postal-mime";
import { isGroup } from "../../src/address/mailbox.js";
import { parseAddressList } from "../../src/address/parser.js";
import { compose } from "../../src/message/compose.js";
import { fromFields, type MessageFields } from "../../src/message/email-message.js";
import type { ComposeTarget } from "../../src/message/entity.js";
import { parseHeaders } from "../../src/message/header/parse.js";
import { addressLists } from "../address/arbitrary-addresses.js";
import { fc } from "../support/property.js";
import { drain } from "./support.js";

const NO_HEADER = /[\u0000-\u0008\u000a-\u001f\u007f]|\p{Surrogate}/u;

const words = (maxLength: number): fc.Arbitrary<string> =>
  fc
    .oneof(
      fc.string({ unit: "grapheme", maxLength }),
      fc.string({ unit: fc.constantFrom(..."abc xyz =?_\té日👍\u0301"), maxLength }),
    )
    .filter((text) => !NO_HEADER.test(text));

/** Lines of every kind and length; a byte order mark at the start is no character to any reader. */
const texts: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      fc.string({ unit: "grapheme", maxLength: 200 }),
      fc.constantFrom(".", "..", "From x", "--", "=", "=20", " ", "\t", "a ", "é".repeat(600), "x".repeat(1200), "\0"),
      fc.constantFrom("\n", "\r\n", "\r", "\n\n"),
    ),
    { maxLength: 30 },
  )
  .map((pieces) => pieces.join(""))
  .filter((text) => !/\p{Surrogate}|^\ufeff/u.test(text));

const filenames: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: fc.constantFrom(...`abc.-_ ;,"'\\%*=()日é`), minLength: 1, maxLength: 120 }),
  fc.string({ unit: "grapheme", minLength: 1, maxLength: 60 }).filter((name) => !NO_HEADER.test(name)),
);

const attachments = fc.array(fc.record({ filename: filenames, content: fc.uint8Array({ maxLength: 400 }) }), {
  maxLength: 3,
});

const fields = fc.record(
  {
    subject: words(300),
    to: addressLists(),
    text: texts,
    html: texts,
    attachments,
    headers: fc.array(fc.tuple(fc.constantFrom("X-One", "Comments", "x-two"), words(200)), { maxLength: 3 }),
  },
  { requiredKeys: ["subject", "to", "attachments", "headers"], noNullPrototype: true },
);

const targets = fc.constantFrom<ComposeTarget>({ eightBit: false, utf8: true }, { eightBit: true, utf8: true });

test("property: a message is lines of at most 998 bytes, only CRLF, its headers cut where they can be", async () => {
  await fc.assert(
    fc.asyncProperty(fields, targets, async (given, target) => {
      const wire = (await composed(given, target)).toString("latin1");
      assert.doesNotMatch(wire.replaceAll("\r\n", ""), /[\r\n]/, "only CRLF");
      assert.ok(wire.endsWith("\r\n"));
      for (const line of wire.split("\r\n")) assert.ok(line.length <= 998);
      for (const line of headerLines(wire)) {
        // RFC 6532 §3.4: 78 are characters, 998 are octets.
        if (Buffer.from(line, "latin1").toString("utf8").length <= 78) continue;
        // What is long is one word: an encoded word, an address, or a word of text.
        assert.doesNotMatch(line.replace(/^[\w-]*:?[\t ]+/, "").trim(), /[\t ]/, "cut where it can be");
      }
    }),
    { numRuns: 300 },
  );
});

test("property: a message that is composed and parsed is what was given", async () => {
  await fc.assert(
    fc.asyncProperty(fields, targets, async (given, target) => {
      const bytes = await composed(given, target);
      const header = parseHeaders(bytes);
      assert.equal(fieldValue(header, "Subject"), given.subject);
      assert.deepEqual(parseAddressList(fieldValue(header, "To")).map(onTheWire), given.to.map(onTheWire));
      for (const [name, value] of given.headers) {
        assert.ok(
          header.some(([found, text]) => found === name && text === value),
          `${name}: ${value}`,
        );
      }
      const { text, html, attachments } = await PostalMime.parse(bytes, { attachmentEncoding: "arraybuffer" });
      assert.equal(ended(text), ended(given.text));
      assert.equal(ended(html), ended(given.html));
      assert.deepEqual(
        attachments.map(({ filename, content }) => [filename, Buffer.from(content as ArrayBuffer)]),
        given.attachments.map(({ filename, content }) => [filename, Buffer.from(content)]),
      );
    }),
    { numRuns: 300 },
  );
});

type Given = MessageFields & { readonly subject: string };

async function composed(given: Given, target: ComposeTarget): Promise<Buffer> {
  const { content } = compose(fromFields({ from: "from@x.example", ...given }), target);
  return content instanceof Uint8Array ? Buffer.from(content) : await drain(content());
}

/** The lines of the header, and of the headers of all parts. */
function headerLines(wire: string): string[] {
  const sections = wire.split(/^--=_[0-9a-f]{32}\r\n/m);
  return sections.flatMap((section) => section.slice(0, section.indexOf("\r\n\r\n")).split("\r\n"));
}

function fieldValue(header: readonly [string, string][], name: string): string {
  return header.find(([found]) => found === name)?.[1] ?? "";
}

/** A domain that is not ASCII travels as A-labels. */
function onTheWire(entry: ReturnType<typeof parseAddressList>[number]): unknown {
  if (isGroup(entry)) return { name: entry.name, members: entry.members.map(onTheWire) };
  return { name: entry.name, address: entry.asciiAddress ?? entry.address };
}

/** Line ends as LF, and none at the end: the body's last line has one that was not given. */
function ended(text: string | undefined): string {
  return (text ?? "").replace(/\r\n?/g, "\n").replace(/\n+$/, "");
}
