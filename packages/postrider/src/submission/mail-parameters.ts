/**
 * The delivery options that are parameters of MAIL.
 *
 * Layer: submission. RFC 3461 §4 (DSN), RFC 8689 §4 (REQUIRETLS), RFC 2852 §4 (BY), RFC 4865 §4 (HOLDFOR, HOLDUNTIL), RFC 6710
 * §4 (MT-PRIORITY).
 */
import { withoutPrototype } from "../given.js";
import type { ResolvedDeliveryOptions } from "../options/delivery-options.js";
import { encodeXtext } from "../wire/parameters.js";

/** As they stand on the wire, in a fixed order. */
export function mailParameters(options: ResolvedDeliveryOptions): readonly string[] {
  const { requireTls, deliverBy, holdFor, holdUntil, priority } = options;
  // SECURITY: what they leave out must not be found on Object.prototype.
  const dsn = options.dsn === undefined ? undefined : withoutPrototype(options.dsn);
  const parameters: string[] = [...options.mailOptions];
  if (dsn?.return !== undefined) parameters.push(dsn.return === "full" ? "RET=FULL" : "RET=HDRS");
  if (dsn?.envelopeId !== undefined) parameters.push(`ENVID=${encodeXtext(dsn.envelopeId)}`);
  if (requireTls) parameters.push("REQUIRETLS");
  if (deliverBy !== undefined) {
    const { seconds, mode, trace } = deliverBy;
    parameters.push(`BY=${seconds};${mode === "return" ? "R" : "N"}${trace === true ? "T" : ""}`);
  }
  if (holdFor !== undefined) parameters.push(`HOLDFOR=${holdFor}`);
  // RFC 4865 §4: a date-time of RFC 3339, without fractions of a second.
  if (holdUntil !== undefined) parameters.push(`HOLDUNTIL=${holdUntil.toISOString().slice(0, 19)}Z`);
  if (priority !== undefined) parameters.push(`MT-PRIORITY=${priority}`);
  return parameters;
}
