/**
 * docs/nodemailer-drop-in.md: each row of its table, told by both libraries.
 */
import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Duplex } from "node:stream";
import { test } from "node:test";
import real from "nodemailer";
import ours from "../src/index.js";
import { failure } from "./support/failure.js";
import { type RecordingServer, startServer } from "./support/recording-server.js";

type Transporter = { sendMail(data: never): Promise<Record<string, unknown>>; close(): void };
type Library = { createTransport(options: never): Transporter };

const LIBRARIES = { theirs: real as unknown as Library, ours: ours as unknown as Library };
const BASE = { from: "ann@example.org", to: "bob@example.com", subject: "Hello", text: "Hi" };

const root = new URL("../../../../", import.meta.url);

/** What nodemailer makes of it, and what this package does: an error code, or something about the message that arrived. */
interface Row {
  readonly message?: Record<string, unknown>;
  readonly options?: Record<string, unknown>;
  readonly theirs: string | ((raw: string, envelope: { from: string; to: readonly string[] }) => void);
  readonly ours: Row["theirs"];
}

const has = (pattern: RegExp) => (raw: string) => assert.match(raw, pattern);
const lacks = (pattern: RegExp) => (raw: string) => assert.doesNotMatch(raw, pattern);
const sentTo =
  (...to: string[]) =>
  (_raw: string, envelope: { to: readonly string[] }) =>
    assert.deepEqual(envelope.to, to);

const ROWS: Readonly<Record<string, Row>> = {
  "one bad recipient among good ones": {
    message: { to: ["bob@example.com", "not an address", "carol@example.com"] },
    theirs: sentTo("bob@example.com", "carol@example.com"),
    ours: "EENVELOPE to[1]",
  },
  "name with a colon, outside quotes": {
    message: { to: "Re: Bob <bob@example.com>" },
    theirs: sentTo("bob@example.com"),
    ours: "EENVELOPE to",
  },
  "no usable from": {
    message: { from: undefined },
    theirs: (_raw, { from }) => assert.equal(from, ""),
    ours: "EENVELOPE From",
  },
  "line break in the name of a header": {
    message: { headers: { "X-A\r\nBcc": "x" } },
    theirs: has(/^X-A/m),
    ours: "EMESSAGE headers",
  },
  "DSN that the server does not support": {
    message: { dsn: { id: "1", return: "headers", notify: "success" } },
    theirs: sentTo("bob@example.com"),
    ours: "EENVELOPE DSN",
  },
  "invalid date": { message: { date: "yesterday" }, theirs: has(/^Date: yesterday/m), ours: "EMESSAGE date" },
  "several authors": {
    message: { from: "a@example.org, b@example.org" },
    theirs: lacks(/^Sender:/m),
    ours: has(/^Sender: a@example\.org\r$/m),
  },
  "priority fields": {
    message: { priority: "high" },
    theirs: has(/X-MSMail-Priority/i),
    ours: lacks(/X-MSMail-Priority/i),
  },
  "case of a domain": {
    message: { to: "Bob@EXAMPLE.com" },
    theirs: sentTo("Bob@example.com"),
    ours: sentTo("Bob@EXAMPLE.com"),
  },
  "case of header names": {
    message: { headers: { "x-one": "1" } },
    theirs: has(/^X-One: 1/m),
    ours: has(/^x-one: 1/m),
  },
  "media types": {
    message: { attachments: [{ filename: "a.js", content: "1" }] },
    theirs: has(/application\/javascript/),
    ours: has(/text\/javascript/),
  },
  alternatives: {
    message: { alternatives: [{ contentType: "application/json", content: "{}" }] },
    theirs: has(/Content-Disposition: attachment/),
    ours: lacks(/Content-Disposition/),
  },
  "invalid messageId, `cid` or `contentType`": {
    message: { messageId: "nothing" },
    theirs: has(/^Message-ID: <nothing>/im),
    ours: "EMESSAGE messageId",
  },
  "control characters in subject, names and file names": {
    message: { subject: "a\u0007b" },
    theirs: has(/^Subject: =\?UTF-8\?Q\?a=07b\?=/m),
    ours: "EMESSAGE Subject",
  },
  "text or html that is an object without content": {
    message: { text: { html: "x" } },
    theirs: "ESTREAM",
    ours: "EMESSAGE text",
  },
  "raw message that begins with an empty line, a byte order mark or an mbox line": {
    message: { raw: "\r\nSubject: lost\r\n\r\nbody\r\n" },
    theirs: has(/^\r\nSubject: lost/),
    ours: "EMESSAGE message",
  },
  "raw parts": {
    message: { attachments: [{ raw: "Content-Type: text/x-a\r\n\r\nraw" }] },
    theirs: has(/\r\n\r\nraw\r\n--/),
    ours: has(/\r\n\r\ncmF3\r\n--/),
  },
  "attachment without name and type": {
    message: { attachments: [{ content: "x" }] },
    theirs: has(/filename=attachment-1\.\*/),
    ours: has(/filename="?attachment-1\.bin/),
  },
  "end of a text": {
    message: { text: "no end", encoding: "base64" },
    theirs: has(/bm8gZW5k\r\n/),
    ours: has(/bm8gZW5kDQo=\r\n/),
  },
  "List-ID without a dot": {
    message: { list: { id: "news" } },
    theirs: has(/^List-ID: <news>/im),
    ours: "EMESSAGE list.id",
  },
  "address that needs SMTPUTF8 where the server lacks it": {
    message: { to: "jürgen@example.com" },
    options: { port: "NO_SMTPUTF8" },
    theirs: () => undefined,
    ours: "EENVELOPE SMTPUTF8",
  },
  "customAuth that ignores the refusal of its AUTH": {
    options: {
      customAuth: { X: ({ sendCommand }: { sendCommand(line: string): unknown }) => sendCommand("AUTH NONE-SUCH") },
      auth: { type: "custom", method: "X", user: "u", pass: "p" },
    },
    theirs: sentTo("bob@example.com"),
    ours: "EAUTH NONE-SUCH",
  },
  "customAuth that sends other commands": {
    options: {
      customAuth: { X: ({ sendCommand }: { sendCommand(line: string): unknown }) => sendCommand("NOOP") },
      auth: { type: "custom", method: "X", user: "u", pass: "p" },
    },
    theirs: sentTo("bob@example.com"),
    ours: "EAUTH must send AUTH",
  },
  "DKIM key that cannot sign": {
    options: { dkim: { domainName: "example.org", keySelector: "s", privateKey: "no key" } },
    theirs: lacks(/DKIM-Signature/),
    ours: "ECONFIG privateKey",
  },
};

async function outcome(
  library: Library,
  server: RecordingServer,
  plain: RecordingServer,
  row: Row,
  expected: Row["theirs"],
) {
  const port = row.options?.["port"] === "NO_SMTPUTF8" ? plain.port : server.port;
  const transporter = library.createTransport({ host: "127.0.0.1", ignoreTLS: true, ...row.options, port } as never);
  const sending = transporter.sendMail({ ...BASE, ...row.message } as never);
  if (typeof expected === "string") {
    const [code = "", ...named] = expected.split(" ");
    const error = await failure(sending);
    assert.equal(error.code, code, error.message);
    if (named.length > 0) assert.ok(error.message.includes(named.join(" ")), error.message);
    return;
  }
  await sending;
  const arrived = (port === plain.port ? plain : server).arrived.pop();
  assert.ok(arrived);
  expected(arrived.raw.toString("utf8"), arrived);
}

test("each row about messages holds, for nodemailer and here", async (t) => {
  await using server = await startServer();
  await using plain = await startServer({ extensions: ["PIPELINING", "8BITMIME"] });
  for (const [name, row] of Object.entries(ROWS)) {
    await t.test(name, async () => {
      await outcome(LIBRARIES.theirs, server, plain, row, row.theirs);
      await outcome(LIBRARIES.ours, server, plain, row, row.ours);
    });
  }
});

/** Rows that are about more than one message: a test of its own for each, by this name. */
const OTHERS: Readonly<Record<string, () => Promise<void>>> = {
  "two @ in an address": () => compareEnvelopes({ to: "a@b@example.com" }, ['"a@b"@example.com']),
  "line break in an address": () => compareEnvelopes({ to: { address: "bob@exam\r\nple.com" } }, ["bob@exam ple.com"]),
  "password in clear text to another machine": async () => {
    const seen: string[] = [];
    await using server = await startServer({
      answer: (step) => {
        if ("login" in step && step.login !== undefined) seen.push(step.login.secret ?? "");
        return undefined;
      },
    });
    const options = {
      auth: { user: "u", pass: "secret" },
      ignoreTLS: true,
      getSocket: (_options: unknown, callback: (error: null, answer: object) => void) =>
        callback(null, { connection: elsewhere(server.port) }),
    };
    const error = await failure(ours.createTransport(options as never).sendMail(BASE));
    assert.equal(error.code, "EAUTH");
    assert.match(error.message, /allowPlaintextAuth/);
    assert.deepEqual(seen, []);
    await ours.createTransport({ ...options, allowPlaintextAuth: true } as never).sendMail(BASE);
    assert.deepEqual(seen, ["secret"]);
    await real
      .createTransport({ ...options, getSocket: undefined, host: "127.0.0.1", port: server.port } as never)
      .sendMail(BASE);
    assert.deepEqual(seen, ["secret", "secret"]);
  },
  "mechanism of AUTH, where none is named": async () => {
    const seen: string[] = [];
    await using server = await startServer({
      mechanisms: ["PLAIN", "LOGIN", "CRAM-MD5"],
      answer: (step) => {
        if ("login" in step && step.login !== undefined) seen.push(step.login.mechanism);
        return undefined;
      },
    });
    const options = { host: "127.0.0.1", port: server.port, auth: { user: "u", pass: "p" } } as never;
    for (const library of Object.values(LIBRARIES)) await library.createTransport(options).sendMail(BASE as never);
    assert.deepEqual(seen, ["PLAIN", "CRAM-MD5"]);
  },
  "empty user or password in a pool, at a server that offers AUTH": async () => {
    await using server = await startServer();
    const options = { host: "127.0.0.1", port: server.port, pool: true, auth: { user: "", pass: "" } } as never;
    const theirs = LIBRARIES.theirs.createTransport(options);
    await theirs.sendMail(BASE as never);
    assert.equal((await failure(LIBRARIES.ours.createTransport(options).sendMail(BASE as never))).code, "EAUTH");
    theirs.close();
  },
  "messageId without brackets": async () => {
    const message = { ...BASE, messageId: "fixed@example.org" };
    const options = { streamTransport: true } as never;
    assert.equal((await real.createTransport(options).sendMail(message)).messageId, "fixed@example.org");
    assert.equal((await ours.createTransport(options).sendMail(message)).messageId, "<fixed@example.org>");
  },
  "Bcc for sendmail": async () => {
    // The program is a script of a shell that Windows has not.
    if (process.platform === "win32") return;
    const program = fakeSendmail();
    const message = { ...BASE, bcc: "hidden@example.com" };
    await real.createTransport({ sendmail: true, path: program.path } as never).sendMail(message);
    assert.match(program.read(), /^Bcc: hidden@example\.com/m);
    await ours.createTransport({ sendmail: true, path: program.path } as never).sendMail(message);
    assert.doesNotMatch(program.read(), /^Bcc:/m);
    assert.match(program.read(), /PARAMETERS: -i -f ann@example\.org -- bob@example\.com hidden@example\.com/);
    program.remove();
  },
  "address for sendmail that begins with a hyphen": async () => {
    const program = fakeSendmail();
    const message = { ...BASE, to: "-oQ/tmp@example.com" };
    assert.equal(
      (await failure(ours.createTransport({ sendmail: true, path: program.path } as never).sendMail(message))).code,
      "EENVELOPE",
    );
    assert.equal(program.read(), "");
    program.remove();
  },
  "queued messages in a pool that is closed": async () => {
    await using server = await startServer();
    const options = { pool: true, host: "127.0.0.1", port: server.port, ignoreTLS: true, maxConnections: 1 } as never;
    const run = async (library: Library): Promise<number> => {
      const pool = library.createTransport(options);
      const sending = Array.from({ length: 3 }, () => pool.sendMail(BASE as never));
      setImmediate(() => pool.close());
      return (await Promise.allSettled(sending)).filter(({ status }) => status === "fulfilled").length;
    };
    assert.ok((await run(LIBRARIES.theirs)) < 3);
    assert.equal(await run(LIBRARIES.ours), 3);
  },
  "text of errors": async () => {
    const options = { host: "127.0.0.1", port: 1 } as never;
    const [theirs, own] = [
      await failure(real.createTransport(options).sendMail(BASE)),
      await failure(ours.createTransport(options).sendMail(BASE)),
    ];
    assert.deepEqual([own.code, own["command"]], [theirs.code, theirs["command"]]);
    assert.notEqual(own.message, theirs.message);
  },
  createTestAccount: async () => {
    // What it gives is tested in test-account.test.ts; Ethereal is not asked from here.
    assert.equal(ours.getTestMessageUrl({ response: "250 OK" } as never), false);
    const response = "250 Accepted [STATUS=new MSGID=AbC123]";
    assert.equal(ours.getTestMessageUrl({ response } as never), real.getTestMessageUrl({ response } as never));
  },
};

for (const [name, run] of Object.entries(OTHERS)) test(`row of the page: ${name}`, run);

test("the page has a row for each of these, and no other", () => {
  const page = readFileSync(new URL("docs/nodemailer-drop-in.md", root), "utf8");
  const table = /## Intended differences\n([\s\S]*?)\n## |$/.exec(page)?.[1] ?? "";
  const rows = [...table.matchAll(/^\| ([^|]+?) \|/gm)].map(([, first]) => first).filter((first) => first !== "what");
  assert.deepEqual(rows.sort(), [...Object.keys(ROWS), ...Object.keys(OTHERS)].sort());
});

async function compareEnvelopes(message: object, theirs: readonly string[]): Promise<void> {
  const options = { streamTransport: true } as never;
  assert.deepEqual((await real.createTransport(options).sendMail({ ...BASE, ...message })).envelope.to, theirs);
  assert.equal((await failure(ours.createTransport(options).sendMail({ ...BASE, ...message }))).code, "EENVELOPE");
}

/** A stream that does not say whom it leads to: another machine, as far as anybody knows. */
function elsewhere(port: number): Duplex {
  const socket = connect(port, "127.0.0.1");
  const stream = new Duplex({
    read: () => socket.resume(),
    write: (chunk, _encoding, done) => void socket.write(chunk, () => done()),
    final: (done) => void socket.end(() => done()),
    destroy: (error, done) => {
      socket.destroy();
      done(error);
    },
  });
  socket.on("data", (chunk) => stream.push(chunk) || socket.pause());
  socket.on("end", () => stream.push(null));
  socket.on("error", () => stream.destroy());
  return stream;
}

/** A command that writes down its parameters and what it is given. */
function fakeSendmail() {
  const folder = mkdtempSync(join(tmpdir(), "postrider-sendmail-"));
  const [path, output] = [join(folder, "sendmail"), join(folder, "output")];
  writeFileSync(path, `#!/bin/sh\necho "PARAMETERS: $*" > "${output}"\ncat >> "${output}"\n`);
  chmodSync(path, 0o755);
  return {
    path,
    read: () => {
      try {
        return readFileSync(output, "utf8");
      } catch {
        return "";
      }
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}
