// @ts-check
/**
 * Starts a server program and stops it again, whatever happens.
 *
 * Layer: bench.
 */

import { spawn } from "node:child_process";
import { connect, createServer } from "node:net";

/**
 * @typedef {object} Server
 * @property {number} port On 127.0.0.1.
 * @property {() => Promise<void>} stop
 */

/** How long a server may take until it listens. */
const START_LIMIT_MS = 10_000;

/** @returns {Promise<number>} A port of 127.0.0.1 that nobody uses now. */
export async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

/**
 * Starts a program that stays in the foreground, and waits until it listens.
 * @param {string} command
 * @param {readonly string[]} parameters
 * @param {number} port
 * @returns {Promise<Server>}
 */
export async function startProgram(command, parameters, port) {
  const child = spawn(command, [...parameters], { stdio: ["ignore", "ignore", "pipe"] });
  let complaints = "";
  child.stderr.setEncoding("utf8").on("data", (/** @type {string} */ text) => {
    complaints = (complaints + text).slice(-2000);
  });
  const ended = new Promise((resolve) => child.once("close", resolve));
  const kill = () => void child.kill("SIGTERM");
  process.once("exit", kill);
  child.once("error", (error) => {
    complaints = error.message;
  });
  const stop = async () => {
    process.off("exit", kill);
    kill();
    await ended;
  };
  try {
    await untilListening(port, () => child.exitCode !== null || child.pid === undefined);
  } catch {
    await stop();
    throw new Error(`${command} did not start: ${complaints.trim()}`);
  }
  return { port, stop };
}

/**
 * @param {number} port
 * @param {() => boolean} isOver
 */
async function untilListening(port, isOver) {
  const start = performance.now();
  while (!(await listens(port))) {
    if (isOver() || performance.now() - start > START_LIMIT_MS) throw new Error("does not listen");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/**
 * @param {number} port
 * @returns {Promise<boolean>}
 */
function listens(port) {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}
