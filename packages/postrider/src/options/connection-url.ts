/**
 * `smtp://user:password@host:port?startTls=true`: the same options in one line.
 *
 * Layer: options. RFC 3986, the URL standard.
 */
import { OptionError } from "../errors.js";
import { nearestName } from "../text/nearest-name.js";
import { decodePart, ENCODING_HINT, hostOf, parseUrl, urlText } from "./parse-url.js";
import type { Rule } from "./rule.js";

/** Values are as the options would have them, not yet checked. */
export type UrlOptions = Readonly<Record<string, unknown>>;

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
      throw new OptionError(option, `has ${name} against what it starts with`);
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

/** What is neither stays text, which the rule of the option refuses in its own words. */
function readFlag(text: string): unknown {
  return text === "true" ? true : text === "false" ? false : text;
}

function readNumber(text: string): unknown {
  return /^\d{1,15}$/.test(text) ? Number(text) : text;
}
