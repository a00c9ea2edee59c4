/**
 * The addresses of the outbox's tab, over an outbox that remembers what it was asked.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { InboxOptionError } from "../../src/errors.js";
import { type Inbox, startInbox } from "../../src/inbox.js";
import type { InboxOutbox, OutboxItem } from "../../src/outbox/outbox-view.js";
import { deliver } from "../support/mail.js";

interface Json {
  readonly messages: readonly { readonly subject?: string }[];
  readonly events: readonly object[];
  readonly arrived: readonly { readonly id: string }[];
  readonly error: string;
  readonly outbox?: boolean;
}

const jsonOf = async (response: Response | Promise<Response>): Promise<Json> =>
  (await response).json() as Promise<Json>;

const ID = "01a22be4-c608-7d44-8f3b-cc4657f785f4";

class FakeOutbox implements InboxOutbox {
  readonly asked: unknown[] = [];
  items: OutboxItem[] = [{ id: ID, messageId: "<one@example.com>" }];
  content_: string | undefined = "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nTo: x\r\n\r\nbody";

  async *find(filter: object = {}): AsyncGenerator<OutboxItem> {
    this.asked.push(["find", filter]);
    yield* this.items;
  }
  async get(id: string): Promise<OutboxItem | undefined> {
    return this.items.find((one) => one.id === id);
  }
  async history(): Promise<object[]> {
    return [{ id: "1", type: "enqueued" }];
  }
  async *content(): AsyncGenerator<Uint8Array> {
    if (this.content_ === undefined) throw Object.assign(new Error("purged"), { code: "wrong-state" });
    yield Buffer.from(this.content_);
  }
  async stats(): Promise<object> {
    return { messages: { waiting: 1 } };
  }
  async retry(id: string): Promise<void> {
    this.asked.push(["retry", id]);
    throw Object.assign(new Error("The message is being sent"), { code: "wrong-state" });
  }
  async cancel(id: string): Promise<boolean> {
    this.asked.push(["cancel", id]);
    return false;
  }
  async resolve(...given: unknown[]): Promise<void> {
    this.asked.push(["resolve", ...given]);
  }
  async pause(): Promise<void> {
    this.asked.push(["pause"]);
  }
  async resume(): Promise<void> {
    this.asked.push(["resume"]);
  }
}

async function place(): Promise<{
  inbox: Inbox;
  outbox: FakeOutbox;
  ask: (path: string, action?: object) => Promise<Response>;
}> {
  const outbox = new FakeOutbox();
  const inbox = await startInbox({ smtpPort: 0, webPort: 0, outbox });
  const ask = (path: string, body?: object): Promise<Response> =>
    fetch(new URL(path, inbox.url), body === undefined ? {} : { method: "PATCH", body: JSON.stringify(body) });
  return { inbox, outbox, ask };
}

test("the list has subjects and counts; a purged message has no subject", async () => {
  const { inbox, outbox, ask } = await place();
  await using _ = inbox;
  const list = await jsonOf(ask("/outbox/api/messages?state=waiting"));
  assert.deepEqual(list, {
    stats: { messages: { waiting: 1 } },
    messages: [{ id: ID, messageId: "<one@example.com>", subject: "Grüße" }],
    isMore: false,
  });
  assert.deepEqual(outbox.asked, [["find", { state: "waiting", recipient: undefined, order: "newest" }]]);
  outbox.items = [{ id: ID.replace("0", "1"), messageId: "" }];
  outbox.content_ = undefined;
  assert.equal((await jsonOf(ask("/outbox/api/messages"))).messages[0]?.subject, undefined);
});

test("one message comes with its events, and with the messages of this inbox that have its Message-ID", async () => {
  const { inbox, ask } = await place();
  await using _ = inbox;
  const before = await jsonOf(ask(`/outbox/api/messages/${ID}`));
  assert.deepEqual([before.events.length, before.arrived], [1, []]);
  await deliver(inbox, "From: a@example.org\r\nMessage-ID: <two@example.com>\r\n\r\nx\r\n");
  await deliver(inbox, "From: a@example.org\r\nMessage-ID: <one@example.com>\r\n\r\nx\r\n");
  const { arrived } = await jsonOf(ask(`/outbox/api/messages/${ID}`));
  assert.deepEqual(
    arrived.map(({ id }) => id),
    [inbox.messages[1]?.id],
  );
  assert.equal((await ask(`/outbox/api/messages/${ID.replace("0", "1")}`)).status, 404);
});

test("actions reach the outbox; what it refuses, and what is none, is an error in words", async () => {
  const { inbox, outbox, ask } = await place();
  await using _ = inbox;
  const message = `/outbox/api/messages/${ID}`;
  for (const [path, body, status, words] of [
    [message, { action: "retry" }, 400, /is being sent/],
    [message, { action: "cancel" }, 400, /Too late/],
    [message, { action: "sent", recipient: "bob@example.com" }, 204, undefined],
    [message, { action: "resend" }, 204, undefined],
    [message, { action: "constructor" }, 400, /action must be retry/],
    ["/outbox/api", { action: "pause" }, 204, undefined],
    ["/outbox/api", { action: "resume" }, 204, undefined],
    ["/outbox/api", {}, 400, /action must be pause/],
    ["/outbox/api", { action: "x".repeat(2000) }, 413, /too long/],
  ] as const) {
    const response = await ask(path, body);
    assert.equal(response.status, status, JSON.stringify(body));
    if (words !== undefined) assert.match((await jsonOf(response)).error, words);
  }
  assert.deepEqual(outbox.asked, [
    ["retry", ID],
    ["cancel", ID],
    ["resolve", ID, "sent", "bob@example.com"],
    ["resolve", ID, "resend", undefined],
    ["pause"],
    ["resume"],
  ]);
});

test("another site can neither read nor change the outbox", async () => {
  const { inbox, outbox, ask } = await place();
  await using _ = inbox;
  const response = await fetch(new URL("/outbox/api", inbox.url), {
    method: "PATCH",
    body: JSON.stringify({ action: "pause" }),
    headers: { origin: "https://evil.example" },
  });
  assert.equal(response.status, 403);
  assert.deepEqual(outbox.asked, []);
  assert.equal((await ask("/outbox")).headers.get("cross-origin-resource-policy"), "same-origin");
});

test("an inbox without an outbox has no such tab, and what is no outbox is refused", async () => {
  await using inbox = await startInbox({ smtpPort: 0, webPort: 0 });
  for (const path of ["/outbox", "/outbox/api/messages"])
    assert.equal((await fetch(new URL(path, inbox.url))).status, 404, path);
  assert.equal((await jsonOf(fetch(new URL("/api/inbox", inbox.url)))).outbox, undefined);
  await assert.rejects(startInbox({ smtpPort: 0, outbox: {} as InboxOutbox }), (error: InboxOptionError) => {
    assert.ok(error instanceof InboxOptionError);
    assert.match(error.message, /^outbox: must be an outbox/);
    return true;
  });
});
