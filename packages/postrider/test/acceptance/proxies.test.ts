/**
 * Connections through proxies: what the proxy is asked, what the server sees, and every way in which a proxy fails.
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { inspect } from "node:util";
import {
  type ConnectionOptions,
  SmtpClient,
  SmtpConnectError,
  SmtpDisconnectedError,
  SmtpPool,
  SmtpTimeoutError,
  SmtpTlsError,
  send,
} from "../../src/index.js";
import { testCertificates } from "../support/certificates.js";
import { HttpProxy } from "../support/http-proxy.js";
import { ENVELOPE, plain, TEXT } from "../support/plain-client.js";
import { ScriptedServer } from "../support/scripted-server.js";
import { acceptance, rejection, rejects, soon } from "../support/settle.js";
import { SocksProxy } from "../support/socks-proxy.js";
import type { TunnelOptions, TunnelProxy } from "../support/tunnel-proxy.js";

const certificates = await testCertificates();

/** A name that only the proxy knows the place of. */
const NAME = "mail.example.com";
const PASSWORD = "hunter2:@/?#";
const LOGIN = `joe:${encodeURIComponent(PASSWORD)}@`;

interface Way {
  readonly name: string;
  readonly url: (proxy: TunnelProxy, login?: string) => string;
  start(options: TunnelOptions & { inOnePiece?: boolean }): Promise<TunnelProxy>;
}

const url =
  (scheme: string) =>
  (proxy: TunnelProxy, login: string = "") =>
    `${scheme}://${login}127.0.0.1:${proxy.port}`;

const WAYS: readonly Way[] = [
  { name: "http", url: url("http"), start: (options) => HttpProxy.start(options) },
  {
    name: "https",
    url: (proxy, login = "") => `https://${login}localhost:${proxy.port}`,
    start: (options) => HttpProxy.start({ ...options, tls: certificates.server }),
  },
  { name: "socks5", url: url("socks5"), start: (options) => SocksProxy.start(options) },
  { name: "socks5h", url: url("socks5h"), start: (options) => SocksProxy.start(options) },
  { name: "socks4", url: url("socks4"), start: (options) => SocksProxy.start(options) },
  { name: "socks4a", url: url("socks4a"), start: (options) => SocksProxy.start(options) },
];

/** Every name leads to the server. */
const leadTo = (server: ScriptedServer): Pick<TunnelOptions, "route"> => ({
  route: () => ({ host: "127.0.0.1", port: server.port }),
});

/** Options that name the server as only the proxy knows it. */
const beyond = (server: ScriptedServer, proxy: string, options: ConnectionOptions = {}): ConnectionOptions => ({
  ...plain(server),
  hostname: NAME,
  proxy,
  tls: { ca: certificates.ca },
  ...options,
});

for (const way of WAYS) {
  acceptance(`${way.name}: a message goes through, and the proxy looks the name up`, async () => {
    await using server = await ScriptedServer.start();
    await using proxy = await way.start(leadTo(server));
    const result = await send(TEXT, { ...ENVELOPE, ...beyond(server, way.url(proxy)) });
    assert.deepEqual(result.accepted, ENVELOPE.recipients);
    assert.equal(server.messages.length, 1);
    assert.deepEqual(targets(proxy), [`${NAME}:${server.port}`]);
    await soon(server.allEnded(), "the server sees the end");
  });

  acceptance(`${way.name}: the greeting in one segment with the proxy's answer is not lost`, async () => {
    await using server = await ScriptedServer.start({ replies: { GREETING: ["220-one", "220 two"] } });
    await using proxy = await way.start({ ...leadTo(server), inOnePiece: true });
    await using client = await SmtpClient.connect(beyond(server, way.url(proxy)));
    assert.deepEqual(client.greeting?.lines, ["one", "two"]);
    assert.equal((await client.noop()).code, 250);
  });

  acceptance(`${way.name}: TLS from the first byte, and STARTTLS, are with the server behind it`, async () => {
    for (const implicitTls of [true, false]) {
      await using server = await ScriptedServer.start(
        { extensions: implicitTls ? [] : ["STARTTLS"] },
        { tls: certificates.server, implicitTls },
      );
      await using proxy = await way.start(leadTo(server));
      const tls = implicitTls ? { useTls: true, startTls: undefined } : { startTls: true };
      await using client = await SmtpClient.connect(beyond(server, way.url(proxy), tls));
      assert.equal(client.isSecure, true);
      assert.match(client.tlsInfo?.peerCertificate?.subjectaltname ?? "", /mail\.example\.com/);
      assert.deepEqual((await client.send(TEXT, ENVELOPE)).accepted, ENVELOPE.recipients);
    }
  });

  acceptance(`${way.name}: the server's certificate is checked against its own name`, async () => {
    await using server = await ScriptedServer.start({}, { tls: certificates.wrongName, implicitTls: true });
    await using proxy = await way.start(leadTo(server));
    const options = beyond(server, way.url(proxy), { useTls: true, startTls: undefined });
    const error = await rejects(SmtpClient.connect(options), SmtpTlsError);
    assert.equal(error.reason, "ERR_TLS_CERT_ALTNAME_INVALID");
    assert.equal(error.hostname, NAME);
  });

  acceptance(
    `${way.name}: credentials stay here when the server is reached in clear text, wherever the proxy is`,
    async () => {
      await using server = await ScriptedServer.start({ extensions: ["AUTH PLAIN"] });
      await using proxy = await way.start(leadTo(server));
      for (const hostname of [NAME, "localhost", "127.0.0.1"]) {
        const options = beyond(server, way.url(proxy), { hostname, username: "u", password: "p" });
        assert.equal((await rejects(SmtpClient.connect(options), SmtpTlsError)).reason, "PLAINTEXT_AUTH");
      }
      assert.ok(!server.verbs.includes("AUTH"));
    },
  );

  acceptance(`${way.name}: a proxy that hangs is a timeout that names it; nothing stays open`, async () => {
    await using server = await ScriptedServer.start();
    await using proxy = await mute(way);
    const options = beyond(server, way.url(proxy, way.name.startsWith("socks4") ? "joe@" : LOGIN), { timeout: 500 });
    const error = await rejects(SmtpClient.connect(options), SmtpTimeoutError);
    assert.equal(error.phase, "connect");
    assert.ok(error.message.includes(`through ${way.url(proxy)}`), error.message);
    hidesPassword(error);
    assert.equal(server.connections.length, 0);
    await gone(proxy);
  });

  acceptance(`${way.name}: an abort rejects with its reason at once; nothing stays open`, async () => {
    await using server = await ScriptedServer.start();
    const controller = new AbortController();
    const reason = new Error("enough");
    await using proxy = await mute(way, () => controller.abort(reason));
    const options = beyond(server, way.url(proxy), { signal: controller.signal });
    assert.equal(await rejection(SmtpClient.connect(options)), reason);
    await gone(proxy);
  });

  acceptance(`${way.name}: nobody at the proxy's address is an error that names the proxy and the server`, async () => {
    await using server = await ScriptedServer.start();
    const proxy = await way.start({});
    const address = way.url(proxy);
    await proxy[Symbol.asyncDispose]();
    const error = await rejects(SmtpClient.connect(beyond(server, address)), SmtpConnectError);
    assert.match(error.message, /the proxy \w+:\/\/[\w.]+:\d+ cannot be reached: .*ECONNREFUSED/);
    assert.ok(error.message.includes(`${NAME}:${server.port}`) && error.message.includes(address));
    assert.deepEqual([error.hostname, error.port, error.retry], [NAME, server.port, "reconnect"]);
  });

  acceptance(`${way.name}: a proxy that closes before it answers`, async () => {
    await using server = await ScriptedServer.start();
    await using proxy = await instead(way, (socket) => socket.end());
    const error = await rejects(SmtpClient.connect(beyond(server, way.url(proxy))), SmtpConnectError);
    assert.match(error.message, /the proxy .* closed the connection before it answered/);
    await gone(proxy);
  });

  acceptance(`${way.name}: a proxy that answers garbage, however much of it`, async () => {
    await using server = await ScriptedServer.start();
    for (const garbage of [
      "220 mail.example.com ESMTP\r\n",
      "\u0005\u0009\u0005\u0009\u0005\u0009\u0005\u0009",
      "\0\0\0\0\0\0\0\0\0",
      "x".repeat(1_000_000),
    ]) {
      await using proxy = await instead(way, (socket) => void socket.write(garbage, "latin1"));
      const error = await rejects(SmtpClient.connect(beyond(server, way.url(proxy))), SmtpConnectError);
      assert.match(error.message, /the proxy /);
      assert.ok(error.message.length < 600);
      await gone(proxy);
    }
    assert.equal(server.connections.length, 0);
  });

  acceptance(`${way.name}: the end of the server is the end of the connection`, async () => {
    await using server = await ScriptedServer.start({ replies: { NOOP: { kind: "close" } } });
    await using proxy = await way.start(leadTo(server));
    await using client = await SmtpClient.connect(beyond(server, way.url(proxy)));
    await rejects(client.noop(), SmtpDisconnectedError);
    assert.equal(client.isConnected, false);
  });
}

acceptance("Basic credentials are those of the URL, percent-encoding undone", async () => {
  await using server = await ScriptedServer.start();
  await using proxy = await HttpProxy.start(leadTo(server));
  await using client = await SmtpClient.connect(beyond(server, url("http")(proxy, LOGIN)));
  assert.equal(client.isConnected, true);
  const [request] = proxy.requests;
  assert.equal(request?.authorization, `Basic ${btoa(`joe:${PASSWORD}`)}`);
  assert.match(request?.header ?? "", new RegExp(`^Host: ${NAME}:${server.port}$`, "m"));
  hidesPassword(client);
});

acceptance("without credentials in the URL, nothing is said of them", async () => {
  await using server = await ScriptedServer.start();
  await using proxy = await HttpProxy.start(leadTo(server));
  await using client = await SmtpClient.connect(beyond(server, url("http")(proxy)));
  assert.equal(client.isConnected, true);
  assert.equal(proxy.requests[0]?.authorization, undefined);
});

acceptance("an IPv6 address has brackets in CONNECT", async () => {
  await using server = await ScriptedServer.start();
  await using proxy = await HttpProxy.start(leadTo(server));
  await using client = await SmtpClient.connect(beyond(server, url("http")(proxy), { hostname: "2001:db8::1" }));
  assert.equal(client.isConnected, true);
  assert.equal(proxy.requests[0]?.target, `[2001:db8::1]:${server.port}`);
});

acceptance(
  "any answer but 2xx is an error with the proxy, the status and its words; the body is left unread",
  async () => {
    await using server = await ScriptedServer.start();
    const body = "x".repeat(3_000_000);
    for (const [status, retry] of [
      ["403 Access violation", "never"],
      ["407 Proxy Authentication Required", "never"],
      ["500 Unable to connect", "reconnect"],
      ["502 Bad Gateway", "reconnect"],
      ["302 Found", "reconnect"],
      ["101 Switching Protocols", "reconnect"],
    ] as const) {
      await using proxy = await HttpProxy.start({
        answer: () => `HTTP/1.1 ${status}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      });
      const error = await rejects(SmtpClient.connect(beyond(server, url("http")(proxy, LOGIN))), SmtpConnectError);
      assert.ok(error.message.includes(`the proxy http://127.0.0.1:${proxy.port} answered ${status}`), error.message);
      assert.equal(error.retry, retry, status);
      hidesPassword(error);
      await gone(proxy);
    }
  },
);

acceptance("every 2xx opens the tunnel", async () => {
  for (const status of ["200 OK", "201 ", "299 Whatever"]) {
    await using proxy = await HttpProxy.start({
      answer: () => `HTTP/1.1 ${status}\r\nX: y\r\n\r\n220 hello\r\n`,
    });
    const options = { hostname: NAME, port: 25, proxy: url("http")(proxy), startTls: false };
    const client = await SmtpClient.connect(options);
    assert.equal(client.greeting?.message, "hello");
    client.close();
  }
});

acceptance("a proxy that repeats the credentials does not get them into the error", async () => {
  await using server = await ScriptedServer.start();
  const secret = btoa(`joe:${PASSWORD}`);
  for (const answer of [
    `HTTP/1.1 403 Basic ${secret}\r\n\r\n`,
    `HTTP/1.1 403 joe and ${PASSWORD}\r\n\r\n`,
    `Proxy-Authorization: Basic ${secret}\r\n\r\n`,
    `HTTP/1.1 200 OK\r\n${secret} ${PASSWORD}\r\n\r\n`,
  ]) {
    await using proxy = await HttpProxy.start({ answer: () => answer });
    hidesPassword(await rejects(SmtpClient.connect(beyond(server, url("http")(proxy, LOGIN))), SmtpConnectError));
  }
});

acceptance("an answer whose header does not end is given up", async () => {
  await using server = await ScriptedServer.start();
  await using proxy = await HttpProxy.start({ answer: () => `HTTP/1.1 200 OK\r\n${"X: y\r\n".repeat(10_000)}` });
  const error = await rejects(SmtpClient.connect(beyond(server, url("http")(proxy))), SmtpConnectError);
  assert.match(error.message, /header above 16384 bytes/);
  await gone(proxy);
});

acceptance("an https proxy whose certificate does not hold never hears the credentials", async () => {
  await using server = await ScriptedServer.start();
  for (const name of ["selfSigned", "wrongName", "expired"] as const) {
    await using proxy = await HttpProxy.start({ ...leadTo(server), tls: certificates[name] });
    // What is allowed for the server is not allowed for the proxy.
    const tls = { ca: certificates.ca, rejectUnauthorized: false, servername: NAME };
    const options = beyond(server, `https://${LOGIN}localhost:${proxy.port}`, { tls });
    const error = await rejects(SmtpClient.connect(options), SmtpTlsError);
    assert.deepEqual([error.hostname, error.port], ["localhost", proxy.port]);
    hidesPassword(error);
    assert.deepEqual(proxy.requests, []);
  }
});

acceptance("https for a proxy without TLS is an error that says so", async () => {
  await using server = await ScriptedServer.start();
  await using proxy = await SocksProxy.start({ instead: (socket) => void socket.write("HTTP/1.1 400 Bad\r\n\r\n") });
  const error = await rejects(SmtpClient.connect(beyond(server, url("https")(proxy))), SmtpTlsError);
  assert.match(error.message, /the proxy does not speak TLS on this port.*http:\/\//);
});

acceptance("SOCKS 5 logs in with user name and password", async () => {
  await using server = await ScriptedServer.start();
  await using proxy = await SocksProxy.start({
    ...leadTo(server),
    credentials: { username: "joe", password: PASSWORD },
  });
  await using client = await SmtpClient.connect(beyond(server, url("socks5")(proxy, LOGIN)));
  assert.equal(client.isConnected, true);
  assert.equal(proxy.requests[0]?.user, `joe:${PASSWORD}`);
  hidesPassword(client);
});

acceptance("SOCKS 5 refuses a wrong password, and asks for one that was not given", async () => {
  await using server = await ScriptedServer.start();
  await using proxy = await SocksProxy.start({
    ...leadTo(server),
    credentials: { username: "joe", password: "other" },
  });
  const wrong = await rejects(SmtpClient.connect(beyond(server, url("socks5")(proxy, LOGIN))), SmtpConnectError);
  assert.match(wrong.message, /the proxy socks5:\/\/127\.0\.0\.1:\d+ refused the user name and password/);
  assert.equal(wrong.retry, "never");
  hidesPassword(wrong);
  const absent = await rejects(SmtpClient.connect(beyond(server, url("socks5")(proxy))), SmtpConnectError);
  assert.match(absent.message, /socks5:\/\/user:password@host:port/);
});

acceptance("SOCKS 5 refusals by their code", async () => {
  await using server = await ScriptedServer.start();
  for (const [refuse, words, retry] of [
    [1, /refused the connection \(Failure\)/, "reconnect"],
    [2, /does not allow the connection/, "never"],
    [4, /\(HostUnreachable\)\. It cannot reach the server/, "reconnect"],
    [5, /\(ConnectionRefused\)/, "reconnect"],
    [99, /does not answer as a SOCKS proxy does/, "reconnect"],
  ] as const) {
    await using proxy = await SocksProxy.start({ refuse });
    const error = await rejects(SmtpClient.connect(beyond(server, url("socks5")(proxy))), SmtpConnectError);
    assert.match(error.message, words);
    assert.equal(error.retry, retry);
    await gone(proxy);
  }
});

acceptance("SOCKS 4 sends the user name, and says how it was refused", async () => {
  await using server = await ScriptedServer.start();
  await using proxy = await SocksProxy.start(leadTo(server));
  await using client = await SmtpClient.connect(beyond(server, url("socks4")(proxy, "joe@")));
  assert.equal(client.isConnected, true);
  assert.equal(proxy.requests[0]?.user, "joe");
  await using refusing = await SocksProxy.start({ refuse: 91 });
  const error = await rejects(SmtpClient.connect(beyond(server, url("socks4")(refusing))), SmtpConnectError);
  assert.match(error.message, /refused the connection \(Failed\)/);
});

acceptance("SOCKS 5 replies with an address of no known kind are no way through", async () => {
  await using server = await ScriptedServer.start();
  await using proxy = await SocksProxy.start({
    instead: (socket) => {
      socket.once("data", () => {
        socket.write(Buffer.of(5, 0));
        socket.once("data", () => socket.write(Buffer.of(5, 0, 0, 9, 0, 0, 0, 0, 0, 0)));
      });
    },
  });
  const error = await rejects(SmtpClient.connect(beyond(server, url("socks5")(proxy))), SmtpConnectError);
  assert.match(error.message, /does not answer as a SOCKS proxy does/);
});

acceptance("a pool goes through the proxy with every connection", async () => {
  await using server = await ScriptedServer.start();
  await using proxy = await HttpProxy.start(leadTo(server));
  await using pool = new SmtpPool({ ...beyond(server, url("http")(proxy)), maxConnections: 2 });
  await Promise.all(Array.from({ length: 6 }, () => pool.send(TEXT, ENVELOPE)));
  assert.equal(server.messages.length, 6);
  assert.equal(server.connections.length, proxy.requests.length);
});

function targets(proxy: TunnelProxy): readonly string[] {
  if (proxy instanceof HttpProxy) return proxy.requests.map(({ target }) => target);
  if (proxy instanceof SocksProxy) return proxy.requests.map(({ host, port }) => `${host}:${port}`);
  return [];
}

type Instead = NonNullable<Parameters<typeof SocksProxy.start>[0]>["instead"];

/** A proxy of that kind which does something else with a request. */
function instead(way: Way, act: NonNullable<Instead>): Promise<TunnelProxy> {
  if (way.name.startsWith("socks")) return SocksProxy.start({ instead: act });
  const answer = (_: unknown, socket: Parameters<NonNullable<Instead>>[0]): string => {
    act(socket);
    return "";
  };
  return HttpProxy.start({ answer, ...(way.name === "https" ? { tls: certificates.server } : {}) });
}

/** Takes connections, and says nothing. */
const mute = (way: Way, came: () => void = () => undefined): Promise<TunnelProxy> => instead(way, () => came());

/** Nothing of the client's is open at the proxy any more. */
async function gone(proxy: TunnelProxy): Promise<void> {
  assert.ok(proxy.visits > 0);
  await soon(proxy.empty(), "the client leaves the proxy");
}

/** Neither the password nor what is made from it shows, however it is printed. */
function hidesPassword(thing: unknown): void {
  const shown = [
    inspect(thing, { depth: 10, showHidden: true }),
    JSON.stringify(thing),
    String(thing instanceof Error ? thing.stack : thing),
  ].join("\n");
  for (const secret of [PASSWORD, encodeURIComponent(PASSWORD), btoa(`joe:${PASSWORD}`)]) {
    assert.ok(!shown.includes(secret), `${secret} shows in ${shown}`);
  }
}
