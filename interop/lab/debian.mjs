// @ts-check
/**
 * Debian's packages: installed, or only unpacked where they would drive out another (there can be one mail-transport-agent).
 *
 * Layer: interop.
 */

import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { delimiter, join } from "node:path";
import { BUILD } from "../../scripts/workspace/root.mjs";
import { Skip } from "./report.mjs";

/** Asked by Debian's scripts whether a service may be started; 101 says no. */
const POLICY = "/usr/sbin/policy-rc.d";

/** apt-get update is a few seconds where there is a network, and packages are a few megabytes. */
const UPDATE_LIMIT_MS = 120_000;
const INSTALL_LIMIT_MS = 300_000;

/** Downloads are kept from run to run. */
const UNPACKED = join(BUILD, "interop");

/**
 * Finds a program also where Debian puts those for administrators.
 * @param {string} name
 * @returns {string | undefined}
 */
export function findProgram(name) {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/sbin"];
  return folders.map((folder) => join(folder, name)).find((file) => existsSync(file));
}

/** @throws {Skip} unless servers can be started here. */
export function needRoot() {
  if (process.getuid?.() !== 0) throw new Skip("a server of its own needs root");
  const unshare = findProgram("unshare");
  if (unshare === undefined || ask(unshare, ["--mount", "--pid", "--fork", "true"]) === undefined) {
    throw new Skip("processes and mounts cannot be kept apart here (unshare)");
  }
}

/**
 * Makes packages present; what they start is not started.
 * @param {readonly string[]} packages
 * @param {readonly string[]} files One file of each: all there means that nothing is to be done.
 * @throws {Skip} when it cannot be done.
 */
export function needPackages(packages, files) {
  const missing = () => files.find((file) => !existsSync(file));
  if (missing() === undefined) return;
  if (process.getuid?.() !== 0) throw new Skip(`${packages.join(", ")}: not installed, and only root may install`);
  withLists(packages, () => {
    install(packages);
    return missing() === undefined;
  });
}

/**
 * Unpacks a package into a folder of its own, without installing it; the libraries that it needs are installed.
 * @param {string} name
 * @returns {{ folder: string, version: string }} The folder has usr/ inside.
 * @throws {Skip} when it cannot be had.
 */
export function unpackPackage(name) {
  const folder = join(UNPACKED, name);
  const note = "version";
  if (existsSync(folder)) return { folder, version: readFileSync(join(folder, note), "utf8") };
  const fresh = `${folder}.new`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true });
  withLists([name], () => {
    aptGet(["download", "-q", name], INSTALL_LIMIT_MS, fresh);
    const libraries = librariesOf(name);
    return readdirSync(fresh).length > 0 && (libraries.length === 0 || install(libraries));
  });
  const [archive = ""] = readdirSync(fresh);
  execFileSync("dpkg-deb", ["-x", join(fresh, archive), fresh]);
  rmSync(join(fresh, archive));
  // name_epoch:upstream-revision_architecture.deb
  const [, version = ""] = /^[^_]+_(?:\d+%3a)?([^_-]+)/.exec(archive) ?? [];
  writeFileSync(join(fresh, note), version);
  chmodSync(fresh, 0o755);
  renameSync(fresh, folder);
  return { folder, version };
}

/**
 * Tries with the lists of packages that are there, then with new ones: a fresh machine has none, and old ones name files that
 * are gone.
 * @param {readonly string[]} packages
 * @param {() => boolean} attempt
 * @throws {Skip}
 */
function withLists(packages, attempt) {
  if (findProgram("apt-get") === undefined) throw new Skip(`${packages.join(", ")}: not there, and no apt-get here`);
  if (isUpdated !== false) console.error(`Asking Debian for ${packages.join(", ")} (apt-get)`);
  // Where Debian was asked for its lists and did not answer, it would not answer again.
  if (isUpdated !== false && (attempt() || (update() && attempt()))) return;
  throw new Skip(`${packages.join(", ")}: cannot be had from Debian here`);
}

/** @type {boolean | undefined} Whether Debian could be reached, once that was tried. */
let isUpdated;

function update() {
  isUpdated ??= aptGet(["update", "-q"], UPDATE_LIMIT_MS) !== undefined;
  return isUpdated;
}

/** @param {readonly string[]} packages */
function install(packages) {
  const isOurs = !existsSync(POLICY);
  if (isOurs) writeFileSync(POLICY, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  try {
    return aptGet(["install", "-y", "-q", "--no-install-recommends", ...packages], INSTALL_LIMIT_MS) !== undefined;
  } finally {
    if (isOurs) rmSync(POLICY, { force: true });
  }
}

/**
 * The libraries that a package depends on and that are not installed.
 * @param {string} name
 */
function librariesOf(name) {
  const lines = ask("apt-cache", ["depends", name])?.split("\n") ?? [];
  const libraries = lines.map((line) => /^ +Depends: (lib[a-z0-9.+-]+)$/.exec(line)?.[1] ?? "").filter(Boolean);
  return libraries.filter((one) => !ask("dpkg-query", ["-W", "-f", `\${Status}`, one])?.endsWith(" installed"));
}

/**
 * @param {readonly string[]} parameters
 * @param {number} timeout In milliseconds: without a network it may wait for ever.
 * @param {string} [cwd]
 */
function aptGet(parameters, timeout, cwd) {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const patience = ["-o", "Acquire::Retries=1", "-o", "Acquire::http::Timeout=20", "-o", "DPkg::Lock::Timeout=60"];
  return ask("apt-get", [...patience, ...parameters], { env, timeout, ...(cwd === undefined ? {} : { cwd }) });
}

/**
 * @param {string} command
 * @param {readonly string[]} parameters
 * @param {{ env?: NodeJS.ProcessEnv, cwd?: string, timeout?: number }} [options]
 * @returns {string | undefined} What it prints; undefined when it fails.
 */
export function ask(command, parameters, options = {}) {
  try {
    const stdio = /** @type {const} */ (["ignore", "pipe", "ignore"]);
    return execFileSync(command, [...parameters], { encoding: "utf8", stdio: [...stdio], ...options }).trim();
  } catch {
    return undefined;
  }
}
