// @ts-check
/**
 * sendmail: it takes the next envelope behind the dot, and has no CHUNKING.
 *
 * Layer: interop.
 */

import { askClearTextRelay } from "../cases/clear-text-relay.mjs";
import { LIMIT, startSendmail } from "../servers/sendmail.mjs";

export const name = "sendmail";
export const start = startSendmail;

/**
 * @param {Awaited<ReturnType<typeof startSendmail>>} server
 * @param {import("./suites.mjs").Check} check
 */
export async function run(server, check) {
  await askClearTextRelay(server, check, { limit: LIMIT, dsn: "full" });
}
