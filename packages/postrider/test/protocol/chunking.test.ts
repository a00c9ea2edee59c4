import assert from "node:assert/strict";
import { test } from "node:test";
import { Driver, lines, message, streamed } from "./session-driver.js";

const OFFERS = ["PIPELINING", "CHUNKING"];
const bdat = (name: string): string =>
  lines(`MAIL FROM:<${name}@s>`, `RCPT TO:<${name}1@r>`, `BDAT ${name.length + 2} LAST`, name);

test("a whole message leaves in one write, content and all", () => {
  const driver = Driver.ready(OFFERS);
  assert.deepEqual(driver.send(message("k")), [bdat("k")]);
  driver.hear("250 ok", "250 ok", "250 taken");
  assert.equal(driver.settled.length, 1);
  assert.equal(driver.session.chunking, "works");
  assert.equal(driver.session.state, "ready");
});

test("the first message is tried alone; once it worked, others follow each other, led by RSET while one is open", () => {
  const driver = Driver.ready(OFFERS);
  assert.deepEqual(driver.send(message("k"), message("l"), message("m"), message("n")), [bdat("k")]);
  assert.deepEqual(driver.hear("250 ok", "250 ok", "250 k taken"), [
    `${bdat("l")}RSET\r\n${bdat("m")}RSET\r\n${bdat("n")}`,
  ]);
  const [l, m, n] = ["l", "m", "n"].map((name) => [`250 MAIL ${name}`, `250 RCPT ${name}`, `250 content ${name}`]);
  driver.hear(...(l ?? []), "250 clean", ...(m ?? []), "250 clean", ...(n ?? []));
  assert.deepEqual(driver.settled.map((one) => [one.mailReply?.message, one.contentReplies[0]?.message]).slice(1), [
    ["MAIL l", "content l"],
    ["MAIL m", "content m"],
    ["MAIL n", "content n"],
  ]);
});

test("refusals inside the window touch only their own message", () => {
  const driver = Driver.ready(OFFERS, { chunking: "works" });
  driver.send(message("k"), message("l"), message("m"));
  driver.hear("250 ok", "550 RCPT k", "503 no recipients", "250 clean");
  driver.hear("550 MAIL l", "503 no MAIL", "503 no MAIL", "250 clean");
  driver.hear("250 ok", "250 ok", "250 m taken");
  assert.deepEqual(
    driver.settled.map((one) => [one.mailReply?.code, one.acceptedCount, one.contentReplies[0]?.code]),
    [
      [250, 0, 503],
      [550, 0, 503],
      [250, 1, 250],
    ],
  );
  assert.equal(driver.session.chunking, "works");
  assert.equal(driver.fault, undefined);
});

test("content refused by BDAT is followed by RSET: the server's state is not known before it", () => {
  const driver = Driver.ready(OFFERS, { chunking: "works" });
  driver.send(message("k"));
  assert.deepEqual(driver.hear("250 ok", "250 ok", "552 too much"), ["RSET\r\n"]);
  assert.equal(driver.settled[0]?.contentReplies[0]?.code, 552);
});

test("530 to BDAT ends the session: such a server has not read the content, and would take it for commands", () => {
  const driver = Driver.ready(OFFERS, { chunking: "works" });
  driver.send(message("k"));
  assert.deepEqual(driver.hear("530 MAIL", "530 RCPT", "530 first log in"), []);
  assert.equal(driver.settled.length, 1);
  assert.match(driver.fault?.problem ?? "", /refused BDAT/);
  assert.equal(driver.session.state, "closed");
});

test("a server that offers CHUNKING and does not know BDAT gets the message again by DATA, and DATA from then on", () => {
  for (const code of [500, 502, 503]) {
    const driver = Driver.ready(OFFERS);
    driver.send(message("k"), message("l"));
    assert.deepEqual(driver.hear("250 ok", "250 ok", `${code} BDAT?`), ["RSET\r\n"]);
    assert.equal(driver.session.chunking, "fails");
    assert.equal(driver.settled.length, 0);
    assert.deepEqual(driver.hear("250 clean"), [lines("MAIL FROM:<k@s>", "RCPT TO:<k1@r>", "DATA")]);
    assert.deepEqual(driver.hear("250 ok", "250 ok", "354 go"), [
      lines("k", ".", "MAIL FROM:<l@s>", "RCPT TO:<l1@r>", "DATA"),
    ]);
    driver.hear("250 k taken", "250 ok", "250 ok", "354 go");
    driver.hear("250 l taken");
    assert.deepEqual(
      driver.settled.map((one) => [one.framing, one.contentReplies.map((reply) => reply.message)]),
      [
        ["data", ["k taken"]],
        ["data", ["l taken"]],
      ],
    );
  }
});

test("a server that takes content for commands is left, the message not sent, and BDAT not tried again", () => {
  const driver = Driver.ready(OFFERS);
  const one = message("k", 1, "Subject: x\r\n\r\ny\r\n");
  driver.send(one);
  assert.deepEqual(driver.hear("250 ok", "250 ok", "500 BDAT?"), ["RSET\r\n"]);
  assert.deepEqual(driver.hear("500 Subject:?", "500 ?", "500 y?", "250 clean"), []);
  assert.equal(driver.settled.length, 0);
  assert.equal(one.outcome, "not-sent");
  assert.equal(driver.session.chunking, "fails");
  assert.equal(driver.types.includes("finished"), true);
});

test("without PIPELINING the fallback goes command by command", () => {
  const driver = Driver.ready(["CHUNKING"]);
  assert.deepEqual(driver.send(message("k")), ["MAIL FROM:<k@s>\r\n"]);
  assert.deepEqual(driver.hear("250 ok"), ["RCPT TO:<k1@r>\r\n"]);
  assert.deepEqual(driver.hear("250 ok"), ["BDAT 3 LAST\r\nk\r\n"]);
  assert.deepEqual(driver.hear("502 BDAT?"), ["RSET\r\n"]);
  assert.deepEqual(driver.hear("250 clean"), ["MAIL FROM:<k@s>\r\n"]);
});

test("a refusal that is about the message is no reason to give up BDAT", () => {
  for (const replies of [
    ["250 ok", "250 ok", "550 spam"],
    ["250 ok", "550 no", "503 no recipients"],
    ["550 no", "503 no", "503 no"],
  ]) {
    const driver = Driver.ready(OFFERS);
    driver.send(message("k"));
    driver.hear(...replies);
    assert.equal(driver.session.chunking, "untried");
    assert.equal(driver.settled.length, 1);
  }
});

test("a 503 to BDAT counts as a refusal once BDAT has worked", () => {
  const driver = Driver.ready(OFFERS, { chunking: "works" });
  driver.send(message("k"));
  driver.hear("250 ok", "250 ok", "503 no");
  assert.equal(driver.settled.length, 1);
  assert.equal(driver.session.chunking, "works");
});

test("QUIT does not cut off a message that may have to go again by DATA", () => {
  const driver = Driver.ready(OFFERS);
  driver.send(message("k"));
  driver.command("QUIT");
  assert.deepEqual(driver.write(), []);
  assert.deepEqual(driver.hear("250 ok", "250 ok", "502 BDAT?"), ["RSET\r\n"]);
  assert.deepEqual(driver.hear("250 clean"), [lines("MAIL FROM:<k@s>", "RCPT TO:<k1@r>", "DATA")]);
  assert.deepEqual(driver.hear("250 ok", "250 ok", "354 go"), [lines("k", ".", "QUIT")]);
  driver.hear("250 taken", "221 bye");
  assert.equal(driver.settled[0]?.contentReplies[0]?.message, "taken");
});

test("QUIT leaves with the last message once BDAT has worked", () => {
  const driver = Driver.ready(OFFERS, { chunking: "works" });
  driver.session.enqueue({ kind: "transaction", transaction: message("k") });
  driver.command("QUIT");
  assert.deepEqual(driver.write(), [`${bdat("k")}QUIT\r\n`]);
});

test("large content waits for the envelope's replies, and is not sent when that is refused", () => {
  const text = `${"x".repeat(300_000)}\r\n`;
  for (const [rcpt, expected] of [
    ["250 ok", [`BDAT ${text.length} LAST\r\n`, text]],
    ["550 no", ["RSET\r\n"]],
  ] as const) {
    const driver = Driver.ready(OFFERS, { chunking: "works" });
    assert.deepEqual(driver.send(message("k", 1, text)), [lines("MAIL FROM:<k@s>", "RCPT TO:<k1@r>")]);
    assert.deepEqual(driver.hear("250 ok"), []);
    assert.deepEqual(driver.hear(rcpt), expected);
  }
});

test("chunking that is unused or has failed is not used, and messages are pipelined by DATA", () => {
  for (const chunking of ["unused", "fails"] as const) {
    const driver = Driver.ready(OFFERS, { chunking });
    assert.deepEqual(driver.send(message("k"), message("l")), [lines("MAIL FROM:<k@s>", "RCPT TO:<k1@r>", "DATA")]);
    assert.deepEqual(driver.hear("250 ok", "250 ok", "354 go"), [
      lines("k", ".", "MAIL FROM:<l@s>", "RCPT TO:<l1@r>", "DATA"),
    ]);
  }
});

test("a stream goes by DATA while BDAT is untried: it could not be sent again", () => {
  const driver = Driver.ready(OFFERS);
  assert.deepEqual(driver.send(streamed("k")), [lines("MAIL FROM:<k@s>", "RCPT TO:<k1@r>", "DATA")]);
});

test("a message whose BDAT fell back is settled once, though BDAT and DATA were both answered", () => {
  const driver = Driver.ready(OFFERS);
  const one = message("k");
  driver.send(one);
  driver.hear("250 ok", "250 ok", "500 what");
  driver.hear("250 clean");
  driver.hear("250 ok", "550 changed my mind", "503 no");
  assert.deepEqual(driver.settled, [one]);
  assert.equal(one.acceptedCount, 0);
});
