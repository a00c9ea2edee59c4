/**
 * One run of the command: parse, do, say what went wrong, and give the number to end with.
 */
import { CommanderError } from "commander";
import { isSmtpError } from "postrider";
import { CliError, systemCode } from "./cli-error.js";
import { wordsOf } from "./error-words.js";
import { EXIT, type ExitCode } from "./exit-code.js";
import { describeFailure } from "./failure.js";
import { createProgram } from "./program.js";
import { note, paint, printJson } from "./terminal/output.js";

export async function run(args: readonly string[]): Promise<ExitCode> {
  goOnWhenNobodyReads();
  // What a command returns through its context is its exit code; an action of commander's returns nothing.
  let exitCode: ExitCode = EXIT.ok;
  const program = createProgram({
    finish: (code) => {
      exitCode = code;
    },
  });
  try {
    await program.parseAsync([...args], { from: "user" });
    return exitCode;
  } catch (error) {
    // Its text is out already: help, version, or what is wrong with the command line.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    if (args.includes("--json")) printJson({ error: errorData(error) });
    return report(error, args.includes("--debug"));
  }
}

/** For programs, on stdout; the words for people are on stderr all the same. */
function errorData(error: unknown): Record<string, unknown> {
  const code = systemCode(error);
  const known = isSmtpError(error) ? error.toJSON() : code === undefined ? {} : { code };
  return { ...known, message: wordsOf(error) };
}

function report(error: unknown, debug: boolean): ExitCode {
  const { exitCode, lines } = describeFailure(error);
  const [first = "", ...rest] = lines;
  note([paint("red", "postrider:"), ` ${first}`]);
  for (const line of rest) note(line);
  if (debug && error instanceof Error) {
    noteStack("", error);
    if (error.cause instanceof Error) noteStack("caused by ", error.cause);
  } else if (error instanceof CliError && error.exitCode === EXIT.usage) {
    note("postrider --help shows how it is used");
  }
  return exitCode;
}

function noteStack(before: string, error: Error): void {
  for (const line of `${before}${error.stack ?? String(error)}`.split("\n")) note(line);
}

/** `postrider bulk ... | head` stops to read early: that is no failure, and no reason to leave rows half sent. */
function goOnWhenNobodyReads(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
    });
  }
}
