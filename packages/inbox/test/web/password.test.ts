import assert from "node:assert/strict";
import { test } from "node:test";
import { type Inbox, startInbox } from "../../src/inbox.js";
import { Dialogue } from "../support/dialogue.js";
import { ask } from "../support/mail.js";

const open = (): Promise<Inbox> =>
  startInbox({ smtpPort: 0, webPort: 0, host: "0.0.0.0", password: "sesame", allowedHosts: ["Inbox"] });
const basic = (pair: string): string => `Basic ${Buffer.from(pair).toString("base64")}`;

test("page and API ask for the password, with any user name", async () => {
  await using inbox = await open();
  for (const path of ["/", "/api/messages", "/api/events", "/icon.svg", "/messages/00/html"]) {
    const { status, headers } = await ask(inbox, path);
    assert.equal(status, 401, path);
    assert.match(String(headers["www-authenticate"]), /^Basic /);
  }
  for (const authorization of [basic("ann:sesame"), basic(":sesame"), "Bearer sesame", "bearer sesame"])
    assert.equal((await ask(inbox, "/api/messages", { headers: { authorization } })).status, 200, authorization);
  for (const authorization of [basic("ann:sesam"), basic("sesame:"), "Bearer x", "Digest sesame", "Basic", ""])
    assert.equal((await ask(inbox, "/api/messages", { headers: { authorization } })).status, 401, authorization);
});

test("the Host is checked also with a password: addresses, localhost and the allowed names", async () => {
  await using inbox = await open();
  const authorization = basic("x:sesame");
  for (const host of ["192.168.1.7:8025", "localhost:8025", "inbox:8025", "INBOX", "[fe80::1]:8025"])
    assert.equal((await ask(inbox, "/api/messages", { headers: { host, authorization } })).status, 200, host);
  for (const host of ["evil.example", "inbox.evil.example", "xinbox"])
    assert.equal((await ask(inbox, "/api/messages", { headers: { host, authorization } })).status, 403, host);
});

test("behind a proxy with TLS the page may change", async () => {
  await using inbox = await open();
  const headers = { host: "inbox", origin: "https://inbox", authorization: basic("x:sesame") };
  assert.equal((await ask(inbox, "/api/messages", { method: "DELETE", headers })).status, 204);
  const foreign = { ...headers, origin: "https://evil.example" };
  assert.equal((await ask(inbox, "/api/messages", { method: "DELETE", headers: foreign })).status, 403);
});

test("SMTP asks for the password too, and the user name is the box", async () => {
  await using inbox = await open();
  const client = await Dialogue.open(inbox.smtpPort);
  await client.say("EHLO me");
  assert.match(await client.say("MAIL FROM:<a@example.com>"), /^530 /);
  const plain = (pair: string): Promise<string> =>
    client.say(`AUTH PLAIN ${Buffer.from(`\0${pair}`).toString("base64")}`);
  assert.match(await plain("shop\0wrong"), /^535 /);
  assert.match(await plain("shop\0sesame"), /^235 /);
  assert.match(await client.deliver("Subject: in\n\n"), /^250 /);
  client.destroy();
  const { body } = await ask(inbox, "/api/boxes", { headers: { authorization: "Bearer sesame" } });
  assert.deepEqual(JSON.parse(body).users, [{ name: "shop", total: 1, unread: 1 }]);
});

test("an inbox on all addresses says an address of its page that can be opened", async () => {
  await using inbox = await open();
  assert.equal(inbox.url, `http://127.0.0.1:${inbox.webPort}/`);
});
