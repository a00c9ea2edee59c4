/**
 * One run of the command: parse, do, say what went wrong, and give the number to end with.
 */
import { type Command, CommanderError } from "commander";
import { isSmtpError } from "postrider";
import { CliError, systemCode, systemReason, usageError } from "./cli-error.js";
import { wordsOf } from "./error-words.js";
import { EXIT, type ExitCode } from "./exit-code.js";
import { describeFailure } from "./failure.js";
import { createProgram } from "./program.js";
import { note, paint, printJson } from "./terminal/output.js";

export async function run(args: readonly string[]): Promise<ExitCode> {
  watchOutput();
  // What a command returns through its context is its exit code; an action of commander's returns nothing.
  let exitCode: ExitCode = EXIT.ok;
  const program = createProgram({
    finish: (code) => {
      exitCode = code;
    },
  });
  try {
    checkHelp(program, args);
    await program.parseAsync([...args], { from: "user" });
    return exitCode;
  } catch (error) {
    const isHelp = error instanceof CommanderError && error.exitCode === 0;
    if (isHelp) return EXIT.ok;
    if (args.includes("--json")) printJson({ error: errorData(error) });
    // Its text is out already, with what is wrong with the command line.
    if (error instanceof CommanderError) return EXIT.usage;
    return report(error, args.includes("--debug"), commandOf(program, args));
  }
}

/** Commander shows the help of everything for a command that it does not know. @throws CliError */
function checkHelp(program: Command, [verb, name]: readonly string[]): void {
  if (verb !== "help" || name === undefined || name.startsWith("-")) return;
  const names = program.commands.map((command) => command.name());
  if (!names.includes(name)) throw usageError(`there is no command ${name}; there are ${names.join(", ")}`);
}

/** For programs, on stdout; the words for people are on stderr all the same. */
function errorData(error: unknown): Record<string, unknown> {
  const code = systemCode(error);
  const known = isSmtpError(error) ? error.toJSON() : code === undefined ? {} : { code };
  return { ...known, message: error instanceof CommanderError ? commanderWords(error) : wordsOf(error) };
}

/** Without the prefix that commander gives it on stderr. */
function commanderWords({ message }: CommanderError): string {
  return message.replace(/^error: /, "");
}

/** `postrider profile add`: as far as the command line names a command. */
function commandOf(program: Command, args: readonly string[]): string {
  const names = [program.name()];
  let command = program;
  for (const arg of args.filter((one) => !one.startsWith("-"))) {
    const next = command.commands.find((one) => one.name() === arg);
    if (next === undefined) break;
    names.push(arg);
    command = next;
  }
  return names.join(" ");
}

function report(error: unknown, debug: boolean, command = "postrider"): ExitCode {
  const { exitCode, lines } = describeFailure(error);
  const [first = "", ...rest] = lines;
  note([paint("red", "postrider:"), ` ${first}`]);
  for (const line of rest) note(line);
  if (debug && error instanceof Error) {
    noteStack("", error);
    if (error.cause instanceof Error) noteStack("caused by ", error.cause);
  } else if (error instanceof CliError && error.exitCode === EXIT.usage) {
    note(`run ${command} --help for usage`);
  }
  return exitCode;
}

function noteStack(before: string, error: Error): void {
  for (const line of `${before}${error.stack ?? String(error)}`.split("\n")) note(line);
}

/**
 * A reader that stops early (`postrider bulk ... | head`) is no failure. A full disk is one; but neither is a reason to leave rows half
 * sent, so the command goes on and ends with the number for it.
 */
function watchOutput(): void {
  let isTold = false;
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE" || isTold) return;
    isTold = true;
    const exitCode = report(new CliError(EXIT.cannotCreate, `stdout cannot be written: ${systemReason(error)}`), false);
    // It may come after everything else is done.
    process.once("exit", (code) => {
      if (code === EXIT.ok) process.exitCode = exitCode;
    });
  });
  // There is no place left to say that messages are lost.
  process.stderr.on("error", () => undefined);
}
