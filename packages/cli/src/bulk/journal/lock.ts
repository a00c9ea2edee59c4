/**
 * One run at a time for each journal. The lock is a listening socket, because the operating system takes it back when its process
 * ends, however it ends: a lock that is a file would stay after a kill.
 */
import { createHash } from "node:crypto";
import { rm } from "node:fs/promises";
import { connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CliError, systemCode } from "../../cli-error.js";
import { EXIT } from "../../exit-code.js";

export interface Lock {
  release(): void;
}

/**
 * @param identity tells one journal from all others.
 * @throws CliError when another run holds it.
 */
export async function takeLock(identity: string, file: string): Promise<Lock> {
  const path = lockPath(createHash("sha256").update(identity).digest("hex").slice(0, 32));
  const server = (await listen(path)) ?? ((await isStale(path)) ? await listen(path) : undefined);
  if (server === undefined) throw new CliError(EXIT.tryAgain, `another run is using the journal ${file}`);
  // A run that has nothing else to do may end.
  server.unref();
  return { release: () => void server.close() };
}

/** Linux has names for sockets that are no files, Windows has pipes; elsewhere it is a file that a kill leaves behind. */
function lockPath(name: string): string {
  if (process.platform === "linux") return `\0postrider-journal-${name}`;
  if (process.platform === "win32") return `\\\\.\\pipe\\postrider-journal-${name}`;
  return join(tmpdir(), `postrider-${name}.lock`);
}

/** @returns undefined when the name is taken. */
function listen(path: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once("error", (error) => (systemCode(error) === "EADDRINUSE" ? resolve(undefined) : reject(error)));
    server.listen(path, () => resolve(server));
  });
}

/** A file to which nobody listens; removed, so that it can be made anew. */
async function isStale(path: string): Promise<boolean> {
  if (path.startsWith("\0") || process.platform === "win32") return false;
  const isAlive = await new Promise<boolean>((resolve) => {
    const socket = connect(path, () => resolve(true));
    socket.once("error", () => resolve(false)).once("connect", () => socket.destroy());
  });
  if (!isAlive) await rm(path, { force: true });
  return !isAlive;
}
