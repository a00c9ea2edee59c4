/**
 * Who got a blind copy: recipients of the envelope that neither To nor Cc names.
 *
 * RFC 5322 §3.6.3 (Bcc).
 */
import { domainToASCII } from "node:url";
import type { InboxMessage } from "./message.js";

/** Addresses of the envelope, as the client said them, in its order. */
export function blindCopies({ envelope, to, cc }: Pick<InboxMessage, "envelope" | "to" | "cc">): readonly string[] {
  const named = new Set([...to, ...cc].map(({ address }) => comparable(address)));
  return envelope.recipients.filter((address) => !named.has(comparable(address)));
}

// In any case, a domain as U-labels or A-labels, a local part quoted or not.
function comparable(address: string): string {
  const at = address.lastIndexOf("@");
  const domain = address.slice(at + 1);
  const local = at === -1 ? "" : address.slice(0, at);
  const bare = /^".*"$/.test(local) ? local.slice(1, -1).replace(/\\(.)/g, "$1") : local;
  return `${bare}@${domainToASCII(domain) || domain}`.toLowerCase();
}
