import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { connect, type Socket } from "node:net";
import { duplexPair } from "node:stream";
import { type TestContext, test } from "node:test";
import { createServer, TLSSocket } from "node:tls";
import { SmtpTlsError } from "../../src/errors/errors.js";
import type { TlsOptions } from "../../src/options/tls-options.js";
import { openTransport } from "../../src/transport/open-transport.js";
import { testCertificates } from "../support/certificates.js";
import { onRuntime } from "../support/runtime.js";
import { assertTlsReason, nodeTest, onWorkers } from "../support/transports.js";
import { answerStartTls, bytes, never, record, tcpServer, tlsServer } from "./peers.js";
import { atReady, type Dial, dial, echo, READY, WAYS } from "./ways-into-tls.js";

const certificates = await testCertificates();
const { ca, server } = certificates;

/** Deno has one code for these. */
const unverified = (node: string): string => onRuntime({ node, deno: "UNABLE_TO_VERIFY_LEAF_SIGNATURE" });

for (const [what, identity, reason, text] of [
  ["expired", certificates.expired, unverified("CERT_HAS_EXPIRED"), /expired/],
  ["not yet valid", certificates.notYetValid, unverified("CERT_NOT_YET_VALID"), /not valid yet/],
  [
    "for another name",
    certificates.wrongName,
    "ERR_TLS_CERT_ALTNAME_INVALID",
    /not for localhost; it is for DNS:other\.example\.com.*tls\.servername/,
  ],
  ["self-signed", certificates.selfSigned, "DEPTH_ZERO_SELF_SIGNED_CERT", /tls\.ca/],
  ["of an unknown authority", certificates.unknownAuthority, "UNABLE_TO_VERIFY_LEAF_SIGNATURE", /tls\.ca/],
  ["meant for clients", certificates.client, unverified("INVALID_PURPOSE"), /not meant for servers/],
] as const) {
  test(`a certificate that is ${what} fails with the same words on both ways into TLS`, async (t) => {
    const implicit = await failsWith(t, { way: "implicit", server: identity, tls: { ca } }, reason, text);
    const startTls = await failsWith(t, { way: "starttls", server: identity, tls: { ca } }, reason, text);
    if (!onWorkers) assert.equal(startTls, implicit);
  });
}

for (const way of WAYS) {
  nodeTest(
    `${way}: a key that is too short for the security level is named; where there are no levels, they are refused`,
    async (t) => {
      const tls = { ca, ciphers: "DEFAULT@SECLEVEL=2" };
      const refuses = onRuntime({ node: false, bun: true, deno: undefined });
      // rustls, which Deno is built with, has no use for such a key, on either side.
      if (refuses === undefined) return assert.throws(() => createServer(certificates.weakKey), /key too small/);
      if (refuses)
        return void (await failsWith(t, { way, server, tls }, "ERR_SSL_INVALID_COMMAND", /tls cannot be used/));
      const weak = { ...certificates.weakKey, ciphers: "DEFAULT@SECLEVEL=0" };
      await failsWith(t, { way, server: weak, tls }, "EE_KEY_TOO_SMALL", /too short/);
    },
  );

  nodeTest(`${way}: without tls.ca the system's authorities decide`, async (t) => {
    await failsWith(t, { way, server }, "UNABLE_TO_VERIFY_LEAF_SIGNATURE", /from an unknown authority/);
  });

  nodeTest(`${way}: rejectUnauthorized false goes on, and tells that nothing was verified`, async (t) => {
    const transport = await dial(t, { way, server: certificates.selfSigned, tls: { rejectUnauthorized: false } });
    record(t, transport);
    assert.deepEqual([transport.isSecure, transport.tlsInfo?.authorized], [true, false]);
  });

  test(`${way}: an address is checked against the addresses of the certificate`, async (t) => {
    const transport = await dial(t, { way, server, tls: { ca }, hostname: "127.0.0.1" });
    record(t, transport);
    assert.equal(transport.tlsInfo?.authorized, true);
    const tls = { ca };
    const wrong = certificates.wrongName;
    await failsWith(
      t,
      { way, server: wrong, tls, hostname: "127.0.0.1" },
      "ERR_TLS_CERT_ALTNAME_INVALID",
      /not for 127\.0\.0\.1/,
    );
  });

  test(`${way}: tls.servername overrides the host, in the check and on the wire`, async (t) => {
    let asked: unknown;
    const handler = (socket: Socket): void => {
      // After STARTTLS the name is known once the handshake is done.
      socket.on("data", () => {
        asked = (socket as TLSSocket & { servername?: unknown }).servername;
      });
      echo(socket);
    };
    const tls = { ca, servername: "other.example.com" };
    const transport = await dial(t, { way, server: certificates.wrongName, tls, hostname: "127.0.0.1", handler });
    const heard = record(t, transport);
    transport.write(bytes("x"));
    await heard.untilText("x");
    assert.equal(asked, "other.example.com");
  });

  test(`${way}: options that are undefined are absent`, async (t) => {
    const tls = {
      ca,
      checkServerIdentity: undefined,
      rejectUnauthorized: undefined,
      minVersion: undefined,
    } as TlsOptions;
    record(t, await dial(t, { way, server, tls }));
    await failsWith(
      t,
      { way, server: certificates.wrongName, tls },
      "ERR_TLS_CERT_ALTNAME_INVALID",
      /not for localhost/,
    );
  });

  nodeTest(`${way}: a client certificate is shown`, async (t) => {
    const strict = { ...server, ca, requestCert: true, rejectUnauthorized: true };
    const transport = await dial(t, { way, server: strict, tls: { ca, ...certificates.client } });
    const heard = record(t, transport);
    transport.write(bytes("in"));
    await heard.untilText("in");
  });

  nodeTest(`${way}: a server that misses the client certificate says so, as late as TLS 1.3 does`, async (t) => {
    const strict = { ...server, ca, requestCert: true, rejectUnauthorized: true };
    const transport = await dial(t, { way, server: strict, tls: { ca } });
    const error = await record(t, transport).untilEnd();
    // The server may also just hang up: its alert and its reset race each other.
    if (error instanceof SmtpTlsError) assert.match(error.message, /client certificate.*tls\.cert and tls\.key/);
  });

  nodeTest(`${way}: versions that do not meet are told`, async (t) => {
    const old = { ...server, maxVersion: "TLSv1.2" as const };
    await assert.rejects(dial(t, { way, server: old, tls: { ca, minVersion: "TLSv1.3" } }), {
      name: "SmtpTlsError",
      message: /no TLS version in common.*tls\.minVersion/,
    });
  });

  nodeTest(`${way}: keys that do not parse are told as options`, async (t) => {
    const port = await tcpServer(t, answerStartTls(server, READY));
    const bad = { cert: "no certificate", key: "no key" };
    const attempt =
      way === "implicit"
        ? openTransport({ kind: "tcp", hostname: "localhost", port }, { tls: { options: bad }, signal: never })
        : atReady(t, port).then(({ transport }) => transport.secure(bad, never));
    await assert.rejects(attempt, { name: "SmtpTlsError", message: /options in tls cannot be used.*Check .*tls\.key/ });
  });

  test(`${way}: a peer that closes in the handshake disconnects`, async (t) => {
    for (const close of [(socket: Socket) => socket.end(), (socket: Socket) => socket.resetAndDestroy()]) {
      const port = await tcpServer(t, (socket) => {
        // After STARTTLS came the 220, and only the next bytes are the handshake.
        const onHello = () => socket.once("data", () => close(socket));
        if (way === "implicit") onHello();
        else socket.once("data", () => socket.write(READY, onHello));
      });
      const attempt =
        way === "implicit"
          ? openTransport({ kind: "tcp", hostname: "localhost", port }, { tls: {}, signal: never })
          : atReady(t, port).then(({ transport }) => transport.secure(undefined, never));
      await assert.rejects(
        attempt,
        onWorkers ? { name: "SmtpTlsError" } : { name: "SmtpDisconnectedError", phase: "tls", retry: "reconnect" },
      );
    }
  });
}

test("TLS to a plain port is explained", async (t) => {
  const port = await tcpServer(t, (socket) => void socket.resume().write("220 mail.example.com ESMTP\r\n"));
  await assert.rejects(openTransport({ kind: "tcp", hostname: "localhost", port }, { tls: {}, signal: never }), {
    name: "SmtpTlsError",
    message: onWorkers ? /begin plain: set startTls: true/ : /does not speak TLS on this port.*startTls: true.*useTls/,
  });
});

for (const way of WAYS) {
  nodeTest(`${way}: TLS runs over any Duplex`, async (t) => {
    const [ours, theirs] = duplexPair();
    const serve = answerStartTls(server, READY, echo);
    const target = { kind: "socket", socket: ours, hostname: "localhost" } as const;
    if (way === "implicit") echo(new TLSSocket(theirs, { ...server, isServer: true }));
    else serve(theirs as unknown as Socket);
    const transport = await openTransport(target, {
      tls: way === "implicit" ? { options: { ca } } : undefined,
      signal: never,
    });
    const heard = record(t, transport);
    if (way === "starttls") {
      transport.write(bytes("STARTTLS\r\n"));
      await heard.untilText(READY);
      await transport.secure({ ca }, never);
    }
    transport.write(bytes("inside"));
    await heard.untilText("inside");
    assert.deepEqual([transport.isSecure, transport.isLocal], [true, false]);
    theirs.destroy();
  });
}

nodeTest("without a name there is no verified TLS, whatever the socket once connected to", async (t) => {
  const port = await tlsServer(t, server, echo);
  const open = (options: TlsOptions) =>
    openTransport({ kind: "socket", socket: () => connect(port, "127.0.0.1") }, { tls: { options }, signal: never });
  await assert.rejects(open({ ca }), { name: "SmtpTlsError", message: /no name.*tls\.servername/ });
  record(t, await open({ ca, servername: "localhost" }));
  record(t, await open({ rejectUnauthorized: false }));
});

nodeTest("channel binding is the same on both ends in TLS 1.3, and absent in TLS 1.2", async (t) => {
  const label = "EXPORTER-Channel-Binding";
  let theirs: Uint8Array | undefined;
  const handler = (socket: Socket): void => {
    const { exportKeyingMaterial } = socket as Partial<TLSSocket>;
    theirs = exportKeyingMaterial?.call(socket, 32, label, Buffer.alloc(0));
    echo(socket);
  };
  const transport = await dial(t, { way: "implicit", server, tls: { ca }, handler });
  const heard = record(t, transport);
  transport.write(bytes("x"));
  await heard.untilText("x");
  const ours = transport.exportKeyingMaterial(32, label);
  // Deno's TLS exports no keying material.
  assert.equal(ours?.length, onRuntime({ node: 32, deno: undefined }));
  assert.deepEqual(ours, theirs);
  const old = await dial(t, { way: "implicit", server, tls: { ca, maxVersion: "TLSv1.2" } });
  record(t, old);
  assert.equal(old.tlsInfo?.protocol, "TLSv1.2");
  assert.equal(old.exportKeyingMaterial(32, label), undefined);
});

test("the end of the stream inside TLS is the end, once", async (t) => {
  const transport = await dial(t, {
    way: "implicit",
    server,
    tls: { ca },
    handler: (socket) => socket.end("221 bye\r\n"),
  });
  const heard = record(t, transport);
  assert.equal(await heard.untilEnd(), undefined);
  assert.equal(heard.text, "221 bye\r\n");
});

nodeTest("the environment cannot turn verification off", async (t) => {
  const before = process.env.NODE_TLS_REJECT_UNAUTHORIZED;
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
  try {
    await failsWith(
      t,
      { way: "implicit", server: certificates.selfSigned },
      "DEPTH_ZERO_SELF_SIGNED_CERT",
      /is self-signed/,
    );
  } finally {
    if (before === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    else process.env.NODE_TLS_REJECT_UNAUTHORIZED = before;
  }
});

async function failsWith(t: TestContext, how: Dial, reason: string, text: RegExp): Promise<string> {
  let message = "";
  const sayings: string[] = [];
  const handler = (socket: Socket): void => void socket.on("data", (chunk) => sayings.push(String(chunk)));
  await assert.rejects(dial(t, { ...how, handler }), (error: unknown) => {
    assert.ok(error instanceof SmtpTlsError, String(error));
    assertTlsReason(error, `^${reason}$`);
    if (!onWorkers) assert.match(error.message, text);
    message = error.message.replace(/:\d+ failed/, " failed");
    return true;
  });
  assert.deepEqual(sayings, []);
  return message;
}
