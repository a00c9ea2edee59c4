/**
 * Who may ask: programs of this machine, and pages of the inbox itself.
 */
import type { IncomingHttpHeaders } from "node:http";
import { isLoopback } from "../options.js";

const HOST = /^(\[[^\]]*\]|[^:]*)(?::\d{1,5})?$/;
const HARMLESS: readonly unknown[] = ["GET", "HEAD"];

/** Why a request is refused; undefined when it is welcome. */
export function refusal(method: string | undefined, headers: IncomingHttpHeaders): string | undefined {
  const { host, origin } = headers;
  // SECURITY: DNS rebinding. A name that a stranger owns may point here; the browser then sends that name as Host.
  const name = HOST.exec(host ?? "")?.[1]?.replace(/^\[|\]$/g, "");
  if (!isLoopback(name))
    return "The inbox answers to 127.0.0.1, [::1] and localhost only; the Host header names something else.";
  if (HARMLESS.includes(method)) return undefined;
  // SECURITY: cross-site requests. A form on another site can be sent here without asking; browsers say where it stands.
  const site = headers["sec-fetch-site"];
  if (origin !== undefined && origin !== `http://${host}`) return "This request comes from a page of another site.";
  if (site !== undefined && site !== "same-origin" && site !== "none")
    return "This request comes from a page of another site.";
  return undefined;
}
