/**
 * smtp-server's connection with two of its manners changed: it greets at once, and it takes addresses as they are.
 *
 * RFC 5321 §4.1.2 (form of a path), RFC 6531 (UTF-8 in it).
 */
import { SMTPConnection } from "smtp-server/lib/smtp-connection.js";

/** Four times what RFC 5321 §4.5.3.1.3 asks for; it bounds what a list of recipients can cost. */
const MAX_PATH_LENGTH = 1024;
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;
// Stands in for the address while smtp-server reads the parameters behind it.
const PLACEHOLDER = "<placeholder@localhost>";

type ParsedCommand = ReturnType<SMTPConnection["_parseAddressCommand"]>;

export class WireConnection extends SMTPConnection {
  // PERF: smtp-server waits 100 ms before each greeting to catch spammers; on loopback there are none, and tests connect often.
  override init(): void {
    this._setListeners(() => this.connectionReady());
  }

  // QUIRK: smtp-server turns A-labels into Unicode and refuses quoted local parts that hold "@" or a space. Here the
  // envelope must show what the client sent, so the path is read apart and only the parameters are left to it.
  override _parseAddressCommand(name: string, command: Buffer | string): ParsedCommand {
    const line = command.toString();
    const colon = line.indexOf(":");
    const rest = line.slice(colon + 1).trimStart();
    const end = endOfPath(rest);
    if (colon === -1 || end === undefined) return false;
    const address = rest.slice(1, end);
    const parsed = super._parseAddressCommand(name, `${line.slice(0, colon)}:${PLACEHOLDER}${rest.slice(end + 1)}`);
    return parsed === false ? false : { ...parsed, address };
  }
}

/** Index of the ">" that ends the path at the start of `text`; undefined when there is none. */
export function endOfPath(text: string): number | undefined {
  if (!text.startsWith("<")) return undefined;
  let quoted = false;
  for (let index = 1; index < text.length && index <= MAX_PATH_LENGTH; index += 1) {
    const char = text.charAt(index);
    if (CONTROL.test(char)) return undefined;
    if (char === '"') quoted = !quoted;
    else if (quoted && char === "\\") index += 1;
    else if (quoted) continue;
    else if (char === ">") return /^(?:$|\s)/.test(text.slice(index + 1)) ? index : undefined;
    // Outside quotes a space or "<" is where servers begin to disagree about what the address is.
    else if (char === "<" || char === " ") return undefined;
  }
  return undefined;
}
