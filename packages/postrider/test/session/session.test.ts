import assert from "node:assert/strict";
import { test } from "node:test";
import { Session } from "../../src/session/session.js";
import { byHand, Driver, message } from "./session-driver.js";

test("nothing is written before the greeting", () => {
  const driver = new Driver();
  driver.command("EHLO");
  assert.deepEqual(driver.write(), []);
  assert.deepEqual(driver.hear("220-a", "220 b"), ["EHLO\r\n"]);
  assert.deepEqual(driver.types, ["greeting"]);
  assert.equal(driver.session.state, "greeted");
});

test("a greeting other than 220 greets nobody", () => {
  for (const code of [250, 354, 554]) {
    const driver = new Driver();
    driver.command("EHLO");
    assert.deepEqual(driver.hear(`${code} no`), []);
    assert.equal(driver.session.state, code === 554 ? "connecting" : "closed");
    assert.equal(driver.session.lastReply?.code, code);
  }
});

test("EHLO teaches the extensions, HELO that there are none, and a refusal nothing", () => {
  const driver = Driver.ready(["SIZE 10"]);
  assert.equal(driver.session.capabilities?.maxSize, 10);
  driver.command("EHLO");
  driver.write();
  driver.hear("550 no");
  assert.equal(driver.session.capabilities?.maxSize, 10);
  driver.command("HELO");
  driver.write();
  driver.hear("250 fake");
  assert.deepEqual([...(driver.session.capabilities?.extensions ?? ["?"])], []);
});

test("a first EHLO that is refused leaves the session greeted and the extensions unknown", () => {
  const driver = new Driver();
  driver.hear("220 hi");
  driver.command("EHLO");
  driver.write();
  driver.hear("500 what");
  assert.equal(driver.session.state, "greeted");
  assert.equal(driver.session.capabilities, undefined);
});

test("commands go one at a time, also with PIPELINING, and each hears its own reply", () => {
  const driver = Driver.ready(["PIPELINING"]);
  const works = [driver.command("NOOP", "NOOP 1"), driver.command("NOOP", "NOOP 2")];
  assert.deepEqual(driver.write(), ["NOOP 1\r\n"]);
  assert.deepEqual(driver.hear("250 one"), ["NOOP 2\r\n"]);
  assert.deepEqual(driver.hear("250 two"), []);
  assert.deepEqual(
    driver.events.map((event) =>
      event.type === "reply" ? [works.indexOf(event.work as never), event.reply.message] : [],
    ),
    [
      [0, "one"],
      [1, "two"],
    ],
  );
});

test("replies byte by byte, and with bare LF, are the same dialogue", () => {
  const driver = Driver.ready();
  driver.command("NOOP");
  driver.write();
  for (const byte of "250-a\n250 b\n") driver.hearBytes(byte);
  assert.deepEqual(driver.types, ["reply"]);
  assert.equal(driver.session.lastReply?.message, "a\nb");
});

test("without PIPELINING each command of a message waits for the reply before it", () => {
  const driver = Driver.ready();
  assert.deepEqual(driver.send(message("k", 2)), ["MAIL FROM:<k@s>\r\n"]);
  assert.deepEqual(driver.hear("250 MAIL k"), ["RCPT TO:<k1@r>\r\n"]);
  assert.deepEqual(driver.hear("250 RCPT k1"), ["RCPT TO:<k2@r>\r\n"]);
  assert.deepEqual(driver.hear("550 RCPT k2"), ["DATA\r\n"]);
  assert.deepEqual(driver.hear("354 go"), ["k\r\n.\r\n"]);
  assert.deepEqual(driver.types, []);
  assert.deepEqual(driver.hear("250 taken"), []);
  const [settled] = driver.settled;
  assert.equal(settled?.progress, "done");
  assert.equal(settled?.mailReply?.message, "MAIL k");
  assert.deepEqual(
    settled?.recipientReplies.map((reply) => reply?.message),
    ["RCPT k1", "RCPT k2"],
  );
  assert.equal(settled?.contentReplies[0]?.message, "taken");
  assert.equal(driver.session.state, "ready");
});

test("a refused sender ends the message at once, without RSET and without a further command", () => {
  const driver = Driver.ready();
  driver.send(message("k", 2), message("l"));
  assert.deepEqual(driver.hear("550 no"), ["MAIL FROM:<l@s>\r\n"]);
  assert.deepEqual(
    driver.settled.map((one) => one.commands.mail),
    ["MAIL FROM:<k@s>"],
  );
});

test("recipients all refused: no DATA, and RSET before the next message", () => {
  const driver = Driver.ready();
  driver.send(message("k", 2), message("l"));
  driver.hear("250 ok");
  driver.hear("550 no");
  assert.deepEqual(driver.hear("450 no"), ["RSET\r\n"]);
  assert.equal(driver.settled.length, 1);
  assert.deepEqual(driver.hear("250 clean"), ["MAIL FROM:<l@s>\r\n"]);
});

test("DATA refused: RSET before the next message; content refused: none is needed", () => {
  const refusedData = Driver.ready();
  refusedData.send(message("k"));
  refusedData.hear("250 ok");
  refusedData.hear("250 ok");
  assert.deepEqual(refusedData.hear("451 no"), ["RSET\r\n"]);
  assert.equal(refusedData.settled[0]?.dataReply?.code, 451);

  const refusedContent = Driver.ready();
  refusedContent.send(message("k"), message("l"));
  for (const reply of ["250 ok", "250 ok", "354 go"]) refusedContent.hear(reply);
  assert.deepEqual(refusedContent.hear("554 spam"), ["MAIL FROM:<l@s>\r\n"]);
});

test("DATA answered with 250 in place of 354 is a violation: no content is sent, and nothing after it", () => {
  const driver = Driver.ready();
  driver.send(message("k"));
  driver.hear("250 ok");
  driver.hear("250 ok");
  assert.deepEqual(driver.hear("250 ok?"), []);
  assert.equal(driver.settled.length, 0);
  assert.match(driver.fault?.problem ?? "", /DATA with 250 instead of 354 or an error code/);
});

test("the envelope that the caller opened by hand is cleaned before a message of its own", () => {
  const driver = Driver.ready();
  driver.command("MAIL", "MAIL FROM:<x@y>");
  driver.write();
  driver.hear("250 ok");
  assert.equal(driver.session.state, "transaction");
  assert.deepEqual(driver.send(message("k")), ["RSET\r\n"]);
  assert.deepEqual(driver.hear("250 clean"), ["MAIL FROM:<k@s>\r\n"]);
});

test("QUIT is the last thing written, and its reply the last heard", () => {
  const driver = Driver.ready();
  driver.command("QUIT");
  driver.command("NOOP");
  assert.deepEqual(driver.write(), ["QUIT\r\n"]);
  assert.equal(driver.session.state, "closing");
  assert.deepEqual(driver.hear("221 bye"), []);
  assert.deepEqual(driver.types, ["reply", "finished"]);
  assert.deepEqual(driver.events.at(-1), { type: "finished", after: "quit" });
});

test("work that has not begun can be taken back, work that was written cannot", () => {
  const driver = Driver.ready();
  const first = driver.command("NOOP", "NOOP 1");
  const second = driver.command("NOOP", "NOOP 2");
  driver.write();
  assert.equal(driver.session.backlog, 1);
  assert.equal(driver.session.withdraw(first), false);
  assert.equal(driver.session.withdraw(second), true);
  assert.deepEqual(driver.hear("250 one"), []);
});

test("the caller's RSET, EHLO and MAIL move the session as its own do", () => {
  const driver = Driver.ready();
  const say = (verb: string, reply: string): string => {
    driver.command(verb);
    driver.write();
    driver.hear(reply);
    return driver.session.state;
  };
  assert.equal(say("MAIL", "550 no"), "ready");
  assert.equal(say("MAIL", "250 ok"), "transaction");
  assert.equal(say("RSET", "500 no"), "transaction");
  assert.equal(say("RSET", "250 ok"), "ready");
  assert.equal(say("MAIL", "250 ok"), "transaction");
  assert.equal(say("EHLO", "250 fake"), "ready");
  assert.equal(say("NOOP", "250 ok"), "ready");
});

test("content for an envelope opened by hand is DATA alone, and its refusal cleans nothing", () => {
  for (const [replies, wire] of [
    [
      ["354 go", "250 taken"],
      [["DATA\r\n"], ["by hand\r\n.\r\n"], []],
    ],
    [["503 no recipients"], [["DATA\r\n"], []]],
  ] as const) {
    const driver = Driver.chunking(["PIPELINING", "CHUNKING"]);
    driver.command("MAIL", "MAIL FROM:<x@y>");
    driver.write();
    driver.hear("250 ok");
    const transaction = byHand("by hand\r\n");
    const written = [driver.send(transaction), ...replies.map((reply) => driver.hear(reply))];
    assert.deepEqual(written, wire);
    assert.equal(driver.settled[0], transaction);
  }
});

test("what the session says and hears is traced line by line, secrets replaced, content counted", () => {
  const traced: string[] = [];
  const driver = new Driver({
    trace: {
      client: (line) => traced.push(`C ${line}`),
      server: (line) => traced.push(`S ${line}`),
      content: (bytes) => traced.push(`${bytes} bytes`),
    },
  });
  driver.hear("220-a", "220 b");
  driver.command("EHLO");
  driver.write();
  driver.hear("250 hello");
  driver.session.enqueue({ kind: "command", verb: "AUTH", line: "AUTH PLAIN secret", shown: "AUTH PLAIN ***" });
  assert.deepEqual(driver.write(), ["AUTH PLAIN secret\r\n"]);
  driver.hear("235 ok");
  driver.send(message("k"));
  for (const reply of ["250 ok", "250 ok", "354 go", "250 taken"]) driver.hear(reply);
  assert.deepEqual(traced, [
    "S 220-a",
    "S 220 b",
    "C EHLO",
    "S 250 hello",
    "C AUTH PLAIN ***",
    "S 235 ok",
    "C MAIL FROM:<k@s>",
    "S 250 ok",
    "C RCPT TO:<k1@r>",
    "S 250 ok",
    "C DATA",
    "S 354 go",
    "3 bytes",
    "S 250 taken",
  ]);
});

test("what is awaited is known", () => {
  const driver = Driver.ready();
  const slot = (): string | undefined => driver.session.awaiting?.slot;
  assert.equal(slot(), undefined);
  driver.send(message("k", 1));
  assert.equal(slot(), "mail");
  driver.hear("250 ok");
  assert.equal(slot(), "rcpt");
  assert.equal(new Session().awaiting?.slot, "greeting");
});

test("a transaction keeps when it began, when its envelope was answered, and when its verdict came", () => {
  for (const offers of [[], ["PIPELINING"], ["PIPELINING", "CHUNKING"]]) {
    const clock = { time: 0 };
    const driver = Driver.ready(offers, { clock, chunking: "works" });
    const one = message("k", 2);
    clock.time = 10;
    driver.send(one);
    const isChunked = offers.includes("CHUNKING");
    clock.time = 30;
    for (const reply of ["250 MAIL", "250 RCPT", "250 RCPT", ...(isChunked ? [] : ["354 go"])]) driver.hear(reply);
    clock.time = 70;
    driver.hear("250 taken");
    assert.equal(one.progress, "done");
    assert.deepEqual([one.begunAt, one.envelopeAt, one.answeredAt], [10, 30, 70], offers.join());
  }
});
