// @ts-check
/**
 * Who takes part where mail is sent, and the heats that several benchmarks have in common.
 *
 * Layer: bench.
 */

import { join } from "node:path";
import { ROOT } from "../../scripts/workspace/root.mjs";
import { postriderVersion } from "./machine.mjs";
import {
  aiosmtplibVersion,
  findPython,
  installDebian,
  installedVersion,
  installPeers,
  peersFolder,
  postfixVersion,
} from "./peers.mjs";

/**
 * @typedef {import("./contest.mjs").Contender} Contender
 * @typedef {import("./contest.mjs").Heat} Heat
 */

/** Large enough for every library to have work all the time. */
const CONCURRENCY = 64;

/**
 * A program of bench/clients, run by this Node.
 * @param {string} name Also the name of the program, unless another is given.
 * @param {{ program?: string, job?: import("./contest.mjs").Job, flags?: readonly string[] }} [options]
 * @returns {Contender}
 */
export function nodeContender(name, { program = name, job = {}, flags = [] } = {}) {
  const file = join(ROOT, "bench", "clients", `${program}.mjs`);
  return { name, command: process.execPath, parameters: [...flags, file], job: { peers: peersFolder(), ...job } };
}

/** @returns {Contender[]} Python's; those that are not there are left out. */
export function pythonContenders() {
  const python = findPython();
  if (python === undefined) return [];
  const file = join(ROOT, "bench", "clients", "python_smtp.py");
  const contender = (/** @type {string} */ library) => ({
    name: library,
    command: python.command,
    parameters: [file],
    job: { library },
  });
  return [...(aiosmtplibVersion() === undefined ? [] : [contender("aiosmtplib")]), contender("smtplib")];
}

/**
 * Makes the other programs present.
 * @returns {Promise<string[]>} What is missing.
 */
export async function preparePeers() {
  const missing = await installPeers();
  if (findPython() === undefined || aiosmtplibVersion() === undefined) installDebian(["python3-aiosmtplib"]);
  if (aiosmtplibVersion() === undefined) {
    missing.push("aiosmtplib is not installed (Debian: apt-get install python3-aiosmtplib)");
  }
  return missing;
}

/** @returns {string[]} Names and versions of everything that is installed. */
export function versions() {
  const named = [
    ["postrider", postriderVersion()],
    ...["nodemailer", "emailjs", "@upyo/smtp"].map((name) => [name, installedVersion(name)]),
    ["Python", findPython()?.version],
    ["aiosmtplib", aiosmtplibVersion()],
    ["Postfix", postfixVersion()],
  ];
  return named.flatMap(([name, version]) => (version === undefined ? [] : [`${name} ${version}`]));
}

/**
 * The properties of a job that have a usual value.
 * @param {{ quick: boolean }} settings
 * @param {import("./contest.mjs").Job} special
 * @returns {import("./contest.mjs").Job}
 */
export function sendJob({ quick }, special) {
  return {
    size: 1000,
    recipients: 1,
    connections: 1,
    concurrency: CONCURRENCY,
    warmup: quick ? 800 : 1500,
    duration: quick ? 700 : 1500,
    ...special,
  };
}
