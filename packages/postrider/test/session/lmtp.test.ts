import assert from "node:assert/strict";
import { test } from "node:test";
import { byHand, Driver, message, streamed } from "./session-driver.js";

test("LMTP answers the content once for each accepted recipient", () => {
  const driver = Driver.ready(["PIPELINING"], { isLmtp: true });
  const one = message("k", 3);
  driver.send(one, message("l"));
  driver.hear("250 ok", "250 k1", "550 k2", "250 k3", "354 go");
  driver.hear("250 k1 delivered");
  assert.deepEqual(driver.settled, []);
  driver.hear("452 k3 quota");
  assert.deepEqual(driver.settled, [one]);
  assert.deepEqual(
    one.contentReplies.map((reply) => reply.message),
    ["k1 delivered", "k3 quota"],
  );
  assert.deepEqual(driver.hear("250 ok", "250 l1", "354 go"), ["l\r\n.\r\n"]);
  driver.hear("250 l1 delivered");
  assert.equal(driver.settled.length, 2);
});

test("LMTP without an accepted recipient has no content, or the lone dot and one reply", () => {
  const refused = Driver.ready(["PIPELINING"], { isLmtp: true });
  refused.send(message("k", 2));
  refused.hear("250 ok", "550 no", "550 no", "503 no recipients");
  assert.equal(refused.settled.length, 1);

  const asked = Driver.ready(["PIPELINING"], { isLmtp: true });
  asked.send(message("k"));
  assert.deepEqual(asked.hear("250 ok", "550 no", "354 go"), [".\r\n"]);
  asked.hear("503 no recipients");
  assert.equal(asked.settled.length, 1);
  assert.equal(asked.fault, undefined);
});

test("LMTP by BDAT: one reply for each chunk, and one for each recipient after the last", () => {
  const driver = Driver.chunking(["PIPELINING", "CHUNKING"], { isLmtp: true });
  const one = streamed("k", 2);
  driver.send(one);
  driver.hear("250 ok", "250 k1", "250 k2");
  driver.pour(one, ["x".repeat(70_000), "y"]);
  driver.hear("250 chunk");
  driver.hear("250 k1 delivered");
  assert.deepEqual(driver.settled, []);
  driver.hear("250 k2 delivered");
  assert.deepEqual(driver.settled, [one]);
});

test("LMTP by BDAT: the last chunk waits for the replies to those before, which decide how many it gets", () => {
  const driver = Driver.chunking(["PIPELINING", "CHUNKING"], { isLmtp: true });
  const [taken, refused] = [streamed("k", 2), streamed("l", 3)];
  driver.send(taken);
  driver.hear("250 ok", "250 k1", "250 k2");
  assert.equal(
    driver
      .pour(taken, ["x".repeat(70_000), "y"])
      .join("")
      .includes("LAST"),
    false,
  );
  assert.equal(taken.outcome, "not-sent");
  assert.equal(driver.session.isPouring, false);
  assert.deepEqual(driver.hear("250 chunk"), ["BDAT 1 LAST\r\ny"]);
  assert.equal(taken.outcome, "unknown");
  driver.hear("250 k1 delivered", "250 k2 delivered");

  driver.send(refused, message("m"));
  driver.hear("250 ok", "250 l1", "250 l2", "250 l3");
  driver.pour(refused, ["x".repeat(70_000), "y"]);
  assert.deepEqual(driver.hear("552 too much"), ["RSET\r\n"]);
  assert.deepEqual(driver.settled, [taken, refused]);
  assert.match(driver.hear("250 clean").join(""), /^MAIL FROM:<m@s>/);
});

test("LMTP: a server that does not know BDAT answers once, and the message goes by DATA over another connection", () => {
  const driver = Driver.ready(["PIPELINING", "CHUNKING"], { isLmtp: true, chunking: "untried" });
  const one = message("k", 2);
  driver.send(one);
  driver.hear("250 ok", "250 k1", "250 k2");
  driver.hear("500 BDAT?");
  assert.equal(driver.fault?.kind, "refuted");
  assert.equal(one.outcome, "not-sent");
  assert.equal(driver.knowledge.chunking, "fails");
});

test("LMTP by hand: the content is answered once for each recipient that the caller's RCPTs got accepted", () => {
  const driver = Driver.ready([], { isLmtp: true });
  const say = (verb: string, reply: string): void => {
    driver.command(verb);
    driver.write();
    driver.hear(reply);
  };
  say("MAIL", "250 ok");
  say("RCPT", "250 one");
  say("RSET", "250 ok");
  say("MAIL", "250 ok");
  say("RCPT", "250 one");
  say("RCPT", "550 two");
  say("RCPT", "250 three");
  const one = byHand("by hand\r\n");
  driver.send(one);
  driver.hear("354 go");
  driver.hear("250 one delivered");
  assert.deepEqual(driver.settled, []);
  driver.hear("250 three delivered");
  assert.deepEqual(driver.settled, [one]);
  assert.equal(driver.fault, undefined);
});
