import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { Duplex, duplexPair, PassThrough } from "node:stream";
import { test } from "node:test";
import { connect as connectTls } from "node:tls";
import type { TransportTarget } from "../../src/options/target.js";
import { adoptStream, StreamTransport } from "../../src/transport/node/stream-transport.js";
import { openTransport } from "../../src/transport/open-transport.js";
import { testCertificates } from "../support/certificates.js";
import { nodeTest } from "../support/transports.js";
import { bytes, cleanUp, closedPort, closing, never, Recorder, record, tcpServer, tlsServer } from "./peers.js";

type Source = (TransportTarget & { kind: "socket" })["socket"];
const open = (socket: Source, signal: AbortSignal = never, hostname?: string) =>
  openTransport({ kind: "socket", socket, hostname }, { signal });

test("any Duplex carries bytes both ways, and is never called local", async (t) => {
  const [ours, theirs] = duplexPair();
  const transport = await open(ours);
  const heard = record(t, transport);
  theirs.write("220 hi\r\n");
  await heard.untilText("220 hi\r\n");
  transport.write(bytes("QUIT\r\n"));
  const [said] = await once(theirs, "data");
  assert.equal(String(said), "QUIT\r\n");
  assert.deepEqual([transport.isLocal, transport.isSecure, transport.peer.hostname], [false, false, undefined]);
});

test("what the stream has buffered is kept, also when it is paused", async (t) => {
  const [ours, theirs] = duplexPair();
  ours.pause();
  theirs.write("220 early\r\n");
  await new Promise(setImmediate);
  const heard = record(t, await open(ours));
  await heard.untilText("220 early\r\n");
});

test("a socket to a loopback address is local, unless the caller names a server elsewhere", async (t) => {
  const port = await tcpServer(t, (socket) => socket.resume());
  const dial = () => connect(port, "127.0.0.1");
  const isLocal = async (hostname?: string) => {
    const transport = await open(dial, never, hostname);
    cleanUp(t, () => transport.destroy());
    return transport.isLocal;
  };
  assert.equal(await isLocal(), true);
  assert.equal(await isLocal("localhost"), true);
  assert.equal(await isLocal("127.0.0.1"), true);
  assert.equal(await isLocal("mail.example.com"), false);
});

test("a socket that is still connecting is waited for", async (t) => {
  const port = await tcpServer(t, (socket) => socket.end("220 hi\r\n"));
  const heard = record(t, await open(connect(port, "127.0.0.1")));
  assert.equal(await heard.untilEnd(), undefined);
  assert.equal(heard.text, "220 hi\r\n");
});

test("a connection that is lost in the turn in which it opens is the end of the transport", async (t) => {
  const port = await tcpServer(t, (socket) => socket.resume());
  const socket = connect(port, "127.0.0.1");
  const peer = { hostname: "localhost", port };
  const adopted = adoptStream(socket, true, peer, never);
  const reset = Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET", syscall: "read" });
  socket.once("connect", () => socket.emit("error", reset));
  const transport = new StreamTransport(await adopted, { peer, isLocal: true, localAddress: undefined });
  assert.equal(await record(t, transport).untilEnd(), reset);
});

test("a socket that fails to connect is an SmtpConnectError", async () => {
  const port = await closedPort();
  await assert.rejects(
    open(() => connect(port, "127.0.0.1")),
    { name: "SmtpConnectError", message: /ECONNREFUSED/ },
  );
});

test("a stream that is closed is refused at once", async () => {
  const destroyed = new PassThrough();
  destroyed.destroy();
  const [ended] = duplexPair();
  ended.end();
  const [over, other] = duplexPair();
  other.end();
  over.resume();
  await once(over, "end");
  for (const stream of [destroyed, ended, over]) {
    await assert.rejects(open(stream), {
      name: "SmtpConnectError",
      message: /the given socket: the socket is closed already/,
    });
  }
});

test("what is no stream of bytes is an OptionError", async () => {
  const encoded = new PassThrough().setEncoding("utf8");
  const objects = new PassThrough({ objectMode: true });
  for (const stream of [encoded, objects])
    await assert.rejects(open(stream), { name: "OptionError", message: /bytes/ });
  for (const nothing of [undefined, null, "socket", {}]) {
    await assert.rejects(open((() => nothing) as never), { name: "OptionError", message: /^socket: must be a Duplex/ });
  }
});

test("a function that fails is an SmtpConnectError with that cause", async () => {
  const cause = new Error("no tunnel today");
  const thrower = () => {
    throw cause;
  };
  for (const failing of [() => Promise.reject(cause), thrower]) {
    await assert.rejects(open(failing), (error: unknown) => {
      assert.ok(error instanceof Error);
      assert.deepEqual([error.name, error.cause], ["SmtpConnectError", cause]);
      assert.match(error.message, /no tunnel today/);
      return true;
    });
  }
});

test("an abort before the start does not call the function, and closes a given stream", async () => {
  const signal = AbortSignal.abort("no");
  const isReason = (reason: unknown) => reason === "no";
  await assert.rejects(
    open(() => assert.fail("called"), signal),
    isReason,
  );
  const [given] = duplexPair();
  await assert.rejects(open(given, signal), isReason);
  assert.equal(given.destroyed, true);
});

test("a stream that comes after the abort is closed, whatever it then says", async () => {
  const controller = new AbortController();
  let give: (stream: Duplex) => void = () => {};
  const opening = open(() => new Promise<Duplex>((resolve) => (give = resolve)), controller.signal);
  controller.abort("enough");
  await assert.rejects(opening, (reason: unknown) => reason === "enough");
  const late = new Duplex({ read() {}, destroy: (_, done) => done(new Error("a late complaint")) });
  const closed = closing(late);
  give(late);
  await closed;
});

test("a function that fails after the abort troubles nobody", async () => {
  const controller = new AbortController();
  let fail: (error: Error) => void = () => {};
  const opening = open(() => new Promise<Duplex>((_, reject) => (fail = reject)), controller.signal);
  controller.abort("enough");
  await assert.rejects(opening, (reason: unknown) => reason === "enough");
  fail(new Error("late"));
  await new Promise(setImmediate);
});

test("an error of a given stream ends the transport once", async () => {
  const [ours] = duplexPair();
  const transport = await open(ours);
  const heard = new Recorder();
  transport.listen(heard);
  const broken = new Error("tunnel gone");
  ours.destroy(broken);
  assert.equal(await heard.untilEnd(), broken);
  await new Promise(setImmediate);
  assert.equal(heard.ends.length, 1);
});

test("a given stream that somebody closes ends the transport without an error", async () => {
  const [ours] = duplexPair();
  const heard = new Recorder();
  (await open(ours)).listen(heard);
  ours.destroy();
  assert.equal(await heard.untilEnd(), undefined);
});

nodeTest(
  "a TLSSocket that is authorized is secure as it is; one that is not, or that says so of itself, is not",
  async (t) => {
    const { ca, server, selfSigned } = await testCertificates();
    const good = await tlsServer(t, server, (socket) => socket.end("220 hi\r\n"));
    const bad = await tlsServer(t, selfSigned, (socket) => socket.end("220 hi\r\n"));
    const dial = (port: number) => () =>
      connectTls({ host: "127.0.0.1", servername: "localhost", port, ca, rejectUnauthorized: false });
    for (const [port, isSecure] of [
      [good, true],
      [bad, false],
    ] as const) {
      const transport = await open(dial(port));
      assert.deepEqual(
        [transport.isSecure, transport.tlsInfo?.authorized, transport.mayBeSecured],
        [isSecure, isSecure || undefined, true],
      );
      await record(t, transport).untilText("220 hi\r\n");
    }
    const [liar] = duplexPair();
    assert.equal((await open(Object.assign(liar, { authorized: true }))).isSecure, false);
  },
);

nodeTest("a TLSSocket whose certificate is not for the name that was given is not secure", async (t) => {
  const { ca, wrongName } = await testCertificates();
  const port = await tlsServer(t, wrongName, (socket) => socket.end("220 hi\r\n"));
  const socket = () => connectTls({ host: "127.0.0.1", servername: "other.example.com", port, ca });
  for (const [servername, isSecure] of [
    [undefined, true],
    ["other.example.com", true],
    ["mail.example.com", false],
    ["127.0.0.1", false],
  ] as const) {
    const target = { kind: "socket", socket, hostname: "mail.example.com", servername } as const;
    const transport = await openTransport(target, { signal: never });
    assert.equal(transport.isSecure, isSecure, servername);
    await record(t, transport).untilText("220 hi\r\n");
  }
});
