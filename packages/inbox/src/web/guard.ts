/**
 * Who may ask: programs of this machine and pages of the inbox itself; whoever has the password, where there is one.
 *
 * RFC 7617 (Basic), RFC 6750 §2.1 (Bearer).
 */
import type { IncomingHttpHeaders } from "node:http";
import { isIP } from "node:net";
import { type InboxSettings, isLoopback } from "../options.js";
import { isSame } from "../secrets.js";

export type WebAccess = Pick<InboxSettings, "host" | "password" | "allowedHosts">;

/** Why a request is not answered, and the status that says so. */
export interface Refusal {
  readonly status: 401 | 403;
  readonly reason: string;
}

const HOST = /^(\[[^\]]*\]|[^:]*)(?::\d{1,5})?$/;
const HARMLESS: readonly unknown[] = ["GET", "HEAD"];

/** Undefined when the request is welcome. */
export function refusal(
  method: string | undefined,
  headers: IncomingHttpHeaders,
  access: WebAccess,
): Refusal | undefined {
  const { host, origin } = headers;
  // SECURITY: DNS rebinding. A name that a stranger owns may point here; the browser then sends that name as Host.
  const name = HOST.exec(host ?? "")?.[1]?.replace(/^\[|\]$/g, "");
  if (!isKnownHost(name, access))
    return forbidden(
      `The Host header does not name this inbox, which answers to 127.0.0.1, [::1], localhost${isLoopback(access.host) ? "" : ", addresses"} and the names of --allow-host.`,
    );
  if (access.password !== undefined && !hasPassword(headers.authorization, access.password))
    return { status: 401, reason: "This inbox requires a login: any user name, and the password set by --password." };
  if (HARMLESS.includes(method)) return undefined;
  // SECURITY: cross-site requests. A form on another site can be sent here without asking; browsers say where it stands.
  const site = headers["sec-fetch-site"];
  // With https a proxy stands in front.
  const own = [`http://${host}`, `https://${host}`];
  if (
    (origin !== undefined && !own.includes(origin)) ||
    (site !== undefined && site !== "same-origin" && site !== "none")
  )
    return forbidden("This request comes from a page of another site.");
  return undefined;
}

function isKnownHost(name: string | undefined, { host, allowedHosts }: WebAccess): boolean {
  if (name === undefined) return false;
  if (isLoopback(name) || allowedHosts.includes(name.toLowerCase())) return true;
  // An address is no name that could be made to point elsewhere. Without a password nobody else may reach the inbox.
  return !isLoopback(host) && (isIP(name) !== 0 || name.toLowerCase() === host.toLowerCase());
}

function hasPassword(authorization: string | undefined, password: string): boolean {
  const [, scheme = "", value = ""] = /^(\w+) +(\S+)$/.exec(authorization ?? "") ?? [];
  if (scheme.toLowerCase() === "bearer") return isSame(value, password);
  if (scheme.toLowerCase() !== "basic") return false;
  const pair = Buffer.from(value, "base64").toString();
  return isSame(pair.slice(pair.indexOf(":") + 1), password);
}

function forbidden(reason: string): Refusal {
  return { status: 403, reason };
}
