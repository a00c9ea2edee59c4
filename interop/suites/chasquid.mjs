// @ts-check
/**
 * chasquid: it drops what comes ahead of a verdict, without a word.
 *
 * Layer: interop.
 */

import { askClearTextRelay } from "../cases/clear-text-relay.mjs";
import { login, noLogin, strongestLogin, tls } from "../cases/security.mjs";
import { LIMIT, startChasquid } from "../servers/chasquid.mjs";
import { FEATURES } from "../table.mjs";

export const name = "chasquid";
export const start = startChasquid;

/**
 * @param {Awaited<ReturnType<typeof startChasquid>>} server
 * @param {import("./suites.mjs").Check} check
 */
export async function run(server, check) {
  const { plain, submission, user } = server;

  await check(FEATURES.startTls, () => tls(server, { ...submission, ...user }));
  await check(FEATURES.authPlain, () => login(server, submission, "PLAIN"));
  await check(FEATURES.strongest, () => strongestLogin(server, submission));
  await check(FEATURES.noLogin, () => noLogin(plain));
  await askClearTextRelay(server, check, { limit: LIMIT, dsn: "none" });
}
