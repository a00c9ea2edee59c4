import assert from "node:assert/strict";
import { test } from "node:test";
import { type Inbox, startInbox } from "../../src/inbox.js";
import type { ApiList, ApiMessage } from "../../src/web/api-types.js";
import { Dialogue } from "../support/dialogue.js";
import { ask, deliver, withMail } from "../support/mail.js";

const MIXED = `From: "<b>Mallory</b>" <m@example.com>
To: you@example.com
Subject: A picture
Content-Type: multipart/related; boundary=r

--r
Content-Type: text/html

<p>Hello</p><img src="cid:pic"><img src="https://cdn.example/logo.png">
--r
Content-Type: image/png; name="a\\".png"
Content-ID: <pic>
Content-Transfer-Encoding: base64

AAEC
--r--
`;

async function list(inbox: Inbox, query = ""): Promise<ApiList> {
  return JSON.parse((await ask(inbox, `/api/messages${query}`)).body);
}

async function details(inbox: Inbox, index = 0): Promise<ApiMessage> {
  return JSON.parse((await ask(inbox, `/api/messages/${inbox.messages[index]?.id}`)).body);
}

const subjects = ({ messages }: ApiList): unknown[] => messages.map(({ subject }) => subject);

test("the list has the newest first, with what a line of it shows", async () => {
  await using inbox = await withMail("Subject: older\n\nSome\n  text.", MIXED);
  const page = await list(inbox);
  assert.deepEqual(subjects(page), ["A picture", "older"]);
  assert.deepEqual([page.total, page.unread, page.matches, page.next], [2, 2, 2, undefined]);
  const [first, second] = page.messages;
  assert.deepEqual(first?.from, { name: "<b>Mallory</b>", address: "m@example.com" });
  assert.equal(first?.attachments, 1);
  assert.equal(second?.snippet, "Some text.");
  assert.deepEqual(second?.envelope, { sender: "sender@example.com", recipients: ["you@example.com"] });
  assert.equal(second?.read, false);
});

test("a long list comes in pages that do not shift when more arrives", async () => {
  await using inbox = await withMail(...Array.from({ length: 5 }, (_, index) => `Subject: ${index}\n\n`));
  const first = await list(inbox, "?limit=2");
  assert.deepEqual(subjects(first), ["4", "3"]);
  const second = await list(inbox, `?limit=2&before=${first.next}`);
  assert.deepEqual(subjects(second), ["2", "1"]);
  const last = await list(inbox, `?limit=2&before=${second.next}`);
  assert.deepEqual(subjects(last), ["0"]);
  assert.equal(last.next, undefined);
});

test("a bad limit or a page after a message that is gone is an error in words", async () => {
  await using inbox = await withMail("Subject: one\n\n");
  for (const limit of ["0", "-1", "x", "1e3", "1001", ""]) {
    const { status, body } = await ask(inbox, `/api/messages?limit=${limit}`);
    assert.equal(status, 400);
    assert.equal(JSON.parse(body).error, "limit: must be an integer from 1 to 1000");
  }
  assert.equal((await ask(inbox, "/api/messages?before=00")).status, 404);
});

test("the search finds every word in sender, recipients, subject or text, in any case", async () => {
  await using inbox = await withMail(
    "From: Ann Other <ann@example.com>\nSubject: Invoice 17\n\nPlease pay.",
    "From: Ben <ben@example.com>\nSubject: Welcome\n\nÜbung macht den Meister.",
    "Subject: HTML only\nContent-Type: text/html\n\n<table><tr><td>Words in</td><td>markup</td></tr></table>",
  );
  for (const [query, found] of [
    ["invoice", ["Invoice 17"]],
    ["OTHER pay", ["Invoice 17"]],
    ["invoice welcome", []],
    ["übung", ["Welcome"]],
    ["you@example.com", ["HTML only", "Welcome", "Invoice 17"]],
    ["words markup", ["HTML only"]],
    ["table", []],
  ] as const) {
    const page = await list(inbox, `?q=${encodeURIComponent(query)}`);
    assert.deepEqual(subjects(page), [...found], query);
    assert.equal(page.matches, found.length);
    assert.equal(page.total, 3);
  }
});

test("a message shows all of itself, and where its bytes are", async () => {
  await using inbox = await withMail(MIXED);
  const [message] = inbox.messages;
  const one = await details(inbox);
  assert.equal(one.html, message?.html);
  assert.deepEqual(one.headers[0], { name: "From", value: '"<b>Mallory</b>" <m@example.com>' });
  assert.deepEqual(one.remote, ["https://cdn.example/logo.png"]);
  const file = await ask(inbox, one.attachments[0]?.url ?? "");
  assert.equal(file.headers["content-type"], "application/octet-stream");
  assert.equal(file.headers["content-disposition"], "attachment; filename*=UTF-8''a%22.png");
  assert.equal(file.body, "\0\x01\x02");
  const eml = await ask(inbox, one.raw);
  assert.equal(eml.headers["content-type"], "message/rfc822");
  assert.equal(eml.body, Buffer.from(message?.raw ?? []).toString());
});

for (const [what, content] of [
  ["HTML of nothing but <", `Content-Type: text/html\n\n${"<".repeat(2_000_000)}`],
  ["messages within messages", "Content-Type: message/rfc822\n\n".repeat(20_000)],
] as const) {
  test(`a large message of ${what} is taken, shown and checked while others are served`, async () => {
    await using inbox = await withMail();
    const [sender, other] = [await Dialogue.open(inbox.smtpPort), await Dialogue.open(inbox.smtpPort)];
    await sender.say("EHLO me");
    const sent = sender.deliver(content);
    assert.match(await other.say("NOOP"), /^250 /);
    assert.equal((await ask(inbox, "/api/inbox")).status, 200);
    assert.match(await sent, /^250 /);
    const path = `/api/messages/${inbox.messages[0]?.id}`;
    const answers = await Promise.all([
      ask(inbox, path),
      ask(inbox, `${path}/checks`),
      ask(inbox, `/messages/${inbox.messages[0]?.id}/html`),
      ask(inbox, "/api/messages"),
    ]);
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200, 200, 200],
    );
    assert.deepEqual((await details(inbox)).remote, []);
    sender.destroy();
    other.destroy();
  });
}

test("who got a blind copy is in the details and in the list", async () => {
  await using inbox = await withMail();
  await deliver(inbox, "To: ben@example.com\n\n");
  assert.deepEqual((await details(inbox)).bcc, ["you@example.com"]);
  assert.deepEqual((await list(inbox)).messages[0]?.bcc, ["you@example.com"]);
});

test("a message is read when the page says so, and unread again", async () => {
  await using inbox = await withMail("Subject: one\n\n", "Subject: two\n\n");
  const path = `/api/messages/${inbox.messages[0]?.id}`;
  assert.equal((await ask(inbox, path, { method: "PATCH", body: '{"read":true}' })).status, 204);
  assert.deepEqual(
    (await list(inbox)).messages.map(({ read }) => read),
    [false, true],
  );
  assert.equal((await list(inbox)).unread, 1);
  assert.equal((await ask(inbox, path, { method: "PATCH", body: '{"read":false}' })).status, 204);
  assert.equal((await list(inbox)).unread, 2);
  for (const body of ["", "true", '{"read":1}', "{", "null"]) {
    assert.equal((await ask(inbox, path, { method: "PATCH", body })).status, 400, body);
  }
  assert.equal((await ask(inbox, path, { method: "PATCH", body: " ".repeat(2000) })).status, 413);
});

test("one message is deleted, then all", async () => {
  await using inbox = await withMail("Subject: one\n\n", "Subject: two\n\n", "Subject: three\n\n");
  const path = `/api/messages/${inbox.messages[1]?.id}`;
  assert.equal((await ask(inbox, path, { method: "DELETE" })).status, 204);
  assert.deepEqual(subjects(await list(inbox)), ["three", "one"]);
  assert.equal((await ask(inbox, path, { method: "DELETE" })).status, 404);
  assert.equal((await ask(inbox, path)).status, 404);
  assert.equal((await ask(inbox, "/api/messages", { method: "DELETE" })).status, 204);
  assert.equal(inbox.messages.length, 0);
});

test("what is not there is 404, what is not done is 405, HEAD has no body", async () => {
  await using inbox = await withMail("Subject: one\n\n");
  const id = inbox.messages[0]?.id;
  for (const path of [
    "/nothing",
    "/messages/00/html",
    "/messages/../etc",
    "/assets/../package.json",
    "/assets/%2e%2e/%2e%2e/package.json",
    `/api/messages/${id}/attachments/0`,
    `/api/messages/${id}/attachments/x`,
    "/api/messages/00.eml",
    "/%00",
    "//evil.example/",
  ]) {
    assert.equal((await ask(inbox, path)).status, 404, path);
  }
  for (const [path, method, allowed] of [
    ["/", "PUT", "GET"],
    ["/api/messages", "POST", "GET, PATCH, DELETE"],
    [`/api/messages/${id}`, "POST", "GET, PATCH, DELETE"],
    ["/api/events", "DELETE", "GET"],
  ] as const) {
    const refused = await ask(inbox, path, { method });
    assert.equal(refused.status, 405);
    assert.equal(refused.headers["allow"], allowed);
  }
  const head = await ask(inbox, "/api/messages", { method: "HEAD" });
  assert.equal(head.status, 200);
  assert.equal(head.body, "");
});

test("the inbox says how to send to it", async () => {
  await using inbox = await withMail();
  assert.deepEqual(JSON.parse((await ask(inbox, "/api/inbox")).body), {
    host: "127.0.0.1",
    smtpPort: inbox.smtpPort,
    protocol: "smtp",
    tls: "none",
    auth: "none",
  });
});

test("the API names the port of POP3, when there is one", async () => {
  await using inbox = await startInbox({ smtpPort: 0, webPort: 0, pop3Port: 0 });
  assert.equal(JSON.parse((await ask(inbox, "/api/inbox")).body).pop3Port, inbox.pop3Port);
});

test("no page without a web port", async () => {
  await using inbox = await startInbox({ smtpPort: 0, webPort: false });
  assert.equal(inbox.webPort, undefined);
  assert.equal(inbox.url, undefined);
});
