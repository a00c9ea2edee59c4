// @ts-check
/**
 * Starts the program of a server and stops it with all its children, whatever happens.
 *
 * Layer: interop.
 */

import { spawn } from "node:child_process";
import { connect, createServer } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

/** How long a server may take until it listens, and until it ends: one that has ended is not waited for. */
const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 10_000;

/**
 * @typedef {object} StartOptions
 * @property {readonly (number | string)[]} listens Ports of 127.0.0.1 and paths of Unix sockets to wait for.
 * @property {NodeJS.ProcessEnv} [env]
 * @property {readonly { from: string, to: string }[]} [mounts] Files and folders that this program sees in other places.
 */

/**
 * Ports of 127.0.0.1 that nobody uses now.
 * @param {number} count
 * @returns {Promise<number[]>}
 */
export async function freePorts(count) {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(servers.map(listen));
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/**
 * Starts a program that stays in the foreground, with its own process ids and mounts: when the first process ends, or this
 * one, the kernel ends all others, also those that became daemons.
 * @param {string} command
 * @param {readonly string[]} parameters
 * @param {StartOptions} options
 * @returns {Promise<{ stop: () => Promise<void> }>}
 */
export async function startProgram(command, parameters, options) {
  const mounts = options.mounts ?? [];
  // The shell stays, as the first process: the kernel forgets to end a program with its parent (--kill-child) once that
  // program changes its user, as servers do.
  const script = [
    ...mounts.map(({ from, to }) => `mount --bind ${quote(from)} ${quote(to)} &&`),
    '"$@" & wait $!',
  ].join(" ");
  const isolation = ["--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--propagation", "private"];
  const child = spawn(
    "setpriv",
    ["--pdeathsig", "KILL", "unshare", ...isolation, "sh", "-c", script, "sh", command, ...parameters],
    {
      stdio: ["ignore", "pipe", "pipe"],
      env: options.env ?? process.env,
    },
  );
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (/** @type {string} */ text) => {
      output = (output + text).slice(-4000);
    });
  }
  child.once("error", (error) => {
    output += error.message;
  });
  const ended = new Promise((resolve) => child.once("close", resolve));
  const kill = () => void child.kill("SIGKILL");
  process.once("exit", kill);
  const stop = async () => {
    process.off("exit", kill);
    kill();
    await Promise.race([ended, pause(STOP_LIMIT_MS, undefined, { ref: false })]);
  };
  const start = performance.now();
  for (const place of options.listens) {
    while (!(await answers(place))) {
      if (child.exitCode === null && child.pid !== undefined && performance.now() - start < START_LIMIT_MS) {
        await pause(50);
        continue;
      }
      await stop();
      throw new Error(`${command} does not listen on ${place}: ${output.trim()}`);
    }
  }
  return { stop };
}

/** @param {string} path */
function quote(path) {
  return `'${path.replaceAll("'", "'\\''")}'`;
}

/**
 * @param {import("node:net").Server} server
 * @returns {Promise<number>}
 */
async function listen(server) {
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

/**
 * @param {number | string} place
 * @returns {Promise<boolean>}
 */
export function answers(place) {
  return new Promise((resolve) => {
    const socket = typeof place === "number" ? connect(place, "127.0.0.1") : connect(place);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
