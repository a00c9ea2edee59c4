/**
 * A server in this process that records: what it was told in one attempt, taken apart.
 */
import { Buffer } from "node:buffer";
import PostalMime, { type Email } from "postal-mime";
import { Link } from "./link.js";
import { type Committed, Machine } from "./machine.js";

/** Everything that a message of ours may need. */
export const RICH: readonly string[] = [
  "SIZE",
  "8BITMIME",
  "SMTPUTF8",
  "PIPELINING",
  "CHUNKING",
  "DSN",
  "DELIVERBY",
  "FUTURERELEASE",
  "MT-PRIORITY",
  "ENHANCEDSTATUSCODES",
  "AUTH PLAIN LOGIN CRAM-MD5 XOAUTH2 OAUTHBEARER",
];
export const POOR: readonly string[] = ["AUTH PLAIN LOGIN CRAM-MD5 XOAUTH2 OAUTHBEARER"];

export class Recorder {
  readonly machines: Machine[] = [];
  readonly links: Link[] = [];
  readonly #extensions: readonly string[];
  #refused = "";
  #marked = 0;
  #markedBytes = 0;

  constructor(extensions: readonly string[]) {
    this.#extensions = extensions;
  }

  /** The option `socket`. */
  readonly open = (): Link["client"] => {
    const link = new Link(undefined);
    const { server } = link;
    const machine = new Machine({
      extensions: this.#extensions,
      say: (bytes) => {
        if (server.writable) server.write(bytes);
      },
      leave: () => server.end(),
    });
    server.on("data", (bytes: Buffer) => machine.take(bytes));
    server.on("end", () => server.end());
    server.on("error", () => undefined);
    this.links.push(link);
    this.machines.push(machine);
    machine.greet();
    return link.client;
  };

  /** The option `socket`, of a server that hangs up at the first byte. */
  readonly refuse = (): Link["client"] => {
    const link = new Link(undefined);
    link.server.on("data", (bytes: Buffer) => {
      this.#refused += bytes.toString("latin1");
      link.server.end();
    });
    link.server.on("end", () => link.server.end());
    this.links.push(link);
    return link.client;
  };

  /** What counts begins here. */
  mark(): void {
    this.#marked = this.#allLines.length;
    this.#markedBytes = this.#allBytes;
  }

  get lines(): readonly string[] {
    return this.#allLines.slice(this.#marked);
  }

  /** What the server that hangs up was told. */
  get refused(): string {
    return this.#refused;
  }

  get #allLines(): readonly string[] {
    return this.machines.flatMap((machine) => machine.lines);
  }

  get #allBytes(): number {
    return this.machines.reduce((sum, machine) => sum + machine.taken, 0);
  }

  get committed(): readonly Committed[] {
    return this.machines.flatMap((machine) => machine.committed);
  }

  get violations(): readonly string[] {
    return this.machines.flatMap((machine) => machine.violations);
  }

  /** Bytes that any client wrote. */
  get taken(): number {
    return this.#allBytes - this.#markedBytes;
  }
}

/** Parameters that the content decides, and no field. */
const OF_CONTENT = /^(?:SIZE|BODY|SMTPUTF8)(?:=|$)/;

/** What was said, without what may differ from one value of a field to the next. */
export function describeCommands(lines: readonly string[]): readonly string[] {
  return lines.map((line) => {
    const [, command, address, parameters] = ADDRESSED.exec(line) ?? [];
    if (command === undefined || address === undefined) {
      if (/^[A-Za-z0-9+/]*={0,2}$/.test(line) && line.length % 4 === 0 && !VERBS.test(line))
        return "an answer in base64";
      return line.replace(/^(EHLO|HELO|VRFY|EXPN|HELP|BDAT|NOOP) .*$/, "$1").replace(/^AUTH (\S+)( .*)?$/, "AUTH $1");
    }
    const fault = isMailbox(address) ? "" : ` is no mailbox: ${address.slice(0, 100)}`;
    const keywords = (parameters ?? "").split(" ").filter((one) => one !== "" && !OF_CONTENT.test(one));
    return [command + fault, ...keywords.map((one) => one.replace(/=.*$/, "="))].join(" ");
  });
}

/** The path ends at the first bracket outside quotes. */
const ADDRESSED = /^(MAIL FROM|RCPT TO):<((?:"(?:[^"\\]|\\.)*"|[^">])*)>((?: [^ ]+)*)$/;
const VERBS = /^[A-Z]{4}$/;

/** RFC 5321 §4.1.2, written anew: a local part that is plain or quoted, and a domain of letters, digits and hyphens. */
function isMailbox(address: string): boolean {
  if (address === "") return true;
  const [, quoted, plain, domain = ""] =
    /^(?:("(?:[^"\\]|\\.)*")|([^\s"()<>,;:\\@[\]]+))@([^@\s<>]+)$/u.exec(address) ?? [];
  if (quoted === undefined && plain === undefined) return false;
  const isUtf8 = /[^\u0000-\u007f]/.test(quoted ?? plain ?? "");
  return /^\[[\dA-Za-z:.]+\]$/.test(domain) || (isUtf8 ? /^[\p{L}\p{M}\p{N}._-]+$/u : /^[\w.-]+$/).test(domain);
}

/** The names of all fields, of the parts too, indented; and everything that has no place in a header. */
export function describeContent(content: string, depth = 0): readonly string[] {
  const end = content.indexOf("\r\n\r\n");
  const head = end === -1 ? content : content.slice(0, end);
  const body = end === -1 ? "" : content.slice(end + 4);
  const names: string[] = [];
  let type = "";
  for (const field of unfold(head)) {
    const [, name, value = ""] = /^([!-9;-~]+):(?: ?(.*))$/s.exec(field) ?? [];
    names.push(
      `${" ".repeat(depth)}${name === undefined ? `no field: ${JSON.stringify(field.slice(0, 100))}` : name.toLowerCase()}`,
    );
    if (name?.toLowerCase() === "content-type") type = value;
  }
  names.push(...faultsOf(head));
  // Which encoding a part has follows from what is in it.
  const kept = names.filter((name) => name.trim() !== "content-transfer-encoding").sort();
  const boundary = /^multipart\/.*?;\s*boundary="?([^";]+)"?/is.exec(type)?.[1];
  if (boundary === undefined) return kept;
  const parts = `\r\n${body}`.split(`\r\n--${boundary}`).slice(1);
  if (!parts.at(-1)?.startsWith("--")) kept.push("the last boundary is missing");
  return [...kept, ...parts.slice(0, -1).flatMap((part) => describeContent(part.slice(2), depth + 1))];
}

function unfold(head: string): readonly string[] {
  return head.replace(/\r\n(?=[ \t])/g, "").split("\r\n");
}

const LONGEST_LINE = 998;

function faultsOf(head: string): string[] {
  const faults: string[] = [];
  const control = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/.exec(head);
  if (control !== null) faults.push(`a control character in the header, at ${control.index}`);
  for (const line of head.split("\r\n")) {
    if (/^[ \t]*$/.test(line) && head !== "") faults.push("an empty line inside the header");
    if (line.length > LONGEST_LINE) faults.push(`a line of ${line.length}`);
  }
  return faults;
}

/** What another parser reads. */
export function readBack({ content }: Committed): Promise<Email> {
  return PostalMime.parse(Buffer.from(content, "latin1"), {
    attachmentEncoding: "arraybuffer",
    maxHeadersSize: MAX_HEADERS_BYTES,
  });
}

/** A name of a megabyte is longer when it is encoded. */
const MAX_HEADERS_BYTES = 64 << 20;
