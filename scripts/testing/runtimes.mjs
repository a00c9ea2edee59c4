// @ts-check
/**
 * The runtimes that the library runs on, from npm, each in a folder of its own below .runtimes/ and installed when first asked
 * for: they are too big for every clone.
 *
 * Layer: scripts.
 */

import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ROOT } from "../workspace/root.mjs";
import { runNpm } from "../workspace/run.mjs";

const FOLDER = join(ROOT, ".runtimes");

/** Bun's program has it everywhere. */
const EXE = process.platform === "win32" ? ".exe" : "";

/** What `@peculiar/x509` asks for. */
const REFLECTION = "node_modules/reflect-metadata/Reflect.js";

/** npm starts it by Node, whatever runs the library. */
const NODE_COMMAND = "packages/cli/";

/** A runtime of Node's kind has no double of the sockets of Cloudflare Workers but Node itself. */
const WORKERS = "packages/postrider/build/test/web/";

/** A test that takes longer hangs; in ms. */
const TEST_TIMEOUT = 120_000;

/**
 * @typedef {object} Runtime
 * @property {string} name As it is asked for: `npm run test:runtimes -- node-22`.
 * @property {string} specifier What npm installs.
 * @property {string} program Path of the program below node_modules/.
 * @property {(files: readonly string[]) => string[]} tests Parameters that run test files.
 * @property {import("./runtime-programs.mjs").ProgramRuns} programs How it runs programs of the packed library.
 * @property {boolean} fileByFile Whether each test file gets a process that we start: its own runner would share one.
 * @property {readonly string[]} without Folders whose tests it need not run.
 */

/** @type {readonly Runtime[]} */
export const RUNTIMES = [
  ...["20", "22", "24", "26"].map((version) => ({
    name: `node-${version}`,
    specifier: `node@${version}`,
    program: `node/bin/node${EXE}`,
    tests: nodeTests,
    programs: version === "26" ? nodePermissions() : { delivers: [] },
    fileByFile: false,
    without: [],
  })),
  {
    name: "bun",
    specifier: "bun",
    program: "bun/bin/bun.exe",
    // QUIRK: Bun loads packages before the modules beside them, and the certificates' package must find this one loaded.
    tests: (files) => [
      "test",
      `--timeout=${TEST_TIMEOUT}`,
      `--preload=./${REFLECTION}`,
      ...files.map((file) => `./${file}`),
    ],
    programs: {
      delivers: ["run"],
      compile: (file) => ["build", "--compile", "delivery-program.mjs", "--outfile", file],
    },
    fileByFile: true,
    without: [NODE_COMMAND, WORKERS],
  },
  {
    name: "deno",
    specifier: "deno",
    program: `deno/deno${EXE}`,
    // The tests themselves start processes and write files; the programs below run with the network alone.
    tests: (files) => ["test", "--allow-all", "--no-check", "--quiet", ...files],
    programs: {
      delivers: ["run", "--no-prompt", "--allow-net"],
      denied: ["run", "--no-prompt"],
      denial: /--allow-(?:net|read)/,
    },
    fileByFile: true,
    without: [NODE_COMMAND, WORKERS],
  },
];

/**
 * Installs a runtime, unless it is there.
 * @param {Runtime} runtime
 * @returns {Promise<string>} The program.
 */
export function installRuntime({ name, specifier, program }) {
  return install(name, [specifier], program);
}

/**
 * Installs workerd, the runtime of Cloudflare Workers, and the types of what it has.
 * @returns {Promise<string>} Its node_modules.
 */
export async function installWorkerd() {
  return dirname(dirname(await install("workerd", ["workerd", "@cloudflare/workers-types"], "workerd/package.json")));
}

/**
 * @param {string} name
 * @param {readonly string[]} specifiers
 * @param {string} program
 */
async function install(name, specifiers, program) {
  const folder = join(FOLDER, name);
  const file = join(folder, "node_modules", program);
  if (existsSync(file)) return file;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true }));
  const { code, output } = await runNpm(["install", "--no-audit", "--no-fund", "--loglevel=error", ...specifiers], {
    cwd: folder,
  });
  if (code !== 0 || !existsSync(file)) throw new Error(`${specifiers.join(", ")} could not be installed:\n${output}`);
  return file;
}

/** @param {readonly string[]} files */
function nodeTests(files) {
  return [
    "--enable-source-maps",
    "--test",
    `--test-timeout=${TEST_TIMEOUT}`,
    "--test-reporter=./scripts/testing/quiet-reporter.mjs",
    "--test-reporter-destination=stdout",
    ...files,
  ];
}

/** Node's permission model has a flag for the network from version 25. @returns {import("./runtime-programs.mjs").ProgramRuns} */
function nodePermissions() {
  const denied = ["--permission", "--allow-fs-read=*"];
  return { delivers: [...denied, "--allow-net"], denied, denial: /--allow-net/ };
}
