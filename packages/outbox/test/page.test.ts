/**
 * The page for people.
 */
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { type Outbox, outboxPage } from "../src/index.js";
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
  assert.match(first.text, /waiting<\/a><\/th><td>1<\/td>/);
  assert.match(first.text, /<th scope="row">example\.com<\/th><td>1<\/td>/);
  for (const query of ["?state=waiting", "?recipient=ALICE@example.com"])
    assert((await get(query)).text.includes(id), query);
  assert(!(await get("?state=failed")).text.includes(id));
  const one = await get(`?id=${id}`);
  assert.match(one.text, /tag order<\/th><td>7</);
  assert(!one.text.includes("A secret body"));
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

test("its forms retry, cancel, resolve, pause and resume", async () => {
  const { id } = await outbox.enqueue(MAIL, { onUnknown: "hold" });
  transport.fault = FAULTS.unknown;
  await outbox.deliver(id);
  assert.match((await get(`?id=${id}`)).text, /value="resend"/);
  const done = await post({ action: "sent", id });
  assert.deepEqual([done.status, done.headers.get("location")], [303, `?id=${id}`]);
  assert.equal((await outbox.get(id))?.state, "delivered");
  await post({ action: "pause" });
  assert.equal((await outbox.stats()).paused?.kind, "person");
  await post({ action: "resume" });
  assert.equal((await outbox.stats()).paused, undefined);
  const second = await outbox.enqueue(MAIL);
  await post({ action: "cancel", id: second.id });
  assert.equal((await outbox.get(second.id))?.state, "cancelled");
  assert.equal((await post({ action: "retry", id: second.id })).status, 400);
  assert.equal((await post({ action: "constructor", id })).status, 400);
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
