// @ts-check
/**
 * What the scripts use of the packages that they build. Loaded by address and not by name: the compiler then takes the types
 * from the sources, built or not.
 *
 * Layer: scripts.
 */

import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT } from "./root.mjs";

/** @returns {Promise<typeof import("../../packages/postrider/src/index.js")>} */
export function libraryModule() {
  return load("packages/postrider/dist/index.js");
}

/** @returns {Promise<typeof import("../../packages/postrider/src/providers.js")>} */
export function providersModule() {
  return load("packages/postrider/dist/providers.js");
}

/** @returns {Promise<typeof import("../../packages/postrider/src/session/state.js")>} */
export function stateModule() {
  return load("build/modules/postrider/session/state.js");
}

/** @returns {Promise<typeof import("../../packages/outbox/src/index.js")>} */
export function outboxModule() {
  return load("packages/outbox/dist/index.js");
}

/** @returns {Promise<typeof import("../../packages/outbox/src/states.js")>} */
export function outboxStatesModule() {
  return load("build/modules/outbox/states.js");
}

/** @returns {Promise<typeof import("../../packages/postrider/src/message/files/media-types.js")>} */
export function mediaTypesModule() {
  return load("build/modules/postrider/message/files/media-types.js");
}

/** @returns {Promise<typeof import("../../packages/inbox/src/index.js")>} */
export function inboxModule() {
  return load("packages/inbox/dist/index.js");
}

/** @returns {Promise<typeof import("../../packages/inbox/src/session.js")>} */
export function sessionModule() {
  return load("packages/inbox/dist/session.js");
}

/** @returns {Promise<typeof import("../../packages/postrider/test/support/certificates.js")>} */
export function certificatesModule() {
  return load("packages/postrider/build/test/support/certificates.js");
}

/** @returns {Promise<typeof import("../../packages/postrider/test/support/http-proxy.js") & typeof import("../../packages/postrider/test/support/socks-proxy.js")>} */
export async function proxyModules() {
  const folder = "packages/postrider/build/test/support";
  return { ...(await load(`${folder}/http-proxy.js`)), ...(await load(`${folder}/socks-proxy.js`)) };
}

/** @returns {Promise<typeof import("../../packages/postrider/test/support/token-server.js")>} */
export function tokenServerModule() {
  return load("packages/postrider/build/test/support/token-server.js");
}

/**
 * @param {string} path From the root.
 * @returns {Promise<any>}
 */
function load(path) {
  return import(String(pathToFileURL(join(ROOT, path))));
}
