import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { SmtpConnectError } from "../../src/errors/errors.js";
import { connectError } from "../../src/transport/node/connect-errors.js";
import { connected } from "../../src/transport/node/tcp.js";
import { openTransport } from "../../src/transport/open-transport.js";
import { testCertificates } from "../support/certificates.js";
import { nodeTest, onWorkers } from "../support/transports.js";
import { bytes, cleanUp, closedPort, closing, never, record, tcpServer, tlsServer, unixServer } from "./peers.js";

const echo = (socket: Socket): void => void socket.pipe(socket);

test("TCP carries bytes both ways and knows where it goes", async (t) => {
  const port = await tcpServer(t, echo);
  const transport = await openTransport({ kind: "tcp", hostname: "127.0.0.1", port }, { signal: never });
  const heard = record(t, transport);
  assert.equal(transport.write(bytes("NOOP\r\n")), true);
  await heard.untilText("NOOP\r\n");
  assert.deepEqual(transport.peer, { hostname: "127.0.0.1", port });
  assert.deepEqual([transport.isSecure, transport.isLocal, transport.tlsInfo], [false, true, undefined]);
  assert.equal(transport.localAddress, onWorkers ? undefined : "127.0.0.1");
  assert.equal(transport.exportKeyingMaterial(32, "EXPORTER-Channel-Binding"), undefined);
});

test("a name with several addresses is tried on each of them", async (t) => {
  const port = await tcpServer(t, echo);
  const transport = await openTransport({ kind: "tcp", hostname: "localhost", port }, { signal: never });
  cleanUp(t, () => transport.destroy());
  assert.equal(transport.isLocal, true);
});

nodeTest("the local address is the one asked for", async (t) => {
  let from: string | undefined;
  const port = await tcpServer(t, (socket) => {
    from = socket.remoteAddress;
    echo(socket);
  });
  for (const hostname of ["127.0.0.1", "localhost"]) {
    const transport = await openTransport(
      { kind: "tcp", hostname, port, localAddress: "127.0.0.2" },
      { signal: never },
    );
    const heard = record(t, transport);
    transport.write(bytes("x"));
    await heard.untilText("x");
    assert.deepEqual([from, transport.localAddress], ["127.0.0.2", "127.0.0.2"]);
  }
});

nodeTest("a local address that is not ours is named in the error", async () => {
  const target = { kind: "tcp", hostname: "127.0.0.1", port: 9, localAddress: "192.0.2.77" } as const;
  await assert.rejects(openTransport(target, { signal: never }), (error: unknown) => {
    assert.ok(error instanceof SmtpConnectError);
    assert.match(error.message, /localAddress/);
    return true;
  });
});

test("a refused connection names host, port and the system's error", async () => {
  const port = await closedPort();
  for (const hostname of ["127.0.0.1", "localhost"]) {
    await assert.rejects(openTransport({ kind: "tcp", hostname, port }, { signal: never }), (error: unknown) => {
      assert.ok(error instanceof SmtpConnectError);
      assert.ok(error.message.includes(`${hostname}:${port}`));
      if (!onWorkers) assert.equal((error.cause as { code?: string }).code, "ECONNREFUSED");
      return true;
    });
  }
});

test("a Unix socket is local and carries bytes", async (t) => {
  const path = await unixServer(t, echo);
  const transport = await openTransport({ kind: "unix", path }, { signal: never });
  const heard = record(t, transport);
  transport.write(bytes("LHLO x\r\n"));
  await heard.untilText("LHLO x\r\n");
  assert.deepEqual([transport.isLocal, transport.isSecure, transport.localAddress], [true, false, undefined]);
  assert.equal(transport.peer.socketPath, path);
});

test("a Unix socket that is not there, or is a file, is told apart", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "postrider-"));
  cleanUp(t, () => rm(folder, { recursive: true, force: true }));
  const file = join(folder, "file");
  await writeFile(file, "");
  const open = (path: string) => openTransport({ kind: "unix", path }, { signal: never });
  await assert.rejects(open(join(folder, "none")), {
    name: "SmtpConnectError",
    message: /no such file \(ENOENT\).*socketPath/,
  });
  await assert.rejects(open(file), { name: "SmtpConnectError", message: /no socket|nothing listens/ });
});

nodeTest("a Unix socket can carry TLS when the name to check is given", async (t) => {
  const { ca, server } = await testCertificates();
  const { TLSSocket } = await import("node:tls");
  const path = await unixServer(t, (socket) => {
    const secure = new TLSSocket(socket, { ...server, isServer: true });
    secure.on("error", () => {});
    echo(secure);
  });
  const tls = { options: { ca, servername: "mail.example.com" } };
  const transport = await openTransport({ kind: "unix", path }, { tls, signal: never });
  const heard = record(t, transport);
  transport.write(bytes("hello"));
  await heard.untilText("hello");
  assert.equal(transport.isSecure, true);
});

test("an abort before the start opens nothing", async (t) => {
  let connections = 0;
  const port = await tcpServer(t, () => connections++);
  const reason = new Error("not today");
  const signal = AbortSignal.abort(reason);
  await assert.rejects(openTransport({ kind: "tcp", hostname: "127.0.0.1", port }, { signal }), reason);
  await assert.rejects(openTransport({ kind: "unix", path: "/nowhere" }, { signal }), reason);
  assert.equal(connections, 0);
});

test("an abort while connecting rejects with its reason and leaves nothing open", async (t) => {
  const port = await tcpServer(t, (socket) => socket.resume());
  for (const hostname of ["127.0.0.1", "localhost"]) {
    const controller = new AbortController();
    const opening = openTransport({ kind: "tcp", hostname, port }, { signal: controller.signal });
    controller.abort("enough");
    await assert.rejects(opening, (reason: unknown) => reason === "enough");
  }
});

test("an abort during the handshake rejects with its reason and closes the connection", async (t) => {
  const controller = new AbortController();
  let socketClosed: Promise<unknown> | undefined;
  const port = await tcpServer(t, (socket) => {
    socketClosed = closing(socket);
    // The ClientHello came; no answer ever goes out.
    socket.once("data", () => controller.abort("enough"));
  });
  const opening = openTransport({ kind: "tcp", hostname: "127.0.0.1", port }, { tls: {}, signal: controller.signal });
  await assert.rejects(opening, (reason: unknown) => reason === "enough");
  await socketClosed;
});

test("a signal that aborts after success does nothing", async (t) => {
  const port = await tcpServer(t, echo);
  const controller = new AbortController();
  const transport = await openTransport({ kind: "tcp", hostname: "127.0.0.1", port }, { signal: controller.signal });
  const heard = record(t, transport);
  controller.abort();
  transport.write(bytes("still here"));
  await heard.untilText("still here");
});

test("TLS from the first byte gives what was agreed on", async (t) => {
  const { ca, server } = await testCertificates();
  const port = await tlsServer(t, server, echo);
  const transport = await openTransport(
    { kind: "tcp", hostname: "localhost", port },
    { tls: { options: { ca } }, signal: never },
  );
  const heard = record(t, transport);
  transport.write(bytes("hello"));
  await heard.untilText("hello");
  assert.equal(transport.isSecure, true);
  assert.equal(transport.tlsInfo?.authorized, true);
  if (onWorkers) return;
  assert.equal(transport.tlsInfo?.protocol, "TLSv1.3");
  assert.match(transport.tlsInfo?.cipher ?? "", /^TLS_/);
  assert.equal(transport.tlsInfo?.peerCertificate?.subject.CN, "localhost");
});

test("bytes that came before anybody listened are kept", async (t) => {
  const port = await tcpServer(t, (socket) => socket.end("220 early\r\n"));
  const transport = await openTransport({ kind: "tcp", hostname: "127.0.0.1", port }, { signal: never });
  // Long enough for the bytes and the FIN to be there: a second connection has come and gone.
  const other = await openTransport({ kind: "tcp", hostname: "127.0.0.1", port }, { signal: never });
  await record(t, other).untilEnd();
  const heard = record(t, transport);
  assert.equal(await heard.untilEnd(), undefined);
  assert.equal(heard.text, "220 early\r\n");
});

test("a connection that throws instead of failing is an SmtpConnectError too", async () => {
  const cause = Object.assign(new Error("Requires read access"), { name: "NotCapable" });
  const open = (): never => {
    throw cause;
  };
  await assert.rejects(
    connected(open, never, (error) => connectError({ hostname: "a.example" }, error)),
    { name: "SmtpConnectError", retry: "never", cause },
  );
});
