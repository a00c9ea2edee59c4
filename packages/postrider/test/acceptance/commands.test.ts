/**
 * Every command, and what may never be smuggled into one.
 */
import assert from "node:assert/strict";
import {
  AddressError,
  MessageError,
  OptionError,
  SmtpClient,
  SmtpNotSupportedError,
  SmtpReplyError,
} from "../../src/index.js";
import { plain } from "../support/plain-client.js";
import { ScriptedServer } from "../support/scripted-server.js";
import { acceptance, rejection, rejects } from "../support/settle.js";

const EVERYTHING = { "*": "250 OK", VRFY: "250 OK", EXPN: "250 OK", HELP: "214 OK" } as const;

/** The calls are argument errors that write nothing, and the session answers after them. */
async function refused(calls: readonly ((client: SmtpClient) => Promise<unknown>)[]): Promise<void> {
  await using server = await ScriptedServer.start({ extensions: ["SMTPUTF8", "8BITMIME", "DSN"], replies: EVERYTHING });
  await using client = await SmtpClient.connect(plain(server));
  await client.noop();
  const connection = await server.connection();
  const before = connection.byteCount;
  for (const call of calls) {
    const error = await rejection(invoke(call, client)).catch((cause: unknown) => {
      throw new Error(`not refused: ${call}`, { cause });
    });
    const isInput = error instanceof OptionError || error instanceof AddressError || error instanceof MessageError;
    assert.ok(isInput, `${call} rejects with ${error.name}: ${error.message}`);
    assert.equal(error.phase, "input");
    assert.doesNotMatch(error.message, /[\u0000-\u0009\u000b-\u001f\u007f]/, "the error shows controls escaped");
  }
  assert.equal((await client.noop()).code, 250);
  assert.equal(connection.byteCount - before, "NOOP\r\n".length, "nothing else was written");
}

// A method that throws at once would be as strict; both are argument errors.
const invoke = async (call: (client: SmtpClient) => Promise<unknown>, client: SmtpClient): Promise<unknown> =>
  call(client);

const CONTROLS: readonly (readonly [string, string])[] = [
  ["CRLF", "\r\n"],
  ["CR", "\r"],
  ["LF", "\n"],
  ["NUL", "\u0000"],
  ["TAB", "\t"],
  ["DEL", "\u007f"],
  ["ESC", "\u001b"],
  ["NEL", "\u0085"],
];

for (const [name, control] of CONTROLS) {
  acceptance(`${name} in the address of MAIL, RCPT, VRFY or EXPN is refused`, async () => {
    for (const address of [
      `a${control}b@x.example`,
      `a@x${control}y.example`,
      `a@x.example${control}`,
      `${control}a@x.example`,
    ]) {
      await refused([
        (client) => client.mail(address),
        (client) => client.rcpt(address),
        (client) => client.vrfy(address),
        (client) => client.expn(address),
      ]);
    }
  });
}

acceptance("a recipient that smuggles a command is refused", async () => {
  for (const recipient of [
    "x\r\nRSET@e.f",
    '"a\r\nb"@e.com',
    '"a\nb"@e.com',
    '"a\rb"@e.com',
    "<a@b.c>\r\nDATA",
    "a@b.c>\r\nRCPT TO:<d@e.f",
  ]) {
    await refused([
      (client) => client.rcpt(recipient),
      (client) => client.send("text", { sender: "a@b.c", recipients: [recipient] }),
      (client) => client.send("text", { sender: recipient, recipients: ["a@b.c"] }),
      (client) => client.send("text", { sender: "a@b.c", recipients: [{ address: recipient }] }),
    ]);
  }
});

acceptance("what cannot be parsed as an address is refused, not repaired", async () => {
  for (const address of [
    "oops",
    "a@b.com@c.com",
    "Foo <a@good.example> <b@evil.example>",
    "user@evil.com(good.com",
    "@x.example",
    "a@",
    "a b@x.example",
    "a@b..c",
    "a@b.c ",
    "a@-x-",
    "a@[1.2.3",
  ]) {
    await refused([
      (client) => client.rcpt(address),
      (client) => client.send("text", { sender: "a@b.c", recipients: [address] }),
      (client) => client.send("text", { sender: "a@b.c", recipients: ["good@b.c", address] }),
    ]);
  }
});

acceptance("a parameter of MAIL or RCPT with a line end, a control or a space is refused", async () => {
  for (const parameter of [
    "BODY=8BITMIME\r\nRCPT TO:<e@v.il>",
    "X=1\n",
    "X=\r",
    "X=a b",
    "X Y",
    " X",
    "X=\u0000",
    "",
    "=x",
    "X=\u007f",
    "X=a=b",
  ]) {
    await refused([
      (client) => client.mail("a@b.c", [parameter]),
      (client) => client.rcpt("a@b.c", [parameter]),
      (client) => client.send("text", { sender: "a@b.c", recipients: ["d@e.f"], mailOptions: [parameter] }),
      (client) => client.send("text", { sender: "a@b.c", recipients: ["d@e.f"], rcptOptions: [parameter] }),
    ]);
  }
});

acceptance("a parameter that is not ASCII needs SMTPUTF8, and nothing goes out without it", async () => {
  await using server = await ScriptedServer.start();
  await using client = await SmtpClient.connect(plain(server));
  for (const call of [
    () => client.mail("a@b.c", ["X=\u00e4"]),
    () => client.rcpt("a@b.c", ["X=\u00e4"]),
    () => client.send("text", { sender: "a@b.c", recipients: ["d@e.f"], mailOptions: ["X=\u00e4"] }),
    () => client.send("text", { sender: "a@b.c", recipients: ["d@e.f"], rcptOptions: ["X=\u00e4"] }),
  ]) {
    const error = await rejection(call());
    assert.ok(error instanceof SmtpNotSupportedError || error instanceof OptionError, error.message);
  }
  assert.ok((await server.connection()).bytes.every((byte) => byte < 0x80));
});

acceptance("envelope id and original recipient are input too", async () => {
  const send = (client: SmtpClient, extra: object): Promise<unknown> =>
    client.send("text", { sender: "a@b.c", recipients: ["d@e.f"], ...extra });
  await refused([
    (client) => send(client, { dsn: { envelopeId: "x\r\nRCPT TO:<e@v.il>" } }),
    (client) => send(client, { recipients: [{ address: "d@e.f", originalRecipient: "rfc822;x\r\nRCPT TO:<e@v.il>" }] }),
    (client) => send(client, { recipients: [{ address: "d@e.f", notify: ["success\r\nRSET"] }] }),
  ]);
});

acceptance("the EHLO name and free commands are input too", async () => {
  await refused([
    (client) => client.ehlo("h\r\nMAIL FROM:<a@b>"),
    (client) => client.helo("h h"),
    (client) => client.ehlo(""),
    (client) => client.help("x\r\nQUIT"),
    (client) => client.execute("NOOP\r\nQUIT"),
    (client) => client.execute("NOOP\n"),
    (client) => client.execute("NO\u0000OP"),
    (client) => client.execute(""),
    (client) => client.execute("X\u010aY"),
  ]);
});

for (const [verb, call, good, bad] of [
  ["VRFY", (client: SmtpClient) => client.vrfy("who@x.example"), [250, 251, 252], [220, 500, 502, 550, 553, 450]],
  ["HELP", (client: SmtpClient) => client.help(), [211, 214, 250], [500, 502, 504]],
  ["EXPN", (client: SmtpClient) => client.expn("list"), [250], [550, 500, 502, 504]],
] as const) {
  for (const code of good) {
    acceptance(`${verb} accepts ${code}`, async () => {
      await using server = await ScriptedServer.start({ replies: { [verb]: [`${code}-first`, `${code} last`] } });
      await using client = await SmtpClient.connect(plain(server));
      const reply = await call(client);
      assert.equal(reply.code, code);
      assert.deepEqual(reply.lines, ["first", "last"]);
    });
  }
  for (const code of bad) {
    acceptance(`${verb} ${code} is a reply error with code and text`, async () => {
      await using server = await ScriptedServer.start({ replies: { [verb]: `${code} 5.1.1 not for you` } });
      await using client = await SmtpClient.connect(plain(server));
      const error = await rejects(call(client), SmtpReplyError);
      assert.equal(error.reply.code, code);
      assert.equal(error.reply.message, "5.1.1 not for you");
      assert.match(error.message, /not for you/);
      assert.equal(client.isConnected, true);
      assert.equal((await client.noop()).code, 250);
    });
  }
}

acceptance("E: a transaction by hand", async () => {
  await using server = await ScriptedServer.start({ replies: { ...EVERYTHING, CONTENT: "250 queued as 9" } });
  await using client = await SmtpClient.connect(plain(server));
  assert.equal((await client.mail("a@x.example")).code, 250);
  assert.equal((await client.rcpt("b@y.example")).code, 250);
  assert.equal((await client.data("one\r\n.two\r\n")).message, "queued as 9");
  assert.equal((await client.rset()).code, 250);
  assert.equal((await client.help("MAIL")).code, 214);
  assert.equal((await client.execute("XYZZY plugh")).code, 250);
  assert.deepEqual(server.lines, [
    "EHLO client.example",
    "MAIL FROM:<a@x.example>",
    "RCPT TO:<b@y.example>",
    "DATA",
    "RSET",
    "HELP MAIL",
    "XYZZY plugh",
  ]);
  assert.equal(server.messages[0]?.raw.toString(), "one\r\n..two\r\n");
});

acceptance("E: RSET and NOOP that are refused are reply errors, and the session goes on", async () => {
  await using server = await ScriptedServer.start({ replies: { RSET: "502 no", NOOP: "451 not now" } });
  await using client = await SmtpClient.connect(plain(server));
  assert.equal((await rejects(client.rset(), SmtpReplyError)).reply.code, 502);
  const error = await rejects(client.noop(), SmtpReplyError);
  assert.equal(error.reply.code, 451);
  assert.equal(error.retry, "later");
  assert.equal(client.isConnected, true);
});
