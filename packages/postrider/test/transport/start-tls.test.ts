import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { Duplex, duplexPair } from "node:stream";
import { test } from "node:test";
import { openTransport } from "../../src/transport/open-transport.js";
import { testCertificates } from "../support/certificates.js";
import { onWorkers } from "../support/transports.js";
import { answerStartTls, bytes, cleanUp, closing, never, record, tcpServer } from "./peers.js";
import { atReady, dial, echo, READY } from "./ways-into-tls.js";

const { ca, server } = await testCertificates();

test("STARTTLS secures in place: the listener stays, and hears only what came inside", async (t) => {
  const port = await tcpServer(t, answerStartTls(server, READY, echo));
  const { transport, heard } = await atReady(t, port);
  assert.equal(transport.isSecure, false);
  await transport.secure({ ca }, never);
  assert.deepEqual(
    [transport.isSecure, transport.tlsInfo?.protocol, transport.tlsInfo?.authorized],
    [true, onWorkers ? "unknown" : "TLSv1.3", true],
  );
  transport.write(bytes("EHLO x\r\n"));
  await heard.untilText("EHLO x\r\n");
  assert.equal(heard.text, `${READY}EHLO x\r\n`);
});

test("secure may be called while the listener is told of the reply", async (t) => {
  const port = await tcpServer(t, answerStartTls(server, READY, echo));
  const transport = await openTransport({ kind: "tcp", hostname: "localhost", port }, { signal: never });
  cleanUp(t, () => transport.destroy());
  const secured = new Promise<void>((resolve, reject) => {
    transport.listen({
      received: () => transport.secure({ ca }, never).then(resolve, reject),
      drained() {},
      ended: reject,
    });
  });
  transport.write(bytes("STARTTLS\r\n"));
  await secured;
  assert.equal(transport.isSecure, true);
});

test("clear text instead of a handshake after STARTTLS is explained", async (t) => {
  const port = await tcpServer(t, (socket) => {
    socket.once("data", () => socket.write(READY, () => socket.once("data", () => socket.write("250 what?\r\n"))));
  });
  const { transport } = await atReady(t, port);
  await assert.rejects(transport.secure(undefined, never), {
    name: "SmtpTlsError",
    message: onWorkers ? /gave up the handshake/ : /clear text where the handshake/,
  });
});

test("clear text that waits in the stream at STARTTLS is an injection", async (t) => {
  const [ours, theirs] = duplexPair();
  const transport = await openTransport({ kind: "socket", socket: ours, hostname: "localhost" }, { signal: never });
  // Nobody listens yet: what comes now is received and not delivered.
  theirs.write("220 ready\r\n250 injected\r\n");
  await new Promise(setImmediate);
  ours.read(0);
  await new Promise(setImmediate);
  await assert.rejects(transport.secure({ ca }, never), {
    name: "SmtpTlsError",
    reason: "CLEAR_TEXT_BEFORE_HANDSHAKE",
    message: /injection/,
  });
  assert.equal(ours.destroyed, true);
  const heard = record(t, transport);
  await new Promise(setImmediate);
  assert.equal(heard.text, "");
  theirs.destroy();
});

test("a second chunk of clear text behind the reply never crosses into TLS", async () => {
  const ours = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
  ours.pause();
  ours.push(READY);
  ours.push("250 AUTH PLAIN\r\n");
  const transport = await openTransport({ kind: "socket", socket: ours, hostname: "localhost" }, { signal: never });
  let text = "";
  const secured = new Promise<void>((resolve, reject) => {
    transport.listen({
      received: (chunk) => {
        text += Buffer.from(chunk).toString();
        transport.secure({ ca }, never).then(resolve, reject);
      },
      drained() {},
      ended() {},
    });
  });
  await assert.rejects(secured, { name: "SmtpTlsError", reason: "CLEAR_TEXT_BEFORE_HANDSHAKE" });
  assert.equal(text, READY);
});

test("an abort during STARTTLS rejects with its reason and closes", async (t) => {
  let closed: Promise<unknown> | undefined;
  const controller = new AbortController();
  const port = await tcpServer(t, (socket) => {
    closed = closing(socket);
    socket.once("data", () => socket.write(READY, () => socket.once("data", () => controller.abort("enough"))));
  });
  const { transport, heard } = await atReady(t, port);
  await assert.rejects(transport.secure(undefined, controller.signal), (reason: unknown) => reason === "enough");
  await closed;
  assert.deepEqual([heard.ends.length, transport.write(bytes("x"))], [0, false]);
});

test("an abort before STARTTLS sends nothing", async (t) => {
  const port = await tcpServer(t, answerStartTls(server, READY));
  const { transport } = await atReady(t, port);
  await assert.rejects(transport.secure({ ca }, AbortSignal.abort("no")), (reason: unknown) => reason === "no");
});

test("destroy during the handshake rejects, and nothing is written in clear text meanwhile", async (t) => {
  const lines: string[] = [];
  const port = await tcpServer(t, (socket) => {
    socket.once("data", () =>
      socket.write(READY, () => socket.on("data", (chunk) => lines.push(chunk.toString("latin1")))),
    );
  });
  const { transport } = await atReady(t, port);
  const securing = transport.secure(undefined, never);
  assert.equal(transport.write(bytes("AUTH PLAIN secret\r\n")), false);
  transport.destroy();
  await assert.rejects(securing, { name: "SmtpDisconnectedError", phase: "tls" });
  assert.equal(lines.join("").includes("AUTH"), false);
});

test("TLS inside TLS is refused, and so is TLS on a closed transport", async (t) => {
  const transport = await dial(t, { way: "implicit", server, tls: { ca } });
  record(t, transport);
  await assert.rejects(transport.secure({ ca }, never), { name: "SmtpTlsError", message: /has TLS already/ });
  await assert.rejects(transport.secure({ ca }, never), { name: "SmtpDisconnectedError" });
});
