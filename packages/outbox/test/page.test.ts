/**
 * The page for people.
 */
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { type Outbox, type OutboxPageOptions, outboxPage } from "../src/index.js";
import { Clock, type Ground, openOn, sqliteGround } from "./support/ground.js";
import { FAULTS, ScriptedTransport } from "./support/transport.js";

const MAIL = { from: "shop@example.org", to: "alice@example.com", subject: "Thank you", text: "A secret body." };
const URL = "https://admin.example.org/mail/outbox";

let ground: Ground;
let outbox: Outbox;
let transport: ScriptedTransport;
let page: (request: Request) => Promise<Response>;

beforeEach(async () => {
  ground = await sqliteGround();
  transport = new ScriptedTransport();
  outbox = await openOn(ground, new Clock(), { transport });
  page = outboxPage(outbox);
});
afterEach(async () => {
  await outbox.close();
  await ground.close();
});

const get = async (query = ""): Promise<{ status: number; text: string; headers: Headers }> => {
  const response = await page(new Request(`${URL}${query}`));
  return { status: response.status, text: await response.text(), headers: response.headers };
};
const post = (form: Record<string, string>, headers: Record<string, string> = { "sec-fetch-site": "same-origin" }) =>
  page(new Request(URL, { method: "POST", body: new URLSearchParams(form), headers }));

test("it shows counts, finds messages, and shows one without its body", async () => {
  const { id } = await outbox.enqueue(MAIL, { tags: { order: "7" } });
  const first = await get();
  assert.equal(first.status, 200);
  assert.match(first.text, /<strong>1<\/strong>waiting<\/a>/);
  assert.match(first.text, /example\.com<\/a><\/th><td class="number">1<\/td>/);
  for (const query of ["", "?state=waiting", "?recipient=ALICE@example.com", "?domain=example.com", "?tag=order%3D7"])
    assert.match((await get(query)).text, new RegExp(`<a href="\\?id=${id}">Thank you</a>`), query);
  for (const query of [
    "?state=failed",
    "?recipient=bob@example.com",
    "?domain=example.org",
    "?tag=order%3D8",
    "?key=x",
  ])
    assert(!(await get(query)).text.includes(id), query);
  const one = await get(`?id=${id}`);
  assert.match(one.text, /<h2>Thank you<\/h2>.*tag order<\/th><td>7<.*<th scope="row">enqueued<\/th>/s);
  for (const text of ["A secret body", "Source"]) assert(!one.text.includes(text), text);
  assert.equal((await get(`?id=${id}&source=1`)).status, 403);
  assert.equal((await get("?id=00000000-0000-7000-8000-000000000000")).status, 404);
  assert.equal((await get("?id=x")).status, 400);
});

test("whatever it shows is escaped, and it may load and run nothing", async () => {
  const evil = `<img src=x onerror="alert(1)">'&\u202e`;
  transport.answers = () => 550;
  const { id } = await outbox.enqueue({ ...MAIL, messageId: "<a@example.org>" }, { key: evil, tags: { [evil]: evil } });
  await outbox.deliver(id);
  await outbox.pause(evil);
  for (const query of [
    "",
    `?id=${id}`,
    `?recipient=${encodeURIComponent(evil)}`,
    `?state=${encodeURIComponent(evil)}`,
  ]) {
    const { text, headers } = await get(query);
    assert(!text.includes("<img"), query);
    assert(!text.includes("\u202e"), query);
    assert.match(headers.get("content-security-policy") ?? "", /^default-src 'none'; .*frame-ancestors 'none'$/);
    assert.equal(headers.get("cache-control"), "no-store");
  }
});

test("a source is shown, and saved, when bodies are allowed; it is never a page", async () => {
  const raw = "From: shop@example.org\r\nSubject: Thank you\r\n\r\nA secret\u202e body, <script>alert(1)</script>\r\n";
  const { id } = await outbox.enqueue(raw, { sender: "shop@example.org", recipients: "alice@example.com" });
  page = outboxPage(outbox, { bodies: true });
  const { text } = await get(`?id=${id}`);
  assert.match(text, /Subject: Thank you\n.*A secret/s);
  for (const evil of ["<script", "\u202e"]) assert(!text.includes(evil), evil);
  const saved = await get(`?id=${id}&source=1`);
  assert.equal(saved.headers.get("content-type"), "message/rfc822");
  assert.equal(saved.headers.get("content-disposition"), `attachment; filename="${id}.eml"`);
  assert.match(saved.headers.get("content-security-policy") ?? "", /sandbox/);
  assert.match(saved.text, /^(?:.*\r\n)*Subject: Thank you\r\n/);
  await outbox.deliver(id);
  await outbox.purge({ before: new Date(Date.UTC(2100, 0)) });
  assert.match((await get(`?id=${id}`)).text, /\(no subject\)/);
  assert.equal((await get(`?id=${id}&source=1`)).status, 400);
});

test("options are checked, and named", () => {
  for (const [options, name] of [
    [{ body: true }, "body"],
    [{ bodies: "yes" }, "bodies"],
    [null, "options"],
    [[], "options"],
  ] as const)
    assert.throws(
      () => outboxPage(outbox, options as unknown as OutboxPageOptions),
      new RegExp(`^OptionError: ${name}: `),
    );
  for (const none of [undefined, null, {}, "outbox"])
    assert.throws(() => outboxPage(none as unknown as Outbox), /^OptionError: outbox: /);
});

test("a filter that is none is an answer that names it, not a list of something else", async () => {
  for (const query of ["?state=bogus", "?skip=-1", "?skip=1e5", "?skip=999999", "?tag=x", "?recipient=x"]) {
    const { status, text } = await get(query);
    assert.equal(status, 400, query);
    assert(text.includes(`${/\w+/.exec(query)?.[0]}: `), query);
  }
  assert.equal((await get("?state=&skip=&recipient=&tag=")).status, 200);
});

test("other methods are told which there are, and a form without end is not read to its end", async () => {
  const other = await page(new Request(URL, { method: "PUT" }));
  assert.deepEqual([other.status, other.headers.get("allow")], [405, "GET, HEAD, POST"]);
  let pulled = 0;
  let isCancelled = false;
  const body = new ReadableStream({
    pull: (controller) => {
      pulled += 1;
      controller.enqueue(Buffer.alloc(4096, "a"));
    },
    cancel: () => {
      isCancelled = true;
    },
  });
  const headers = { "sec-fetch-site": "same-origin" };
  const response = await page(new Request(URL, { method: "POST", body, headers, duplex: "half" } as RequestInit));
  assert.equal(response.status, 413);
  assert(isCancelled && pulled < 10, `${pulled} chunks`);
});

test("recipients are counted by reply, the newest messages come first, and older ones are on the next page", async () => {
  transport.answers = (address) => (address.startsWith("a") ? 550 : 451);
  for (let number = 0; number < 60; number += 1) {
    const { id } = await outbox.enqueue({
      ...MAIL,
      to: number % 3 === 0 ? "a@example.com" : "b@example.com",
      subject: `Mail ${number}`,
    });
    await outbox.deliver(id);
  }
  const first = (await get()).text;
  assert.match(
    first,
    /<th scope="row">451 [^<]*<\/th><td>waiting<\/td><td class="number">40<\/td>.*<th scope="row">550 [^<]*<\/th><td>refused<\/td><td class="number">20<\/td>/s,
  );
  const subjects = (text: string): number[] =>
    [...text.matchAll(/>Mail (\d+)<\/a>/g)].map(([, number]) => Number(number));
  const [, query = ""] = /<a href="(\?[^"]*)">Older/.exec(first) ?? [];
  const second = (await get(query)).text;
  assert.deepEqual(
    [...subjects(first), ...subjects(second)],
    Array.from({ length: 60 }, (_, index) => 59 - index),
  );
  assert(!second.includes("Older"));
});

test("HEAD is GET without its body", async () => {
  const response = await page(new Request(URL, { method: "HEAD" }));
  assert.equal(response.status, 200);
  assert.equal(await response.text(), "");
});

test("its forms retry, cancel, resolve, pause and resume", async () => {
  const { id } = await outbox.enqueue(MAIL, { onUnknown: "hold" });
  transport.fault = FAULTS.unknown;
  await outbox.deliver(id);
  assert.match((await get(`?id=${id}`)).text, /value="resend"/);
  assert.equal((await post({ action: "sent", id, recipient: "bob@example.com" })).status, 400);
  const done = await post({ action: "sent", id, recipient: "alice@example.com" });
  assert.deepEqual([done.status, done.headers.get("location")], [303, `?id=${id}`]);
  assert.equal((await outbox.get(id))?.state, "delivered");
  await post({ action: "pause" });
  assert.equal((await outbox.stats()).paused?.kind, "person");
  await post({ action: "resume" });
  assert.equal((await outbox.stats()).paused, undefined);
  const second = await outbox.enqueue(MAIL);
  await post({ action: "cancel", id: second.id });
  assert.equal((await outbox.get(second.id))?.state, "cancelled");
  const late = await post({ action: "cancel", id: second.id });
  assert.equal(late.headers.get("location"), `?id=${second.id}&done=late`);
  assert.match((await get(`?id=${second.id}&done=late`)).text, /Too late/);
  assert(!(await get(`?id=${second.id}&done=constructor`)).text.includes('role="status"'));
  assert.equal((await post({ action: "retry", id: second.id })).status, 400);
  assert.equal((await post({ action: "constructor", id })).status, 400);
  assert.equal((await post({ action: "cancel", id: "00000000-0000-7000-8000-000000000000" })).status, 404);
  await outbox.close();
  assert.equal((await post({ action: "cancel", id })).status, 503);
});

test("a form of another site, or of nobody knows where, does nothing", async () => {
  const { id } = await outbox.enqueue(MAIL);
  for (const headers of [
    {},
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
    { "sec-fetch-site": "none" },
    { origin: "https://evil.example" },
    { origin: "null" },
  ]) {
    assert.equal((await post({ action: "cancel", id }, headers as Record<string, string>)).status, 403);
  }
  assert.equal((await page(new Request(URL, { method: "DELETE" }))).status, 405);
  assert.equal((await outbox.get(id))?.state, "waiting");
  await post({ action: "cancel", id }, { origin: "https://admin.example.org" });
  assert.equal((await outbox.get(id))?.state, "cancelled");
});
