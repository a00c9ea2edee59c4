import assert from "node:assert/strict";
import { test } from "node:test";
import { Driver, lines, message, streamed } from "./session-driver.js";

function pulling(
  offers: readonly string[] = [],
  chunking: "works" | "unused" = "unused",
): { driver: Driver; one: ReturnType<typeof streamed> } {
  const driver = chunking === "works" ? Driver.chunking(offers) : Driver.ready(offers, { chunking });
  const one = streamed("k");
  driver.send(one);
  for (const reply of chunking === "works" ? ["250 ok", "250 ok"] : ["250 ok", "250 ok", "354 go"]) driver.hear(reply);
  assert.deepEqual(driver.types, ["pull"]);
  assert.equal(driver.session.isPouring, true);
  return { driver, one };
}

test("content is asked for after 354, and ends in the lone dot", () => {
  const { driver, one } = pulling();
  assert.deepEqual(driver.pour(one, ["a\r\n", ".b\r\n"]), ["a\r\n..b\r\n.\r\n"]);
  assert.equal(one.outcome, "unknown");
  driver.hear("250 taken");
  assert.deepEqual(driver.settled, [one]);
  assert.equal(driver.session.isPouring, false);
});

test("nothing else is written while content is poured, and the next message right behind it", () => {
  const { driver, one } = pulling(["PIPELINING"]);
  assert.deepEqual(driver.send(message("l")), []);
  assert.deepEqual(driver.pour(one, ["a\r\n"], "leave open"), ["a\r\n"]);
  assert.equal(one.outcome, "not-sent");
  assert.deepEqual(driver.pour(one, []), [lines(".", "MAIL FROM:<l@s>", "RCPT TO:<l1@r>", "DATA")]);
});

test("a refusal before the content has ended is the verdict, and the end of the session", () => {
  const { driver, one } = pulling();
  driver.pour(one, ["a\r\n"], "leave open");
  driver.hear("552 too much");
  assert.deepEqual(driver.types, ["pull", "settled", "fault"]);
  assert.equal(one.contentReplies[0]?.code, 552);
  assert.deepEqual(driver.pour(one, ["b\r\n"]), []);
});

test("421 before the content has ended is the verdict and a goodbye", () => {
  const { driver, one } = pulling();
  driver.hear("421 going down");
  assert.deepEqual(driver.types, ["pull", "settled", "goodbye"]);
  assert.equal(one.contentReplies[0]?.code, 421);
});

test("a success before the content has ended is no verdict but a fault", () => {
  const { driver, one } = pulling();
  driver.hear("250 taken already");
  assert.deepEqual(driver.types, ["pull", "fault"]);
  assert.equal(one.outcome, "not-sent");
  assert.deepEqual(one.contentReplies, []);
});

test("BDAT: content is asked for once the envelope is accepted, each chunk is answered", () => {
  const { driver, one } = pulling(["PIPELINING", "CHUNKING"], "works");
  const big = `${"x".repeat(69_998)}\r\n`;
  assert.equal(driver.pour(one, [big], "leave open").join(""), `BDAT 70000\r\n${big}`);
  assert.equal(driver.session.awaiting?.slot, "chunk");
  assert.deepEqual(driver.pour(one, ["end\r\n"]), ["BDAT 5 LAST\r\nend\r\n"]);
  driver.hear("250 chunk", "250 taken");
  assert.deepEqual(driver.settled, [one]);
  assert.deepEqual(
    one.contentReplies.map((reply) => reply.message),
    ["taken"],
  );
});

test("BDAT: a refused chunk stops the pouring, and the session is cleaned", () => {
  const { driver, one } = pulling(["PIPELINING", "CHUNKING"], "works");
  driver.pour(one, ["x".repeat(70_000)], "leave open");
  assert.deepEqual(driver.hear("552 too much"), ["RSET\r\n"]);
  assert.deepEqual(driver.settled, [one]);
  assert.deepEqual(driver.pour(one, ["more"]), []);
  driver.hear("250 clean");
  assert.equal(driver.session.state, "ready");
});

test("BDAT: a chunk refused behind others, with the last one written already, is settled when all are answered", () => {
  const { driver, one } = pulling(["PIPELINING", "CHUNKING"], "works");
  driver.pour(one, ["x".repeat(70_000), "y".repeat(70_000), "z"]);
  driver.hear("250 chunk", "552 too much");
  assert.deepEqual(driver.settled, []);
  assert.deepEqual(driver.hear("503 BDAT LAST"), ["RSET\r\n"]);
  assert.deepEqual(driver.settled, [one]);
  assert.deepEqual(
    one.contentReplies.map((reply) => reply.code),
    [552, 503],
  );
});

test("BDAT: nothing is asked for when the envelope is refused", () => {
  const driver = Driver.chunking(["PIPELINING", "CHUNKING"]);
  driver.send(streamed("k"));
  assert.deepEqual(driver.hear("250 ok", "550 no"), ["RSET\r\n"]);
  assert.deepEqual(driver.types, ["settled"]);
});

test("poured content is traced by its bytes", () => {
  const counted: number[] = [];
  const driver = Driver.ready([], {
    trace: { client: () => undefined, server: () => undefined, content: (bytes) => counted.push(bytes) },
  });
  const one = streamed("k");
  driver.send(one);
  for (const reply of ["250 ok", "250 ok", "354 go"]) driver.hear(reply);
  driver.pour(one, ["abc\r\n", "d"]);
  assert.deepEqual(counted, [5, 1]);
});

test("chunks for another message than the one being poured are not taken", () => {
  const { driver } = pulling();
  assert.equal(driver.session.pour(streamed("other"), new Uint8Array(1)), false);
  assert.deepEqual(driver.write(), []);
});
