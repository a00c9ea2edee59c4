// @ts-check
/**
 * Postfix's smtp-sink: written in C, it takes mail and throws it away. It offers PIPELINING, not CHUNKING.
 *
 * Layer: bench.
 */

import { onOneCore } from "../lab/one-core.mjs";
import { findProgram, installDebian } from "../lab/peers.mjs";
import { freePort, startProgram } from "./start.mjs";

/** @returns {Promise<import("./start.mjs").Server>} */
export function startSmtpSink() {
  return start((program) => program);
}

/** On the core on which its clients are. @returns {Promise<import("./start.mjs").Server>} */
export function startSmtpSinkOnOneCore() {
  return start(onOneCore);
}

/**
 * @param {(program: import("../lab/one-core.mjs").Program) => import("../lab/one-core.mjs").Program} place
 * @returns {Promise<import("./start.mjs").Server>}
 */
async function start(place) {
  if (findProgram("smtp-sink") === undefined) installDebian(["postfix"]);
  const program = findProgram("smtp-sink");
  if (program === undefined) throw new Error("smtp-sink is missing: install Postfix (Debian: apt-get install postfix)");
  const port = await freePort();
  // As root it wants to be told whose rights to take.
  const user = process.getuid?.() === 0 ? ["-u", "nobody"] : [];
  const sink = place({ command: program, parameters: [...user, "-m", "1000", `127.0.0.1:${port}`, "1000"] });
  return startProgram(sink.command, sink.parameters, port);
}
