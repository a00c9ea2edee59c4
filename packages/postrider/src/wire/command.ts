/**
 * Commands: what the client says. Every string that reaches the wire passes through here.
 *
 * Layer: wire. RFC 5321 §4.1.1 (commands), §4.1.2 (syntax), §4.5.3.1.4 (length), RFC 6531 §3.3 (UTF-8).
 */
import { AddressError, OptionError } from "../errors.js";

/** Twice what servers must take (RFC 5321 §4.5.3.1.4), as extensions add to it; longer is a mistake. */
const MAX_COMMAND_LENGTH = 2048;

// SECURITY: looked at in UTF-16 code units, before encoding, so that nothing can turn into CR or LF on the way. U+2028 and
// U+2029 end a line to readers that go by Unicode, logs among them.
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;
const VERB = /^[A-Za-z][A-Za-z0-9-]{0,31}$/;

/** The rule that a text breaks, in words; undefined when it may stand in a command. */
export function findTextFault(text: string): string | undefined {
  const control = CONTROL.exec(text);
  if (control !== null) {
    const unit = text.charCodeAt(control.index).toString(16).toUpperCase().padStart(4, "0");
    return `must not hold control characters (U+${unit} at ${control.index})`;
  }
  return findSurrogateFault(text);
}

/** The same for text that may hold controls: only half of a surrogate pair, which has no UTF-8 form, is a fault. */
export function findSurrogateFault(text: string): string | undefined {
  const lone = LONE_SURROGATE.exec(text);
  return lone === null ? undefined : `must not hold half of a surrogate pair (at ${lone.index})`;
}

/**
 * Checks a whole command as a caller wrote it, verb first.
 *
 * @throws OptionError with the name `"command"`.
 */
export function checkCommand(command: string): { verb: string; line: string } {
  if (typeof command !== "string") throw new OptionError("command", "must be a string");
  const fault = findTextFault(command);
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
          : findTextFault(text);
  if (fault === undefined) return text;
  throw kind === "address" ? new AddressError(field, fault) : new OptionError(field, fault);
}
