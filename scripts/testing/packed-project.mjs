// @ts-check
/**
 * An empty project, outside of the workspace, in which packages are installed from their tarballs: what people get, without
 * anything that only the workspace has.
 *
 * Layer: scripts. Needs the packages built.
 */

import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pack } from "../checks/packed.mjs";
import { inboxModule } from "../workspace/built.mjs";
import { packages } from "../workspace/root.mjs";
import { run, runNpm } from "../workspace/run.mjs";

/** @param {string} folder */
export function removeProject(folder) {
  rmSync(folder, { recursive: true, force: true });
}

/**
 * Installs packages from their tarballs; the library alone needs no registry.
 * @param {string} folder Of the project.
 * @param {readonly string[]} names Packages of the workspace.
 * @param {readonly string[]} parameters Flags of `npm install`, and what else it installs.
 */
export async function installPacked(folder, names, parameters = []) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true }));
  const tarballs = await Promise.all(
    packages()
      .filter(({ name }) => names.includes(name))
      .map((one) => pack(one, join(folder, "tarballs", one.path))),
  );
  const flags = ["--no-audit", "--no-fund", "--loglevel=error"];
  const files = tarballs.map(({ file }) => file);
  const { code, output } = await runNpm(["install", ...flags, ...parameters, ...files], { cwd: folder });
  if (code !== 0) throw new Error(`npm install failed:\n${output}`);
}

/**
 * Runs a command that should deliver what delivery-program.mjs sends.
 * @param {string} command
 * @param {readonly string[]} parameters
 * @param {string} cwd
 * @returns {Promise<string>} What is wrong; empty when nothing is.
 */
export async function deliveryProblem(command, parameters, cwd) {
  const { startInbox } = await inboxModule();
  const inbox = await startInbox({ smtpPort: 0, webPort: false });
  try {
    const env = { ...process.env, NODE_OPTIONS: "", NODE_V8_COVERAGE: "" };
    const url = `smtp://127.0.0.1:${inbox.smtpPort}`;
    const { code, output } = await run(command, [...parameters, url], { cwd, env });
    const arrived = inbox.messages.map(
      ({ subject, headers }) => `${subject}${headers.has("DKIM-Signature") ? ", signed" : ""}`,
    );
    const expected = ["By one call", "By pool, signed", "By pool, signed"];
    if (code !== 0) return `ended with status ${code}:\n${output}`;
    if (String(arrived.sort()) !== String(expected)) return `arrived: ${arrived.join("; ")}\n${output}`;
    return /"isSmtpError":true.*npm install html-to-text/.test(output) ? "" : `printed ${output}`;
  } finally {
    await inbox.close();
  }
}
