/**
 * Counts outcomes.
 *
 * Layer: pool.
 */
import { isSmtpError, SmtpReplyError } from "../errors.js";

export class Tally {
  sent = 0;
  refused = 0;
  failed = 0;
  unknown = 0;

  countError(error: unknown): void {
    if (isSmtpError(error) && error.outcome === "unknown") this.unknown++;
    else if (error instanceof SmtpReplyError || (isSmtpError(error) && error.code === "recipients-refused"))
      this.refused++;
    else this.failed++;
  }
}
