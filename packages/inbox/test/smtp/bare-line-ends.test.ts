import assert from "node:assert/strict";
import { test } from "node:test";
import { startInbox } from "../../src/inbox.js";
import { BareLineEnds } from "../../src/smtp/bare-line-ends.js";
import { Dialogue } from "../support/dialogue.js";

const OFF = { smtpPort: 0, webPort: false } as const;

const CONTENTS: readonly (readonly [content: string, isBare: boolean])[] = [
  ["Subject: x\r\n\r\nbody\r\n.\r\n", false],
  [".\r\n", false],
  ["a\r\n..\r\n.\r\n", false],
  ["a\r\n.b\r\n. \r\n.\r\n", false],
  ["bare\nlf and\rcr, a dot. \n..\n\r\n.\r\n", false],
  // Behind the end are commands.
  ["a\r\n.\r\nNOOP\n.\nQUIT\n", false],
  ["Subject: x\n\nbody\n.\n", true],
  [".\n", true],
  ["a\r\n.\n", true],
  ["a\n.\r\n", true],
  ["a\r.\r", true],
  ["a\r.\r\n", true],
  ["a\r\n.\rb", true],
  ["a\r\r\n.\n", true],
];

for (const [content, isBare] of CONTENTS) {
  test(`${JSON.stringify(content)} ${isBare ? "has" : "has no"} end of bare CR or LF, in whatever pieces it comes`, () => {
    for (let size = 1; size <= content.length; size += 1) {
      const lines = new BareLineEnds();
      let found = false;
      for (let index = 0; index < content.length && !found; index += size)
        found = lines.findIn(Buffer.from(content.slice(index, index + size)));
      assert.equal(found, isBare, `pieces of ${size}`);
    }
  });
}

for (const [what, transaction] of [
  ["LF", "EHLO me\nMAIL FROM:<a@x.y>\nRCPT TO:<b@x.y>\nDATA\nSubject: x\n\nbody\n.\n"],
  [
    "LF around the dot",
    "EHLO me\r\nMAIL FROM:<a@x.y>\r\nRCPT TO:<b@x.y>\r\nDATA\r\nSubject: x\r\n\r\nbody\n.\nMAIL FROM:<evil@x.y>\n",
  ],
] as const) {
  test(`a client that ends lines with ${what} hears what to do, and nothing of it is taken`, async () => {
    await using inbox = await startInbox(OFF);
    const client = await Dialogue.open(inbox.smtpPort);
    client.write(transaction);
    const replies: string[] = [];
    for (let count = 0; count < 5; count += 1) replies.push(await client.reply());
    assert.match(replies.join("\n"), /\n354 .*\n521 5\.5\.2 Lines must end with CRLF/);
    await client.closed();
    assert.equal(inbox.messages.length, 0);
  });
}

test("CR and LF alone within lines are taken as they are", async () => {
  await using inbox = await startInbox(OFF);
  const client = await Dialogue.open(inbox.smtpPort);
  await client.sayAll("EHLO me", "MAIL FROM:<>", "RCPT TO:<b@x.y>", "DATA");
  client.write("a\nb\rc\r\n.\r\n");
  assert.match(await client.reply(), /^250 /);
  assert.equal(Buffer.from(inbox.messages[0]?.raw ?? []).toString(), "a\nb\rc\r\n");
  client.destroy();
});

test("a client that begins with TLS on a port without it is not left waiting", async () => {
  await using inbox = await startInbox(OFF);
  const client = await Dialogue.open(inbox.smtpPort);
  client.write("\x16\x03\x01");
  assert.match(
    await client.reply(),
    /^421 4\.7\.0 This port has no TLS from the first byte: start the inbox with --tls/,
  );
  await client.closed();
});
