// @ts-check
/**
 * `npm run test:nodemailer`: packages that people use with nodemailer, as they are on npm: each runs with nodemailer, and then with
 * @postrider/nodemailer in its place; what arrives must be the same. Words select packages: `npm run test:nodemailer -- nest auth`. Not part
 * of `npm test`: it installs them, each in an empty folder.
 *
 * Layer: scripts.
 */

import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { build } from "./build.mjs";
import { ensureInstalled } from "./ensure-installed.mjs";
import { PROGRAMS } from "./nodemailer/programs.mjs";
import { matching } from "./testing/test-files.mjs";
import { inboxModule } from "./workspace/built.mjs";
import { ROOT } from "./workspace/root.mjs";
import { run, runNpm } from "./workspace/run.mjs";
import { runMain } from "./workspace/run-main.mjs";

/** What the packages are tried with. */
const NODEMAILER = "nodemailer@^10";
/** A package that takes longer hangs; in ms. */
const TIMEOUT = 60_000;

/** @typedef {import("./nodemailer/programs.mjs").Program} Program */

await runMain(import.meta.url, async (words) => {
  const names = matching(
    PROGRAMS.map(({ name }) => name),
    words,
  );
  if (names.length === 0) throw new Error(`no package is called like ${words.join(" or ")}`);
  await ensureInstalled();
  await build();
  let isWell = true;
  for (const program of PROGRAMS.filter(({ name }) => names.includes(name))) {
    const problem = await tryProgram(program).catch(String);
    console.log(
      problem === "" ? `ok    ${program.name}` : `FAIL  ${program.name}\n${problem.replace(/^/gm, "      ")}`,
    );
    isWell &&= problem === "";
  }
  return isWell;
});

/**
 * @param {Program} program
 * @returns {Promise<string>} What is wrong; empty when nothing is.
 */
async function tryProgram(program) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "postrider-nodemailer-")));
  try {
    writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }));
    for (const [name, text] of Object.entries(program.files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    const flags = ["--no-audit", "--no-fund", "--loglevel=error", "--ignore-scripts", "--legacy-peer-deps"];
    const { code, output } = await runNpm(["install", ...flags, NODEMAILER, ...program.installs], { cwd: folder });
    if (code !== 0) return `cannot be installed:\n${output}`;
    const theirs = await outcomeOf(folder);
    if (theirs.arrived.length !== program.arrives || theirs.code !== 0)
      return `fails with nodemailer itself:\n${theirs.output}`;
    putInPlace(folder);
    const ours = await outcomeOf(folder);
    if (ours.code !== 0) return `ended with status ${ours.code}:\n${ours.output}`;
    const [expected, actual] = [theirs, ours].map(({ arrived, output: printed }) =>
      JSON.stringify([arrived, printed], undefined, 1),
    );
    return expected === actual ? "" : `with nodemailer:\n${expected}\nhere:\n${actual}`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Every copy of nodemailer, also those that packages brought for themselves.
 * @param {string} folder
 */
function putInPlace(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (entry.name !== "nodemailer" || !entry.isDirectory() || !entry.parentPath.endsWith("node_modules")) continue;
    const place = join(entry.parentPath, entry.name);
    rmSync(place, { recursive: true });
    symlinkSync(join(ROOT, "packages", "nodemailer"), place, "junction");
  }
}

/** @param {string} cwd */
async function outcomeOf(cwd) {
  const { startInbox } = await inboxModule();
  const inbox = await startInbox({ smtpPort: 0, webPort: false });
  try {
    const env = { ...process.env, SMTP_PORT: String(inbox.smtpPort), NODE_OPTIONS: "", NODE_V8_COVERAGE: "" };
    const { code, output } = await run(process.execPath, ["program.mjs"], { cwd, env, timeout: TIMEOUT });
    const arrived = inbox.messages.map(({ envelope, subject, text, html, attachments }) => ({
      envelope,
      subject,
      text,
      html,
      attachments: attachments.map(({ filename }) => filename),
    }));
    return { code, output, arrived };
  } finally {
    await inbox.close();
  }
}
