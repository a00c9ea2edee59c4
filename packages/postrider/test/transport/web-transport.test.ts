/**
 * The transport over the sockets API: what is its own. What both transports promise is tested by `test/web`.
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import { duplexPair } from "node:stream";
import { type TestContext, test } from "node:test";
import { SmtpConnectError, SmtpTlsError } from "../../src/errors/errors.js";
import type { WorkerSocket } from "../../src/options/target.js";
import { openTransport } from "../../src/transport/open-transport.js";
import { adoptWorkerSocket, openWeb } from "../../src/transport/web/web-transport.js";
import { testCertificates } from "../support/certificates.js";
import * as double from "../support/sockets-double.js";
import { answerStartTls, bytes, cleanUp, closedPort, closing, never, record, tcpServer, tlsServer } from "./peers.js";

const { server, wrongName } = await testCertificates();
const NEVER: Promise<never> = new Promise(() => {});

/** A socket that is open, whose halves do as the test says. */
function socketOf(halves: { read?: () => Promise<never>; write?: () => Promise<unknown> } = {}): WorkerSocket {
  const releaseLock = (): void => undefined;
  return {
    opened: Promise.resolve({}),
    closed: NEVER,
    secureTransport: "starttls",
    readable: { getReader: () => ({ read: halves.read ?? (() => NEVER), cancel: async () => undefined, releaseLock }) },
    writable: {
      getWriter: () => ({
        write: halves.write ?? (async () => undefined),
        close: async () => undefined,
        releaseLock,
      }),
    },
    startTls: () => assert.fail("not asked for"),
    close: () => NEVER,
  };
}

const adopt = (socket: WorkerSocket, tls?: object) =>
  adoptWorkerSocket(socket, { peer: { hostname: "localhost" }, isLocal: false, tls, signal: never });

/** Connects by the double. */
const dial = (port: number, hostname = "localhost", tls?: { options?: { servername: string } }) =>
  openWeb(double, { hostname, port }, { peer: { hostname, port }, isLocal: false, tls, signal: never });

test("nothing is read behind a chunk after which the listener wants no more", async (t: TestContext) => {
  const [ours, theirs] = duplexPair();
  cleanUp(t, () => theirs.destroy());
  const transport = await adopt(double.workerSocket(ours, { secureTransport: "starttls" }));
  cleanUp(t, () => transport.destroy());
  let text = "";
  transport.listen({
    received: (chunk) => {
      text += Buffer.from(chunk).toString();
      return false;
    },
    drained() {},
    ended: () => assert.fail("ended"),
  });
  theirs.write("220 ready\r\n");
  await new Promise(setImmediate);
  theirs.write("250 injected\r\n");
  await new Promise(setImmediate);
  assert.equal(text, "220 ready\r\n");
  // What was injected goes to the handshake, which it breaks.
  await assert.rejects(transport.secure(undefined, never), { name: "SmtpTlsError" });
  assert.equal(text, "220 ready\r\n");
});

test("a socket that is still read is not upgraded, and does not hang", async () => {
  const transport = await adopt(socketOf());
  transport.listen({ received: () => true, drained() {}, ended: () => assert.fail("ended") });
  await assert.rejects(transport.secure(undefined, never), {
    name: "SmtpTlsError",
    message: /read in clear text still/,
  });
});

test("a failed write is the end, once, with the runtime's error", async (t) => {
  const broken = new Error("the runtime says so");
  const heard = record(t, await adopt(socketOf({ write: () => Promise.reject(broken) })));
  const other = await adopt(socketOf({ write: () => Promise.reject(broken) }));
  const second = record(t, other);
  other.write(bytes("NOOP\r\n"));
  other.write(bytes("NOOP\r\n"));
  assert.equal(await second.untilEnd(), broken);
  assert.deepEqual([second.ends.length, heard.ends.length, other.write(bytes("x"))], [1, 0, false]);
});

test("a write that throws is the end as well", async (t) => {
  const thrower = (): never => {
    throw new Error("no I/O here");
  };
  const transport = await adopt(socketOf({ write: thrower }));
  const heard = record(t, transport);
  transport.write(bytes("NOOP\r\n"));
  assert.match(String(await heard.untilEnd()), /no I\/O here/);
});

test("I/O of another request is explained, with the two ways that work", async (t) => {
  const foreign = new Error("Cannot perform I/O on behalf of a different request.");
  const transport = await adopt(socketOf({ write: () => Promise.reject(foreign) }));
  const heard = record(t, transport);
  transport.write(bytes("NOOP\r\n"));
  const error = await heard.untilEnd();
  assert.match(String(error?.message), /different request.*Durable Object.*send\(\) in each request/);
  assert.equal(error?.cause, foreign);
});

test("destroy closes although a write waits for the peer: as soon as it is read; and end waits for nothing", async (t) => {
  let accept: (socket: Socket) => void = () => {};
  const accepted = new Promise<Socket>((resolve) => (accept = resolve));
  const port = await tcpServer(t, (socket) => accept(socket.pause()));
  const transport = await dial(port);
  record(t, transport);
  // More than the system buffers.
  assert.equal(transport.write(new Uint8Array(64 << 20)), false);
  const socket = await accepted;
  transport.destroy();
  assert.equal(transport.write(bytes("x")), false);
  let got = 0;
  socket.on("data", (chunk) => (got += chunk.length)).resume();
  await closing(socket);
  assert.equal(got, 64 << 20, "nothing is written behind it");
  (await adopt(socketOf())).end();
});

test("a certificate that does not hold and a refused connection are told apart, from the first byte too", async (t) => {
  const port = await tlsServer(t, wrongName, () => {});
  await assert.rejects(dial(port, "localhost", {}), (error: unknown) => {
    assert.ok(error instanceof SmtpTlsError);
    assert.match(error.message, /speaks TLS from the first byte.*certificate is for localhost.*not expired/);
    assert.deepEqual([error.retry, error.hostname, error.port], ["later", "localhost", port]);
    return true;
  });
  await assert.rejects(dial(await closedPort(), "localhost", {}), (error: unknown) => {
    assert.ok(error instanceof SmtpConnectError);
    assert.match(error.message, /proxy request failed.*Check hostname and port.*private addresses/);
    return error.retry === "later";
  });
});

test("port 25 is named as the one that is blocked, whether connect() throws or the socket fails", async () => {
  const peer = { hostname: "mail.example.com", port: 25 };
  const facts = { peer, isLocal: false, tls: undefined, signal: never };
  const prohibited = (): never => {
    throw new Error("Connections to port 25 are prohibited");
  };
  const failing = () => ({ ...socketOf(), opened: Promise.reject(new Error("proxy request failed")) });
  for (const connect of [prohibited, failing]) {
    await assert.rejects(openWeb({ connect }, { ...peer }, facts), {
      name: "SmtpConnectError",
      message: /block port 25; submit to port 587 or 465/,
    });
  }
});

test("a given socket that did not open inside TLS may have met a bad certificate", async (t) => {
  const port = await tlsServer(t, wrongName, () => {});
  const socket = () => double.connect({ hostname: "localhost", port }, { secureTransport: "on" });
  await assert.rejects(openTransport({ kind: "socket", socket }, { signal: never }), {
    name: "SmtpConnectError",
    message: /says no more than.*Check .*its certificate if you dialled with TLS/,
  });
});

test("outside of a request the error says where connections may be opened", async () => {
  const connect = (): never => {
    throw new Error("Disallowed operation called within global scope.");
  };
  const peer = { hostname: "mail.example.com", port: 587 };
  await assert.rejects(openWeb({ connect }, peer, { peer, isLocal: false, tls: undefined, signal: never }), {
    name: "SmtpConnectError",
    message: /global scope.*send\(\) in each request/,
  });
});

test("the runtime is told the name only where it would check another one", async (t) => {
  const asked: unknown[] = [];
  const spying = {
    connect: (...given: Parameters<typeof double.connect>): WorkerSocket => {
      const socket = double.connect(...given);
      return {
        ...socket,
        startTls: (options) => {
          asked.push(options);
          return socket.startTls(options);
        },
      };
    },
  };
  const port = await tlsServer(t, wrongName, () => {});
  const good = await tlsServer(t, server, () => {});
  const open = (hostname: string, to: number, options?: { servername: string }) =>
    openWeb(
      spying,
      { hostname, port: to },
      { peer: { hostname, port: to }, isLocal: true, tls: { options }, signal: never },
    );
  for (const opening of [open("localhost", good), open("localhost.", good), open("127.0.0.1", good)]) {
    record(t, await opening);
  }
  record(t, await open("localhost", port, { servername: "other.example.com" }));
  assert.deepEqual(asked, [undefined, undefined, undefined, { expectedServerHostname: "other.example.com" }]);
});

test("a socket opened without starttls is not upgraded, and the error says how to open it", async (t) => {
  const port = await tcpServer(t, answerStartTls(server, "220 ready\r\n"));
  const socket = () => double.connect({ hostname: "localhost", port }, { secureTransport: "off" });
  await assert.rejects(openTransport({ kind: "socket", socket, hostname: "localhost" }, { tls: {}, signal: never }), {
    name: "SmtpTlsError",
    message: /cannot be upgraded.*secureTransport: "starttls"/,
  });
});

test("a socket given inside TLS is secure as it is; one that somebody reads is an OptionError", async (t) => {
  const port = await tlsServer(t, server, (socket) => socket.end("220 hi\r\n"));
  const socket = () => double.connect({ hostname: "localhost", port }, { secureTransport: "on" });
  for (const tls of [undefined, {}]) {
    const transport = await openTransport({ kind: "socket", socket }, { tls, signal: never });
    assert.deepEqual([transport.isSecure, transport.isLocal, transport.tlsInfo?.authorized], [true, false, true]);
    await record(t, transport).untilText("220 hi\r\n");
  }
  const target = { kind: "socket", socket, hostname: "mail.example.com" } as const;
  const open = (servername: string) => openTransport({ ...target, servername }, { signal: never });
  record(t, await open("LOCALHOST."));
  // The runtime has checked the certificate against the name that was dialled.
  await assert.rejects(open("mail.example.com"), {
    name: "SmtpTlsError",
    message: /opened to localhost, which is not/,
  });
  const taken = socket();
  taken.readable.getReader();
  await assert.rejects(openTransport({ kind: "socket", socket: taken }, { signal: never }), {
    name: "OptionError",
    message: /^socket: must not be in use/,
  });
  await taken.close();
});
