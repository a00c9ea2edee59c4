// @ts-check
/**
 * Puts a server far away: a proxy before it that holds every byte back for a while.
 *
 * Layer: bench.
 */

import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort, startProgram } from "./start.mjs";

const PROGRAM = join(dirname(fileURLToPath(import.meta.url)), "delay-proxy.mjs");

/**
 * @param {import("./start.mjs").Server} server Stopped with the proxy.
 * @param {number} delay Milliseconds, each way.
 * @returns {Promise<import("./start.mjs").Server>}
 */
export async function moveAway(server, delay) {
  const port = await freePort();
  const proxy = await startProgram(process.execPath, [PROGRAM, String(port), String(server.port), String(delay)], port);
  return {
    port,
    stop: async () => {
      await proxy.stop();
      await server.stop();
    },
  };
}
