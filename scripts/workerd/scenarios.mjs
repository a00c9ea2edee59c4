// @ts-check
/**
 * What must work on workerd, and what must fail there with which words.
 *
 * Layer: scripts. Needs the packages and their tests built.
 */

import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT } from "../workspace/root.mjs";

/** @typedef {import("./stage.mjs").Stage} Stage */
/** @typedef {{ value?: any, error?: { name: string, message: string, code: string, retry: string, outcome: string, option: string } }} Answer */

/**
 * @typedef {object} Tools
 * @property {Stage} stage
 * @property {(action: string, given: object) => Promise<Answer>} ask Has the worker do it.
 */

const LOGIN = { username: "ann", password: "secret" };
const ENVELOPE = { sender: "ann@example.org", recipients: ["bob@example.com"] };

let count = 0;
const message = () => ({ from: "ann@example.org", to: "bob@example.com", subject: `Mail ${++count}`, text: "Hello" });

/** @param {number} port */
const plain = (port) => ({ hostname: "127.0.0.1", port, startTls: false });
/** @param {number} port */
const implicit = (port) => ({ hostname: "localhost", port, useTls: true, ...LOGIN });

/** @param {Answer} answer @param {string} name @param {RegExp} words */
function failed({ error, value }, name, words) {
  assert.equal(error?.name, name, JSON.stringify(error ?? value));
  assert.match(error?.message ?? "", words);
  return error;
}

/** @param {Answer} answer */
function worked({ error, value }) {
  assert.equal(error, undefined, JSON.stringify(error));
  return value;
}

/** @param {Tools} tools @param {"plain" | "starttls" | "implicit"} name @param {object} options @param {boolean} secure */
async function delivers({ stage, ask }, name, options, secure) {
  const mail = message();
  worked(await ask("send", { message: mail, options }));
  const arrived = await stage[name].waitFor(({ subject }) => subject === mail.subject);
  assert.equal(arrived.secure, secure);
}

/**
 * @param {Tools} tools
 * @param {"wrongName" | "expired" | "unknownAuthority"} name Its certificate.
 * @param {"implicit" | "starttls"} mode
 * @param {object} [options]
 */
async function handshake({ stage, ask }, name, mode, options = {}) {
  const inbox = await stage.inbox({ ...stage.certificates[name], mode });
  const way = mode === "implicit" ? { useTls: true } : { startTls: true };
  const mail = { ...message(), subject: undefined };
  const given = {
    message: mail,
    options: { hostname: "localhost", port: inbox.smtpPort, ...way, ...LOGIN, ...options },
  };
  return { answer: await ask("send", given), inbox };
}

const TRUST = /certificate is for localhost, has not expired, and comes with its whole chain from a public authority/;

/** @type {readonly (readonly [string, (tools: Tools) => Promise<void>])[]} */
export const SCENARIOS = [
  ["plain SMTP", (tools) => delivers(tools, "plain", { ...plain(tools.stage.plain.smtpPort), ...LOGIN }, false)],
  [
    "EHLO has no address that is not this machine's",
    async ({ stage, ask }) => {
      const lines = worked(
        await ask("dialogue", { message: message(), options: { ...plain(stage.plain.smtpPort), ...LOGIN } }),
      );
      assert.ok(lines.includes("EHLO [127.0.0.1]"), lines.join("\n"));
    },
  ],
  [
    "STARTTLS and AUTH",
    (tools) => {
      const options = { hostname: "localhost", port: tools.stage.starttls.smtpPort, startTls: true, ...LOGIN };
      return delivers(tools, "starttls", options, true);
    },
  ],
  [
    "STARTTLS where it is offered, unasked",
    (tools) =>
      delivers(tools, "starttls", { hostname: "localhost", port: tools.stage.starttls.smtpPort, ...LOGIN }, true),
  ],
  [
    "TLS from the first byte, and AUTH",
    (tools) => delivers(tools, "implicit", implicit(tools.stage.implicit.smtpPort), true),
  ],
  [
    "TLS with an address in place of a name",
    (tools) => delivers(tools, "implicit", { ...implicit(tools.stage.implicit.smtpPort), hostname: "127.0.0.1" }, true),
  ],
  [
    "a wrong password is the server's refusal",
    async ({ stage, ask }) => {
      const options = { ...implicit(stage.implicit.smtpPort), password: "wrong" };
      failed(await ask("send", { message: message(), options }), "SmtpAuthenticationError", /535/);
    },
  ],
  .../** @type {const} */ (["implicit", "starttls"]).flatMap((way) =>
    /** @type {const} */ (["wrongName", "expired", "unknownAuthority"]).map(
      (name) =>
        /** @type {[string, (tools: Tools) => Promise<void>]} */ ([
          `${way}: a certificate of the kind ${name} is refused, and the error says what to check`,
          async (tools) => {
            const { answer, inbox } = await handshake(tools, name, way);
            failed(answer, "SmtpTlsError", TRUST);
            assert.equal(inbox.messages.length, 0);
          },
        ]),
    ),
  ),
  [
    "tls.servername is the name that is checked",
    async (tools) => {
      for (const mode of /** @type {const} */ (["implicit", "starttls"])) {
        const tls = { servername: "other.example.com" };
        worked((await handshake(tools, "wrongName", mode, { tls })).answer);
      }
    },
  ],
  [
    "tlsInfo says what is known",
    async ({ stage, ask }) => {
      const tlsInfo = { protocol: "unknown", cipher: "unknown", authorized: true };
      const answer = await ask("connect", { options: implicit(stage.implicit.smtpPort) });
      assert.deepEqual(worked(answer), { isSecure: true, tlsInfo });
    },
  ],
  [
    "STARTTLS that was stripped from the offer is an error, and no credentials leave",
    async ({ stage, ask }) => {
      const server = await stage.serve({ extensions: ["AUTH PLAIN"] });
      const options = { hostname: "localhost", port: server.port, startTls: true, ...LOGIN };
      failed(await ask("connect", { options }), "SmtpNotSupportedError", /does not offer STARTTLS/);
      assert.ok(!server.verbs.includes("AUTH"));
    },
  ],
  [
    "a reply injected behind the 220 to STARTTLS is refused, in the same segment and in a later one",
    async ({ stage, ask }) => {
      const { bytes, all } = stage.script;
      for (const reply of [bytes("220 go\r\n250 injected\r\n"), all("220 go", bytes("250 injected\r\n"))]) {
        const server = await stage.serve(
          { extensions: ["STARTTLS"], replies: { STARTTLS: reply } },
          { tls: stage.certificates.server },
        );
        const options = { hostname: "localhost", port: server.port, startTls: true, ...LOGIN };
        failed(
          await ask("connect", { options }),
          "SmtpTlsError",
          /injected|tampering|clear text|gave up the handshake/,
        );
        assert.doesNotMatch(String(server.verbs.slice(2)), /EHLO|AUTH|MAIL/);
      }
    },
  ],
  [
    "TLS to a plain port is explained",
    async ({ stage, ask }) => {
      const options = implicit(stage.plain.smtpPort);
      failed(await ask("connect", { options }), "SmtpTlsError", /speaks TLS from the first byte.*set startTls: true/);
    },
  ],
  [
    "a server that asks for a client certificate is explained",
    async ({ stage, ask }) => {
      const { ca, server: own } = stage.certificates;
      const tls = { ...own, ca, requestCert: true, rejectUnauthorized: true };
      const server = await stage.serve({}, { implicitTls: true, tls });
      const options = { hostname: "localhost", port: server.port, useTls: true };
      failed(
        await ask("connect", { options }),
        "SmtpDisconnectedError",
        /client certificate, which Workers cannot show/,
      );
    },
  ],
  [
    "a signature of DKIM is verified by the inbox",
    async ({ stage, ask }) => {
      const { privateKey, publicKey } = generateKeyPairSync("ed25519");
      const key = publicKey.export({ type: "spki", format: "der" }).subarray(-32).toString("base64");
      const mail = message();
      const dkim = {
        domain: "example.org",
        selector: "s",
        privateKey: privateKey.export({ type: "pkcs8", format: "pem" }),
      };
      worked(await ask("dkim", { message: mail, options: implicit(stage.implicit.smtpPort), dkim }));
      const { raw } = await stage.implicit.waitFor(({ subject }) => subject === mail.subject);
      const file = join(ROOT, "build/modules/inbox/checks/dkim/signature-check.js");
      const { checkSignatures } = await import(String(pathToFileURL(file)));
      const found = checkSignatures(raw, { "s._domainkey.example.org": `v=DKIM1; k=ed25519; p=${key}` });
      assert.deepEqual(
        found.map((/** @type {{ level: string }} */ { level }) => level),
        ["ok"],
        JSON.stringify(found),
      );
    },
  ],
  [
    "a pool in a request",
    async ({ stage, ask }) => {
      const stats = worked(
        await ask("pool", { message: message(), options: implicit(stage.implicit.smtpPort), count: 20 }),
      );
      assert.equal(stats.sent, 20);
    },
  ],
  [
    "a pool in a Durable Object keeps its connection over three requests",
    async ({ stage, ask }) => {
      const server = await stage.serve({}, { implicitTls: true, tls: stage.certificates.server });
      const options = { hostname: "localhost", port: server.port, useTls: true, maxConnections: 1 };
      for (const sent of [1, 2, 3]) {
        const stats = worked(await ask("durable", { message: message(), options }));
        assert.deepEqual([stats.sent, stats.open], [sent, 1]);
      }
      assert.equal(server.connections.length, 1);
    },
  ],
  [
    "a pool, or a client, of the module is an error in the second request, which names the two ways that work",
    async ({ stage, ask }) => {
      const ways =
        /belongs to the request that opened it: keep the pool in a Durable Object, or call send\(\) in each request/;
      for (const action of ["module-pool", "module-client"]) {
        const given = { message: message(), options: implicit(stage.implicit.smtpPort) };
        worked(await ask(action, given));
        for (const _ of ["second", "third"]) {
          const error = failed(await ask(action, given), "SmtpConnectError", ways);
          assert.deepEqual([error?.retry, error?.outcome], ["never", "not-sent"]);
        }
      }
      failed(await ask("module-verify", {}), "SmtpConnectError", ways);
    },
  ],
  [
    "5 MB from a stream",
    async ({ stage, ask }) => {
      const size = 5_000_000;
      worked(await ask("stream", { size, options: { ...implicit(stage.implicit.smtpPort), ...ENVELOPE } }));
      await stage.implicit.waitFor((one) => one.size >= size);
    },
  ],
  [
    "an abort in the content rejects with its reason, and the server gets no whole message",
    async ({ stage, ask }) => {
      const server = await stage.serve();
      const options = { ...plain(server.port), ...ENVELOPE };
      failed(await ask("abort", { size: 5_000_000, options }), "Error", /^enough$/);
      await server.allEnded();
      assert.deepEqual(server.messages, []);
    },
  ],
  [
    "close() while a write waits for the server settles the send and closes the socket",
    async ({ stage, ask }) => {
      const { port, ended } = await stage.deaf();
      assert.equal(worked(await ask("stalled", { options: plain(port), envelope: ENVELOPE })), "not-sent");
      await ended;
    },
  ],
  [
    "a connection that failed is closed before its request ends, in which a Durable Object may live for days",
    async ({ stage, ask }) => {
      const server = await stage.serve({ replies: { EHLO: stage.script.bytes("no reply of SMTP\r\n") } });
      const until = await stage.web((_request, response) => void server.allEnded().then(() => response.end()));
      const given = { message: message(), options: plain(server.port), until };
      assert.equal(worked(await ask("lingering", given)), "not-sent");
    },
  ],
  [
    "an access token of OAuth 2 is fetched; a redirect is not followed",
    async ({ stage, ask }) => {
      const server = await stage.serve(
        { extensions: ["AUTH XOAUTH2"], replies: { AUTH: "235 ok" } },
        { implicitTls: true, tls: stage.certificates.server },
      );
      const url = await stage.web((request, response) => {
        if (request.url === "/moved") response.writeHead(307, { Location: "/token" });
        response.end('{"access_token":"t","token_type":"Bearer","expires_in":3600}');
      });
      const options = { hostname: "localhost", port: server.port, useTls: true, username: "ann" };
      const token = { clientId: "postrider", clientSecret: "secret", refreshToken: "refresh" };
      const asked = (/** @type {string} */ path) =>
        ask("oauth2", { message: message(), options, token: { ...token, tokenUrl: `${url}${path}` } });
      worked(await asked("/token"));
      failed(await asked("/moved"), "OAuthTokenError", /was redirected/);
    },
  ],
  [
    "a port that refuses says what to check",
    async ({ stage, ask }) => {
      const options = { hostname: "localhost", port: stage.closedPort };
      const words = new RegExp(`localhost:${stage.closedPort}.*Check hostname and port.*private addresses`);
      const error = failed(await ask("connect", { options }), "SmtpConnectError", words);
      assert.equal(error?.retry, "later");
      failed(
        await ask("connect", { options: { hostname: "127.0.0.1", port: 25 } }),
        "SmtpConnectError",
        /block port 25/,
      );
    },
  ],
  [
    "a server that leaves behind the content is an unknown outcome",
    async ({ stage, ask }) => {
      const server = await stage.serve({ replies: { CONTENT: stage.script.close } });
      const error = failed(
        await ask("send", { message: message(), options: plain(server.port) }),
        "SmtpDisconnectedError",
        /closed the connection/,
      );
      assert.equal(error?.outcome, "unknown");
    },
  ],
  [
    "refused recipients are results",
    async ({ stage, ask }) => {
      const server = await stage.serve({ replies: { RCPT: stage.script.inTurn("550 5.1.1 nobody", "250 ok") } });
      const mail = { ...message(), to: ["nobody@example.com", "bob@example.com"] };
      const value = worked(await ask("send", { message: mail, options: plain(server.port) }));
      assert.deepEqual(value.accepted, ["bob@example.com"]);
      assert.equal(value.refused.length, 1);
    },
  ],
  [
    "options that the runtime would ignore are errors, and nothing is opened",
    async ({ stage, ask }) => {
      const server = await stage.serve();
      for (const [option, value] of [
        ["localAddress", { localAddress: "127.0.0.1" }],
        ["proxy", { proxy: "http://proxy.example:3128" }],
        ["tls.ca", { tls: { ca: stage.certificates.ca } }],
        ["tls.rejectUnauthorized", { tls: { rejectUnauthorized: false } }],
        ["tls.minVersion", { tls: { minVersion: "TLSv1.3" } }],
      ]) {
        const answer = await ask("connect", { options: { ...plain(server.port), .../** @type {object} */ (value) } });
        assert.equal(failed(answer, "OptionError", /not supported on Cloudflare Workers/)?.option, option);
      }
      failed(await ask("connect", { options: { socketPath: "/tmp/none" } }), "OptionError", /Cloudflare Workers/);
      assert.equal(server.connections.length, 0);
    },
  ],
  [
    "`socket` inside TLS, and `socket` that is upgraded, as a function and as it is",
    async ({ stage, ask }) => {
      for (const isOnce of [false, true]) {
        const mail = message();
        const address = { hostname: "localhost", port: stage.implicit.smtpPort };
        worked(await ask("socket", { message: mail, address, secureTransport: "on", options: LOGIN, isOnce }));
        assert.ok((await stage.implicit.waitFor(({ subject }) => subject === mail.subject)).secure);
        const other = message();
        const options = { hostname: "localhost", startTls: true, ...LOGIN };
        const port = stage.starttls.smtpPort;
        const given = { message: other, address: { ...address, port }, secureTransport: "starttls", options, isOnce };
        worked(await ask("socket", given));
        assert.ok((await stage.starttls.waitFor(({ subject }) => subject === other.subject)).secure);
      }
    },
  ],
  [
    "`socket` whose host is not the one that hostname names is checked against hostname",
    async ({ stage, ask }) => {
      const address = { hostname: "localhost", port: stage.starttls.smtpPort };
      const given = { message: message(), address, secureTransport: "starttls" };
      const answer = await ask("socket", { ...given, options: { hostname: "no.example", startTls: true } });
      failed(answer, "SmtpTlsError", /certificate is for no\.example/);
    },
  ],
  [
    "node:tls is never used: a stream of node:net carries SMTP, and no TLS",
    async ({ stage, ask }) => {
      const address = { hostname: "127.0.0.1", port: stage.starttls.smtpPort };
      const options = { hostname: "localhost", startTls: true, ...LOGIN };
      const answer = await ask("node-socket", { message: message(), address, options });
      failed(answer, "SmtpTlsError", /no TLS over a stream of Node.*cloudflare:sockets/);
      const server = await stage.serve();
      worked(await ask("node-socket", { message: message(), address: { ...address, port: server.port }, options: {} }));
      assert.equal(server.connections[0]?.lines[0], "EHLO [127.0.0.1]");
    },
  ],
];
