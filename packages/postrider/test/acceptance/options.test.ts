/**
 * Options are checked before any network I/O.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { PassThrough } from "node:stream";
import { AddressError, type ConnectionOptions, MessageError, OptionError, SmtpClient, send } from "../../src/index.js";
import { ENVELOPE, TEXT } from "../support/plain-client.js";
import { ScriptedServer } from "../support/scripted-server.js";
import { acceptance, rejection, throws } from "../support/settle.js";

/** Refused by the constructor and by the one-call send alike, without a connection. */
async function refused(options: Record<string, unknown>): Promise<OptionError> {
  await using server = await ScriptedServer.start();
  const reachable =
    "socket" in options || "socketPath" in options || "hostname" in options || "url" in options
      ? options
      : { hostname: "127.0.0.1", port: server.port, ...options };
  const error = throws(() => new SmtpClient(reachable as ConnectionOptions), OptionError);
  const sent = await rejection(send(TEXT, { ...ENVELOPE, ...(reachable as ConnectionOptions) }));
  assert.ok(sent instanceof OptionError, `send rejects with ${sent.name}`);
  assert.equal(sent.phase, "input");
  assert.equal(server.connections.length, 0);
  return error;
}

acceptance("TLS from the first byte and required STARTTLS exclude each other", async () => {
  const error = await refused({ useTls: true, startTls: true });
  assert.match(error.message, /useTls/);
  assert.match(error.message, /startTls/);
  assert.doesNotThrow(() => new SmtpClient({ useTls: true }));
  assert.doesNotThrow(() => new SmtpClient({ useTls: true, startTls: false }));
  assert.doesNotThrow(() => new SmtpClient({ useTls: true, startTls: undefined }));
  assert.doesNotThrow(() => new SmtpClient({ useTls: false, startTls: true }));
});

acceptance("a socket, a path and a port exclude each other", async () => {
  const socket = new PassThrough();
  await refused({ socket, socketPath: "/run/smtp" });
  await refused({ socket, port: 25 });
  await refused({ socketPath: "/run/smtp", port: 25 });
  await refused({ socket: () => socket, port: 25 });
  assert.equal(socket.destroyed, false);
  socket.destroy();
});

for (const how of [{ useTls: true }, { startTls: true }] as const) {
  acceptance(`${Object.keys(how).join()} over a path or a socket needs a name for the certificate`, async () => {
    const socket = new PassThrough();
    await refused({ socketPath: "/run/smtp", ...how });
    await refused({ socket, ...how });
    await refused({ socket: () => socket, ...how });
    assert.doesNotThrow(() => new SmtpClient({ socketPath: "/run/smtp", ...how, tls: { servername: "mx.example" } }));
    assert.doesNotThrow(() => new SmtpClient({ socketPath: "/run/smtp", ...how, hostname: "mx.example" }));
    assert.doesNotThrow(() => new SmtpClient({ socket, ...how, hostname: "mx.example" }));
    socket.destroy();
  });
}

acceptance("credentials that do not belong together are refused in the constructor", async () => {
  await refused({ username: "u", password: "p", accessToken: "t" });
  await refused({ password: "p" });
  await refused({ accessToken: "t" });
  await refused({ accessToken: () => "t" });
  assert.doesNotThrow(() => new SmtpClient({ username: "u", password: "p" }));
  assert.doesNotThrow(() => new SmtpClient({ username: "u", accessToken: "t" }));
});

acceptance("no refusal repeats the password", async () => {
  const error = await refused({ password: "hunter2", accessToken: "t0ken" });
  assert.doesNotMatch(error.message + JSON.stringify(error), /hunter2|t0ken/);
});

for (const [what, name] of [
  ["CR", "a\rb"],
  ["LF", "a\nb"],
  ["CRLF and a command", "h\r\nMAIL FROM:<a@b>"],
  ["NUL", "a\u0000b"],
  ["a tab", "a\tb"],
  ["DEL", "a\u007fb"],
  ["a C1 control", "a\u0085b"],
  ["a space", "a b"],
  ["nothing", ""],
] as const) {
  acceptance(`hostname and localHostname with ${what} are refused`, async () => {
    assert.equal((await refused({ hostname: name })).option, "hostname");
    assert.equal((await refused({ localHostname: name })).option, "localHostname");
  });
}

acceptance("an EHLO name longer than a command line is refused", async () => {
  assert.equal((await refused({ localHostname: "x".repeat(1000) })).option, "localHostname");
});

for (const port of [70_000, 65_536, -1, 25.5, Number.NaN, Number.POSITIVE_INFINITY, "25", null, true]) {
  acceptance(`the port ${JSON.stringify(port) ?? String(port)} (${typeof port}) is refused`, async () => {
    const error = await refused({ hostname: "127.0.0.1", port });
    assert.equal(error.option, "port");
  });
}

for (const name of ["timeout", "deliveryTimeout"]) {
  for (const value of [-1, Number.NaN, "1000", null]) {
    acceptance(`${name} ${String(value)} (${typeof value}) is refused`, async () => {
      assert.equal((await refused({ [name]: value })).option, name);
    });
  }
}

for (const [wrong, right] of [
  ["hostnme", "hostname"],
  ["host", "hostname"],
  ["usetls", "useTls"],
  ["startTLS", "startTls"],
  ["user", "username"],
  ["timeOut", "timeout"],
] as const) {
  acceptance(`the unknown option ${wrong} is refused, and ${right} is named`, async () => {
    const error = await refused({ [wrong]: "x" });
    assert.ok(error.message.includes(wrong), error.message);
    assert.ok(error.message.includes(right), error.message);
  });
}

acceptance("a delivery option is unknown to the client, and null is no value", async () => {
  throws(() => new SmtpClient({ sender: "a@b.c" } as ConnectionOptions), OptionError);
  await refused({ username: null, password: null });
  await refused({ tls: null });
  await refused({ startTls: "yes" });
  await refused({ protocol: "http" });
  await refused({ trace: "yes" });
  await refused({ signal: {} });
  assert.doesNotThrow(() => new SmtpClient({ hostname: undefined, username: undefined, tls: undefined }));
});

acceptance("a URL is checked like the options it stands for", async () => {
  for (const url of [
    "http://mail.example",
    "mail.example:25",
    "smtp://mail.example:70000",
    "smtp://mail.example?startTls=maybe",
    "smtp://mail.example?nonsense=1",
    "smtp://:pw@mail.example",
  ]) {
    const error = await refused({ url });
    assert.equal(error instanceof OptionError, true, url);
  }
  assert.doesNotThrow(() => new SmtpClient({ url: "smtp://user:p%40ss@mail.example:587?startTls=true" }));
  assert.doesNotThrow(() => new SmtpClient({ url: new URL("smtps://mail.example") }));
});

acceptance("empty credentials are refused", async () => {
  assert.equal((await refused({ username: "", password: "p" })).option, "username");
  await refused({ username: "" });
  await refused({ username: "u", accessToken: "" });
  await using server = await ScriptedServer.start({ extensions: ["AUTH PLAIN LOGIN"] });
  await using client = await SmtpClient.connect({ ...server.address, startTls: false });
  await rejection(client.login("", ""));
  assert.ok(!server.verbs.includes("AUTH"));
});

acceptance("B: what is wrong with the delivery is found before connecting", async () => {
  await using server = await ScriptedServer.start();
  const wrong: Record<string, unknown>[] = [
    { ...ENVELOPE, sender: "no address" },
    { ...ENVELOPE, recipients: ["b@x.example", "oops"] },
    { ...ENVELOPE, mailOptions: ["A\r\nB"] },
    { ...ENVELOPE, rcptOptions: ["A B"] },
    { ...ENVELOPE, dsn: { envelopeId: "a\r\nb" } },
    { ...ENVELOPE, dsn: { return: "all" } },
    { ...ENVELOPE, recipient: ["b@x.example"] },
    { sender: "a@b.c" },
    { recipients: "a@b.c" },
  ];
  for (const delivery of wrong) {
    const error = await rejection(send(TEXT, { ...delivery, ...server.address }));
    const isInput = error instanceof OptionError || error instanceof AddressError || error instanceof MessageError;
    assert.ok(isInput, `${JSON.stringify(delivery)} rejects with ${error.name}`);
  }
  assert.equal(server.connections.length, 0);
});

acceptance("B: a socket that is already over is an error at once", async () => {
  await using server = await ScriptedServer.start();
  const socket = connect(server.port, "127.0.0.1");
  await once(socket, "connect");
  socket.destroy();
  await once(socket, "close");
  await rejection((async () => new SmtpClient({ socket }).connect())());
});
