/**
 * Both ways into TLS, and every way in which they fail.
 */
import assert from "node:assert/strict";
import {
  type ConnectionOptions,
  SmtpClient,
  SmtpDisconnectedError,
  SmtpError,
  SmtpNotSupportedError,
  SmtpReplyError,
  SmtpTimeoutError,
  SmtpTlsError,
  send,
} from "../../src/index.js";
import { type TestCertificates, testCertificates } from "../support/certificates.js";
import { ForeignStream } from "../support/foreign-stream.js";
import { ENVELOPE, plain, TEXT } from "../support/plain-client.js";
import { onRuntime } from "../support/runtime.js";
import { all, bytes, close, mute, type Script } from "../support/script.js";
import { ScriptedServer, type ScriptedServerOptions } from "../support/scripted-server.js";
import { acceptance, closed, nodeAcceptance, rejection, rejects, soon } from "../support/settle.js";
import { assertTlsReason, onWorkers } from "../support/transports.js";

const certificates = await testCertificates();

type IdentityName = Exclude<keyof TestCertificates, "ca">;

const implicit = (
  script: Script = {},
  name: IdentityName = "server",
  tls: NonNullable<ScriptedServerOptions["tls"]> = {},
): Promise<ScriptedServer> =>
  ScriptedServer.start(script, { implicitTls: true, tls: { ...certificates[name], ...tls } });

const upgrading = (script: Script = {}, name: IdentityName = "server"): Promise<ScriptedServer> =>
  ScriptedServer.start({ extensions: ["STARTTLS"], ...script }, { tls: certificates[name] });

/** Options of a client that trusts the test authority and does as its caller says about STARTTLS. */
const trusting = (server: ScriptedServer, options: ConnectionOptions = {}): ConnectionOptions => ({
  ...plain(server),
  startTls: undefined,
  hostname: "localhost",
  tls: { ca: certificates.ca },
  ...options,
});

acceptance("TLS from the first byte with a trusted authority, and what was agreed on", async () => {
  await using server = await implicit();
  await using client = await SmtpClient.connect(trusting(server, { useTls: true }));
  assert.equal(client.isSecure, true);
  const { tlsInfo } = client;
  assert.match(tlsInfo?.protocol ?? "", onWorkers ? /^unknown$/ : /^TLSv1\.[23]$/);
  assert.match(tlsInfo?.cipher ?? "", /\w/);
  assert.equal(tlsInfo?.authorized, true);
  if (!onWorkers) assert.match(tlsInfo?.peerCertificate?.subjectaltname ?? "", /localhost/);
  const result = await client.send(TEXT, ENVELOPE);
  assert.deepEqual(result.accepted, ENVELOPE.recipients);
  assert.ok(!server.verbs.includes("STARTTLS"));
});

acceptance("connect() knows what the server offers inside TLS, whichever way into it", async () => {
  await using direct = await implicit({ extensions: ["SIZE 1"] });
  await using upgraded = await upgrading({
    extensions: ({ isSecure }) => (isSecure ? ["SIZE 2"] : ["STARTTLS", "SIZE 1"]),
  });
  await using first = await SmtpClient.connect(trusting(direct, { useTls: true }));
  await using second = await SmtpClient.connect(trusting(upgraded));
  assert.deepEqual([...first.extensions], [["SIZE", "1"]]);
  assert.deepEqual([...second.extensions], [["SIZE", "2"]]);
  assert.deepEqual(upgraded.verbs, ["EHLO", "STARTTLS", "EHLO"]);
});

acceptance("inside TLS from the first byte an offer of STARTTLS is not taken", async () => {
  await using server = await implicit({ extensions: ["STARTTLS"] });
  await using client = await SmtpClient.connect(trusting(server, { useTls: true }));
  await client.noop();
  assert.deepEqual(server.verbs, ["EHLO", "NOOP"]);
  await rejection(client.startTls());
  assert.ok(!server.verbs.includes("STARTTLS"));
});

acceptance("TLS to a plain port is explained", async () => {
  await using server = await ScriptedServer.start();
  const client = new SmtpClient(trusting(server, { useTls: true }));
  const error = await rejects(client.connect(), SmtpTlsError);
  assert.match(error.message, /plain|does not speak TLS/i);
  assert.match(error.message, /useTls|startTls/);
  assert.match(error.message, new RegExp(String(server.port)));
  await closed(client, await server.connection());
});

acceptance("plain SMTP to a port that waits for TLS is explained", async () => {
  await using server = await implicit();
  const client = new SmtpClient(trusting(server, { timeout: 200 }));
  const error = await rejection(client.connect());
  assert.ok(error instanceof SmtpError);
  assert.match(error.message, /TLS/);
  await closed(client, await server.connection());
});

const BAD: readonly (readonly [string, IdentityName, ConnectionOptions, RegExp])[] = [
  ["an untrusted authority", "unknownAuthority", {}, /UNABLE_TO_VERIFY|SELF_SIGNED|UNABLE_TO_GET/],
  ["no authority to trust", "server", { tls: {} }, /UNABLE_TO_VERIFY|SELF_SIGNED|UNABLE_TO_GET/],
  ["a self-signed certificate", "selfSigned", {}, /SELF_SIGNED/],
  // Deno has one code for all that cannot be verified.
  ["an expired certificate", "expired", {}, onRuntime({ node: /EXPIRED/, deno: /UNABLE_TO_VERIFY/ })],
  ["a certificate of the future", "notYetValid", {}, onRuntime({ node: /NOT_YET_VALID/, deno: /UNABLE_TO_VERIFY/ })],
  ["another host's certificate", "wrongName", {}, /ALTNAME/],
  ["a certificate without the address", "wrongName", { hostname: "127.0.0.1" }, /ALTNAME/],
  ["a servername that is not in it", "server", { tls: { ca: certificates.ca, servername: "no.example" } }, /ALTNAME/],
];

for (const [what, name, options, reason] of BAD) {
  // Workers have authorities of their own: in these tests, the good one.
  if (onWorkers && name === "server" && options.tls?.servername === undefined) continue;

  acceptance(`${what} on a port with TLS is a TLS error with its reason, and no line is sent`, async () => {
    await using server = await implicit({}, name);
    const client = new SmtpClient(trusting(server, { ...options, useTls: true }));
    const error = await rejects(client.connect(), SmtpTlsError);
    assertTlsReason(error, reason);
    assert.equal(error.phase, "tls");
    assert.equal(error.outcome, "not-sent");
    const connection = await server.connection();
    await closed(client, connection);
    assert.equal(connection.byteCount, 0);
  });

  for (const startTls of [undefined, true]) {
    acceptance(`${what} after STARTTLS (startTls: ${startTls}) is the same error, and nothing follows`, async () => {
      await using server = await upgrading({}, name);
      const client = new SmtpClient(trusting(server, { ...options, startTls }));
      const error = await rejects(client.connect(), SmtpTlsError);
      assertTlsReason(error, reason);
      assert.equal(error.phase, "tls");
      const connection = await server.connection();
      await closed(client, connection);
      assert.deepEqual(connection.lines, ["EHLO client.example", "STARTTLS"]);
      assert.equal(connection.byteCount, "EHLO client.example\r\nSTARTTLS\r\n".length);
    });
  }
}

// BoringSSL has no security levels, and rustls no use for such a key: transport/secure.test.ts has what comes of it there.
if (onRuntime({ node: true, bun: false, deno: false })) {
  nodeAcceptance("a key that is too weak is a TLS error", async () => {
    await using server = await implicit({}, "weakKey", { ciphers: "DEFAULT@SECLEVEL=0" });
    const tls = { ca: certificates.ca, ciphers: "DEFAULT@SECLEVEL=2" };
    const client = new SmtpClient(trusting(server, { useTls: true, tls }));
    await rejects(client.connect(), SmtpTlsError);
    await closed(client, await server.connection());
  });
}

acceptance("where STARTTLS is offered it is taken, and EHLO is asked anew inside", async () => {
  await using server = await upgrading({
    extensions: (connection) => (connection.isSecure ? ["SIZE 1000"] : ["STARTTLS", "PIPELINING", "X-OLD", "SIZE 5"]),
  });
  await using client = await SmtpClient.connect(trusting(server));
  assert.equal(client.isSecure, true);
  await client.noop();
  assert.deepEqual(server.verbs, ["EHLO", "STARTTLS", "EHLO", "NOOP"]);
  assert.deepEqual([...client.extensions], [["SIZE", "1000"]]);
  assert.equal(client.supports("PIPELINING"), false);
  await client.send(TEXT, ENVELOPE);
  const connection = await server.connection();
  const mail = connection.chunks.find((chunk) => chunk.includes("MAIL FROM"));
  assert.ok(mail !== undefined && !mail.includes("RCPT"), "PIPELINING of before TLS is not used");
});

acceptance("methods of AUTH from before TLS are not used after it", async () => {
  await using server = await upgrading({
    extensions: (connection) => (connection.isSecure ? ["AUTH LOGIN"] : ["STARTTLS", "AUTH PLAIN"]),
    replies: { AUTH: "235 ok" },
  });
  await using client = await SmtpClient.connect(
    trusting(server, { username: "u", password: "p", authMethods: ["PLAIN", "LOGIN"] }),
  ).catch(() => new SmtpClient());
  client.close();
  assert.ok(!server.lines.some((line) => line.startsWith("AUTH PLAIN")));
});

acceptance("where STARTTLS is not offered the plain session goes on", async () => {
  await using server = await ScriptedServer.start({ extensions: ["SIZE 1000"] });
  await using client = await SmtpClient.connect(trusting(server));
  assert.equal(client.isSecure, false);
  await client.send(TEXT, ENVELOPE);
  assert.ok(!server.verbs.includes("STARTTLS"));
  assert.equal(client.supports("SIZE"), true);
});

for (const answer of ["454 4.7.0 not now", "500 what", "220-half"]) {
  acceptance(`STARTTLS answered ${answer.slice(0, 3)} while connecting falls back to nothing`, async () => {
    for (const startTls of [undefined, true]) {
      await using server = await upgrading({
        replies: { STARTTLS: answer === "220-half" ? all(bytes("220-half\r\n"), close) : answer },
      });
      const client = new SmtpClient(trusting(server, { startTls, username: "u", password: "p" }));
      const error = await rejection(client.connect());
      assert.ok(error instanceof SmtpError, String(error));
      if (answer.startsWith("454")) assert.match(error.message, /not now/);
      const connection = await server.connection();
      await closed(client, connection);
      assert.ok(!connection.verbs.some((verb) => ["MAIL", "AUTH", "RCPT", "DATA"].includes(verb)));
    }
  });
}

acceptance("STARTTLS that is required and not offered is an error before anything of value", async () => {
  for (const extensions of [[], ["AUTH PLAIN", "X-STARTTLS"]]) {
    await using server = await ScriptedServer.start({ extensions });
    const options = trusting(server, { startTls: true, username: "u", password: "p" });
    const client = new SmtpClient(options);
    const error = await rejects(client.connect(), SmtpNotSupportedError);
    assert.equal(error.extension, "STARTTLS");
    await closed(client, await server.connection());
    await rejects(send(TEXT, { ...ENVELOPE, ...options }), SmtpNotSupportedError);
    await closed(undefined, await server.connection(1));
    assert.ok(
      server.verbs.every((verb) => ["EHLO", "QUIT"].includes(verb)),
      server.verbs.join(),
    );
  }
});

acceptance("after HELO there is no STARTTLS to take", async () => {
  await using server = await ScriptedServer.start({ replies: { EHLO: "500 what" } });
  const client = new SmtpClient(trusting(server, { startTls: true }));
  await rejection(client.connect());
  await closed(client, await server.connection());
  assert.ok(!server.verbs.includes("MAIL"));
});

acceptance("without STARTTLS at first, an upgrade by hand works, and a second is an error", async () => {
  await using server = await upgrading();
  await using client = await SmtpClient.connect(trusting(server, { startTls: false }));
  await client.noop();
  assert.equal(client.isSecure, false);
  assert.ok(!server.verbs.includes("STARTTLS"));
  assert.equal((await client.startTls()).code, 220);
  assert.equal(client.isSecure, true);
  assert.equal(client.tlsInfo?.authorized, true);
  await rejection(client.startTls());
  assert.equal((await client.noop()).code, 250);
  assert.deepEqual(server.verbs, ["EHLO", "NOOP", "STARTTLS", "EHLO", "NOOP"]);
});

acceptance("bytes between the 220 and the handshake are an attack", async () => {
  for (const extra of ["250-x\r\n250 AUTH PLAIN\r\n", "250", "\u0016\u0003\u0001"]) {
    await using server = await upgrading({ replies: { STARTTLS: bytes(`220 ok\r\n${extra}`) } });
    const client = new SmtpClient(trusting(server, { username: "u", password: "p" }));
    await rejects(client.connect(), SmtpTlsError);
    const connection = await server.connection();
    await closed(client, connection);
    assert.deepEqual(connection.verbs.slice(0, 2), ["EHLO", "STARTTLS"]);
    assert.ok(!connection.bytes.includes("AUTH"));
  }
});

acceptance("STARTTLS by hand that is refused leaves a plain and usable session", async () => {
  await using server = await upgrading({
    extensions: ["STARTTLS", "SIZE 9"],
    replies: { STARTTLS: "500 5.5.1 not today" },
  });
  await using client = await SmtpClient.connect(trusting(server, { startTls: false }));
  await client.ehlo();
  const error = await rejects(client.startTls(), SmtpReplyError);
  assert.equal(error.reply.code, 500);
  assert.equal(client.supports("SIZE"), true);
  assert.equal(client.isSecure, false);
  assert.equal((await client.noop()).code, 250);
  assert.deepEqual(server.verbs, ["EHLO", "STARTTLS", "NOOP"]);
});

acceptance("STARTTLS by hand that is not offered is an error, and the session goes on", async () => {
  await using server = await ScriptedServer.start();
  await using client = await SmtpClient.connect(trusting(server, { startTls: false }));
  const error = await rejects(client.startTls(), SmtpNotSupportedError);
  assert.equal(error.extension, "STARTTLS");
  assert.equal((await client.noop()).code, 250);
});

acceptance("a server that leaves after the 220 is a disconnection", async () => {
  await using server = await upgrading({ replies: { STARTTLS: all("220 go on", close) } });
  const client = new SmtpClient(trusting(server));
  const error = await rejects<SmtpError>(client.connect(), onWorkers ? SmtpTlsError : SmtpDisconnectedError);
  assert.equal(error.phase, "tls");
  await closed(client, await server.connection());
});

acceptance("a handshake that never completes is a timeout", async () => {
  await using server = await upgrading({ replies: { STARTTLS: all("220 go on", mute) } });
  const client = new SmtpClient(trusting(server, { timeout: 200 }));
  const error = await rejects(soon(client.connect(), "the handshake's timeout"), SmtpTimeoutError);
  assert.equal(error.phase, "tls");
  await closed(client, await server.connection());
});

acceptance("a handshake that never completes on a TLS port is a timeout", async () => {
  await using server = await ScriptedServer.start({ replies: { GREETING: mute } });
  const client = new SmtpClient(trusting(server, { timeout: 200, useTls: true }));
  const error = await rejects(soon(client.connect(), "the handshake's timeout"), SmtpTimeoutError);
  assert.ok(error.phase === "tls" || error.phase === "connect", error.phase);
  await closed(client, await server.connection());
});

acceptance("an abort during the handshake rejects with its reason", async () => {
  await using server = await upgrading({ replies: { STARTTLS: all("220 go on", mute) } });
  const controller = new AbortController();
  const client = new SmtpClient(trusting(server));
  const connecting = rejection(client.connect({ signal: controller.signal }));
  const connection = await server.connection();
  await connection.saw("STARTTLS");
  const reason = new Error("enough");
  controller.abort(reason);
  assert.equal(await soon(connecting, "the abort"), reason);
  await closed(client, connection);
});

nodeAcceptance("a server that requires a client certificate gets it", async () => {
  const wanted = { ca: certificates.ca, requestCert: true, rejectUnauthorized: true };
  const { cert, key } = certificates.client;
  await using server = await implicit({}, "server", wanted);
  const result = await send(TEXT, {
    ...ENVELOPE,
    ...trusting(server, { useTls: true, tls: { ca: certificates.ca, cert, key } }),
  });
  assert.deepEqual(result.accepted, ENVELOPE.recipients);

  const without = new SmtpClient(trusting(server, { useTls: true }));
  const error = await rejection(without.connect());
  assert.ok(error instanceof SmtpError, String(error));
  await closed(without, await server.connection(1));
});

nodeAcceptance(
  "a client certificate demanded after the handshake of TLS 1.3 is a TLS error that no reconnect mends",
  async () => {
    const wanted = { ca: certificates.ca, requestCert: true, rejectUnauthorized: true, minVersion: "TLSv1.3" } as const;
    await using server = await implicit({}, "server", wanted);
    const options = trusting(server, { useTls: true });
    for (const attempt of [() => send(TEXT, { ...ENVELOPE, ...options }), () => new SmtpClient(options).connect()]) {
      const error = await rejects(attempt(), SmtpTlsError);
      assert.deepEqual([error.code, error.retry, error.outcome], ["tls", "never", "not-sent"]);
      assert.match(error.message, /client certificate.*tls\.cert and tls\.key/);
    }
  },
);

nodeAcceptance("a client certificate works after STARTTLS as well", async () => {
  const { cert, key } = certificates.client;
  await using server = await ScriptedServer.start(
    { extensions: ["STARTTLS"] },
    { tls: { ...certificates.server, ca: certificates.ca, requestCert: true, rejectUnauthorized: true } },
  );
  await using client = await SmtpClient.connect(trusting(server, { tls: { ca: certificates.ca, cert, key } }));
  assert.equal((await client.noop()).code, 250);
  assert.equal(client.isSecure, true);
});

nodeAcceptance("rejectUnauthorized false takes a self-signed server, both ways, and says so", async () => {
  await using server = await implicit({}, "selfSigned");
  await using upgraded = await upgrading({}, "selfSigned");
  const tls = { rejectUnauthorized: false };
  for (const options of [trusting(server, { useTls: true, tls }), trusting(upgraded, { tls })]) {
    await using client = await SmtpClient.connect(options);
    assert.equal((await client.noop()).code, 250);
    assert.equal(client.isSecure, true);
    assert.equal(client.tlsInfo?.authorized, false);
  }
});

acceptance("connecting by address checks the address in the certificate, both ways", async () => {
  await using server = await implicit();
  await using upgraded = await upgrading();
  const hostname = "127.0.0.1";
  for (const options of [trusting(server, { useTls: true, hostname }), trusting(upgraded, { hostname })]) {
    await using client = await SmtpClient.connect(options);
    assert.equal((await client.noop()).code, 250);
    assert.equal(client.tlsInfo?.authorized, true);
  }
});

acceptance("tls.servername is the name that is checked, whatever the host", async () => {
  await using server = await implicit({}, "wrongName");
  await using upgraded = await upgrading({}, "wrongName");
  const tls = { ca: certificates.ca, servername: "other.example.com" };
  for (const options of [trusting(server, { useTls: true, hostname: "127.0.0.1", tls }), trusting(upgraded, { tls })]) {
    await using client = await SmtpClient.connect(options);
    assert.equal((await client.noop()).code, 250);
  }
});

nodeAcceptance("TLS over a stream of the caller's checks the name that was given", async () => {
  await using server = await implicit();
  const options = { useTls: true, startTls: undefined, hostname: undefined, port: undefined } as const;
  const ours = { ca: certificates.ca, servername: "mail.example.com" };
  await using client = await SmtpClient.connect({
    ...trusting(server, options),
    socket: () => ForeignStream.open(server.port),
    tls: ours,
  });
  assert.equal((await client.noop()).code, 250);
  assert.equal(client.isSecure, true);
  const wrong = new SmtpClient({
    ...trusting(server, options),
    socket: () => ForeignStream.open(server.port),
    tls: { ...ours, servername: "elsewhere.example" },
  });
  await rejects(wrong.connect(), SmtpTlsError);
  await closed(wrong, await server.connection(1));
});

nodeAcceptance("STARTTLS works over a Unix socket and over a stream of the caller's", async () => {
  await using unix = await ScriptedServer.start({ extensions: ["STARTTLS"] }, { unix: true, tls: certificates.server });
  await using tcp = await upgrading();
  const tls = { ca: certificates.ca, servername: "mail.example.com" };
  for (const options of [
    { socketPath: unix.socketPath, startTls: true, tls },
    { socket: () => ForeignStream.open(tcp.port), startTls: true, tls },
  ]) {
    await using client = await SmtpClient.connect(options);
    assert.equal(client.isSecure, true);
    assert.equal((await client.noop()).code, 250);
  }
});
