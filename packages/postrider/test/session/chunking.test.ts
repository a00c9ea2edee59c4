/**
 * BDAT: tried alone on each connection, then whole transactions; and what a server says that does not know it.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Driver, lines, message, streamed } from "./session-driver.js";

const OFFERS = ["PIPELINING", "CHUNKING"];
const envelope = (name: string): string => lines(`MAIL FROM:<${name}@s>`, `RCPT TO:<${name}1@r>`);
const content = (name: string): string => lines(`BDAT ${name.length + 2} LAST`, name);
const bdat = (name: string): string => envelope(name) + content(name);
const group = (name: string): string => `${envelope(name)}DATA\r\n`;

test("the first BDAT of a connection follows its accepted recipient, and nothing follows it before its reply", () => {
  for (const chunking of ["untried", "works"] as const) {
    const driver = Driver.ready(OFFERS, { chunking });
    assert.deepEqual(driver.send(message("k"), message("l"), message("m")), [envelope("k")]);
    assert.deepEqual(driver.hear("250 ok", "250 ok"), [content("k")]);
    assert.deepEqual(driver.hear("250 k taken"), [`${bdat("l")}RSET\r\n${bdat("m")}`]);
    assert.equal(driver.knowledge.chunking, "works");
  }
});

test("once it worked, whole messages follow each other, led by RSET while one is open", () => {
  const driver = Driver.chunking(OFFERS);
  assert.deepEqual(driver.send(message("l"), message("m"), message("n")), [
    `${bdat("l")}RSET\r\n${bdat("m")}RSET\r\n${bdat("n")}`,
  ]);
  const [l, m, n] = ["l", "m", "n"].map((name) => [`250 MAIL ${name}`, `250 RCPT ${name}`, `250 content ${name}`]);
  driver.hear(...(l ?? []), "250 clean", ...(m ?? []), "250 clean", ...(n ?? []));
  assert.deepEqual(
    driver.settled.map((one) => [one.mailReply?.message, one.contentReplies[0]?.message]),
    [
      ["MAIL l", "content l"],
      ["MAIL m", "content m"],
      ["MAIL n", "content n"],
    ],
  );
});

test("BDAT is not tried where nothing is gained by it, or where the content could be run as commands", () => {
  const verb = message("k", 1, "Subject: x\r\n\r\nmail from:<evil@x>\r\n");
  for (const [driver, one] of [
    [Driver.ready(OFFERS, { chunking: "untried", behind: "untried" }), message("k")],
    [Driver.ready(OFFERS, { chunking: "untried", behind: "fails" }), message("k")],
    [Driver.ready(["CHUNKING"], { chunking: "untried" }), message("k")],
    [Driver.ready(OFFERS, { chunking: "unused" }), message("k")],
    [Driver.ready(OFFERS, { chunking: "fails" }), message("k")],
    [Driver.ready(OFFERS, { chunking: "untried" }), streamed("k")],
    [Driver.ready(OFFERS, { chunking: "untried" }), verb],
  ] as const) {
    driver.send(one);
    assert.equal(one.framing, "data");
  }
});

test("content that holds a line with a verb waits for its recipient though whole transactions are proven", () => {
  const text = "Subject: x\r\n\r\n  rcpt to:<evil@x>\r\n";
  const driver = Driver.chunking(OFFERS);
  assert.deepEqual(driver.send(message("k", 1, text)), [envelope("k")]);
  assert.deepEqual(driver.hear("250 ok", "250 ok"), [`BDAT ${text.length} LAST\r\n${text}`]);
});

test("after a refused recipient, content waits for a recipient of its own for a while: refusals come in bunches", () => {
  const driver = Driver.chunking(OFFERS);
  driver.send(message("k"));
  assert.deepEqual(driver.hear("250 ok", "550 no", "503 no recipients"), ["RSET\r\n"]);
  assert.deepEqual(driver.hear("250 clean"), []);
  assert.deepEqual(driver.send(message("l")), [envelope("l")]);
  assert.deepEqual(driver.hear("250 ok", "550 no"), ["RSET\r\n"], "no BDAT that the server would count as an error");
});

test("content refused by BDAT is followed by RSET: the server's state is not known before it", () => {
  const driver = Driver.chunking(OFFERS);
  driver.send(message("k"));
  assert.deepEqual(driver.hear("250 ok", "250 ok", "552 too much"), ["RSET\r\n"]);
  assert.equal(driver.settled[0]?.contentReplies[0]?.code, 552);
});

test("a server that denies BDAT ends the session, since it may run the content: the message was not taken, and goes by DATA elsewhere", () => {
  for (const code of [500, 501, 502, 503, 504]) {
    for (const driver of [Driver.ready(OFFERS, { chunking: "untried" }), Driver.chunking(OFFERS)]) {
      const one = message("k");
      driver.send(one);
      if (driver.knowledge.chunking === "untried") {
        driver.hear("250 ok", "250 ok");
        driver.hear(`${code} BDAT?`);
      } else driver.hear("250 ok", "250 ok", `${code} BDAT?`);
      assert.equal(driver.fault?.kind, "refuted");
      assert.equal(driver.session.state, "closed");
      assert.deepEqual(driver.settled, []);
      assert.equal(one.outcome, "not-sent");
      assert.equal(driver.knowledge.chunking, "fails");
    }
  }
});

test("530 to BDAT ends the session: such a server has not read the content, and would take it for commands", () => {
  const driver = Driver.chunking(OFFERS);
  driver.send(message("k"));
  assert.deepEqual(driver.hear("530 MAIL", "530 RCPT", "530 first log in"), []);
  assert.equal(driver.settled.length, 1);
  assert.match(driver.fault?.problem ?? "", /refused BDAT/);
  assert.equal(driver.session.state, "closed");
});

test("a refusal that is about the message is no reason to give up BDAT", () => {
  const driver = Driver.ready(OFFERS, { chunking: "untried" });
  driver.send(message("k"));
  driver.hear("250 ok", "250 ok");
  driver.hear("550 spam");
  assert.equal(driver.knowledge.chunking, "untried");
  assert.equal(driver.settled.length, 1);
});

test("QUIT does not stand behind the first BDAT, and leaves with a later one", () => {
  const driver = Driver.ready(OFFERS, { chunking: "untried" });
  driver.send(message("k"));
  driver.command("QUIT");
  assert.deepEqual(driver.hear("250 ok", "250 ok"), [content("k")]);
  assert.deepEqual(driver.hear("250 taken"), ["QUIT\r\n"]);
  const later = Driver.chunking(OFFERS);
  later.session.enqueue({ kind: "transaction", transaction: message("k") });
  later.command("QUIT");
  assert.deepEqual(later.write(), [`${bdat("k")}QUIT\r\n`]);
});

test("large content waits for the envelope's replies, and is not sent when that is refused", () => {
  const text = `${"x".repeat(300_000)}\r\n`;
  for (const [rcpt, expected] of [
    ["250 ok", [`BDAT ${text.length} LAST\r\n`, text]],
    ["550 no", ["RSET\r\n"]],
  ] as const) {
    const driver = Driver.chunking(OFFERS);
    assert.deepEqual(driver.send(message("k", 1, text)), [envelope("k")]);
    assert.deepEqual(driver.hear("250 ok"), []);
    assert.deepEqual(driver.hear(rcpt), expected);
  }
});

test("a RSET that is refused with something behind it ends the session: what it should have cleared may have been added to", () => {
  const driver = Driver.chunking(OFFERS);
  const [k, l] = [message("k"), message("l")];
  driver.send(k, l);
  driver.hear("250 ok", "250 ok", "250 k taken", "500 RSET?");
  assert.equal(driver.fault?.kind, "refuted");
  assert.deepEqual(driver.settled, [k]);
  assert.equal(l.outcome, "unknown");
});

test("a server that answers content in the place of RSET has run it: from then on content waits for its own recipients", () => {
  const driver = Driver.chunking(OFFERS);
  driver.send(message("k"), message("l"));
  // 503 to BDAT is what a server says that has read the content, too: this one answers its line next.
  driver.hear("250 ok", "550 no", "503 no recipients", "500 what is k");
  assert.equal(driver.session.state, "closed");
  for (let count = 0; count < 1000; count++) driver.knowledge.accepted(false);
  assert.equal(driver.knowledge.isCautious, true);
});

test("after a connection was lost with content ahead of its recipients, content waits for its own for a while", () => {
  const driver = Driver.chunking(OFFERS);
  driver.send(message("k"), message("l"));
  assert.equal(driver.knowledge.isCautious, false);
  driver.session.end(false);
  assert.equal(driver.knowledge.isCautious, true);
  for (let count = 0; count < 32; count++) driver.knowledge.accepted(false);
  assert.equal(driver.knowledge.isCautious, false);
});

test("by DATA, messages are pipelined where BDAT is not used", () => {
  const driver = Driver.ready(OFFERS, { chunking: "fails" });
  assert.deepEqual(driver.send(message("k"), message("l")), [group("k")]);
  assert.deepEqual(driver.hear("250 ok", "250 ok", "354 go"), [lines("k", ".") + group("l")]);
});
