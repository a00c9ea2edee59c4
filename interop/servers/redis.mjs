// @ts-check
/**
 * Redis, the one of Debian: installed, or unpacked. It appends each write to its file, and syncs that every second.
 *
 * Layer: interop.
 */

import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findProgram, needRoot, unpackPackage } from "../lab/debian.mjs";
import { freePorts, startProgram } from "../lab/programs.mjs";

export async function startRedis() {
  needRoot();
  // Debian's redis-server is a link to this program.
  const installed = findProgram("redis-server");
  const unpacked = installed === undefined ? unpackPackage("redis-tools") : undefined;
  const program = installed ?? join(unpacked?.folder ?? "", "usr", "bin", "redis-check-rdb");
  const folder = mkdtempSync(join(tmpdir(), "postrider-redis-"));
  chmodSync(folder, 0o777);
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.once("exit", remove);
  const [port = 0] = await freePorts(1);
  const settings = { bind: "127.0.0.1", dir: folder, appendonly: "yes", appendfsync: "everysec", save: "" };
  try {
    const server = await startProgram(
      "bash",
      [
        "-c",
        // The program is what its name says.
        'exec -a redis-server "$0" "$@"',
        program,
        "--port",
        String(port),
        ...Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]),
      ],
      { listens: [port] },
    );
    return {
      version: unpacked?.version ?? "installed",
      port,
      stop: async () => {
        await server.stop();
        process.off("exit", remove);
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}
