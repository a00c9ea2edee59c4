/**
 * Secrets that another program gives: `pass show mail`, a keyring, a cloud's vault.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { CliError } from "../cli-error.js";
import { EXIT } from "../exit-code.js";

/** SECURITY: no secret is longer; a command that prints for ever does not fill the memory. */
const MAX_BYTES = 64 * 1024;

/**
 * The first line that a shell command prints; password stores write notes below it. Its stderr is shown, and it may ask on the
 * terminal.
 *
 * @param what where the command stands, for messages: `"--password-command"`.
 * @throws CliError when it fails or prints nothing; never with what it printed.
 */
export async function readSecret(what: string, command: string): Promise<string> {
  // A pipe into postrider is the message, and none of the command's business.
  const input = process.stdin.isTTY === true ? "inherit" : "ignore";
  const child = spawn(command, { shell: true, stdio: [input, "pipe", "inherit"] });
  const output: Buffer[] = [];
  let size = 0;
  child.stdout?.on("data", (piece: Buffer) => {
    size += piece.length;
    if (size <= MAX_BYTES) return void output.push(piece);
    // The shell may have started others, which end when nobody reads them.
    child.stdout?.destroy();
    child.kill();
  });
  const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  if (size > MAX_BYTES) throw failed(what, "its output is too long for a secret");
  if (code !== 0) throw failed(what, signal === null ? `it exited with status ${code}` : `it was killed by ${signal}`);
  const [first = ""] = Buffer.concat(output).toString("utf8").split(/\r?\n/, 1);
  if (first === "") throw failed(what, "the first line of its output is empty");
  return first;
}

function failed(what: string, why: string): CliError {
  return new CliError(EXIT.permission, `${what}: ${why}`);
}
