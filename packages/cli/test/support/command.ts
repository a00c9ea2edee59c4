/**
 * The command as a process, as a shell starts it: with pipes, or on a pseudo-terminal.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";

/** The built command beside these tests. */
export const MAIN = fileURLToPath(new URL("../../src/main.js", import.meta.url));

export interface RunOptions {
  /** What comes in through the pipe; it is closed after that. */
  readonly input?: string | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly cwd?: string | undefined;
  /** A file or a device in place of the pipe. */
  readonly stdout?: string | undefined;
}

export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder that is gone after the test. */
export function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "postrider-cli-"));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Runs it to its end. */
export async function postrider(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  return finished(start(args, options));
}

/** Starts it; for tests that end it themselves. */
export function start(args: readonly string[], { input = "", env = {}, cwd, stdout }: RunOptions = {}): ChildProcess {
  const output = stdout === undefined ? "pipe" : openSync(stdout, "w");
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd,
    env: environment(env),
    stdio: ["pipe", output, "pipe"],
  });
  if (output !== "pipe") closeSync(output);
  // A command that fails before it reads leaves a broken pipe, which is nobody's fault.
  child.stdin?.on("error", () => undefined);
  child.stdin?.end(input);
  return child;
}

export async function finished(child: ChildProcess): Promise<Finished> {
  const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)];
  const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  return { code, signal, stdout: stdout.text, stderr: stderr.text };
}

/** Nothing of the machine on which the tests run decides what the command does. */
export function environment(env: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const { PATH, NODE_V8_COVERAGE, SystemRoot } = process.env;
  return {
    PATH,
    // Windows starts no program that needs the network without it.
    ...(SystemRoot === undefined ? {} : { SystemRoot }),
    HOME: "/nonexistent",
    LC_ALL: "C.UTF-8",
    ...(NODE_V8_COVERAGE === undefined ? {} : { NODE_V8_COVERAGE }),
    ...env,
  };
}

function collect(stream: NodeJS.ReadableStream | null): { text: string } {
  const collected = { text: "" };
  stream?.setEncoding("utf8").on("data", (piece: string) => {
    collected.text += piece;
  });
  return collected;
}
