/**
 * `proxy`: a URL that says by which protocol, where, and who asks.
 *
 * Layer: options. RFC 7617 §2 (Basic), RFC 1929 §2 (user name and password of SOCKS 5).
 */
import { Buffer } from "node:buffer";
import { OptionError } from "../errors.js";
import { nearestName } from "../text/nearest-name.js";
import type { ProxyCredentials, ProxyScheme, ProxyServer } from "../transport/proxy/proxy-server.js";
import { withHidden } from "./hidden.js";
import { hostname } from "./host-rules.js";
import { decodePart, hostOf, parseUrl, urlText } from "./parse-url.js";
import { portNumber, type Rule, text } from "./rule.js";

const DEFAULT_PORTS: Readonly<Record<ProxyScheme, number>> = {
  http: 80,
  https: 443,
  socks5: 1080,
  socks5h: 1080,
  socks4: 1080,
  socks4a: 1080,
};

/** RFC 1929 §2: one byte says how long each is. */
const MAX_SOCKS5_BYTES = 255;

/** @throws OptionError, which never shows the url */
export const proxyUrl: Rule<ProxyServer> = (value, option) => {
  const given = urlText(value, option);
  const [, name = "", rest = ""] = /^([A-Za-z][A-Za-z\d+.-]{0,20}):(.*)$/.exec(given) ?? [];
  const scheme = readScheme(name.toLowerCase(), option);
  // A scheme that the parser does not know keeps it from repairing the host, which is checked by our own rule.
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
    throw new OptionError(option, "must not have a colon in the user name: Basic parts name and password by it");
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
