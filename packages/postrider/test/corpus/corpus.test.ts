import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { before, type TestContext, test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { compose } from "../../src/message/compose.js";
import { parseHeaders } from "../../src/message/header/parse.js";
import { drain } from "../message/support.js";
import { type CorpusMessage, corpus, type Expected } from "./corpus.js";
import { EXPLANATIONS, type Explanation } from "./explanations.js";
import { type Found, type ReaderName, readWithMailparser, readWithPostalMime, readWithPython } from "./readers.js";

const messages: readonly CorpusMessage[] = [...corpus()];
const wires: Uint8Array[] = [];

before(async () => {
  for (const { message, target } of messages) {
    const { content, size } = compose(message, target);
    const bytes = content instanceof Uint8Array ? content : await drain(content());
    if (size !== undefined) assert.equal(bytes.length, size);
    wires.push(bytes);
  }
});

test("the corpus has 300 messages and more, no two the same, of many kinds", () => {
  assert.ok(messages.length >= 300, `${messages.length}`);
  assert.equal(new Set(messages.map(({ name }) => name)).size, messages.length);
  const traits = new Set(messages.flatMap((message) => message.traits));
  assert.ok(traits.size >= 120, `${traits.size}`);
});

test("each is lines of at most 998 bytes that end in CRLF, and holds nothing of Bcc", () => {
  for (const [index, { name }] of messages.entries()) {
    const text = Buffer.from(wires[index] ?? []).toString("latin1");
    assert.doesNotMatch(text.replaceAll("\r\n", ""), /[\r\n]/, name);
    assert.ok(text.endsWith("\r\n"), name);
    for (const line of text.split("\r\n")) assert.ok(line.length <= 998, `${name}: ${line.length}`);
    assert.doesNotMatch(text, /hidden@x/, name);
  }
});

test("parseHeaders reads the subject and the addresses back", () => {
  for (const [index, { name, expected }] of messages.entries()) {
    const fields = new Map(parseHeaders(wires[index] ?? new Uint8Array()));
    assert.equal(fields.get("Subject"), expected.subject, name);
    assert.equal(fields.has("Bcc"), false);
  }
});

test("postal-mime reads every message as it was meant", async () => {
  check("postal-mime", await Promise.all(wires.map(readWithPostalMime)));
});

test("mailparser reads every message as it was meant", async () => {
  check("mailparser", await Promise.all(wires.map(readWithMailparser)));
});

test("Python's email reads every message as it was meant", (context) => {
  const found = readWithPython(wires);
  if (found !== undefined) return check("Python's email", found);
  assert.notEqual(process.env["CI"], "true", "CI needs python3");
  missing(context);
});

function missing(context: TestContext): void {
  context.diagnostic("python3 is not installed: not read by Python's email");
}

/** Fails for the first differences that no explanation covers, and for an explanation that nothing needs. */
function check(reader: ReaderName, found: readonly Found[]): void {
  assert.equal(found.length, messages.length);
  const needed = new Set<Explanation>();
  const faults: unknown[] = [];
  for (const [index, { name, expected }] of messages.entries()) {
    let mended = found[index] ?? {};
    for (const explanation of EXPLANATIONS) {
      if (explanation.reader !== reader) continue;
      const better = explanation.mend(mended, expected);
      if (!isDeepStrictEqual(comparable(better), comparable(mended))) needed.add(explanation);
      mended = better;
    }
    assert.deepEqual(mended.defects ?? [], [], `${name}: what ${reader} says of the message`);
    const [fault] = differences(mended, expected);
    if (fault !== undefined) faults.push({ name, ...fault });
  }
  assert.deepEqual(faults.slice(0, 5), [], `${reader} reads ${faults.length} messages otherwise`);
  for (const explanation of EXPLANATIONS) {
    if (explanation.reader !== reader || explanation.mayBeMended === true || needed.has(explanation)) continue;
    assert.fail(`${reader} does better than its explanation says: it ${explanation.reason}`);
  }
}

function differences(found: Found, expected: Expected): { field: string; found: unknown; expected: unknown }[] {
  const [left, right] = [comparable(found), comparable(expected)];
  return (
    Object.keys(right)
      // Only Python tells the tree.
      .filter((field) => (field in left || field !== "tree") && !isDeepStrictEqual(left[field], right[field]))
      .map((field) => ({ field, found: left[field], expected: right[field] }))
  );
}

/** Bytes as text, so that it does not matter what kind of array holds them; and LF as the end of each line. */
function comparable(one: Found | Expected): Record<string, unknown> {
  const { text, html, attachments, ...others } = one;
  return {
    ...others,
    text: text?.replaceAll("\r\n", "\n"),
    html: html?.replaceAll("\r\n", "\n"),
    attachments: attachments?.map((each) => ({ ...each, bytes: Buffer.from(each.bytes).toString("latin1") })),
  };
}
