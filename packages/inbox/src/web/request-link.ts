/**
 * One request of a link: its status and where it leads, or why there is no answer. Nothing of the body is kept, and no redirect is followed.
 */
import { lookup } from "node:dns";
import { type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import type { ApiLinkAnswer } from "./api-types.js";
import type { MayReach } from "./reachable.js";

export interface LinkRequest {
  readonly mayReach: MayReach;
  /** Ends the request, which then has failed. */
  readonly signal: AbortSignal;
}

/** What is known of a link after its request. */
export type LinkAnswer = Omit<ApiLinkAnswer, "url">;

const MAX_LOCATION = 4096;
const MAX_REASON = 300;
const MAX_HEADER_BYTES = 16 * 1024;
/** They refuse a program, or ask who it is; a reader may see the page. */
const REFUSALS: readonly number[] = [401, 403, 405, 406, 407, 425, 429];

const REASONS: Readonly<Record<string, string>> = {
  ENOTFOUND: "The name of the host does not exist.",
  EAI_AGAIN: "The name of the host could not be resolved.",
  ECONNREFUSED: "The connection was refused.",
  ECONNRESET: "The connection ended before an answer.",
  EHOSTUNREACH: "The host cannot be reached.",
  ENETUNREACH: "The network cannot be reached.",
  HPE_HEADER_OVERFLOW: `The header of the answer is longer than ${MAX_HEADER_BYTES / 1024} KiB.`,
};

const PRIVATE_ADDRESS = "Its address is a private or link-local one, which this inbox does not request.";

/** Why a link is not requested; undefined when it can be. */
export function unfitReason(url: string): string | undefined {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) return "It is not an http or https URL.";
  const { username, password, port } = new URL(url);
  // SECURITY: an answer would tell whether they are right.
  if (username !== "" || password !== "") return "It has a user name or a password.";
  // SECURITY: other services listen there, and some obey lines of text, whatever stands around them.
  if (port !== "" && Number(port) < 1024 && port !== "80" && port !== "443")
    return "Its port belongs to another service than the web.";
  return undefined;
}

/** Never rejects. `url` is one without an `unfitReason`. */
export async function requestLink(url: string, { mayReach, signal }: LinkRequest): Promise<LinkAnswer> {
  const { hostname, protocol } = new URL(url);
  // A literal address is connected to without a lookup.
  const literal = hostname.replace(/^\[|\]$/g, "");
  if (isIP(literal) !== 0 && !mayReach(literal)) return notRequested(PRIVATE_ADDRESS);
  try {
    return await new Promise<LinkAnswer>((resolve, reject) => {
      const ask = protocol === "https:" ? requestHttps : requestHttp;
      const sent = ask(url, {
        // A connection of its own; nothing is sent but this: no cookies, no Referer, no credentials.
        agent: false,
        headers: { Accept: "*/*", "User-Agent": "Postrider-Inbox" },
        lookup: guardedLookup(mayReach),
        maxHeaderSize: MAX_HEADER_BYTES,
        signal,
      });
      sent.on("response", (response) => {
        resolve(answered(response, url));
        sent.destroy();
      });
      sent.on("error", reject);
      // An answer that switches protocols ends without an error.
      sent.on("close", () => reject({ code: "ECONNRESET" }));
      sent.end();
    });
  } catch (error) {
    if (error instanceof PrivateAddressError) return notRequested(PRIVATE_ADDRESS);
    if (signal.aborted) return { outcome: "failed", level: "problem", reason: "There was no answer in time." };
    return { outcome: "failed", level: "problem", reason: reasonOf(error) };
  }
}

export function notRequested(reason: string): LinkAnswer {
  return { outcome: "not-requested", level: "note", reason };
}

class PrivateAddressError extends Error {}

/** SECURITY: what the name resolves to is checked where it is connected to, so that a second lookup cannot differ. */
function guardedLookup(mayReach: MayReach): LookupFunction {
  return (hostname, options, done) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) return done(error, "");
      const addresses = found.filter(({ address }) => mayReach(address));
      const [first] = addresses;
      if (first === undefined) return done(new PrivateAddressError(), "");
      if (options.all === true) done(null, addresses);
      else done(null, first.address, first.family);
    });
  };
}

function answered({ statusCode: status = 0, headers }: IncomingMessage, url: string): LinkAnswer {
  const { location } = headers;
  const isRedirect = status >= 300 && status < 400 && location !== undefined;
  return {
    outcome: "answered",
    level: levelOf(status),
    status,
    ...(isRedirect ? { location: absolute(location, url) } : {}),
  };
}

function levelOf(status: number): ApiLinkAnswer["level"] {
  if (status >= 200 && status < 300) return "ok";
  if (status < 400) return "note";
  return REFUSALS.includes(status) ? "warning" : "problem";
}

function absolute(location: string, base: string): string {
  return (URL.canParse(location, base) ? new URL(location, base).href : location).slice(0, MAX_LOCATION);
}

function reasonOf(error: unknown): string {
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
  const known = REASONS[String(code)];
  if (known !== undefined) return known;
  return String(message ?? "") === "" ? `The request failed (${String(code)}).` : String(message).slice(0, MAX_REASON);
}
