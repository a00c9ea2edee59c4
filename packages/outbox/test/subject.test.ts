/**
 * The subject of a composed message.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { EmailMessage } from "postrider";
import { subjectOf } from "../src/page/subject.js";

const read = async (subject: string): Promise<string | undefined> =>
  subjectOf(
    await new EmailMessage({ from: "a@example.org", to: "b@example.com", subject, text: "Subject: no" }).toBytes(),
  );

test("what the library writes is read as it was given, folded and encoded", async () => {
  for (const subject of [
    "Thank you",
    "Grüße aus Wien",
    "日本語の件名 ".repeat(20).trim(),
    "word ".repeat(60).trim(),
    "=?utf-8?q?no?=",
    "a_b=c",
  ])
    assert.equal(await read(subject), subject);
});

test("a message without a subject has none, and bytes that are none do no harm", () => {
  const of = (text: string): string | undefined => subjectOf(new TextEncoder().encode(text));
  assert.equal(of("From: a@example.org\r\n\r\nSubject: no\r\n"), undefined);
  assert.equal(of("SUBJECT:  plain \r\n\r\n"), "plain");
  assert.equal(of("Subject: =?iso-8859-1?Q?gr=FC=DFe?= =?utf-8?B?w6k=?= =?no-such?q?x?="), "grüßeé=?no-such?q?x?=");
  assert.equal(of("Subject: a\r\n\tb\r\nTo: x\r\n"), "a\tb");
  assert.equal(subjectOf(new Uint8Array([0xff, 0xfe, 0x00])), undefined);
});
