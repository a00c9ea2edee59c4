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
  if (findProgram("openssl") === undefined) throw new Skip("openssl is missing: it makes the certificate");
}

/**
 * Makes packages present; what they start is not started.
 * @param {readonly string[]} packages
 * @param {readonly string[]} files One file of each: all there means that nothing is to be done.
 * @throws {Skip} when it cannot be done.
 */
export function needPackages(packages, files) {
  if (files.every((file) => existsSync(file))) return;
  if (findProgram("apt-get") === undefined)
    throw new Skip(`${packages.join(", ")}: not installed, and no apt-get here`);
  console.error(`Installing ${packages.join(", ")} (apt-get)`);
  const isOurs = !existsSync(POLICY);
  if (isOurs) writeFileSync(POLICY, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  try {
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    ask("apt-get", ["install", "-y", "-q", "--no-install-recommends", ...packages], { env });
  } finally {
    if (isOurs) rmSync(POLICY, { force: true });
  }
  const missing = files.filter((file) => !existsSync(file));
  if (missing.length > 0) throw new Skip(`${packages.join(", ")}: cannot be installed (${missing[0]} is missing)`);
}

/**
 * Unpacks packages into a folder of their own, without installing them.
 * @param {string} name Of the folder.
 * @param {readonly string[]} packages The server first: its version counts.
 * @returns {{ folder: string, version: string }} The folder has usr/ inside.
 * @throws {Skip} when they cannot be had.
 */
export function unpackPackages(name, packages) {
  const folder = join(UNPACKED, name);
  const note = "version";
  if (existsSync(folder)) return { folder, version: readFileSync(join(folder, note), "utf8") };
  if (findProgram("apt-get") === undefined) throw new Skip(`${packages.join(", ")}: no apt-get here`);
  console.error(`Downloading ${packages.join(", ")} (apt-get)`);
  const fresh = `${folder}.new`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true });
  ask("apt-get", ["download", "-q", ...packages], { cwd: fresh });
  const archives = readdirSync(fresh);
  if (archives.length < packages.length) throw new Skip(`${packages.join(", ")}: cannot be downloaded`);
  for (const archive of archives) {
    execFileSync("dpkg-deb", ["-x", join(fresh, archive), fresh]);
    rmSync(join(fresh, archive));
  }
  // name_epoch:upstream-revision_architecture.deb
  const [, version = ""] =
    /^[^_]+_(?:\d+%3a)?([^_-]+)/.exec(archives.find((one) => one.startsWith(`${packages[0]}_`)) ?? "") ?? [];
  writeFileSync(join(fresh, note), version);
  chmodSync(fresh, 0o755);
  renameSync(fresh, folder);
  return { folder, version };
}

/**
 * @param {string} command
 * @param {readonly string[]} parameters
 * @param {{ env?: NodeJS.ProcessEnv, cwd?: string }} [options]
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
