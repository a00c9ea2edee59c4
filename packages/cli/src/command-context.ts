/**
 * What a command is given besides its options.
 */
import type { ExitCode } from "./exit-code.js";

export interface CommandContext {
  /** Says with which number the command ends; without it, 0. */
  finish(exitCode: ExitCode): void;
}
