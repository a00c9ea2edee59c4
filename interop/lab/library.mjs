// @ts-check
/**
 * The library as it is published, and the one thing that it does not publish: composing a message for servers that take eight
 * bits, to know what must arrive there.
 *
 * Layer: interop.
 */

import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { MODULES } from "../../scripts/workspace/root.mjs";

export { libraryModule } from "../../scripts/workspace/built.mjs";

/** @returns {Promise<typeof import("../../packages/postrider/src/message/compose.js")>} */
export function composeModule() {
  return import(String(pathToFileURL(join(MODULES, "postrider", "message", "compose.js"))));
}
