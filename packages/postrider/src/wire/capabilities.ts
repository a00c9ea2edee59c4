/**
 * What a server offers: the lines of its EHLO reply as values.
 *
 * Layer: wire. RFC 5321 §4.1.1.1 (EHLO), RFC 4954 §3 (AUTH), RFC 1870 §4 (SIZE), RFC 9422 (LIMITS).
 */
import type { SmtpReply } from "../reply.js";

/** Extensions by upper-case keyword, and the greeting's own line left out. */
export interface Capabilities {
  /** Upper-case keyword -> parameters as sent. */
  readonly extensions: ReadonlyMap<string, string>;
  /** Mechanisms, upper case, each once, in the server's order. */
  readonly authMethods: readonly string[];
  /** The limit of SIZE in bytes; undefined when there is none (RFC 1870: absent, or 0). */
  readonly maxSize: number | undefined;
  /** What the server takes at most (RFC 9422); undefined where it says nothing. */
  readonly limits: Limits;
}

/** RFC 9422 §4. */
export interface Limits {
  /** MAIL commands in one session. */
  readonly mailMax: number | undefined;
  /** RCPT commands in one transaction. */
  readonly rcptMax: number | undefined;
  /** Different domains of recipients in one session. */
  readonly rcptDomainMax: number | undefined;
}

export const NO_LIMITS: Limits = { mailMax: undefined, rcptMax: undefined, rcptDomainMax: undefined };

export const NO_CAPABILITIES: Capabilities = {
  extensions: new Map(),
  authMethods: [],
  maxSize: undefined,
  limits: NO_LIMITS,
};

// ehlo-keyword (RFC 5321 §4.1.1.1), then a space or, QUIRK: as old Exchange and its kin write AUTH, an equals sign.
const LINE = /^ *([A-Za-z0-9][A-Za-z0-9-]*)(?:[ =](.*))?$/;

/** Reads an EHLO reply; the first line is the server's name and never an extension. */
export function parseCapabilities(reply: SmtpReply): Capabilities {
  const extensions = new Map<string, string>();
  for (const line of reply.lines.slice(1)) {
    const match = LINE.exec(line);
    if (match === null) continue;
    const keyword = (match[1] ?? "").toUpperCase();
    const parameters = (match[2] ?? "").trim();
    const before = extensions.get(keyword);
    // `AUTH` and `AUTH=` may both be there, with different mechanisms.
    extensions.set(keyword, keyword === "AUTH" && before !== undefined ? `${before} ${parameters}` : parameters);
  }
  const authMethods = words(extensions.get("AUTH"));
  if (extensions.has("AUTH")) extensions.set("AUTH", authMethods.join(" "));
  return {
    extensions,
    authMethods,
    maxSize: parseSize(extensions.get("SIZE")),
    limits: parseLimits(extensions.get("LIMITS")),
  };
}

function words(text: string | undefined): readonly string[] {
  if (text === undefined) return [];
  return [
    ...new Set(
      text
        .toUpperCase()
        .split(/ +/)
        .filter((word) => word !== ""),
    ),
  ];
}

function parseSize(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,15}$/.test(text)) return undefined;
  const size = Number(text);
  return size === 0 ? undefined : size;
}

/** RFC 9422 §3: names and numbers; what is not understood is passed over, as it says one must. */
function parseLimits(text: string | undefined): Limits {
  if (text === undefined) return NO_LIMITS;
  const limit = (name: string): number | undefined => {
    const digits = new RegExp(`(?:^| )${name}=([1-9]\\d{0,5})(?: |$)`, "i").exec(text)?.[1];
    return digits === undefined ? undefined : Number(digits);
  };
  return { mailMax: limit("MAILMAX"), rcptMax: limit("RCPTMAX"), rcptDomainMax: limit("RCPTDOMAINMAX") };
}
