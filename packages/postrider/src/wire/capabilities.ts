/**
 * Capabilities: the lines of an EHLO reply as values.
 *
 * Layer: wire. RFC 5321 §4.1.1.1 (EHLO), RFC 4954 §3 (AUTH), RFC 1870 §4 (SIZE), RFC 9422 (LIMITS).
 */
import type { SmtpReply } from "../reply.js";

/** What a server offers; the first line of the reply is its name and is left out. */
export interface Capabilities {
  /** Upper-case keyword -> parameters as sent. */
  readonly extensions: ReadonlyMap<string, string>;
  /** Mechanisms, upper case, each once, in the server's order. */
  readonly authMethods: readonly string[];
  /** The limit of SIZE in bytes; undefined when there is none (RFC 1870: absent, or 0). */
  readonly maxSize: number | undefined;
  /** RFC 9422. */
  readonly limits: Limits;
}

/** The server's limits (RFC 9422 §4); undefined where it gives none. */
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

// ehlo-keyword (RFC 5321 §4.1.1.1), then a space. QUIRK: old Exchange and similar servers write "AUTH=LOGIN".
const LINE = /^ *([A-Za-z0-9][A-Za-z0-9-]*)(?:[ =](.*))?$/;

/** Parses an EHLO reply. */
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

/** RFC 9422 §3: unknown limits must be ignored. */
function parseLimits(text: string | undefined): Limits {
  if (text === undefined) return NO_LIMITS;
  const limit = (name: string): number | undefined => {
    const digits = new RegExp(`(?:^| )${name}=([1-9]\\d{0,5})(?: |$)`, "i").exec(text)?.[1];
    return digits === undefined ? undefined : Number(digits);
  };
  return { mailMax: limit("MAILMAX"), rcptMax: limit("RCPTMAX"), rcptDomainMax: limit("RCPTDOMAINMAX") };
}
