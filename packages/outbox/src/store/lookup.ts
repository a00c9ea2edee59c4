/**
 * How addresses and domains are compared: without regard to case, and a domain by its A-labels (RFC 5890), however it was written.
 */
import { domainToASCII } from "node:url";

export function lookupOf(address: string): string {
  const at = address.lastIndexOf("@");
  return `${address
    .slice(0, at + 1)
    .normalize("NFC")
    .toLowerCase()}${domainKey(address.slice(at + 1))}`;
}

export const domainOf = (address: string): string => domainKey(address.slice(address.lastIndexOf("@") + 1));

/** What is no name of a host, such as an address literal, is only made lower case. */
export function domainKey(domain: string): string {
  // PERF: most are ASCII.
  const ascii = /^[\x00-\x7f]*$/.test(domain) ? domain : domainToASCII(domain);
  return (ascii === "" ? domain : ascii).toLowerCase();
}
