/**
 * Commands: what the client says. Every string that reaches the wire passes through here.
 *
 * Layer: wire. RFC 5321 §4.1.1 (commands), §4.1.2 (syntax), §4.5.3.1.4 (length), RFC 6531 §3.3 (UTF-8).
 */
import { AddressError, OptionError } from "../errors.js";
import { findLineFault } from "../text/characters.js";

/** Twice what servers must take (RFC 5321 §4.5.3.1.4), as extensions add to it; longer is a mistake. */
const MAX_COMMAND_LENGTH = 2048;
const VERB = /^[A-Za-z][A-Za-z0-9-]{0,31}$/;

/**
 * Checks a whole command as a caller wrote it, verb first.
 *
 * @throws OptionError with the name `"command"`.
 */
export function checkCommand(command: string): { verb: string; line: string } {
  if (typeof command !== "string") throw new OptionError("command", "must be a string");
  const fault = findLineFault(command);
  if (fault !== undefined) throw new OptionError("command", fault);
  if (command.length > MAX_COMMAND_LENGTH) {
    throw new OptionError("command", `must not be longer than ${MAX_COMMAND_LENGTH} characters`);
  }
  const end = command.indexOf(" ");
  const verb = end === -1 ? command : command.slice(0, end);
  if (!VERB.test(verb)) throw new OptionError("command", "must start with a verb of letters, such as NOOP");
  return { verb: verb.toUpperCase(), line: command };
}

/**
 * Checks an argument that is free text (HELP's topic, the name given to VRFY and EXPN).
 *
 * @throws AddressError or OptionError that names the field.
 */
export function checkArgument(text: string, field: string, kind: "address" | "option"): string {
  const fault =
    typeof text !== "string"
      ? "must be a string"
      : text.trim() === ""
        ? "must not be empty"
        : text.length > MAX_COMMAND_LENGTH
          ? `must not be longer than ${MAX_COMMAND_LENGTH} characters`
          : findLineFault(text);
  if (fault === undefined) return text;
  throw kind === "address" ? new AddressError(field, fault) : new OptionError(field, fault);
}
