/**
 * Is this address our own machine?
 *
 * Layer: transport. RFC 1122 §3.2.1.3 (127.0.0.0/8), RFC 4291 §2.5.3 (::1) and §2.5.5.2 (IPv4 inside IPv6).
 */
import { isIpv4 } from "../address/literal.js";

/** True for 127.0.0.0/8, ::1, and the former mapped into IPv6. Names are never loopback here, not even "localhost". */
export function isLoopback(address: string | undefined): boolean {
  if (address === undefined) return false;
  if (address === "::1") return true;
  const ipv4 = unmapAddress(address);
  return isIpv4(ipv4) && ipv4.startsWith("127.");
}

/** `::ffff:192.0.2.1` is how a socket that speaks both families shows `192.0.2.1`; any other address stays as it is. */
export function unmapAddress(address: string): string {
  const rest = /^::ffff:([\d.]+)$/i.exec(address)?.[1];
  return rest !== undefined && isIpv4(rest) ? rest : address;
}
