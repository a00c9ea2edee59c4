/**
 * What is written ahead of a verdict: proven by trials, demoted by refusals, and never the verdict on a message.
 */
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
const TAKEN = ["250 ok", "250 ok", "354 go"] as const;

/** A driver for a server that nothing is known of, after its first success. */
function proved(first = "a"): Driver {
  const driver = Driver.ready(["PIPELINING"], { behind: "untried" });
  driver.send(message(first));
  driver.hear(...TAKEN);
  driver.hear("250 taken");
  driver.events.length = 0;
  return driver;
}

test("before a first success one message follows the other, and only QUIT rides with the dot", () => {
  const driver = Driver.ready(["PIPELINING"], { behind: "untried" });
  assert.deepEqual(driver.send(message("k"), message("l")), [group("k")]);
  assert.deepEqual(driver.hear(...TAKEN), [body("k")]);
  assert.deepEqual(driver.hear("250 k taken"), [group("l")]);
  driver.command("QUIT");
  assert.deepEqual(driver.hear(...TAKEN), [`${body("l")}QUIT\r\n`]);
});

test("three envelopes that were taken behind a dot prove the server", () => {
  const driver = proved();
  driver.send(message("k"));
  for (const [now, next] of [
    ["k", "l"],
    ["l", "m"],
    ["m", "n"],
  ] as const) {
    assert.equal(driver.knowledge.behind, "untried");
    driver.session.enqueue({ kind: "transaction", transaction: message(next) });
    assert.deepEqual(driver.hear(...(now === "k" ? TAKEN : ["250 before taken", ...TAKEN])), [body(now) + group(next)]);
  }
  assert.equal(driver.knowledge.behind, "untried");
  driver.hear("250 m taken", ...TAKEN);
  assert.equal(driver.knowledge.behind, "works");
});

test("one connection of a server at a time has a trial under way", () => {
  const driver = proved();
  driver.knowledge.beginTrial({});
  driver.send(message("k"), message("l"));
  assert.deepEqual(driver.hear(...TAKEN), [body("k")]);
});

test("a trial risks a small envelope only, and content that could be sent again", () => {
  for (const [next, isTried] of [
    [message("l", 3), true],
    [message("l", 60), false],
    [streamed("l"), false],
  ] as const) {
    const driver = proved();
    driver.send(message("k"), next);
    const written = driver.hear(...TAKEN).join("");
    assert.equal(written.includes("MAIL FROM:<l@s>"), isTried);
  }
});

test("never more than 4 kB stands behind a dot, however well the server is known", () => {
  for (const [recipients, isAhead] of [
    [100, true],
    [300, false],
  ] as const) {
    const driver = Driver.ready(["PIPELINING"]);
    driver.send(message("k"), message("l", recipients));
    assert.equal(
      driver
        .hear(...TAKEN)
        .join("")
        .includes("MAIL FROM:<l@s>"),
      isAhead,
    );
    if (!isAhead) assert.deepEqual(driver.hear("250 k taken"), [group("l", recipients)]);
  }
});

test("a refusal of what was written ahead is nobody's verdict: it is heard to its end, and asked again alone behind RSET", () => {
  for (const [refusals, last] of [
    [["503 pipelined", "503 pipelined", "503 pipelined"], undefined],
    [["451 not now", "503 no", "503 no"], undefined],
    [["250 ok", "503 no", "503 no"], undefined],
    [["250 ok", "250 ok", "503 no"], undefined],
    [["503 pipelined", "503 pipelined", "354 go"], "554 no recipients"],
  ] as const) {
    const driver = proved();
    const [k, l] = [message("k"), message("l")];
    driver.send(k, l);
    driver.hear(...TAKEN);
    let written = driver.hear("250 k taken", ...refusals);
    if (last !== undefined) {
      assert.deepEqual(written, [".\r\n"], "the lone dot");
      written = driver.hear(last);
    }
    assert.deepEqual(written, ["RSET\r\n"]);
    assert.deepEqual(driver.settled, [k]);
    assert.equal(driver.knowledge.behind, "fails");
    assert.deepEqual(driver.hear("250 clean"), [group("l")]);
    driver.hear(...TAKEN);
    driver.hear("250 l taken");
    assert.deepEqual(driver.settled, [k, l]);
    assert.equal(driver.knowledge.behind, "fails");
  }
});

test("a refusal demotes a server that was proven, and the message is asked again", () => {
  const driver = Driver.ready(["PIPELINING"]);
  driver.send(message("k"), message("l"), message("m"));
  driver.hear(...TAKEN);
  assert.deepEqual(driver.hear("250 k taken", "503 x", "503 x", "503 x"), ["RSET\r\n"]);
  assert.deepEqual(driver.hear("250 clean"), [group("l")]);
  assert.deepEqual(driver.hear(...TAKEN), [body("l")], "nothing behind it any more");
});

test("a dead recipient behind a dot of a proven server is dead: it is not asked for twice", () => {
  const driver = Driver.ready(["PIPELINING"]);
  const [k, l] = [message("k"), message("l")];
  driver.send(k, l);
  driver.hear(...TAKEN);
  driver.hear("250 k taken", "250 ok", "550 5.1.1 nobody", "554 no recipients");
  assert.deepEqual(driver.settled, [k, l]);
  assert.equal(driver.knowledge.behind, "works");
});

test("what is refused alone in the same way was judged where it stood: the server may be tried again", () => {
  const driver = proved();
  const [k, l] = [message("k"), message("l")];
  driver.send(k, l);
  driver.hear(...TAKEN);
  driver.hear("250 k taken", "250 ok", "550 nobody", "554 no recipients");
  assert.equal(driver.knowledge.behind, "fails");
  driver.hear("250 clean");
  driver.hear("250 ok", "550 nobody", "554 no recipients");
  assert.deepEqual(driver.settled, [k, l]);
  assert.equal(driver.knowledge.behind, "untried");
});

test("QUIT does not ride where something may have to be asked again", () => {
  const driver = Driver.chunking(["PIPELINING", "CHUNKING"]);
  driver.send(message("k"), message("l"));
  driver.command("QUIT");
  assert.deepEqual(driver.hear("250 ok", "250 ok", "250 k taken", "250 clean", "250 ok"), []);
  assert.deepEqual(driver.hear("250 ok"), ["QUIT\r\n"], "its envelope is accepted: it will not be asked again");
});

test("421 says that nothing behind it ran: content that stands there was not sent", () => {
  for (const replies of [
    ["421 x"],
    ["250 ok", "421 x"],
    ["250 ok", "250 ok", "421 x"],
    ["250 ok", "250 ok", "250 k", "421 x"],
  ]) {
    const driver = Driver.chunking(["PIPELINING", "CHUNKING"]);
    const [k, l] = [message("k"), message("l")];
    driver.send(k, l);
    assert.equal(l.outcome, "unknown");
    driver.hear(...replies);
    assert.equal(driver.session.state, "closed");
    assert.equal(l.outcome, "not-sent");
    assert.notEqual(k.outcome, "unknown");
  }
});

test("a close without 421 leaves content unknown", () => {
  const driver = Driver.chunking(["PIPELINING", "CHUNKING"]);
  const [k, l] = [message("k"), message("l")];
  driver.send(k, l);
  driver.hear("250 ok", "250 ok");
  driver.session.end(false);
  assert.deepEqual([k.outcome, l.outcome], ["unknown", "unknown"]);
});

test("a server that ends the connection on a trial has failed it; one that was proven is tried anew", () => {
  for (const [driver, expected] of [
    [proved(), "fails"],
    [Driver.ready(["PIPELINING"]), "untried"],
  ] as const) {
    const [k, l] = [message("k"), message("l")];
    driver.send(k, l);
    driver.hear(...TAKEN);
    driver.session.end(false);
    assert.equal(driver.session.lostAhead, true);
    assert.equal(driver.knowledge.behind, expected);
    assert.deepEqual([k.outcome, l.outcome], ["unknown", "not-sent"]);
  }
});

test("an end of this side's own proves nothing against the server", () => {
  const driver = proved();
  driver.send(message("k"), message("l"));
  driver.hear(...TAKEN);
  driver.session.end();
  assert.equal(driver.knowledge.behind, "untried");
  assert.equal(driver.knowledge.mayTry({}), true);
});

test("an envelope that stands alone behind a verdict that has come is known to be unanswered", () => {
  const driver = proved();
  driver.send(message("k"), message("l"));
  driver.hear(...TAKEN);
  assert.equal(driver.session.isAheadUnanswered, false, "the verdict is open");
  driver.hear("250 k taken");
  assert.equal(driver.session.isAheadUnanswered, true);
  driver.hear("250 ok");
  assert.equal(driver.session.isAheadUnanswered, false);
});

test("the window grows while it is full and the server keeps up, to the ceiling, and shrinks when a connection breaks", () => {
  const driver = Driver.chunking(["PIPELINING", "CHUNKING"], { maxInFlight: 20 });
  const most = driver.knowledge.windowSize;
  assert.equal(most, 16);
  const messages = Array.from({ length: 60 }, (_, index) => message(`m${index}-`));
  driver.send(...messages);
  for (let index = 0; index < 30; index++) {
    driver.hear(...(index > 0 ? ["250 clean"] : []), "250 ok", "250 ok", "250 taken");
  }
  assert.equal(driver.knowledge.windowSize, 20);
  driver.session.end(false);
  assert.equal(driver.knowledge.windowSize, 16);
});
