import assert from "node:assert/strict";
import { test } from "node:test";
import { Driver, lines, message, streamed } from "./session-driver.js";

const group = (name: string, recipients = 1): string =>
  lines(
    `MAIL FROM:<${name}@s>`,
    ...Array.from({ length: recipients }, (_, index) => `RCPT TO:<${name}${index + 1}@r>`),
    "DATA",
  );
const body = (name: string): string => `${name}\r\n.\r\n`;

test("MAIL, every RCPT and DATA leave in one write", () => {
  const driver = Driver.ready(["PIPELINING"]);
  assert.deepEqual(driver.send(message("k", 3)), [group("k", 3)]);
  assert.deepEqual(driver.hear("250 ok", "250 ok", "550 no", "250 ok", "354 go"), [body("k")]);
  assert.deepEqual(driver.hear("250 taken"), []);
  assert.equal(driver.settled[0]?.acceptedCount, 2);
});

test("the content of one message and the group of the next leave in one write", () => {
  const driver = Driver.ready(["PIPELINING"]);
  assert.deepEqual(driver.send(message("k"), message("l"), message("m")), [group("k")]);
  assert.deepEqual(driver.hear("250 MAIL k", "250 RCPT k", "354 k"), [body("k") + group("l")]);
  assert.deepEqual(driver.hear("250 content k", "250 MAIL l", "250 RCPT l", "354 l"), [body("l") + group("m")]);
  assert.deepEqual(driver.hear("250 content l", "250 MAIL m", "250 RCPT m", "354 m"), [body("m")]);
  driver.hear("250 content m");
  assert.deepEqual(
    driver.settled.map((one) => [one.commands.mail, one.mailReply?.message, one.contentReplies[0]?.message]),
    [
      ["MAIL FROM:<k@s>", "MAIL k", "content k"],
      ["MAIL FROM:<l@s>", "MAIL l", "content l"],
      ["MAIL FROM:<m@s>", "MAIL m", "content m"],
    ],
  );
});

test("a refused message among others is settled alone, and the next finds a clean session", () => {
  const driver = Driver.ready(["PIPELINING"]);
  driver.send(message("k"), message("l", 2), message("m"));
  driver.hear("250 ok", "250 ok", "354 go");
  assert.deepEqual(driver.hear("250 k taken", "250 MAIL l", "550 l1", "550 l2", "503 no recipients"), [
    `RSET\r\n${group("m")}`,
  ]);
  assert.deepEqual(driver.hear("250 clean", "250 MAIL m", "250 RCPT m", "354 go"), [body("m")]);
  driver.hear("250 m taken");
  assert.deepEqual(
    driver.settled.map((one) => one.acceptedCount),
    [1, 0, 1],
  );
  assert.equal(driver.fault, undefined);
});

test("354 although no recipient was accepted gets the lone dot and no content", () => {
  for (const answers of [
    ["250 MAIL", "550 RCPT", "354 go"],
    ["550 MAIL", "503 RCPT", "354 go"],
    ["550 MAIL", "250 RCPT", "354 go"],
  ]) {
    for (const [one, verdict] of [
      [message("k"), "554 no recipients"],
      [message("k"), "250 delivered to nobody"],
      [streamed("k"), "554 no recipients"],
    ] as const) {
      const driver = Driver.ready(["PIPELINING"]);
      driver.send(one);
      assert.deepEqual(driver.hear(...answers), [".\r\n"]);
      assert.deepEqual(driver.hear(verdict), []);
      assert.deepEqual(driver.settled, [one]);
      assert.equal(driver.fault, undefined);
      assert.equal(driver.session.state, "ready");
    }
  }
});

test("a refused DATA behind an accepted envelope is settled once every reply is in", () => {
  const driver = Driver.ready(["PIPELINING"]);
  driver.send(message("k"));
  assert.deepEqual(driver.hear("250 ok", "250 ok"), []);
  assert.deepEqual(driver.hear("452 disk full"), ["RSET\r\n"]);
  assert.equal(driver.settled[0]?.dataReply?.code, 452);
});

test("421 in the middle of a group ends the session; nothing behind it is settled", () => {
  for (const replies of [["421 x"], ["250 ok", "421 x"], ["250 ok", "250 ok", "421 x"]]) {
    const driver = Driver.ready(["PIPELINING"]);
    driver.send(message("k"), message("l"));
    driver.hear(...replies);
    assert.equal(driver.session.state, "closed");
    assert.equal(driver.types.at(-1), "goodbye");
    assert.ok(driver.settled.every((one) => one.commands.mail === "MAIL FROM:<k@s>"));
  }
});

test("an extra reply shows at the latest when nothing is awaited any more", () => {
  const driver = Driver.ready(["PIPELINING"]);
  driver.send(message("k"));
  driver.hear("250 ok", "250 ok", "354 go");
  driver.hear("250 taken", "250 and again");
  assert.deepEqual(driver.types, ["settled", "fault"]);
});

test("a command waits for the messages before it, and the messages behind it for the command", () => {
  const driver = Driver.ready(["PIPELINING"]);
  driver.session.enqueue({ kind: "transaction", transaction: message("k") });
  driver.command("NOOP");
  assert.deepEqual(driver.send(message("l")), [group("k")]);
  assert.deepEqual(driver.hear("250 ok", "250 ok", "354 go"), [body("k")]);
  assert.deepEqual(driver.hear("250 taken"), ["NOOP\r\n"]);
  assert.deepEqual(driver.hear("250 noop"), [group("l")]);
});

test("QUIT is the last of a group: it leaves with the content before it", () => {
  const driver = Driver.ready(["PIPELINING"]);
  driver.send(message("k"));
  driver.command("QUIT");
  assert.deepEqual(driver.hear("250 ok", "250 ok", "354 go"), [`${body("k")}QUIT\r\n`]);
  driver.hear("250 taken", "221 bye");
  assert.deepEqual(driver.types, ["settled", "reply", "finished"]);
  assert.deepEqual(driver.events.at(-1), { type: "finished", after: "quit" });
});

test("QUIT waits for a command's reply, and without PIPELINING for every reply", () => {
  const afterCommand = Driver.ready(["PIPELINING"]);
  afterCommand.command("NOOP");
  afterCommand.command("QUIT");
  assert.deepEqual(afterCommand.write(), ["NOOP\r\n"]);
  assert.deepEqual(afterCommand.hear("250 ok"), ["QUIT\r\n"]);

  const plain = Driver.ready();
  plain.send(message("k"));
  plain.command("QUIT");
  for (const reply of ["250 ok", "250 ok"]) plain.hear(reply);
  assert.deepEqual(plain.hear("354 go"), [body("k")]);
  assert.deepEqual(plain.hear("250 taken"), ["QUIT\r\n"]);
});

test("messages in flight are as many as allowed, in number and in bytes", () => {
  const few = Driver.chunking(["PIPELINING", "CHUNKING"], {
    maxInFlight: 2,
  });
  const count = (writes: readonly string[]): number => writes.join("").split("MAIL FROM").length - 1;
  assert.equal(count(few.send(message("k"), message("l"), message("m"))), 2);
  assert.equal(count(few.hear("250 ok", "250 ok", "250 k taken")), 1);

  const small = Driver.chunking(["PIPELINING", "CHUNKING"], {
    maxInFlightBytes: 1000,
  });
  const large = "x".repeat(598);
  // The one that goes over the limit is the last.
  assert.equal(count(small.send(message("k", 1, `${large}\r\n`), message("l", 1, `${large}\r\n`), message("m"))), 2);
  assert.equal(count(small.hear("250 ok", "250 ok", "250 k taken")), 1);

  const one = Driver.chunking(["PIPELINING", "CHUNKING"], {
    maxInFlightBytes: 10,
  });
  assert.equal(count(one.send(message("k", 1, `${large}\r\n`))), 1);
});

test("a session that refuses RSET with nothing behind it ends in order", () => {
  const driver = Driver.ready(["PIPELINING"]);
  driver.send(message("k"));
  assert.deepEqual(driver.hear("250 ok", "550 no", "503 no"), ["RSET\r\n"]);
  driver.hear("500 RSET?");
  assert.deepEqual(driver.events.at(-1), { type: "finished", after: "reset" });
  assert.equal(driver.settled.length, 1);
});

test("a session that refuses RSET with something behind it is over: nothing more can be told apart", () => {
  const driver = Driver.ready(["PIPELINING"]);
  driver.send(message("k"), message("l"));
  assert.deepEqual(driver.hear("250 ok", "550 no", "503 no"), [`RSET\r\n${group("l")}`]);
  driver.hear("500 RSET?", "250 MAIL l");
  assert.equal(driver.fault?.kind, "refuted");
  assert.equal(driver.settled.length, 1);
});
