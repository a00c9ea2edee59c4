/**
 * `smtp://user:password@host:port?startTls=true`: the same options in one line.
 *
 * Layer: options. RFC 3986, the URL standard.
 */
import { OptionError } from "../errors.js";
import { nearestName } from "../nearest-name.js";
import { hasMembers, type Rule } from "./rule.js";

/** Values are as the options would have them, not yet checked. */
export type UrlOptions = Readonly<Record<string, unknown>>;

// SECURITY: no message shows the url or a part of it that may be a piece of a password.
const HINT = "percent-encode signs such as @ : / ? # in the user name and the password";

const PROTOCOLS: ReadonlyMap<string, UrlOptions> = new Map([
  ["smtp:", { protocol: "smtp" }],
  ["smtps:", { protocol: "smtp", useTls: true }],
  ["lmtp:", { protocol: "lmtp" }],
]);

/** What may follow the question mark, and how its text is read. */
const PARAMETERS: Readonly<Record<string, (text: string) => unknown>> = {
  useTls: readFlag,
  startTls: readFlag,
  allowPlaintextAuth: readFlag,
  timeout: readNumber,
  deliveryTimeout: readNumber,
  localHostname: (text) => text,
  localAddress: (text) => text,
  authMethods: (text) => text.split(","),
};

/** @throws OptionError when it is no URL of this kind, or a parameter is unknown or given twice */
export const connectionUrl: Rule<UrlOptions> = (value, option) => {
  const url = parseUrl(value, option);
  const protocol = PROTOCOLS.get(url.protocol);
  if (protocol === undefined) throw new OptionError(option, "must start with smtp://, smtps:// or lmtp://");
  if (url.hash !== "" || (url.pathname !== "" && url.pathname !== "/")) {
    throw new OptionError(option, `must not have a path or a fragment; ${HINT}`);
  }
  if (url.hostname === "") throw new OptionError(option, "must name a host after //");
  return Object.freeze({
    ...protocol,
    hostname: decode(url.hostname.replace(/^\[(.*)\]$/, "$1"), option),
    ...(url.port === "" ? {} : { port: Number(url.port) }),
    ...(url.username === "" ? {} : { username: decode(url.username, option) }),
    ...(url.password === "" ? {} : { password: decode(url.password, option) }),
    ...readParameters(url.searchParams, protocol, option),
  });
};

function parseUrl(value: unknown, option: string): URL {
  const text = hasMembers(value, { href: "string" }) ? (value as unknown as URL).href : value;
  if (typeof text !== "string") throw new OptionError(option, "must be a string or a URL");
  // The parser would drop these without a word.
  if (/[\x00-\x20\x7f]/.test(text)) throw new OptionError(option, "must not hold spaces or control characters");
  try {
    return new URL(text);
  } catch {
    // SECURITY: the parser's own error carries the url, password included, so it is no cause of this one.
    throw new OptionError(option, `is no valid URL; ${HINT}`);
  }
}

function decode(text: string, option: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new OptionError(option, "has a % that does not start a percent-encoded UTF-8 character");
  }
}

function readParameters(parameters: URLSearchParams, protocol: UrlOptions, option: string): UrlOptions {
  const read: Record<string, unknown> = {};
  for (const [name, text] of parameters) {
    const reader = Object.hasOwn(PARAMETERS, name) ? PARAMETERS[name] : undefined;
    if (reader === undefined) throw unknownParameter(name, option);
    if (Object.hasOwn(read, name)) throw new OptionError(option, `has ${name} twice`);
    read[name] = reader(text);
    if (Object.hasOwn(protocol, name) && protocol[name] !== read[name]) {
      throw new OptionError(option, `has ${name} against what it starts with`);
    }
  }
  return read;
}

function unknownParameter(name: string, option: string): OptionError {
  if (!/^[A-Za-z]{1,40}$/.test(name)) return new OptionError(option, `has a parameter that does not exist; ${HINT}`);
  const near = nearestName(name, Object.keys(PARAMETERS));
  const meant = near === undefined ? "" : `; did you mean ${near}?`;
  return new OptionError(option, `has no parameter ${name}${meant}`);
}

/** What is neither stays text, which the rule of the option refuses in its own words. */
function readFlag(text: string): unknown {
  return text === "true" ? true : text === "false" ? false : text;
}

function readNumber(text: string): unknown {
  return /^\d{1,15}$/.test(text) ? Number(text) : text;
}
