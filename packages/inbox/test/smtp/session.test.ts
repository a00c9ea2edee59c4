/** The session alone, and played against the client of the library: whole, by line and by byte. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { SmtpClient, type SmtpRecipientRefusedError, send } from "postrider";
import { ServerSession } from "../../src/smtp/session.js";
import type { SessionOptions } from "../../src/smtp/session-types.js";
import { CUTS, play } from "../support/played.js";

const RAW = "From: ann@example.org\r\nSubject: dots\r\n\r\n.one\r\n..two\r\n.\r\nthree\r\n";
const ENVELOPE = { sender: "ann@example.org", recipients: ["bob@example.com", "cyd@example.com"] };

for (const chunking of [false, true]) {
  for (const cut of CUTS) {
    const way = `${chunking ? "BDAT" : "DATA"}, ${cut}`;

    test(`messages of a client arrive as they were sent, one after the other (${way})`, async () => {
      const { socket, heard } = play({ chunking }, cut);
      await using client = await SmtpClient.connect({ socket });
      const results = await Promise.all([client.send(RAW, ENVELOPE), client.send(`${RAW}more\r\n`, ENVELOPE)]);
      for (const { accepted } of results) assert.deepEqual(accepted, ENVELOPE.recipients);
      await client.quit();
      assert.deepEqual(heard.messages, [
        { ...ENVELOPE, content: RAW },
        { ...ENVELOPE, content: `${RAW}more\r\n` },
      ]);
      assert.equal(heard.steps.at(-1), "quit");
    });

    test(`a refused recipient, a refused sender and refused content are refused to the client (${way})`, async () => {
      const { socket, heard } = play({ chunking }, cut, (asked) => {
        if (asked.step === "mail" && asked.sender.startsWith("spam")) return { code: 550, text: "5.7.1 No" };
        if (asked.step === "rcpt" && asked.recipient.startsWith("bob")) return { code: 451, text: "4.2.0 Later" };
        if (asked.step === "content" && asked.sender.startsWith("virus")) return { code: 554, text: "5.7.0 Bad" };
        return undefined;
      });
      await using client = await SmtpClient.connect({ socket });
      const { accepted, refused } = await client.send(RAW, ENVELOPE);
      assert.deepEqual(accepted, ["cyd@example.com"]);
      assert.equal((refused[0] as SmtpRecipientRefusedError).reply.message, "4.2.0 Later");
      await assert.rejects(client.send(RAW, { ...ENVELOPE, sender: "spam@example.org" }), { code: "sender-refused" });
      await assert.rejects(client.send(RAW, { ...ENVELOPE, sender: "virus@example.org" }), { code: "data" });
      await client.send(RAW, ENVELOPE);
      assert.equal(heard.messages.length, 3);
    });

    test(`LMTP answers for each recipient (${way})`, async () => {
      const { socket } = play({ protocol: "lmtp", chunking }, cut, (asked) =>
        asked.step === "content"
          ? asked.recipients.map((one) =>
              one.startsWith("bob") ? { code: 452, text: "4.2.2 Full" } : { code: 250, text: "2.1.5 Saved" },
            )
          : undefined,
      );
      const { accepted, refused } = await send(RAW, { socket, protocol: "lmtp", ...ENVELOPE });
      assert.deepEqual(accepted, ["cyd@example.com"]);
      assert.deepEqual(
        refused.map(({ recipient, reply }) => [recipient, reply.message]),
        [["bob@example.com", "4.2.2 Full"]],
      );
    });

    test(`what is too large is refused with 552, and the next is taken (${way})`, async () => {
      const { socket, heard } = play({ maxMessageBytes: 70_000, chunking }, cut);
      await using client = await SmtpClient.connect({ socket });
      async function* large(): AsyncGenerator<Uint8Array> {
        for (let count = 0; count < 1300; count++) yield Buffer.from(`${"x".repeat(70)}\r\n`);
      }
      await assert.rejects(client.send(large(), ENVELOPE), /552 5\.3\.4/);
      await client.send(RAW, ENVELOPE);
      assert.equal(heard.messages.at(-1)?.content, RAW);
    });
  }
}

for (const cut of CUTS) {
  for (const mechanism of ["PLAIN", "LOGIN", "CRAM-MD5", "XOAUTH2"]) {
    test(`${mechanism} logs a client in, and refuses it (${cut})`, async () => {
      for (const secret of ["right", "wrong"]) {
        const options = { auth: "required", nonce: () => "<1@example.org>" } as const;
        const { socket, heard, session } = play(options, cut, (asked) => {
          if (!("login" in asked) || asked.login === undefined) return undefined;
          const isRight = asked.login.username === "ann" && asked.login.proves("right");
          return isRight ? undefined : { code: 535, text: "5.7.8 No" };
        });
        const credentials = mechanism === "XOAUTH2" ? { accessToken: secret } : { password: secret };
        const login = { username: "ann", ...credentials, authMethods: [mechanism], allowPlaintextAuth: true };
        const sending = send(RAW, { socket, ...login, ...ENVELOPE });
        if (secret === "wrong") {
          await assert.rejects(sending, { code: "authentication" });
          assert.equal(session.username, undefined);
          continue;
        }
        await sending;
        assert.equal(session.username, "ann");
        assert.equal(heard.messages.length, 1);
      }
    });
  }
}

/** Says lines to a session; returns its replies. */
function talk(options: SessionOptions, ...lines: readonly string[]): string[] {
  const session = new ServerSession(options);
  const replies: string[] = [];
  const listen = (): void => {
    for (let asked = session.next(); asked !== undefined; asked = session.next()) {
      if (asked.step !== "piece" && asked.step !== "overflow") replies.push(session.answer().trimEnd());
    }
  };
  listen();
  for (const line of lines) {
    session.receive(Buffer.from(`${line}\r\n`));
    listen();
  }
  return replies.slice(1);
}

const codes = (replies: readonly string[]): string => replies.map((reply) => reply.slice(0, 3)).join(" ");

const ORDER: readonly (readonly [lines: readonly string[], codes: string])[] = [
  [["MAIL FROM:<a@b.c>", "RCPT TO:<a@b.c>", "DATA", "NOOP", "HELP", "VRFY x", "RSET"], "503 503 503 250 214 252 250"],
  [["EHLO", "HELO", "LHLO me", "EHLO me", "HELO me"], "501 501 500 250 250"],
  [["EHLO me", "RCPT TO:<a@b.c>", "DATA", "MAIL FROM:<a@b.c>", "DATA", "MAIL FROM:<a@b.c>"], "250 503 503 250 503 503"],
  [["EHLO me", "MAIL FROM:<a@b.c>", "RCPT TO:<>", "RCPT TO:x", "DATA x", "DATA"], "250 250 501 501 501 503"],
  [["EHLO me", "MAIL FROM:<a@b.c>", "RCPT TO:<a@b.c>", "RSET", "DATA"], "250 250 250 250 503"],
  [["EHLO me", "MAIL FROM:<a@b.c>", "RCPT TO:<a@b.c>", "EHLO me", "DATA"], "250 250 250 250 503"],
  [
    ["EHLO me", "MAIL FROM:<> SIZE=x", "MAIL FROM:<> SIZE=", "MAIL FROM:<> BODY=9BIT", "MAIL FROM:<> X=1"],
    "250 501 501 501 250",
  ],
  [["EHLO me", "EXPN x", "", "MAIL", "\x7f"], "250 500 500 501 500"],
  [["EHLO me", "STARTTLS", "AUTH PLAIN", "BDAT 1"], "250 502 502 502"],
  [["QUIT", "NOOP"], "221"],
];

for (const [lines, expected] of ORDER) {
  test(`${lines.join(", ")}: ${expected}`, () => assert.equal(codes(talk({}, ...lines)), expected));
}

test("AUTH: what is malformed, aborted, repeated or out of place is refused, and the session goes on", () => {
  const options = { auth: "required" } as const;
  const plain = `AUTH PLAIN ${Buffer.from("\0ann\0pw").toString("base64")}`;
  const lines = [
    "AUTH PLAIN",
    "EHLO me",
    "MAIL FROM:<>",
    "AUTH",
    "AUTH FOO",
    "AUTH CRAM-MD5",
    "AUTH PLAIN !!",
    "AUTH PLAIN =",
  ];
  assert.equal(codes(talk(options, ...lines)), "503 250 530 504 504 504 501 501");
  assert.equal(codes(talk(options, "EHLO me", "AUTH LOGIN", "*", plain, plain)), "250 334 501 235 503");
  const within = talk({ auth: "optional" }, "EHLO me", "MAIL FROM:<>", plain, "RSET", plain);
  assert.equal(codes(within), "250 250 503 250 235");
});

test("STARTTLS: what was said before it does not count, and what came with it is dropped", () => {
  const session = new ServerSession({ startTls: true });
  session.next();
  session.answer();
  session.receive(Buffer.from("EHLO me\r\nMAIL FROM:<a@b.c>\r\nSTARTTLS\r\nRCPT TO:<evil@b.c>\r\n"));
  const replies: string[] = [];
  for (let asked = session.next(); asked !== undefined; asked = session.next()) replies.push(session.answer());
  assert.equal(codes(replies), "250 250 220");
  assert.equal(session.state, "securing");
  session.secured();
  assert.equal(session.next(), undefined);
  session.receive(Buffer.from("RCPT TO:<a@b.c>\r\nSTARTTLS\r\n"));
  assert.equal(session.next()?.step, "rcpt");
  assert.match(session.answer(), /^503 /);
  assert.equal(session.next()?.step, "tls");
  assert.match(session.answer(), /^503 /);
});

test("a command line without end ends the session; so does BDAT without a size", () => {
  assert.equal(codes(talk({}, "x".repeat(70_000), "NOOP")), "500");
  assert.equal(codes(talk({ chunking: true }, "EHLO me", "BDAT x", "NOOP")), "250 501");
});

test("a request of a browser ends the session before the commands in its body", () => {
  const body = ["", "EHLO x", "MAIL FROM:<a@b.c>", "RCPT TO:<d@e.f>", "DATA", "x", "."];
  for (const protocol of ["smtp", "lmtp"] as const)
    for (const request of ["POST / HTTP/1.1", "GET /x?y HTTP/1.0", "PRI * HTTP/2.0", "PUT /a HTTP/1.1"]) {
      const replies = talk({ protocol }, request, "Host: 127.0.0.1", ...body);
      assert.deepEqual(replies, [`421 4.7.0 This is ${protocol.toUpperCase()}, not HTTP`]);
    }
});

test("the octets of a BDAT that is refused are no commands", () => {
  const replies = talk({ chunking: true }, "EHLO me", "BDAT 12 LAST\r\nMAIL FROM:<>", "NOOP");
  assert.equal(codes(replies), "250 503 500 250");
});

test("more recipients than the limit are put off with 452", () => {
  const lines = ["EHLO me", "MAIL FROM:<>", ...["a", "b", "c"].map((name) => `RCPT TO:<${name}@b.c>`)];
  assert.equal(codes(talk({ maxRecipients: 2 }, ...lines)), "250 250 250 250 452");
});
