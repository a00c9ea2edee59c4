/**
 * Options in the form of a URL: of a server, of a proxy, of a token endpoint.
 *
 * Layer: options. RFC 3986, RFC 7617 (credentials).
 */

import { Buffer } from "node:buffer";
import { OptionError } from "../errors/errors.js";
import { nearestName } from "../text/characters.js";
import { hasMembers, portNumber, type Rule, text, withHidden } from "./rules.js";
import { hostname, type ProxyCredentials, type ProxyScheme, type ProxyServer } from "./target.js";

/** Options by their names, values unchecked. */
export type UrlOptions = Readonly<Record<string, unknown>>;

const PROTOCOLS: ReadonlyMap<string, UrlOptions> = new Map([
  ["smtp:", { protocol: "smtp" }],
  ["smtps:", { protocol: "smtp", useTls: true }],
  ["lmtp:", { protocol: "lmtp" }],
]);

/** The parameters of the query, and how each is read. */
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

/** @throws OptionError when it is not such a URL, or a parameter is unknown or given twice */
export const connectionUrl: Rule<UrlOptions> = (value, option) => {
  const url = parseUrl(urlText(value, option), option);
  const protocol = PROTOCOLS.get(url.protocol);
  if (protocol === undefined) throw new OptionError(option, "must start with smtp://, smtps:// or lmtp://");
  const host = hostOf(url, option);
  return Object.freeze({
    ...protocol,
    hostname: host,
    ...(url.port === "" ? {} : { port: Number(url.port) }),
    ...(url.username === "" ? {} : { username: decodePart(url.username, option) }),
    ...(url.password === "" ? {} : { password: decodePart(url.password, option) }),
    ...readParameters(url.searchParams, protocol, option),
  });
};

function readParameters(parameters: URLSearchParams, protocol: UrlOptions, option: string): UrlOptions {
  const read: Record<string, unknown> = {};
  for (const [name, text] of parameters) {
    const reader = Object.hasOwn(PARAMETERS, name) ? PARAMETERS[name] : undefined;
    if (reader === undefined) throw unknownParameter(name, option);
    if (Object.hasOwn(read, name)) throw new OptionError(option, `has ${name} twice`);
    read[name] = reader(text);
    if (Object.hasOwn(protocol, name) && protocol[name] !== read[name]) {
      throw new OptionError(option, `has ${name}, which contradicts its scheme`);
    }
  }
  return read;
}

function unknownParameter(name: string, option: string): OptionError {
  if (!/^[A-Za-z]{1,40}$/.test(name))
    return new OptionError(option, `has a parameter that does not exist; ${ENCODING_HINT}`);
  const near = nearestName(name, Object.keys(PARAMETERS));
  const meant = near === undefined ? "" : `; did you mean ${near}?`;
  return new OptionError(option, `has no parameter ${name}${meant}`);
}

/** Other text is returned as it is: the rule of the option refuses it. */
function readFlag(text: string): unknown {
  return text === "true" ? true : text === "false" ? false : text;
}

function readNumber(text: string): unknown {
  return /^\d{1,15}$/.test(text) ? Number(text) : text;
}

// SECURITY: no error quotes the url: any part of it may be a piece of a password.
const ENCODING_HINT = "percent-encode characters such as @ : / ? # in the user name and the password";

// RFC 3986 §3.2: an authority ends at "/", "?" or "#", and holds one "@" at most.
const TWO_AT_SIGNS = /^[^/?#]*\/\/[^/?#@]*@[^/?#@]*@/;

/**
 * @throws OptionError when it is neither string nor URL, or holds characters that the parser would drop, or that parsers read
 * differently
 */
export function urlText(value: unknown, option: string): string {
  const text = hasMembers(value, { href: "string" }) ? (value as unknown as URL).href : value;
  if (typeof text !== "string") throw new OptionError(option, "must be a string or a URL");
  if (/[\x00-\x20\x7f]/.test(text)) throw new OptionError(option, "must not hold spaces or control characters");
  // SECURITY: some parsers read "\\" as "/", and end the user name at the first of two "@": the host would be another one.
  if (text.includes("\\")) throw new OptionError(option, "must not hold a backslash");
  if (TWO_AT_SIGNS.test(text)) throw new OptionError(option, `has a second @ before its path; ${ENCODING_HINT}`);
  return text;
}

/** @throws OptionError */
function parseUrl(text: string, option: string): URL {
  try {
    return new URL(text);
  } catch {
    // SECURITY: the error of the parser holds the url with its password, so it is not kept as cause.
    throw new OptionError(option, `is not a valid URL; ${ENCODING_HINT}`);
  }
}

/** The host of a URL without path and fragment. @throws OptionError */
function hostOf(url: URL, option: string): string {
  if (url.hash !== "" || (url.pathname !== "" && url.pathname !== "/")) {
    throw new OptionError(option, `must not have a path or a fragment; ${ENCODING_HINT}`);
  }
  if (url.hostname === "") throw new OptionError(option, "must name a host after //");
  return decodePart(url.hostname.replace(/^\[(.*)\]$/, "$1"), option);
}

/** @throws OptionError */
function decodePart(text: string, option: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new OptionError(option, "has a % that does not start a percent-encoded UTF-8 character");
  }
}

const DEFAULT_PORTS: Readonly<Record<ProxyScheme, number>> = {
  http: 80,
  https: 443,
  socks5: 1080,
  socks5h: 1080,
  socks4: 1080,
  socks4a: 1080,
};

/** RFC 1929 §2: user name and password have one byte for their length. */
const MAX_SOCKS5_BYTES = 255;

/** @throws OptionError, which never shows the url */
export const proxyUrl: Rule<ProxyServer> = (value, option) => {
  const given = urlText(value, option);
  const [, name = "", rest = ""] = /^([A-Za-z][A-Za-z\d+.-]{0,20}):(.*)$/.exec(given) ?? [];
  const scheme = readScheme(name.toLowerCase(), option);
  // With an unknown scheme the parser does not change the host, which is then checked by the rule `hostname`.
  const url = parseUrl(`proxy:${rest}`, option);
  if (url.search !== "") throw new OptionError(option, "must not have a query");
  const shown = {
    scheme,
    hostname: hostname(hostOf(url, option), option),
    port: url.port === "" ? DEFAULT_PORTS[scheme] : portNumber(Number(url.port), option),
  };
  return Object.freeze(withHidden(shown, "credentials", readCredentials(url, scheme, option)));
};

function readScheme(name: string, option: string): ProxyScheme {
  const known = Object.keys(DEFAULT_PORTS) as ProxyScheme[];
  const found = known.find((one) => one === name);
  if (found !== undefined) return found;
  const near = name === "" ? undefined : nearestName(name, known);
  const meant = near === undefined ? "" : `; did you mean ${near}://?`;
  throw new OptionError(option, `must start with http://, https://, socks5:// or socks4://${meant}`);
}

function readCredentials(url: URL, scheme: ProxyScheme, option: string): ProxyCredentials | undefined {
  if (url.username === "" && url.password === "") return undefined;
  if (url.username === "") throw new OptionError(option, "must have a user name before its password");
  const username = text(decodePart(url.username, option), option);
  const password = url.password === "" ? "" : text(decodePart(url.password, option), option);
  checkFits({ username, password }, scheme, option);
  return Object.freeze({ username, password });
}

function checkFits({ username, password }: ProxyCredentials, scheme: ProxyScheme, option: string): void {
  if (scheme === "http" || scheme === "https") {
    if (!username.includes(":")) return;
    throw new OptionError(option, "must not have a colon in the user name, which Basic would end there");
  }
  if (scheme === "socks4" || scheme === "socks4a") {
    if (password === "") return;
    throw new OptionError(option, "must not have a password: SOCKS 4 knows a user name only");
  }
  if (password === "") throw new OptionError(option, "must have a password after the user name");
  if ([username, password].every((one) => Buffer.byteLength(one) <= MAX_SOCKS5_BYTES)) return;
  throw new OptionError(
    option,
    `must not have a user name or password above ${MAX_SOCKS5_BYTES} bytes: SOCKS 5 has no room`,
  );
}
