/**
 * What a session may still carry by the server's own limits.
 *
 * Layer: client. RFC 9422 §4 (MAILMAX, RCPTDOMAINMAX).
 */
import { SmtpNotSupportedError } from "../errors.js";
import type { Envelope } from "../protocol/envelope.js";
import { recipientDomains } from "../protocol/split-envelope.js";
import type { Limits } from "../wire/capabilities.js";

export class Allowance {
  #mails = 0;
  readonly #domains = new Set<string>();

  /** Whether these transactions may follow those that there were. */
  fits(envelopes: readonly Envelope[], { mailMax, rcptDomainMax }: Limits): boolean {
    if (mailMax !== undefined && this.#mails + envelopes.length > mailMax) return false;
    if (rcptDomainMax === undefined) return true;
    const domains = new Set(this.#domains);
    for (const envelope of envelopes) for (const domain of recipientDomains(envelope)) domains.add(domain);
    return domains.size <= rcptDomainMax;
  }

  /** One MAIL; without an envelope it is the caller's own. */
  take(envelope: Envelope | undefined, { rcptDomainMax }: Limits): void {
    this.#mails++;
    if (rcptDomainMax === undefined || envelope === undefined) return;
    for (const domain of recipientDomains(envelope)) this.#domains.add(domain);
  }
}

/** The error of a message that does not fit, before anything of it is written. */
export function limitError(envelopes: readonly Envelope[], limits: Limits): SmtpNotSupportedError {
  const { mailMax, rcptDomainMax } = limits;
  const names = [
    mailMax === undefined ? "" : `MAILMAX=${mailMax}`,
    rcptDomainMax === undefined ? "" : `RCPTDOMAINMAX=${rcptDomainMax}`,
  ];
  const said = `LIMITS ${names.filter((name) => name !== "").join(" ")}`;
  if (new Allowance().fits(envelopes, limits)) {
    return new SmtpNotSupportedError("LIMITS", {
      reason: `The server takes no more on this connection (${said})`,
      phase: "mail",
      retry: "reconnect",
      hint: "Connect again; SmtpPool, and SmtpClient with a connection that only its options made, do so by themselves",
    });
  }
  return new SmtpNotSupportedError("LIMITS", {
    reason: `The message needs ${envelopes.length} transactions, more than the server takes on a connection (${said})`,
    phase: "mail",
    hint: "Send it to fewer recipients at a time, or to one domain at a time",
  });
}
