// @ts-check
/**
 * The other programs: Node packages, installed into bench/.peers when they are first needed so that they weigh on nobody
 * else, and those of Debian.
 *
 * Layer: bench.
 */

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { ROOT, readJson } from "../../scripts/workspace/root.mjs";
import { runNpm } from "../../scripts/workspace/run.mjs";

const FOLDER = join(ROOT, "bench", ".peers");

/** Exact: a ratio to "whatever was newest" cannot be compared with last month's. */
const PACKAGES = /** @type {const} */ ({
  nodemailer: "10.6.0",
  emailjs: "5.0.3",
  "@upyo/smtp": "0.4.0",
  "@upyo/core": "0.4.0",
});

/** Debian's, not one that comes first in the PATH: its modules are Debian's packages. */
const PYTHON = "/usr/bin/python3";

/**
 * Makes the Node packages present.
 * @returns {Promise<string[]>} What cannot be had, one sentence each.
 */
export async function installPeers() {
  if (Object.entries(PACKAGES).every(([name, version]) => installedVersion(name) === version)) return [];
  mkdirSync(FOLDER, { recursive: true });
  const manifest = { private: true, type: "module", dependencies: PACKAGES };
  writeFileSync(join(FOLDER, "package.json"), `${JSON.stringify(manifest, undefined, 2)}\n`);
  const { code, output } = await runNpm(["install", "--no-audit", "--no-fund", "--loglevel=error"], { cwd: FOLDER });
  if (code === 0) return [];
  return [`The Node packages to compare with could not be installed: ${output.trim().split("\n")[0]}`];
}

/**
 * @param {string} name Package name.
 * @returns {string | undefined} Undefined when it is not installed.
 */
export function installedVersion(name) {
  const manifest = join(FOLDER, "node_modules", name, "package.json");
  return existsSync(manifest) ? readJson(manifest).version : undefined;
}

/**
 * Where a client program finds the packages: it is given to it as part of its job.
 * @returns {string}
 */
export function peersFolder() {
  return FOLDER;
}

/** @returns {{ command: string, version: string } | undefined} Python and its version. */
export function findPython() {
  const version = ask(PYTHON, ["-c", "import platform; print(platform.python_version())"]);
  return version === undefined ? undefined : { command: PYTHON, version };
}

/** @returns {string | undefined} */
export function aiosmtplibVersion() {
  return ask(PYTHON, ["-c", "import aiosmtplib; print(aiosmtplib.__version__)"]);
}

/** @returns {string | undefined} */
export function postfixVersion() {
  const postconf = findProgram("postconf");
  return postconf === undefined ? undefined : ask(postconf, ["-h", "-d", "mail_version"]);
}

/**
 * Finds a program also where Debian puts those for administrators.
 * @param {string} name
 * @returns {string | undefined}
 */
export function findProgram(name) {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/sbin"];
  return folders.map((folder) => join(folder, name)).find((file) => existsSync(file));
}

/**
 * Makes Debian packages present, when this is a Debian and we may.
 * @param {readonly string[]} names
 * @returns {boolean} false when we may not, or it failed.
 */
export function installDebian(names) {
  if (process.getuid?.() !== 0 || findProgram("apt-get") === undefined) return false;
  console.error(`Installing ${names.join(", ")} (apt-get)`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  return ask("apt-get", ["install", "-y", "-q", "--no-install-recommends", ...names], env) !== undefined;
}

/**
 * @param {string} command
 * @param {readonly string[]} parameters
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {string | undefined} What it prints; undefined when it fails.
 */
function ask(command, parameters, env = process.env) {
  try {
    return execFileSync(command, [...parameters], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
      env,
    }).trim();
  } catch {
    return undefined;
  }
}
