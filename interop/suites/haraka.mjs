// @ts-check
/**
 * Haraka: it takes nothing ahead of a verdict.
 *
 * Layer: interop.
 */

import { askClearTextRelay } from "../cases/clear-text-relay.mjs";
import { LIMIT, startHaraka } from "../servers/haraka.mjs";

export const name = "Haraka";
export const start = startHaraka;

/**
 * @param {Awaited<ReturnType<typeof startHaraka>>} server
 * @param {import("./suites.mjs").Check} check
 */
export async function run(server, check) {
  await askClearTextRelay(server, check, { limit: LIMIT, dsn: "none" });
}
