/**
 * Command lines: checks for verbs, arguments and parameters. Every string from a caller passes one of these.
 *
 * Layer: wire. RFC 5321 §4.1.1 (commands), §4.1.2 (syntax), §4.5.3.1.4 (length), RFC 6531 §3.3 (UTF-8).
 */
import { Buffer } from "node:buffer";
import { AddressError, OptionError } from "../errors/errors.js";
import { findLineFault } from "../text/characters.js";

/** Four times the length that servers must accept (RFC 5321 §4.5.3.1.4), because extensions add to it. */
const MAX_COMMAND_LENGTH = 2048;
const VERB = /^[A-Za-z][A-Za-z0-9-]{0,31}$/;

// esmtp-value: any character but "=", space and controls. UTF-8 is for SMTPUTF8 sessions (RFC 6531 §3.3).
const PARAMETER = /^([A-Za-z0-9][A-Za-z0-9-]*)(?:=([^\u0000-\u0020=\u007f-\u00a0\u2028\u2029\ud800-\udfff]+))?$/u;
const MAX_PARAMETER_LENGTH = 1024;
const NO_PARAMETERS: readonly Parameter[] = [];

/** A command that may be written. */
export interface CheckedCommand {
  /** Upper case. */
  readonly verb: string;
  /** The whole line, without CRLF. */
  readonly line: string;
}

/**
 * Checks a whole command as a caller wrote it, verb first.
 *
 * @throws OptionError with the name `"command"`.
 */
export function checkCommand(command: string): CheckedCommand {
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

/** One validated parameter of MAIL or RCPT. */
export interface Parameter {
  /** Upper case. */
  readonly keyword: string;
  /** As the caller wrote it, with its value. */
  readonly text: string;
}

/**
 * Checks parameters as the caller wrote them, such as `"BODY=8BITMIME"`.
 *
 * @throws OptionError that names the field and index.
 */
export function checkParameters(parameters: readonly string[], field: string): readonly Parameter[] {
  if (parameters.length === 0) return NO_PARAMETERS;
  const seen = new Set<string>();
  return parameters.map((text, index) => {
    const match = typeof text === "string" && text.length <= MAX_PARAMETER_LENGTH ? PARAMETER.exec(text) : null;
    if (match === null) {
      throw new OptionError(
        `${field}[${index}]`,
        'must be KEYWORD or KEYWORD=VALUE, without spaces, controls or a second "="',
      );
    }
    const keyword = (match[1] ?? "").toUpperCase();
    if (seen.has(keyword)) throw new OptionError(`${field}[${index}]`, `repeats ${keyword}`);
    seen.add(keyword);
    return { keyword, text };
  });
}

/**
 * xtext (RFC 3461 §4): "+", "=" and every byte of UTF-8 that is not printable ASCII become "+XX".
 *
 * SECURITY: angle brackets are encoded too: some servers take the last ">" of a line for the end of the path.
 */
export function encodeXtext(text: string): string {
  let encoded = "";
  for (const byte of Buffer.from(text, "utf8")) {
    const plain = byte > 0x20 && byte < 0x7f && byte !== 0x2b && byte !== 0x3d && byte !== 0x3c && byte !== 0x3e;
    encoded += plain ? String.fromCharCode(byte) : `+${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return encoded;
}
