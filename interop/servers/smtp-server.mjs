// @ts-check
/**
 * smtp-server, the one of npm, in this process: with STARTTLS, and inside TLS. It keeps what comes in memory.
 *
 * Layer: interop.
 */

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { SMTPServer } from "smtp-server";
import { makeCertificate, makeFolder } from "../lab/folder.mjs";
import { Mailboxes, refuse } from "../mail/mailboxes.mjs";
import { PASSWORD, USERNAME } from "./people.mjs";

/**
 * @typedef {import("smtp-server").SMTPServerAuthentication} Authentication
 * @typedef {import("smtp-server").SMTPServerAuthenticationResponse} AuthenticationResponse
 */

/** Announced by SIZE. */
export const LIMIT = 1_000_000;

/** What it takes for a good token. */
const TOKEN = "good-token";

export async function startSmtpServer() {
  const folder = makeFolder("smtp-server");
  const { ca, key, cert } = makeCertificate(folder);
  const identity = { key: readFileSync(key), cert: readFileSync(cert) };
  folder.remove();
  const mailboxes = new Mailboxes();
  const [open, secure] = [false, true].map((isSecure) => makeServer(mailboxes, identity, isSecure));
  if (open === undefined || secure === undefined) throw new TypeError("no servers");
  const [plain, smtps] = await Promise.all([listen(open), listen(secure)]);
  return {
    version: createRequire(import.meta.url)("smtp-server/package.json").version,
    plain: { hostname: "127.0.0.1", port: plain, startTls: false },
    submission: { hostname: "localhost", port: plain, tls: { ca } },
    smtps: { hostname: "localhost", port: smtps, useTls: true, tls: { ca } },
    token: () => TOKEN,
    take: () => mailboxes.take(),
    stop: async () => {
      await Promise.all(
        [open, secure].map((server) => new Promise((resolve) => server.close(() => resolve(undefined)))),
      );
    },
  };
}

/**
 * @param {Mailboxes} mailboxes
 * @param {{ key: Buffer, cert: Buffer }} identity
 * @param {boolean} secure
 */
function makeServer(mailboxes, identity, secure) {
  const server = new SMTPServer({
    ...identity,
    secure,
    size: LIMIT,
    authOptional: !secure,
    authMethods: ["PLAIN", "LOGIN", "CRAM-MD5", "XOAUTH2"],
    disableReverseLookup: true,
    onAuth: (auth, _session, done) => authenticate(auth, done),
    onRcptTo: ({ address }, _session, done) =>
      mailboxes.has(address) ? done() : done(refuse(550, "5.1.1 no such mailbox")),
    onData: (stream, session, done) => {
      /** @type {Buffer[]} */
      const pieces = [];
      stream.on("data", (/** @type {Buffer} */ piece) => pieces.push(piece));
      stream.once("end", () => {
        if (stream.sizeExceeded) return done(refuse(552, "5.3.4 too large"));
        mailboxes.put(
          session.envelope.rcptTo.map(({ address }) => address),
          Buffer.concat(pieces),
        );
        done();
      });
    },
  });
  // Clients that go away without a word are part of the tests.
  server.on("error", () => undefined);
  return server;
}

/**
 * @param {Authentication} auth
 * @param {(error: Error | null, response?: AuthenticationResponse) => void} done
 */
function authenticate(auth, done) {
  const isRight =
    auth.method === "XOAUTH2"
      ? auth.accessToken === TOKEN
      : auth.method === "CRAM-MD5"
        ? auth.validatePassword(PASSWORD)
        : auth.password === PASSWORD;
  if (auth.username === USERNAME && isRight) done(null, { user: USERNAME });
  else done(refuse(535, "5.7.8 wrong"));
}

/**
 * @param {SMTPServer} server
 * @returns {Promise<number>}
 */
async function listen(server) {
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const address = server.server.address();
  if (address === null || typeof address === "string") throw new TypeError("no port");
  return address.port;
}
