/**
 * Every option of a connection, a delivery, a pool, a command or a helper that takes a string.
 */
import { Buffer } from "node:buffer";
import { SmtpClient, SmtpPool, send } from "../../src/index.js";
import {
  alone,
  BASE,
  type Details,
  inConnection,
  inDelivery,
  inFields,
  LIMITS,
  never,
  type Probe,
  type Slots,
} from "./probe.js";
import type { Recorder } from "./recorder.js";

const FLAG = "a flag";
const NUMBER = "a number";
const FUNCTION = "a function";
const SIGNAL = "an AbortSignal";
const LISTED = (where: string): string => `its members are listed under ${where}`;

/** What the client told of itself, read from the wire. */
const LOGIN = { username: "ann", password: "secret", allowPlaintextAuth: true } as const;

const credential = (usual: string, option: "username" | "password", method: string): Probe => ({
  usual,
  run: async (text, recorder) => {
    await send(BASE, { ...LIMITS, ...LOGIN, [option]: text, authMethods: [method], socket: recorder.open });
    const line = recorder.lines.find((one) => one.startsWith("AUTH")) ?? "";
    const [, user, secret] = Buffer.from(line.replace(/^AUTH PLAIN /, ""), "base64")
      .toString("utf8")
      .split("\0");
    return method === "PLAIN" ? (option === "username" ? user : secret) : undefined;
  },
  means: (text) => (method === "PLAIN" ? text : undefined),
  isLate: true,
});

const token = (usual: string, method: string, asFunction: boolean): Probe =>
  inConnection(
    usual,
    (text) => ({
      ...LOGIN,
      password: undefined,
      accessToken: asFunction ? () => text : text,
      authMethods: [method],
    }),
    { isLate: asFunction },
  );

const urlProbe = (usual: string, url: (text: string) => string): Probe =>
  inConnection(
    usual,
    (text) => ({
      hostname: undefined,
      localHostname: undefined,
      startTls: undefined,
      allowPlaintextAuth: true,
      url: url(text),
    }),
    {
      named: /url|hostname|username|password|localHostname|authMethods|port|timeout|localAddress|startTls|useTls/i,
      mayFail: ["not-supported"],
      isLate: true,
    },
  );

/** TLS from the first byte to a server that speaks none: what matters is that nothing else is written, and that the error is ours. */
const inTls = (usual: string, option: string, details: Details = {}): Probe => ({
  usual,
  run: async (text, recorder) => {
    const given = option.endsWith("[]") ? { [option.slice(0, -2)]: [text] } : { [option]: text };
    await send(BASE, { ...LIMITS, startTls: undefined, useTls: true, tls: given, socket: recorder.refuse } as object);
  },
  mayFail: ["tls", "disconnected", "protocol"],
  named: /tls/,
  isRaw: true,
  ...details,
});

/** Options that lead out of this machine are looked at and not used; what a proxy is told is in proxy-inputs.test.ts. */
const inConstructor = (usual: string, options: (text: string) => object): Probe =>
  alone(usual, (text) => {
    new SmtpClient(options(text));
  });

const poolProbe = (
  usual: string,
  options: (text: string, recorder: Recorder) => object,
  details: Details = {},
): Probe => ({
  usual,
  run: async (text, recorder) => {
    await using pool = new SmtpPool(options(text, recorder));
    await pool.send(BASE);
  },
  ...details,
});

export const CONNECTION_SLOTS: Slots = {
  "ConnectionOptions.url": [
    urlProbe("server.example", (text) => `smtp://${text}`),
    urlProbe("server.example", (text) => `smtp://${encodeURIComponent(wellFormed(text))}`),
    urlProbe("ann", (text) => `smtp://${text}@server.example`),
    urlProbe("ann", (text) => `smtp://${encodeURIComponent(wellFormed(text))}:secret@server.example?authMethods=PLAIN`),
    urlProbe("secret", (text) => `smtp://ann:${encodeURIComponent(wellFormed(text))}@server.example?authMethods=PLAIN`),
    urlProbe("client.example", (text) => `smtp://server.example?localHostname=${text}`),
    urlProbe("client.example", (text) => `smtp://server.example?localHostname=${encodeURIComponent(wellFormed(text))}`),
    urlProbe("startTls", (text) => `smtp://server.example?${encodeURIComponent(wellFormed(text))}=false`),
    urlProbe("smtp:", (text) => `${text}//server.example`),
  ],
  "ConnectionOptions.hostname": [
    inConnection("server.example", (text) => ({ hostname: text })),
    inConstructor("server.example", (text) => ({ hostname: text })),
  ],
  "ConnectionOptions.port": never([inConnection("25", (text) => ({ port: text }))]),
  "ConnectionOptions.socketPath": [
    {
      usual: "/nowhere/socket",
      run: (text) => send(BASE, { ...LIMITS, socketPath: text }),
      mayFail: ["connect"],
      isRaw: true,
    },
  ],
  "ConnectionOptions.socket": never([inConnection("x", (text) => ({ socket: text }))]),
  "ConnectionOptions.proxy": [
    inConstructor("http://ann:pw@proxy.example:8080", (text) => ({ proxy: text })),
    inConstructor("proxy.example", (text) => ({ proxy: `http://${text}` })),
    inConstructor("ann", (text) => ({ proxy: `http://${text}:pw@proxy.example` })),
    inConstructor("pw", (text) => ({ proxy: `socks5://ann:${encodeURIComponent(wellFormed(text))}@proxy.example` })),
  ],
  "ConnectionOptions.protocol": [inConnection("smtp", (text) => ({ protocol: text }))],
  "ConnectionOptions.useTls": never([inConnection("true", (text) => ({ useTls: text }))]),
  "ConnectionOptions.startTls": never([inConnection("true", (text) => ({ startTls: text }))]),
  "ConnectionOptions.tls": never([inConnection("x", (text) => ({ tls: text }))]),
  "ConnectionOptions.username": ["PLAIN", "LOGIN", "CRAM-MD5"].map((method) => credential("ann", "username", method)),
  "ConnectionOptions.password": ["PLAIN", "LOGIN", "CRAM-MD5"].map((method) =>
    credential("secret", "password", method),
  ),
  "ConnectionOptions.accessToken": [
    token("ya29.abc", "XOAUTH2", false),
    token("ya29.abc", "OAUTHBEARER", false),
    token("ya29.abc", "XOAUTH2", true),
  ],
  "ConnectionOptions.authMethods": [
    inConnection("PLAIN", (text) => ({ ...LOGIN, authMethods: [text] })),
    inConnection("PLAIN", (text) => ({ ...LOGIN, authMethods: text }), { isNever: true }),
  ],
  "ConnectionOptions.auth": [inConnection("required", (text) => ({ auth: text }))],
  "ConnectionOptions.authenticate": FUNCTION,
  "LoginExchange.authMethods": "what the library tells",
  "LoginExchange.extensions": "what the library tells",
  "LoginExchange.send": "takes what matches one of two patterns; acceptance/auth tries other lines",
  "ConnectionOptions.allowPlaintextAuth": never([inConnection("true", (text) => ({ allowPlaintextAuth: text }))]),
  "ConnectionOptions.localHostname": [inConnection("client.example", (text) => ({ localHostname: text }))],
  "ConnectionOptions.localAddress": [inConstructor("127.0.0.2", (text) => ({ localAddress: text }))],
  "ConnectionOptions.timeout": never([inConnection("5", (text) => ({ timeout: text }))]),
  "StepTimeouts.connect": never([inConnection("5", (text) => ({ timeout: { connect: text } }))]),
  "StepTimeouts.greeting": never([inConnection("5", (text) => ({ timeout: { greeting: text } }))]),
  "StepTimeouts.tls": never([inConnection("5", (text) => ({ timeout: { tls: text } }))]),
  "StepTimeouts.auth": never([inConnection("5", (text) => ({ timeout: { auth: text } }))]),
  "StepTimeouts.command": never([inConnection("5", (text) => ({ timeout: { command: text } }))]),
  "StepTimeouts.content": never([inConnection("5", (text) => ({ timeout: { content: text } }))]),
  "ConnectionOptions.deliveryTimeout": never([inConnection("5", (text) => ({ deliveryTimeout: text }))]),
  "ConnectionOptions.chunking": [inConnection("auto", (text) => ({ chunking: text }))],
  "ConnectionOptions.maxInFlight": never([inConnection("5", (text) => ({ maxInFlight: text }))]),
  "ConnectionOptions.signal": SIGNAL,
  "ConnectionOptions.dkim": never([inConnection("x", (text) => ({ dkim: text }))]),
  "ConnectionOptions.trace": FUNCTION,
  "DeliveryOptions.sender": [
    inDelivery("eve@e.example", (text) => ({ sender: text })),
    inDelivery("eve", (text) => ({ sender: `${text}@e.example` })),
    inDelivery("eve", (text) => ({ sender: `"${text}"@e.example` })),
    inDelivery("e.example", (text) => ({ sender: `eve@${text}` })),
  ],
  "DeliveryOptions.recipients": [
    inDelivery("eve@e.example, a@b.example", (text) => ({ recipients: text }), { isList: true }),
    inDelivery("eve@e.example", (text) => ({ recipients: [text, "a@b.example"] })),
    inDelivery("eve", (text) => ({ recipients: [`${text}@e.example`] })),
    inDelivery("eve", (text) => ({ recipients: [`"${text}"@e.example`] })),
    inDelivery("e.example", (text) => ({ recipients: [`eve@${text}`] })),
  ],
  "DeliveryOptions.envelopeFromHeaders": never([
    inDelivery("true", (text) => ({ envelopeFromHeaders: text, sender: undefined, recipients: undefined })),
  ]),
  "DeliveryOptions.mailOptions": [
    inDelivery("X-A=b", (text) => ({ mailOptions: [text] }), { isVerbatim: true }),
    inDelivery("b", (text) => ({ mailOptions: [`X-A=${text}`] })),
    inDelivery("X-A=b", (text) => ({ mailOptions: text }), { isNever: true }),
  ],
  "DeliveryOptions.rcptOptions": [
    inDelivery("X-A=b", (text) => ({ rcptOptions: [text] }), { isVerbatim: true }),
    inDelivery("b", (text) => ({ rcptOptions: [`X-A=${text}`] })),
  ],
  "DeliveryOptions.dsn": never([inDelivery("x", (text) => ({ dsn: text }))]),
  "DsnOptions.envelopeId": [inDelivery("id", (text) => ({ dsn: { envelopeId: text } }), { named: /envelopeId/ })],
  "DsnOptions.return": [inDelivery("full", (text) => ({ dsn: { return: text } }), { named: /return/ })],
  "DeliveryOptions.dkim": never([
    inDelivery("x", (text) => ({ dkim: text })),
    inDelivery("x", (text) => ({ dkim: [text] })),
  ]),
  "DeliveryOptions.requireTls": never([inDelivery("true", (text) => ({ requireTls: text }))]),
  "DeliveryOptions.deliverBy": never([inDelivery("x", (text) => ({ deliverBy: text }))]),
  "DeliveryOptions.holdFor": never([inDelivery("5", (text) => ({ holdFor: text }))]),
  "DeliveryOptions.holdUntil": never([inDelivery("2027-01-01", (text) => ({ holdUntil: text }))]),
  "DeliveryOptions.priority": never([inDelivery("5", (text) => ({ priority: text }))]),
  "DeliveryOptions.signal": SIGNAL,
  "DeliverBy.seconds": never([inDelivery("5", (text) => ({ deliverBy: { seconds: text, mode: "return" } }))]),
  "DeliverBy.mode": [inDelivery("return", (text) => ({ deliverBy: { seconds: 60, mode: text } }))],
  "DeliverBy.trace": never([
    inDelivery("true", (text) => ({ deliverBy: { seconds: 60, mode: "return", trace: text } })),
  ]),
  "Recipient.address": [
    inDelivery("eve@e.example", (text) => ({ recipients: [{ address: text }] }), { named: /recipients/ }),
  ],
  "Recipient.notify": [
    inDelivery("never", (text) => ({ recipients: [{ address: "a@b.example", notify: text }] })),
    inDelivery("success", (text) => ({ recipients: [{ address: "a@b.example", notify: [text] }] })),
  ],
  "Recipient.originalRecipient": [
    inDelivery("eve@e.example", (text) => ({ recipients: [{ address: "a@b.example", originalRecipient: text }] }), {
      named: /recipients/,
    }),
    inDelivery(
      "eve@e.example",
      (text) => ({ recipients: [{ address: "a@b.example", originalRecipient: `rfc822;${text}` }] }),
      { named: /recipients/ },
    ),
    inDelivery(
      "rfc822",
      (text) => ({ recipients: [{ address: "a@b.example", originalRecipient: `${text};eve@e.example` }] }),
      { named: /recipients/ },
    ),
  ],
  "PoolOptions.servers": [
    poolProbe("x", (text) => ({ servers: text }), { isNever: true }),
    poolProbe("x", (text) => ({ servers: [text] }), { isNever: true }),
    poolProbe("client.example", (text, recorder) => ({
      servers: [{ ...LIMITS, localHostname: text, socket: recorder.open }],
    })),
  ],
  "PoolOptions.strategy": [
    poolProbe("failover", (text, recorder) => ({ ...LIMITS, strategy: text, socket: recorder.open })),
  ],
  "PoolOptions.maxConnections": never([
    poolProbe("5", (text, recorder) => ({ ...LIMITS, maxConnections: text, socket: recorder.open })),
  ]),
  "PoolOptions.maxMessagesPerConnection": never([
    poolProbe("5", (text, recorder) => ({ ...LIMITS, maxMessagesPerConnection: text, socket: recorder.open })),
  ]),
  "PoolOptions.idleTimeout": never([
    poolProbe("5", (text, recorder) => ({ ...LIMITS, idleTimeout: text, socket: recorder.open })),
  ]),
  "PoolOptions.rateLimit": never([
    poolProbe("5", (text, recorder) => ({ ...LIMITS, rateLimit: text, socket: recorder.open })),
  ]),
  "RateLimit.messages": never([
    poolProbe("5", (text, recorder) => ({
      ...LIMITS,
      rateLimit: { messages: text, per: 1000 },
      socket: recorder.open,
    })),
  ]),
  "RateLimit.per": never([
    poolProbe("5", (text, recorder) => ({ ...LIMITS, rateLimit: { messages: 5, per: text }, socket: recorder.open })),
  ]),
  "SmtpPool.constructor(options)": LISTED("ConnectionOptions and PoolOptions"),
  "SmtpPool.send(message)": LISTED("MessageFields and the rest of a message"),
  "SmtpPool.send(options)": LISTED("DeliveryOptions"),
  "SmtpPool.sendAll(messages)": LISTED("SendRequest"),
  "SmtpPool.sendAll(options)": LISTED("SendAllOptions"),
  "SmtpPool.close(options)": LISTED("PoolCloseOptions"),
  "SmtpPool.verify(options)": LISTED("AttemptOptions"),
  "PoolCloseOptions.force": FLAG,
  "PoolCloseOptions.signal": SIGNAL,
  "outcomeOf.failure": "looked up, and never shown",
  "SendAllOptions.concurrency": NUMBER,
  "SendRequest.message": LISTED("MessageFields and the rest of a message"),
  "send.message": [inDelivery("Subject: s\r\n\r\nt", () => ({})), rawProbe()],
  "send.options": LISTED("ConnectionOptions and DeliveryOptions"),
  "TlsOptions.ca": [inTls("x", "ca"), inTls("x", "ca[]")],
  "TlsOptions.cert": [inTls("x", "cert"), inTls("x", "cert[]")],
  "TlsOptions.key": [inTls("x", "key"), inTls("x", "key[]")],
  "TlsOptions.passphrase": [inTls("x", "passphrase")],
  "TlsOptions.pfx": [inTls("x", "pfx"), inTls("x", "pfx[]")],
  "TlsOptions.crl": [inTls("x", "crl")],
  "TlsOptions.ciphers": [inTls("HIGH", "ciphers")],
  "TlsOptions.sigalgs": [inTls("RSA-PSS+SHA256", "sigalgs")],
  "TlsOptions.ecdhCurve": [inTls("auto", "ecdhCurve")],
  "TlsOptions.minVersion": [inTls("TLSv1.2", "minVersion")],
  "TlsOptions.maxVersion": [inTls("TLSv1.3", "maxVersion")],
  "TlsOptions.rejectUnauthorized": [inTls("true", "rejectUnauthorized")],
  "TlsOptions.checkServerIdentity": FUNCTION,
  "TlsOptions.servername": [inTls("server.example", "servername")],
  "TlsOptions.ALPNProtocols": [inTls("smtp", "ALPNProtocols[]")],
  "TlsOptions.secureContext": [inTls("x", "secureContext")],
  "TlsOptions.session": [inTls("x", "session")],
};

/** encodeURIComponent takes no lone surrogates. */
function wellFormed(text: string): string {
  return Buffer.from(text).toString();
}

/** A raw message whose own header names the envelope: what stands in an address field is a list, and nothing else is. */
function rawProbe(): Probe {
  return {
    ...inFields("", () => ({})),
    usual: "eve@e.example",
    run: (text, recorder) =>
      send(`From: ann@a.example\r\nTo: ${text}\r\nSubject: s\r\n\r\nt\r\n`, {
        ...LIMITS,
        envelopeFromHeaders: true,
        socket: recorder.open,
      }),
    isRaw: true,
    isList: true,
    named: /./,
  };
}
