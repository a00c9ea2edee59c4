// @ts-check
/**
 * workerd: installed on demand, configured, started and ended; and the bundle of a worker, made as wrangler makes it.
 *
 * Layer: scripts.
 */

import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { build } from "esbuild";

const MODULE = "worker.js";

/** How long workerd may take to answer its first request; in ms. */
const START_LIMIT = 20_000;

/**
 * Bundles and minifies a worker.
 * @param {string} entry
 * @param {string} folder Where the packages are installed.
 * @returns {Promise<string>} The code.
 */
export async function bundleWorker(entry, folder) {
  const { outputFiles } = await build({
    entryPoints: [entry],
    nodePaths: [join(folder, "node_modules")],
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    platform: "browser",
    target: "es2024",
    conditions: ["workerd", "worker", "browser"],
    external: ["node:*", "cloudflare:*"],
    logLevel: "warning",
  });
  return outputFiles[0]?.text ?? "";
}

/**
 * @typedef {object} Settings
 * @property {string} code The worker.
 * @property {string} compatibilityDate
 * @property {string} ca The authority that the runtime trusts, beside those of browsers.
 * @property {boolean} [hasBox] The worker has a Durable Object called Box.
 */

/**
 * @param {string} program
 * @param {string} folder An empty one.
 * @param {Settings} settings
 * @returns {Promise<{ url: string, output: () => string, startTime: number, stop: () => Promise<void> }>} `startTime`: milliseconds
 *   that the process has worked up to the first answer: on a machine that does much else, the clock tells of that.
 */
export async function startWorkerd(program, folder, { code, compatibilityDate, ca, hasBox = false }) {
  const port = await freePort();
  writeFileSync(join(folder, MODULE), code);
  writeFileSync(join(folder, "ca.pem"), ca);
  writeFileSync(join(folder, "config.capnp"), configuration(port, compatibilityDate, hasBox));
  const start = performance.now();
  const child = spawn(program, ["serve", "config.capnp"], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text) => {
      output += text;
    });
  }
  const ended = new Promise((resolve) => child.once("close", resolve));
  const url = `http://127.0.0.1:${port}`;
  const stop = async () => {
    child.kill("SIGKILL");
    await ended;
  };
  while (!(await answers(url))) {
    if (child.exitCode !== null || performance.now() - start > START_LIMIT) {
      await stop();
      throw new Error(`workerd does not answer:\n${output}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return { url, output: () => output, startTime: workOf(child.pid) ?? performance.now() - start, stop };
}

/**
 * Milliseconds on a processor, of all threads; undefined where the system does not tell.
 * @param {number | undefined} process
 */
function workOf(process) {
  const folder = `/proc/${process}/task`;
  if (!existsSync(folder)) return undefined;
  const each = readdirSync(folder).map((thread) => readFileSync(join(folder, thread, "schedstat"), "utf8"));
  return each.reduce((sum, text) => sum + Number(text.split(" ")[0]) / 1e6, 0);
}

/** @param {string} url */
function answers(url) {
  return fetch(url).then(
    (response) => response.text().then(() => response.ok),
    () => false,
  );
}

/**
 * @param {number} port
 * @param {string} date
 * @param {boolean} hasBox
 */
function configuration(port, date, hasBox) {
  const box = `bindings = [ (name = "BOX", durableObjectNamespace = "Box") ],
    durableObjectNamespaces = [ (className = "Box", uniqueKey = "box") ], durableObjectStorage = (inMemory = void),`;
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = (
      modules = [ (name = "worker", esModule = embed "${MODULE}") ],
      ${hasBox ? box : ""}
      compatibilityDate = "${date}", compatibilityFlags = ["nodejs_compat"],
    )),
    (name = "internet", network = (
      allow = ["public", "private"],
      tlsOptions = (trustBrowserCas = true, trustedCertificates = [ embed "ca.pem" ]),
    )),
  ],
  sockets = [ (name = "http", address = "127.0.0.1:${port}", http = (), service = "main") ],
);
`;
}

/** @returns {Promise<number>} A port that was free a moment ago: workerd does not tell which one it took. */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

/**
 * The binary that the package brings for this machine; the one at `bin/` is a script that starts it.
 * @param {string} modules
 */
export function workerdBinary(modules) {
  const scope = join(modules, "@cloudflare");
  const [platform] = readdirSync(scope).filter((name) => name.startsWith("workerd-"));
  if (platform === undefined) throw new Error("workerd has no binary for this machine");
  return join(scope, platform, "bin", process.platform === "win32" ? "workerd.exe" : "workerd");
}

/**
 * The newest compatibility date that it knows.
 * @param {string} modules
 */
export function newestDate(modules) {
  const { version } = JSON.parse(readFileSync(join(modules, "workerd", "package.json"), "utf8"));
  const [, year, month, day] = /^\d+\.(\d{4})(\d\d)(\d\d)\./.exec(version) ?? [];
  return `${year}-${month}-${day}`;
}
