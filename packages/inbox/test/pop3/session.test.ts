/** A POP3 session by its dialogue: whole, by line and by byte. */
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import type { MailSource } from "../../src/pop3/maildrop.js";
import type { Login } from "../../src/smtp/login.js";
import { CUTS } from "../support/played.js";
import { Mails, said, sessionOf } from "../support/pop3.js";

const MAILS = {
  "00a1": "Subject: one\r\n\r\n.dot\r\n..two\r\n.\r\nend\r\n",
  "00a2": "Subject: two\r\n\r\nA\r\nB\r\nC\r\n",
  "00a3": "Subject: no line end",
};
const base64 = (text: string): string => Buffer.from(text).toString("base64");
const LOGIN = "USER ben@example.com\r\nPASS x\r\n";
/** What a session says to these lines after a login, the answers to that left out. */
function afterLogin(lines: string, source: MailSource = new Mails(MAILS)): string {
  const session = sessionOf(source);
  said(session, LOGIN);
  return said(session, lines);
}

for (const cut of CUTS) {
  test(`a dialogue from the greeting to the deletion (${cut})`, () => {
    const mails = new Mails(MAILS);
    const session = sessionOf(mails);
    const client = `${LOGIN}STAT\r\nLIST\r\nLIST 2\r\nUIDL\r\nuidl 3\r\nRETR 1\r\nTOP 2 1\r\nDELE 2\r\nSTAT\r\nLIST\r\nNOOP\r\nQUIT\r\n`;
    assert.equal(
      said(session, client, cut),
      [
        "+OK Postrider inbox",
        "+OK Send PASS",
        "+OK 3 messages, 82 octets",
        "+OK 3 82",
        "+OK 3 messages, 82 octets\r\n1 37\r\n2 25\r\n3 20\r\n.",
        "+OK 2 25",
        "+OK 3 messages, 82 octets\r\n1 00a1\r\n2 00a2\r\n3 00a3\r\n.",
        "+OK 3 00a3",
        "+OK The message follows\r\nSubject: one\r\n\r\n..dot\r\n...two\r\n..\r\nend\r\n.",
        "+OK The message follows\r\nSubject: two\r\n\r\nA\r\n.",
        "+OK Message 2 is deleted at QUIT",
        "+OK 2 57",
        "+OK 2 messages, 57 octets\r\n1 37\r\n3 20\r\n.",
        "+OK Nothing is done",
        "+OK Bye\r\n",
      ].join("\r\n"),
    );
    assert.deepEqual(mails.removed, ["00a2"]);
    assert.equal(session.state, "closed");
  });
}

test("a marked message is there no more, RSET brings it back, and without QUIT nothing is deleted", () => {
  const mails = new Mails(MAILS);
  const answers = afterLogin("DELE 1\r\nDELE 1\r\nRETR 1\r\nTOP 1 0\r\nLIST 1\r\nUIDL 1\r\nRSET\r\nLIST 1\r\n", mails);
  assert.deepEqual(
    answers.split("\r\n").map((line) => line.split(" ", 1)[0]),
    ["+OK", "-ERR", "-ERR", "-ERR", "-ERR", "-ERR", "+OK", "+OK", ""],
  );
  assert.deepEqual(mails.removed, []);
});

test("numbers that no message has are refused, whatever their size", () => {
  for (const number of ["0", "4", "-1", "1.5", "1e1", "0x1", "9999999999", "99999999999999999999", "1 2", ""])
    for (const verb of ["RETR", "DELE"])
      assert.match(afterLogin(`${verb} ${number}\r\n`), /^-ERR /, `${verb} ${number}`);
  for (const bad of ["LIST 0", "UIDL x", "TOP 1", "TOP 1 -1", "TOP 4 0", "TOP 1 1 1", "STAT 1", "RSET 1"])
    assert.match(afterLogin(`${bad}\r\n`), /^-ERR /, bad);
  assert.match(afterLogin("TOP 2 9999999999\r\n"), /\r\nC\r\n\.\r\n$/);
});

test("a message that has gone since the login keeps its number and cannot be read", () => {
  const mails = new Mails(MAILS);
  const session = sessionOf(mails);
  said(session, LOGIN);
  mails.remove(["00a1"]);
  assert.match(said(session, "RETR 1\r\n"), /^-ERR The message was deleted by somebody else/);
  assert.match(said(session, "UIDL 2\r\nSTAT\r\n"), /^\+OK 2 00a2\r\n\+OK 3 82\r\n$/);
});

test("a deletion that fails is told, and ends the session", () => {
  const mails = new Mails(MAILS);
  mails.remove = () => {
    throw new Error("disk\r\nfull");
  };
  assert.equal(
    afterLogin("DELE 1\r\nQUIT\r\n", mails).split("\r\n")[1],
    "-ERR [SYS/TEMP] Messages were not deleted: disk  full",
  );
});

test("PASS takes the rest of the line as it is; it needs a USER in front, a new one after each refusal", () => {
  const given: unknown[] = [];
  const open = (login: Login): undefined => void given.push([login.username, login.secret]);
  const session = sessionOf(new Mails({}), { open });
  assert.match(said(session, "PASS early\r\n"), /-ERR USER comes first\r\n$/);
  said(session, "USER a b\r\nPASS  two  spaces \r\n");
  assert.match(said(session, "PASS again\r\n"), /^-ERR USER comes first/);
  assert.match(said(session, "USER c\r\nPASS\r\n"), /-ERR \[AUTH\] /);
  assert.deepEqual(given, [
    ["a b", " two  spaces "],
    ["c", ""],
  ]);
});

const WAYS_TO_LOG_IN: Readonly<Record<string, readonly string[]>> = {
  "PLAIN at once": [`AUTH PLAIN ${base64("\0ben\0secret")}`],
  PLAIN: ["auth plain", base64("\0ben\0secret")],
  LOGIN: ["AUTH LOGIN", base64("ben"), base64("secret")],
  "CRAM-MD5": ["AUTH CRAM-MD5", base64(`ben ${createHmac("md5", "secret").update("<1@localhost>").digest("hex")}`)],
  XOAUTH2: [`AUTH XOAUTH2 ${base64("user=ben\x01auth=Bearer secret\x01\x01")}`],
};

for (const [way, lines] of Object.entries(WAYS_TO_LOG_IN)) {
  for (const cut of CUTS) {
    test(`AUTH ${way} logs in and is refused (${cut})`, () => {
      for (const secret of ["secret", "another"]) {
        const open = (login: Login): MailSource | undefined =>
          login.username === "ben" && login.proves(secret) ? new Mails(MAILS) : undefined;
        const session = sessionOf(new Mails({}), { open });
        const last =
          said(session, `${lines.join("\r\n")}\r\n`, cut)
            .split("\r\n")
            .at(-2) ?? "";
        assert.match(last, secret === "secret" ? /^\+OK 3 messages/ : /^-ERR \[AUTH\] /);
        assert.equal(session.state, secret === "secret" ? "transaction" : "authorization");
      }
    });
  }
}

test("AUTH: the challenge is a continuation; a star withdraws it; what is no response is refused", () => {
  const session = sessionOf(new Mails({}));
  assert.match(said(session, "AUTH PLAIN\r\n"), /\r\n\+ \r\n$/);
  assert.match(said(session, "*\r\n"), /^-ERR The login was withdrawn/);
  assert.equal(session.state, "authorization");
  for (const bad of ["AUTH PLAIN !", `AUTH PLAIN ${base64("ben")}`, "AUTH SCRAM-SHA-1", "AUTH PLAIN a b"])
    assert.match(said(session, `${bad}\r\n`), /^-ERR /, bad);
  assert.equal(
    said(session, "AUTH\r\n"),
    "+OK These are the mechanisms\r\nPLAIN\r\nLOGIN\r\nCRAM-MD5\r\nXOAUTH2\r\n.\r\n",
  );
});

test("CAPA names what there is; STLS only where it can be begun", () => {
  const capabilities = (session: ReturnType<typeof sessionOf>): string[] =>
    said(session, "CAPA\r\n").split("\r\n").slice(1, -2);
  const plain = sessionOf(new Mails({}));
  said(plain, "");
  assert.deepEqual(capabilities(plain), [
    "TOP",
    "UIDL",
    "USER",
    "SASL PLAIN LOGIN CRAM-MD5 XOAUTH2",
    "PIPELINING",
    "RESP-CODES",
    "AUTH-RESP-CODE",
    "IMPLEMENTATION Postrider-inbox",
  ]);
  assert.match(said(plain, "STLS\r\n"), /^-ERR .*--tls starttls/);
  const open = sessionOf(new Mails({}), { startTls: true });
  said(open, "");
  assert.ok(capabilities(open).includes("STLS"));
  said(open, "STLS\r\n");
  open.secured();
  assert.ok(!capabilities(open).includes("STLS"));
  assert.match(said(open, "STLS\r\n"), /^-ERR This is TLS already/);
  said(open, LOGIN);
  assert.match(said(open, "CAPA\r\n"), /^\+OK /);
});

test("what was said before TLS does not count: neither USER nor commands behind STLS", () => {
  const session = sessionOf(new Mails({}), { startTls: true });
  said(session, "USER ben\r\nSTLS\r\nUSER eve\r\n");
  session.secured();
  assert.equal(said(session, "PASS x\r\n"), "-ERR USER comes first\r\n");
});

test("what is no command is refused, and the session goes on", () => {
  const session = sessionOf(new Mails({}));
  said(session, "");
  for (const line of [
    "",
    " ",
    "HELO",
    "APOP ben 0",
    "__proto__",
    "constructor",
    "toString",
    "STAT\0",
    "\0",
    "é",
    "RETR\t1",
  ])
    assert.match(said(session, `${line}\r\n`), /^-ERR /, line);
  assert.match(said(session, "CAPA\n"), /^\+OK /);
});

test("a line without end, and TLS where there is none, end the session", () => {
  const endless = sessionOf(new Mails({}));
  assert.match(said(endless, "x".repeat(70_000)), /-ERR Line too long\r\n$/);
  assert.equal(endless.state, "closed");
  const tls = sessionOf(new Mails({}));
  assert.match(said(tls, "\x16\x03\x01\x02"), /-ERR This port has no TLS .*--tls implicit/);
  assert.equal(tls.state, "closed");
});

test("a request of a browser ends the session before the commands in its body", () => {
  for (const request of ["POST / HTTP/1.1", "GET /x?y HTTP/1.0", "PRI * HTTP/2.0", "DELETE /api HTTP/1.1"])
    for (const cut of CUTS) {
      const mails = new Mails(MAILS);
      const session = sessionOf(mails);
      const lines = `${request}\r\nHost: 127.0.0.1\r\n\r\n${LOGIN}DELE 1\r\nQUIT\r\n`;
      assert.equal(said(session, lines, cut), "+OK Postrider inbox\r\n-ERR This is POP3, not HTTP\r\n");
      assert.deepEqual(mails.removed, []);
    }
});
