/**
 * Where credentials may go, and that nothing shows them.
 */
import assert from "node:assert/strict";
import { connect } from "node:tls";
import { inspect } from "node:util";
import { SmtpClient, SmtpError, send, type TraceEvent } from "../../src/index.js";
import { base64, connected, judge, OK, offering } from "../support/auth-script.js";
import { testCertificates } from "../support/certificates.js";
import { ForeignStream } from "../support/foreign-stream.js";
import { ENVELOPE, plain, TEXT } from "../support/plain-client.js";
import { ScriptedServer } from "../support/scripted-server.js";
import { acceptance, closed, nodeAcceptance, rejection } from "../support/settle.js";

acceptance("over a stream whose end is unknown no credential goes out in clear text", async () => {
  await using server = await ScriptedServer.start(
    offering("PLAIN LOGIN CRAM-MD5", { PLAIN: OK, LOGIN: OK, "CRAM-MD5": OK }),
  );
  const options = {
    username: "tim",
    password: "tanstaaf",
    localHostname: "client.example",
    socket: () => ForeignStream.open(server.port),
  } as const;
  for (const startTls of [undefined, false]) {
    const error = await rejection(connected({ ...options, startTls }));
    assert.ok(error instanceof SmtpError, inspect(error));
    assert.match(error.message, /TLS/);
    assert.match(error.message, /allowPlaintextAuth/);
  }
  await rejection(send(TEXT, { ...ENVELOPE, ...options }));
  await rejection(connected({ ...options, password: undefined, accessToken: "t0ken" }));
  await server.allEnded();
  assert.ok(!server.verbs.includes("AUTH"));
  for (const connection of server.connections) assert.ok(!connection.bytes.includes("AUTH"));
  const count = server.connections.length;
  await using client = await connected({ ...options, allowPlaintextAuth: true, authMethods: ["PLAIN"] });
  assert.equal(client.isConnected, true);
  assert.ok((await server.connection(count)).verbs.includes("AUTH"));
});

acceptance('with auth: "when-offered" the rule is the same, whether AUTH is offered or cut out', async () => {
  for (const dialogue of [offering("PLAIN", { PLAIN: OK }), {}]) {
    await using server = await ScriptedServer.start(dialogue);
    const options = { username: "tim", password: "tanstaaf", auth: "when-offered" } as const;
    const remote = { ...options, socket: () => ForeignStream.open(server.port) };
    const error = await rejection(connected({ ...remote, startTls: false }));
    assert.match(String(error), /allowPlaintextAuth/);
    await server.allEnded();
    assert.ok(!server.verbs.includes("AUTH"));
  }
});

acceptance('auth: "when-offered" sends without a login where no AUTH is offered, and logs in where it is', async () => {
  const login = { username: "tim", password: "tanstaaf", auth: "when-offered" } as const;
  await using open = await ScriptedServer.start({});
  assert.deepEqual((await send(TEXT, { ...ENVELOPE, ...plain(open), ...login })).refused, []);
  assert.ok(!open.verbs.includes("AUTH"));
  assert.match(
    String(await rejection(send(TEXT, { ...ENVELOPE, ...plain(open), ...login, auth: "required" }))),
    /AUTH/,
  );
  await using strict = await ScriptedServer.start(offering("PLAIN", { PLAIN: "535 5.7.8 no" }));
  const error = await rejection(send(TEXT, { ...ENVELOPE, ...plain(strict), ...login }));
  assert.equal((error as SmtpError).code, "authentication");
});

acceptance("by hand the rule is the same", async () => {
  await using server = await ScriptedServer.start(offering("PLAIN LOGIN", { PLAIN: OK, LOGIN: OK }));
  await using client = await SmtpClient.connect({ socket: () => ForeignStream.open(server.port), startTls: false });
  await rejection(client.login("tim", "tanstaaf"));
  await rejection(client.auth("PLAIN", { username: "tim", password: "tanstaaf" }));
  assert.ok(!(await server.connection()).bytes.includes("AUTH"));
});

nodeAcceptance(
  "over a TLSSocket of the caller's credentials go out, when its certificate was verified, and is for hostname",
  async () => {
    const { ca, server: identity } = await testCertificates();
    await using server = await ScriptedServer.start(offering("PLAIN", { PLAIN: OK }), {
      implicitTls: true,
      tls: identity,
    });
    const options = { username: "tim", password: "tanstaaf", localHostname: "client.example" } as const;
    const dial = (authorities: string[]) => () =>
      connect({
        port: server.port,
        host: "127.0.0.1",
        servername: "localhost",
        ca: authorities,
        rejectUnauthorized: false,
      });
    // The name keeps the loopback address from counting as this machine.
    const hostname = "mail.example.com";
    await using client = await connected({ ...options, hostname, socket: dial([ca]) });
    assert.equal(client.isSecure, true);
    assert.equal((await client.noop()).code, 250);
    for (const wrong of [
      { hostname, socket: dial([]) },
      { hostname: "other.example.com", socket: dial([ca]) },
    ]) {
      const error = await rejection(connected({ ...options, ...wrong }));
      assert.ok(error instanceof SmtpError && error.code === "tls", inspect(error));
      assert.match(error.message, /certificate not verified for hostname, so the credentials were not sent/);
    }
    assert.equal(server.verbs.filter((verb) => verb === "AUTH").length, 1);
  },
);

nodeAcceptance("with TLS the same stream carries credentials, after the second EHLO", async () => {
  const { ca, server: identity } = await testCertificates();
  await using server = await ScriptedServer.start(
    {
      extensions: (connection) => (connection.isSecure ? ["AUTH PLAIN"] : ["STARTTLS", "AUTH PLAIN"]),
      replies: { AUTH: judge({ PLAIN: OK }) },
    },
    { tls: identity },
  );
  await using client = await connected({
    username: "tim",
    password: "tanstaaf",
    socket: () => ForeignStream.open(server.port),
    tls: { ca, servername: "localhost" },
  });
  assert.equal(client.isSecure, true);
  assert.deepEqual(server.verbs, ["EHLO", "STARTTLS", "EHLO", "AUTH", "NOOP"]);
});

acceptance("a Unix socket is this machine", async () => {
  await using server = await ScriptedServer.start(offering("PLAIN", { PLAIN: OK }), { unix: true });
  await using client = await connected({ socketPath: server.socketPath, username: "tim", password: "x" });
  assert.equal(client.isConnected, true);
  assert.ok(server.verbs.includes("AUTH"));
});

acceptance("I: no secret and nothing derived from it is in trace, message, JSON or inspect", async () => {
  const secret = "tanstaaf-s3cret";
  for (const method of ["PLAIN", "LOGIN", "CRAM-MD5", "XOAUTH2"]) {
    await using server = await ScriptedServer.start(offering(method, { [method]: "535 5.7.8 no" }));
    const events: TraceEvent[] = [];
    const credentials = method === "XOAUTH2" ? { accessToken: secret } : { password: secret };
    const options = {
      ...plain(server),
      username: "tim",
      ...credentials,
      trace: (event: TraceEvent) => events.push(event),
    };
    const client = new SmtpClient(options);
    const error = await rejection(
      (async () => {
        await client.connect();
        await client.noop();
      })(),
    );
    client.close();
    await closed(client, await server.connection());
    const start = server.lines.findIndex((line) => line.startsWith("AUTH"));
    const derived = server.lines
      .slice(start)
      .flatMap((line) => line.split(" ").slice(line.startsWith("AUTH") ? 2 : 0))
      .filter((word) => word.length > 4 && word !== base64("tim") && word !== "QUIT");
    assert.ok(derived.length > 0, "something secret went out");
    const shown = [
      error.message,
      error.stack,
      JSON.stringify(error),
      inspect(error, { depth: 9, showHidden: true }),
      JSON.stringify(events),
      inspect(client, { depth: 9, showHidden: true }),
      JSON.stringify(client),
    ].join("\n");
    for (const word of [secret, base64(secret), ...derived]) {
      assert.ok(!shown.includes(word), `${method} shows ${word}`);
    }
    assert.ok(events.some((event) => event.type === "client" && event.line.startsWith(`AUTH ${method}`)));
  }
});
