import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { startInbox } from "../../src/inbox.js";
import { Dialogue } from "../support/dialogue.js";

const OFF = { smtpPort: 0, webPort: false } as const;
const PAIR = { username: "ann", password: "pässword" };
const base64 = (text: string): string => Buffer.from(text).toString("base64");

async function logIn(client: Dialogue, mechanism: string, username: string, password: string): Promise<string> {
  if (mechanism === "PLAIN") return client.say(`AUTH PLAIN ${base64(`\0${username}\0${password}`)}`);
  if (mechanism === "XOAUTH2") {
    const reply = await client.say(`AUTH XOAUTH2 ${base64(`user=${username}\x01auth=Bearer ${password}\x01\x01`)}`);
    return reply.startsWith("334") ? client.say("") : reply;
  }
  if (mechanism === "LOGIN") {
    await client.say("AUTH LOGIN");
    await client.say(base64(username));
    return client.say(base64(password));
  }
  const challenge = Buffer.from((await client.say("AUTH CRAM-MD5")).slice(4), "base64");
  return client.say(base64(`${username} ${createHmac("md5", password).update(challenge).digest("hex")}`));
}

for (const mechanism of ["PLAIN", "LOGIN", "CRAM-MD5", "XOAUTH2"]) {
  test(`${mechanism}: the pair logs in, and the message says who; anything else is refused with 535`, async () => {
    await using inbox = await startInbox({ ...OFF, auth: PAIR });
    const client = await Dialogue.open(inbox.smtpPort);
    assert.match(await client.say("EHLO me"), /250-AUTH PLAIN LOGIN CRAM-MD5 XOAUTH2/);
    assert.match(await logIn(client, mechanism, "ann", "wrong"), /^535 /);
    assert.match(await logIn(client, mechanism, "bob", PAIR.password), /^535 /);
    assert.match(await logIn(client, mechanism, "ann", PAIR.password), /^235 /);
    assert.match(await client.deliver("Subject: mine\n\n"), /^250 /);
    assert.equal(inbox.messages[0]?.username, "ann");
    client.destroy();
  });

  test(`${mechanism}: "any" takes whatever comes`, async () => {
    await using inbox = await startInbox({ ...OFF, auth: "any" });
    const client = await Dialogue.open(inbox.smtpPort);
    await client.say("EHLO me");
    assert.match(await logIn(client, mechanism, "whoever", "whatever"), /^235 /);
    await client.deliver("Subject: mine\n\n");
    assert.equal(inbox.messages[0]?.username, "whoever");
    client.destroy();
  });
}

test("with a pair, mail without a login is refused with 530, as often as it is tried", async () => {
  await using inbox = await startInbox({ ...OFF, auth: PAIR });
  const client = await Dialogue.open(inbox.smtpPort);
  await client.say("EHLO me");
  for (let i = 0; i < 20; i += 1) assert.match(await client.say("MAIL FROM:<>"), /^530 /);
  client.destroy();
});

test('with "any", mail without a login is taken', async () => {
  await using inbox = await startInbox({ ...OFF, auth: "any" });
  const client = await Dialogue.open(inbox.smtpPort);
  await client.say("EHLO me");
  assert.match(await client.deliver("\n"), /^250 /);
  assert.equal(inbox.messages[0]?.username, undefined);
  client.destroy();
});
