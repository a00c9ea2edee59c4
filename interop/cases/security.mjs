// @ts-check
/**
 * TLS and logging in.
 *
 * Layer: interop.
 */

import assert from "node:assert/strict";
import { libraryModule } from "../lab/library.mjs";
import { PASSWORD, USERNAME } from "../servers/people.mjs";
import { greet, withClient } from "./dialogue.mjs";
import { codes, sendNote } from "./single.mjs";

/**
 * @typedef {import("../../packages/postrider/src/index.js").ConnectionOptions} ConnectionOptions
 * @typedef {import("./letters.mjs").Server} Server
 */

/**
 * The connection becomes secure, and without trust in the certificate there is none.
 * @param {Server} server
 * @param {ConnectionOptions} options
 */
export async function tls(server, options) {
  const { SmtpTlsError } = await libraryModule();
  await assert.rejects(
    withClient({ ...options, tls: {} }, async () => undefined),
    (/** @type {Error} */ error) => error.cause instanceof SmtpTlsError && error.cause.outcome === "not-sent",
  );
  return withClient(options, async (dialogue) => {
    await greet(dialogue.client);
    assert.equal(dialogue.client.isSecure, true);
    assert.equal(dialogue.client.tlsInfo?.authorized, true);
    if (options.useTls !== true) assert.ok(dialogue.sent().includes("STARTTLS"));
    if (options.username === undefined && options.protocol !== "lmtp") await sendNote(server, dialogue);
    return dialogue.client.tlsInfo?.protocol;
  });
}

/**
 * A server that cannot do the TLS it offers. The error says whose fault it is, and nothing was sent.
 * @param {ConnectionOptions} options
 */
export async function brokenTls(options) {
  const { SmtpTlsError } = await libraryModule();
  await assert.rejects(
    withClient(options, async () => undefined),
    (/** @type {Error} */ { cause }) =>
      cause instanceof SmtpTlsError && /an internal error of its own/.test(cause.message),
  );
}

/**
 * Logs in by this mechanism and no other, sends, and is told apart from one who has no right to.
 * @param {Server} server
 * @param {ConnectionOptions} options
 * @param {string} mechanism
 * @param {() => string} [token]
 */
export async function login(server, options, mechanism, token) {
  const secret = token === undefined ? { password: PASSWORD } : { accessToken: token() };
  const wrong = token === undefined ? { password: "wrong" } : { accessToken: `${token()}x` };
  const own = { ...options, username: USERNAME, authMethods: [mechanism] };
  await withClient({ ...own, ...secret }, async (dialogue) => {
    assert.ok(dialogue.sent().some((line) => line.startsWith(`AUTH ${mechanism}`)));
    await sendNote(server, dialogue);
  });
  return refusedLogin({ ...own, ...wrong }, mechanism);
}

/**
 * @param {ConnectionOptions} options
 * @param {string} mechanism
 */
async function refusedLogin(options, mechanism) {
  const { SmtpAuthenticationError } = await libraryModule();
  try {
    await withClient(options, async () => undefined);
  } catch (failure) {
    const error = failure instanceof Error ? failure.cause : undefined;
    if (!(error instanceof SmtpAuthenticationError)) throw failure;
    assert.equal(error.mechanism, mechanism);
    assert.equal(error.reply.code, 535);
    return `yes; wrong: ${codes(error.reply)}`;
  }
  return assert.fail(`${mechanism} lets everybody in`);
}

/**
 * The certificate says who it is; without one, or as somebody else, there is no way in.
 * @param {Server} server
 * @param {ConnectionOptions} options
 * @param {{ key: Buffer, cert: string }} person
 */
export async function externalLogin(server, options, person) {
  const { SmtpNotSupportedError } = await libraryModule();
  const own = { ...options, username: USERNAME, authMethods: ["EXTERNAL"], tls: { ...options.tls, ...person } };
  await withClient(own, async (dialogue) => {
    assert.ok(dialogue.sent().some((line) => line.startsWith("AUTH EXTERNAL")));
    await sendNote(server, dialogue);
  });
  await assert.rejects(
    withClient({ ...own, tls: options.tls }, async () => undefined),
    (/** @type {Error} */ { cause }) => cause instanceof SmtpNotSupportedError,
  );
  return refusedLogin({ ...own, username: "somebody@example.org" }, "EXTERNAL");
}

/**
 * The strongest that both know is taken.
 * @param {Server} server
 * @param {ConnectionOptions} options
 */
export async function strongestLogin(server, options) {
  return withClient({ ...options, username: USERNAME, password: PASSWORD }, async (dialogue) => {
    await sendNote(server, dialogue);
    const [command] = dialogue.sent().filter((line) => line.startsWith("AUTH "));
    return command?.split(" ")[1];
  });
}

/**
 * The server wants a login and there is none: the refusal is an error that says so. The session goes on, or it is closed
 * because the server took the content for commands.
 * @param {ConnectionOptions} options
 */
export async function noLogin(options) {
  return withClient(options, async ({ client }) => {
    const error = await client.send({ from: USERNAME, to: "ann@elsewhere.example", text: "" }).catch((one) => one);
    const reply = error.reply ?? error.refused?.[0]?.reply;
    assert.ok(reply, `the server takes mail from everybody, or: ${error}`);
    const { SmtpDisconnectedError } = await libraryModule();
    const next = await client.noop().catch((one) => one);
    if (next instanceof Error) assert.ok(next instanceof SmtpDisconnectedError, next.message);
    return client.isConnected ? codes(reply) : `${codes(reply)}, and the end`;
  });
}
