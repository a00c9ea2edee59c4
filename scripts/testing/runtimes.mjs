// @ts-check
/**
 * The runtimes that the library runs on, from npm, each in a folder of its own below .runtimes/ and installed when first asked
 * for: they are too big for every clone.
 *
 * Layer: scripts.
 */

import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../workspace/root.mjs";
import { runNpm } from "../workspace/run.mjs";

const FOLDER = join(ROOT, ".runtimes");

/** What `@peculiar/x509` asks for. */
const REFLECTION = "node_modules/reflect-metadata/Reflect.js";

/** npm starts it by Node, whatever runs the library. */
const NODE_COMMAND = "packages/cli/";

/** A test that takes longer hangs; in ms. */
const TEST_TIMEOUT = 120_000;

/**
 * @typedef {object} KnownException
 * @property {RegExp} test Names of tests that may fail.
 * @property {string} reason What the runtime does differently.
 */

/**
 * @typedef {object} Runtime
 * @property {string} name As it is asked for: `npm run test:runtimes -- node-22`.
 * @property {string} specifier What npm installs.
 * @property {string} program Path of the program below node_modules/.
 * @property {(files: readonly string[]) => string[]} parameters
 * @property {RegExp} [failure] How its output names a test that failed, where each file gets a process that we start.
 * @property {readonly KnownException[]} exceptions
 * @property {readonly string[]} without Folders whose tests it need not run.
 */

/** @type {readonly Runtime[]} */
export const RUNTIMES = [
  ...["20", "22", "24", "26"].map((version) => ({
    name: `node-${version}`,
    specifier: `node@${version}`,
    program: "node/bin/node",
    parameters: nodeParameters,
    exceptions: [],
    without: [],
  })),
  {
    name: "bun",
    specifier: "bun",
    program: "bun/bin/bun.exe",
    // QUIRK: Bun loads packages before the modules beside them, and the certificates' package must find this one loaded.
    parameters: (files) => [
      "test",
      `--timeout=${TEST_TIMEOUT}`,
      `--preload=./${REFLECTION}`,
      ...files.map((file) => `./${file}`),
    ],
    without: [NODE_COMMAND],
    failure: /^\(fail\) (.*?)(?: \[[\d.]+m?s\])?$/gm,
    exceptions: [
      { test: /a key that is too short is named/, reason: "BoringSSL takes short RSA keys" },
      { test: /a server that misses the client certificate says so/, reason: "BoringSSL words this alert its own way" },
      {
        test: /without tls\.ca the system's authorities decide/,
        reason: "authorities are named by another option of Bun",
      },
      { test: /the name and type of a File are used/, reason: "Bun's File adds a charset to its type" },
      { test: /^an error of another copy of the package/, reason: "one file is one module, whatever its query" },
      { test: /^a redirect is not followed/, reason: "fetch words its failures its own way" },
    ],
  },
  {
    name: "deno",
    specifier: "deno",
    program: "deno/deno",
    parameters: (files) => ["test", "--allow-all", "--no-check", "--quiet", ...files],
    without: [NODE_COMMAND],
    failure: /^(.*?) \.\.\. FAILED/gm,
    exceptions: [
      {
        test: /^an? (?:expired certificate|certificate of the future) |that is (?:expired|not yet valid) fails/,
        reason: "rustls has its own codes for a certificate's time",
      },
      { test: /that is meant for clients fails/, reason: "rustls has its own code for a certificate's purpose" },
      {
        test: /a key that is too (?:weak|short)/,
        reason: "rustls takes no key that OpenSSL would call weak, on either side",
      },
      {
        test: /keys that do not parse are told as options|a key that is none is an error/,
        reason: "keys are read when the handshake needs them",
      },
      { test: /^every reply waits for the delay, and the longest/, reason: "its timers cannot be mocked as a method" },
      {
        test: /^a certificate is made for the asking/,
        reason: "it writes the addresses of a certificate in another form",
      },
      { test: /^channel binding is the same/, reason: "its TLS exports no keying material" },
      { test: /resumes the first one's TLS session/, reason: "its TLS shows no sessions" },
      {
        test: /^https: .*(?:proxy that hangs|an abort rejects|answers garbage)/,
        reason: "a TLS server that does not read is not told that the client left",
      },
      {
        test: /^a provider that cannot be reached, or hangs up|^a certificate that does not hold is an error before/,
        reason: "fetch words its failures its own way",
      },
    ],
  },
];

/**
 * Installs a runtime, unless it is there.
 * @param {Runtime} runtime
 * @returns {Promise<string>} The program.
 */
export async function installRuntime({ name, specifier, program }) {
  const folder = join(FOLDER, name);
  const file = join(folder, "node_modules", program);
  if (existsSync(file)) return file;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true }));
  const { code, output } = await runNpm(["install", "--no-audit", "--no-fund", "--loglevel=error", specifier], {
    cwd: folder,
  });
  if (code !== 0 || !existsSync(file)) throw new Error(`${specifier} could not be installed:\n${output}`);
  return file;
}

/** @param {readonly string[]} files */
function nodeParameters(files) {
  return [
    "--enable-source-maps",
    "--test",
    `--test-timeout=${TEST_TIMEOUT}`,
    "--test-reporter=./scripts/testing/quiet-reporter.mjs",
    "--test-reporter-destination=stdout",
    ...files,
  ];
}
