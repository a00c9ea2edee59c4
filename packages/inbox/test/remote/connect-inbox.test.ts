import { AssertionError } from "node:assert";
import assert from "node:assert/strict";
import { test } from "node:test";
import { InboxOptionError, InboxRequestError, InboxTimeoutError } from "../../src/errors.js";
import { type Inbox, startInbox } from "../../src/inbox.js";
import { connectInbox } from "../../src/remote/connect-inbox.js";
import { serverEvents } from "../../src/remote/server-events.js";
import { assertNotSent, assertSent } from "../../src/testing/assert-sent.js";
import { inboxMatchers } from "../../src/testing/inbox-matchers.js";
import { Dialogue } from "../support/dialogue.js";
import { deliver, withMail } from "../support/mail.js";

const MAIL = `From: Shop <shop@example.com>
To: you@example.com
Subject: Welcome
Content-Type: multipart/mixed; boundary=m

--m
Content-Type: text/plain; charset=utf-8

Gr=C3=BC=C3=9Fe
--m
Content-Type: application/octet-stream
Content-Disposition: attachment; filename="bytes"
Content-Transfer-Encoding: base64

AAH/
--m--
`.replace("charset=utf-8", "charset=utf-8\nContent-Transfer-Encoding: quoted-printable");

const url = (inbox: Inbox): string => inbox.url ?? "";

async function deliverTo(inbox: Inbox, recipient: string, content: string): Promise<void> {
  const client = await Dialogue.open(inbox.smtpPort);
  await client.say("EHLO me");
  await client.deliver(content, "sender@example.com", [recipient]);
  client.destroy();
}

test("a message over HTTP is what it is in the program of the inbox", async () => {
  await using inbox = await withMail(MAIL);
  await using remote = await connectInbox(url(inbox));
  assert.equal(remote.smtpPort, inbox.smtpPort);
  assert.equal(remote.pop3Port, undefined);
  assert.deepEqual(await remote.fetchMessages(), inbox.messages);
  const found = await remote.waitFor(({ subject }) => subject === "Welcome");
  assert.deepEqual(found, inbox.messages[0]);
  assert.deepEqual([...(found.attachments[0]?.content ?? [])], [0, 1, 255]);
});

test("waitFor takes a function: an expectation in its place is an error at once, here and over HTTP", async () => {
  await using inbox = await startInbox({ smtpPort: 0, webPort: 0 });
  await using remote = await connectInbox(url(inbox));
  for (const one of [inbox, remote]) {
    await assert.rejects(one.waitFor({ subject: "Welcome" } as never, { timeout: 60_000 }), {
      name: "InboxOptionError",
      message: /^predicate: must be a function of a message; assertSent\(\) takes an expectation$/,
    });
  }
});

test("a message to come is waited for, and what was tried is not tried again", async () => {
  await using inbox = await withMail("Subject: first\n\n");
  await using remote = await connectInbox(url(inbox));
  const tried: unknown[] = [];
  const coming = remote.waitFor(
    ({ subject }) => {
      tried.push(subject);
      if (subject === "first") void deliver(inbox, "Subject: second\n\n", "Subject: third\n\n");
      return subject === "third";
    },
    { timeout: 60_000 },
  );
  assert.equal((await coming).subject, "third");
  assert.deepEqual(tried, ["first", "second", "third"]);
});

test("time that is up says what did arrive; a signal ends the wait with its reason", async () => {
  await using inbox = await withMail("Subject: first\n\n");
  await using remote = await connectInbox(url(inbox));
  await assert.rejects(
    remote.waitFor(() => false, { timeout: 20 }),
    (error) => error instanceof InboxTimeoutError && /in 20 ms\. .*"first"/s.test(error.message),
  );
  const stop = new AbortController();
  const waiting = remote.waitFor(
    () => {
      stop.abort(new Error("enough"));
      return false;
    },
    { signal: stop.signal },
  );
  await assert.rejects(waiting, /enough/);
  await assert.rejects(
    remote.waitFor(() => true, { timeout: -1 }),
    InboxOptionError,
  );
  await assert.rejects(
    remote.waitFor(() => {
      throw new Error("own fault");
    }),
    /own fault/,
  );
});

test("the assertions and matchers work over HTTP, with their difference", async () => {
  await using inbox = await withMail(MAIL);
  await using remote = await connectInbox(url(inbox));
  await assertSent(remote, { subject: "Welcome", text: "Grüße" });
  await assert.rejects(
    assertSent(remote, { subject: "Goodbye" }, { timeout: 10 }),
    (error) => error instanceof AssertionError && /expected 'Goodbye'\n +actual +'Welcome'/.test(error.message),
  );
  await assertNotSent(remote, { subject: "Goodbye" });
  await assert.rejects(assertNotSent(remote, { subject: "Welcome" }), /A matching message was sent: "Welcome"/);
  const { toHaveSent } = inboxMatchers;
  assert.equal((await toHaveSent.call({}, remote, { subject: "Welcome" })).pass, true);
  assert.equal((await toHaveSent.call({ isNot: true }, remote, { subject: "Welcome" })).pass, true);
  const { pass, message } = await toHaveSent.call({}, remote, { subject: "Goodbye" }, { timeout: 10 });
  assert.equal(pass, false);
  assert.match(message(), /expected 'Goodbye'/);
});

test("tests that share an inbox see and clear the mail of their recipient only", async () => {
  await using inbox = await withMail();
  await deliverTo(inbox, "ann@example.com", "Subject: for ann\n\n");
  await deliverTo(inbox, "joann@example.com", "Subject: for joann\n\n");
  await using ann = await connectInbox(url(inbox), { recipient: "Ann@example.com" });
  assert.deepEqual(
    (await ann.fetchMessages()).map(({ subject }) => subject),
    ["for ann"],
  );
  await assertNotSent(ann, { subject: "for joann" });
  await ann.clear();
  await ann.clear();
  assert.deepEqual(
    inbox.messages.map(({ subject }) => subject),
    ["for joann"],
  );
});

test("a password in the address or the options opens the inbox, a wrong one is an error", async () => {
  await using inbox = await startInbox({ smtpPort: 0, webPort: 0, password: "p@ss:word" });
  const address = new URL(url(inbox));
  await assert.rejects(
    connectInbox(address),
    (error) => error instanceof InboxRequestError && error.status === 401 && /requires a login/.test(error.message),
  );
  await using given = await connectInbox(address, { password: "p@ss:word" });
  assert.deepEqual(await given.fetchMessages(), []);
  address.password = "p@ss:word";
  await using within = await connectInbox(address);
  assert.equal(within.url, inbox.url);
  assert.doesNotMatch(within.url, /word/);
});

test("what is no inbox is an error that names the address", async () => {
  const closed = await withMail();
  await closed.close();
  await assert.rejects(
    connectInbox(url(closed)),
    (error) =>
      error instanceof InboxRequestError && error.status === undefined && error.message.startsWith(url(closed)),
  );
  for (const address of ["", "localhost:8025", "ftp://x/", "smtp://localhost"])
    await assert.rejects(connectInbox(address), /^InboxOptionError: url: must be/);
  for (const options of [{ recipent: "x" }, { recipient: "" }, { username: 'a"b' }, { password: 7 }, null])
    await assert.rejects(connectInbox("http://localhost", options as object), InboxOptionError);
});

test("an inbox that ends during a wait ends the wait", async () => {
  const inbox = await withMail();
  await using remote = await connectInbox(url(inbox));
  const waiting = remote.waitFor(
    () => {
      void inbox.close();
      return false;
    },
    { timeout: 60_000 },
  );
  await deliver(inbox, "Subject: x\n\n");
  await assert.rejects(waiting);
});

test("events are read in pieces of any size", async () => {
  const text = 'event: hello\ndata: {"a":1}\n\n: comment\r\nevent: added\r\ndata: one\r\ndata: two\r\n\r\ndata: half';
  for (const size of [1, 3, 1000]) {
    const pieces = text.match(new RegExp(`[^]{1,${size}}`, "g")) ?? [];
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        for (const piece of pieces) controller.enqueue(Buffer.from(piece));
        controller.close();
      },
    });
    const events = [];
    for await (const event of serverEvents(body)) events.push(event);
    assert.deepEqual(events, [
      { name: "hello", data: '{"a":1}' },
      { name: "added", data: "one\ntwo" },
    ]);
  }
});

test("it knows the port of POP3, when there is one", async () => {
  await using inbox = await startInbox({ smtpPort: 0, webPort: 0, pop3Port: 0 });
  await using remote = await connectInbox(url(inbox));
  assert.ok((remote.pop3Port ?? 0) > 0);
  assert.equal(remote.pop3Port, inbox.pop3Port);
});
