/**
 * Where a server of a test listens on this machine without a port: a socket in a folder, and on Windows, where Node knows no such file, a
 * named pipe.
 */
import { basename, join } from "node:path";

/** @param folder a new one, whose name is not used again */
export function socketPath(folder: string): string {
  return process.platform === "win32" ? `\\\\.\\pipe\\${basename(folder)}` : join(folder, "smtp.sock");
}
