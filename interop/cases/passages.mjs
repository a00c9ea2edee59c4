// @ts-check
/**
 * Ways through a proxy, and out of luck at one.
 *
 * Layer: interop.
 */

import assert from "node:assert/strict";
import { libraryModule } from "../lab/library.mjs";
import { PASSWORD, USERNAME } from "../servers/people.mjs";
import { withClient } from "./dialogue.mjs";
import { sendNote } from "./single.mjs";

/**
 * @typedef {import("../../packages/postrider/src/index.js").ConnectionOptions} ConnectionOptions
 * @typedef {import("./letters.mjs").Server} Server
 */

/**
 * A message through the proxy, by a name that is not known here.
 * @param {Server} server
 * @param {ConnectionOptions} options
 */
export async function goThrough(server, options) {
  await withClient(options, async (dialogue) => {
    assert.equal(dialogue.client.isSecure, options.startTls !== false);
    await sendNote(server, dialogue);
  });
}

/**
 * The proxy is on this machine and the server is too, and yet no password may go there in clear text.
 * @param {ConnectionOptions} options
 */
export async function keepPassword(options) {
  const { SmtpClient, SmtpTlsError } = await libraryModule();
  const connecting = SmtpClient.connect({ ...options, username: USERNAME, password: PASSWORD });
  await assert.rejects(connecting, (error) => error instanceof SmtpTlsError && error.reason === "PLAINTEXT_AUTH");
}

/**
 * The proxy says no: the error says what it said, names it, and keeps its password.
 * @param {ConnectionOptions} options
 * @param {RegExp} words
 * @param {"never" | "reconnect"} retry
 */
export async function refusedByProxy(options, words, retry) {
  const { SmtpClient, SmtpConnectError } = await libraryModule();
  await assert.rejects(SmtpClient.connect({ timeout: 30_000, ...options }), (error) => {
    assert.ok(error instanceof SmtpConnectError, String(error));
    assert.match(error.message, words);
    assert.equal(error.retry, retry);
    assert.doesNotMatch(error.message, /s3cret|wrong-word/);
    return true;
  });
}
