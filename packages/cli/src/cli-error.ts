/**
 * A failure of the command itself: a message for a person, and the number with which the command ends.
 */
import { EXIT, type ExitCode } from "./exit-code.js";

export class CliError extends Error {
  override readonly name = "CliError";
  readonly exitCode: ExitCode;
  constructor(exitCode: ExitCode, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

/** The command line is wrong. */
export function usageError(message: string): CliError {
  return new CliError(EXIT.usage, message);
}

/** A file that was named cannot be read, in words; `what` says what it should have been. */
export function cannotRead(what: string, file: string, cause: unknown): CliError {
  const code = systemCode(cause);
  const exitCode = code === "EACCES" || code === "EPERM" ? EXIT.permission : EXIT.noInput;
  return new CliError(exitCode, `${what} ${file} cannot be read: ${systemReason(cause)}`, { cause });
}

/** A file that was named cannot be written, in words. */
export function cannotWrite(what: string, file: string, cause: unknown): CliError {
  const code = systemCode(cause);
  const exitCode = code === "EACCES" || code === "EPERM" ? EXIT.permission : EXIT.cannotCreate;
  return new CliError(exitCode, `${what} ${file} cannot be written: ${reasonOfWriting(cause)}`, { cause });
}

/** What is written is made; what is missing is the folder for it. */
function reasonOfWriting(cause: unknown): string {
  return systemCode(cause) === "ENOENT" ? "its folder does not exist" : systemReason(cause);
}

/** `"ENOENT"` and the like, when the operating system refused something. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "it does not exist",
  EACCES: "no permission",
  EPERM: "no permission",
  EISDIR: "it is a folder",
  ENOTDIR: "a part of its path is not a folder",
  EEXIST: "it exists already",
  ENOSPC: "the disk is full",
  EROFS: "the disk is read-only",
};

/** What the operating system refused, in words. */
export function systemReason(cause: unknown): string {
  const code = systemCode(cause);
  if (code !== undefined && REASONS[code] !== undefined) return REASONS[code];
  return cause instanceof Error ? cause.message : String(cause);
}
