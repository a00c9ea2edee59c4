/**
 * The name to give in EHLO when the caller gives none.
 *
 * Layer: transport. RFC 5321 §4.1.1.1 (a domain name, else an address literal), §4.1.3 (address literals), §2.3.5.
 */
import { isIPv4, isIPv6 } from "node:net";
import { hostname } from "node:os";
import { unmapAddress } from "./loopback.js";

// A name without a dot ("laptop") says nothing to anybody else, and many servers refuse it; a last label of digits is an address.
const DOMAIN = /^(?=.{4,253}$)(?:[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?\.)+(?=.*[a-z])[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?$/i;

/**
 * This machine's name when it is a domain name with a dot, else the address literal of the connection, else `[127.0.0.1]`.
 *
 * @param localAddress our end of the connection, as the socket shows it
 * @param machineName for tests; default: what the operating system says
 */
export function localHostname(localAddress: string | undefined, machineName: string = hostname()): string {
  return DOMAIN.test(machineName) ? machineName : addressLiteral(localAddress ?? "127.0.0.1");
}

function addressLiteral(address: string): string {
  // The zone of a link-local address ("%eth0") means nothing outside this machine.
  const [bare = ""] = unmapAddress(address).split("%");
  if (isIPv4(bare)) return `[${bare}]`;
  return isIPv6(bare) ? `[IPv6:${bare}]` : "[127.0.0.1]";
}
