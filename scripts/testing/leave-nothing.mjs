// @ts-check
/**
 * Loaded before each test file: a file whose tests have ended, but not what they opened, fails with the names of that. Node would say
 * nothing until the time for the file is over.
 *
 * Layer: scripts.
 */

import { isMainThread } from "node:worker_threads";

/** How long closing may take, a browser's too, on a busy machine; in ms. */
const GRACE = Number(process.env["LEAVE_GRACE_MS"] ?? 60_000);

/** For `node --import`. */
export const LEAVE_NOTHING = import.meta.url;

// Not in the programs and workers that a test starts.
const [, file = ""] = process.argv;
if (isMainThread && process.env["NODE_TEST_CONTEXT"] !== undefined && /\.test\.m?js$/.test(file)) {
  // Before a test puts its own clock in place.
  const { setTimeout } = globalThis;
  const { after } = await import("node:test");
  after(() => {
    const say = () => {
      const open = process.getActiveResourcesInfo().join(", ");
      console.error(`${file}: ${GRACE / 1000} s after its last test something is open: ${open}`);
      process.exit(1);
    };
    setTimeout(say, GRACE).unref();
  });
}
