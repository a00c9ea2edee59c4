/**
 * What only some systems have: file modes, signals that a program hears, a pseudo-terminal.
 */
import assert from "node:assert/strict";
import { statSync } from "node:fs";

const isWindows = process.platform === "win32";

/** Second parameter of a test of file modes, signals, devices or a shell. */
export const onPosix = { skip: isWindows && "Windows has no file modes, no signals and another shell" };

/** Second parameter of a test on a terminal: `script` of util-linux makes it. */
export const onLinux = { skip: process.platform !== "linux" && "needs script of util-linux" };

/** The file is for its owner alone, where files have modes. */
export function assertPrivate(file: string): void {
  if (!isWindows) assert.equal(statSync(file).mode & 0o777, 0o600, file);
}
