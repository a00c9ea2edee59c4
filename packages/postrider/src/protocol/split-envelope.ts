/**
 * An envelope as one or several, by what a server takes in one transaction.
 *
 * Layer: protocol. RFC 9422 §4 (RCPTMAX, RCPTDOMAINMAX).
 */

import { mailboxKey } from "../address/mailbox.js";
import type { Limits } from "../wire/capabilities.js";
import type { Envelope, EnvelopeRecipient } from "./envelope.js";

/**
 * The same envelope, when it is within the limits; else one for each transaction. Recipients keep their order, but that those of
 * one domain stay together where the number of domains is limited.
 */
export function splitEnvelope(envelope: Envelope, limits: Limits): readonly Envelope[] {
  const { recipients } = envelope;
  const { rcptMax = recipients.length, rcptDomainMax } = limits;
  const hasTooManyDomains = rcptDomainMax !== undefined && recipientDomains(envelope).size > rcptDomainMax;
  if (!hasTooManyDomains && recipients.length <= rcptMax) return [envelope];
  const groups = hasTooManyDomains ? groupByDomains(recipients, rcptDomainMax) : [recipients];
  return groups.flatMap((group) => slices(group, rcptMax).map((slice) => ({ ...envelope, recipients: slice })));
}

/** The domains of the recipients, each once, in one spelling. */
export function recipientDomains({ recipients }: Envelope): ReadonlySet<string> {
  return new Set(recipients.map(domainOf));
}

function domainOf(recipient: EnvelopeRecipient): string {
  const key = mailboxKey(recipient);
  return key.slice(key.lastIndexOf("@") + 1);
}

/** Groups of at most so many domains, in the order in which these come up first. */
function groupByDomains(recipients: readonly EnvelopeRecipient[], max: number): readonly EnvelopeRecipient[][] {
  const groups: EnvelopeRecipient[][] = [];
  const groupOf = new Map<string, number>();
  for (const recipient of recipients) {
    const domain = domainOf(recipient);
    const index = groupOf.get(domain) ?? Math.floor(groupOf.size / max);
    groupOf.set(domain, index);
    const group = groups[index];
    if (group === undefined) groups.push([recipient]);
    else group.push(recipient);
  }
  return groups;
}

function slices<T>(items: readonly T[], length: number): readonly T[][] {
  const result: T[][] = [];
  for (let start = 0; start < items.length; start += length) result.push(items.slice(start, start + length));
  return result;
}
