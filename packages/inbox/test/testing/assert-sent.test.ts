import assert, { AssertionError } from "node:assert/strict";
import { test } from "node:test";
import { assertNotSent, assertSent, type InboxMessage, InboxOptionError, inboxMatchers } from "../../src/index.js";
import { MessageStore } from "../../src/store/message-store.js";
import type { MessageExpectation } from "../../src/testing/expectation.js";
import { parsed } from "../support/parsed.js";

const WELCOME = `From: Ann <ann@example.com>
To: Ben <ben@example.com>, carol@example.com
Cc: dave@example.com
Subject: Welcome
X-Tag: one
X-Tag: two
Content-Type: multipart/mixed; boundary=m

--m
Content-Type: multipart/alternative; boundary=a

--a
Content-Type: text/plain

Hello Ben,

please confirm your address.
--a
Content-Type: text/html

<p>Hello</p>
--a--
--m
Content-Disposition: attachment; filename=terms.pdf
Content-Type: application/pdf

x
--m--
`;

const ENVELOPE = { sender: "bounce@example.com", recipients: ["ben@example.com", "hidden@example.com"] };
const NOW = { timeout: 0 };

async function inboxWith(...contents: readonly string[]): Promise<MessageStore> {
  const store = new MessageStore({ maxMessages: 100, maxBytes: 1_000_000 });
  for (const content of contents) store.add(await parsed(content, { envelope: ENVELOPE }));
  return store;
}

const messageOf = (failing: Promise<unknown>): Promise<string> =>
  failing.then(
    () => "it was sent",
    (error: Error) => error.message,
  );

async function failure(store: MessageStore, expectation: MessageExpectation): Promise<AssertionError> {
  try {
    await assertSent(store, expectation, NOW);
  } catch (error) {
    assert.ok(error instanceof AssertionError);
    return error;
  }
  return assert.fail("it was sent");
}

const FITTING: readonly MessageExpectation[] = [
  {},
  { from: "ann@example.com" },
  { from: "ANN@Example.com" },
  { from: "Ann <ann@example.com>" },
  { from: /^Ann/ },
  { to: "carol@example.com" },
  { to: ["ben@example.com", /carol/g] },
  { cc: "dave@example.com" },
  { bcc: "hidden@example.com" },
  { sender: "bounce@example.com" },
  { recipients: ["hidden@example.com", "ben@example.com"] },
  { subject: "Welcome" },
  { subject: /^Wel/y },
  { text: "Hello Ben,\r\n\r\nplease confirm your address.\n\n" },
  { text: /confirm your address/ },
  { html: "<p>Hello</p>" },
  { attachments: "terms.pdf" },
  { headers: { "x-tag": "two", "X-Other": undefined } },
  { subject: undefined, to: "ben@example.com" },
];

test("what fits resolves with the message, however often it is asked", async () => {
  const store = await inboxWith(WELCOME);
  for (const expectation of FITTING) {
    for (let round = 0; round < 2; round += 1) {
      assert.equal(await assertSent(store, expectation, NOW), store.messages[0], JSON.stringify(expectation));
    }
  }
});

const MISFITS: readonly MessageExpectation[] = [
  { from: "ben@example.com" },
  { to: ["ben@example.com", "dave@example.com"] },
  { cc: /ben/ },
  { bcc: "ben@example.com" },
  { sender: "" },
  { recipients: "carol@example.com" },
  { subject: "welcome" },
  { text: "Hello Ben," },
  { html: /bye/ },
  { attachments: ["terms.pdf", "more.pdf"] },
  { headers: { "X-Tag": "three" } },
  { headers: { "X-Tag": undefined } },
];

test("what does not fit is an AssertionError, and assertNotSent passes", async () => {
  const store = await inboxWith(WELCOME);
  for (const expectation of MISFITS) {
    await failure(store, expectation);
    assertNotSent(store, expectation);
  }
});

test("it waits for what comes later", async () => {
  const store = await inboxWith();
  const sent = assertSent(store, { subject: "Welcome" });
  const message: InboxMessage = await parsed(WELCOME);
  store.add(message);
  assert.equal(await sent, message);
});

for (const [runner, limit] of [
  ["Vitest", 5000],
  ["Jest", 5000],
] as const) {
  test(`the default wait is over before ${runner} ends the test, so that the difference is shown`, async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const store = await inboxWith(WELCOME);
    const failures = [
      messageOf(assertSent(store, { subject: "x" })),
      inboxMatchers.toHaveSent.call({}, store, { subject: "x" }).then(({ message }) => message()),
      messageOf(store.waitFor(() => false)),
    ];
    // What a test does before it waits has its share of the limit.
    t.mock.timers.tick(limit - 2000);
    const [asserted, matched, waited] = await Promise.all(failures);
    // Deno does not do it at the end of a test.
    t.mock.timers.reset();
    assert.match(asserted ?? "", /subject\s+expected 'x'\s+actual\s+'Welcome'/);
    assert.equal(matched, asserted);
    assert.match(waited ?? "", /No matching message within 3000 ms/);
  });
}

test("the difference is to the nearest message, field by field", async () => {
  const store = await inboxWith("Subject: Other\n\nbody", WELCOME, "Subject: Third\n\nbody");
  const error = await failure(store, {
    to: "ben@example.com",
    subject: "Welcome!",
    text: /confirm/,
    headers: { "X-Tag": "x" },
  });
  assert.equal(
    error.message,
    `No message fits; the nearest of 3 is number 2: "Welcome" from <bounce@example.com> to <ben@example.com>, <hidden@example.com>
  to             fits
  subject        expected 'Welcome!'
                 actual   'Welcome'
  text           fits
  headers.X-Tag  expected 'x'
                 actual   [ 'one', 'two' ]
The inbox holds:
  "Other" from <bounce@example.com> to <ben@example.com>, <hidden@example.com>
  "Welcome" from <bounce@example.com> to <ben@example.com>, <hidden@example.com>
  "Third" from <bounce@example.com> to <ben@example.com>, <hidden@example.com>`,
  );
  assert.deepEqual(error.actual, {
    to: "ben@example.com",
    subject: "Welcome",
    text: /confirm/,
    "headers.X-Tag": ["one", "two"],
  });
  assert.deepEqual(error.expected, {
    to: "ben@example.com",
    subject: "Welcome!",
    text: /confirm/,
    "headers.X-Tag": "x",
  });
});

test("with no message at all the difference says so, and a long text is cut", async () => {
  assert.match(
    (await failure(await inboxWith(), { subject: "x" })).message,
    /^No message was sent\.\nExpected: \{ subject: 'x' \}$/,
  );
  const { message } = await failure(await inboxWith(`Subject: x\n\n${"long ".repeat(500)}`), { text: "short" });
  assert.ok(message.length < 700, message);
});

test("assertNotSent names the message that was sent all the same", async () => {
  const store = await inboxWith(WELCOME);
  assert.throws(() => assertNotSent(store), /A matching message was sent: "Welcome" to ben@example\.com, hidden/);
  assertNotSent(await inboxWith());
});

test("an expectation of something that no message has is an error, not a failure", async () => {
  const store = await inboxWith(WELCOME);
  for (const wrong of [{ titel: "x" }, { constructor: "x" }, null, "Welcome"]) {
    await assert.rejects(assertSent(store, wrong as never, NOW), InboxOptionError);
    assert.throws(() => assertNotSent(store, wrong as never), InboxOptionError);
  }
});

test("the matcher passes and fails as expect asks, also with not", async () => {
  const store = await inboxWith(WELCOME);
  const { toHaveSent } = inboxMatchers;
  assert.equal((await toHaveSent.call({}, store, { subject: "Welcome" })).pass, true);
  const failed = await toHaveSent.call({ isNot: false }, store, { subject: "x" }, NOW);
  assert.equal(failed.pass, false);
  assert.match(failed.message(), /No message fits/);
  assert.deepEqual(failed.actual, { subject: "Welcome" });
  assert.equal((await toHaveSent.call({ isNot: true }, store, { subject: "x" })).pass, false);
  const sent = await toHaveSent.call({ isNot: true }, store);
  assert.equal(sent.pass, true);
  assert.match(sent.message(), /was sent/);
  await assert.rejects(toHaveSent.call({}, store, { titel: "x" } as never), InboxOptionError);
});
