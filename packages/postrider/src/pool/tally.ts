/**
 * Counts outcomes.
 *
 * Layer: pool.
 */
import { isSmtpError } from "../errors.js";
import { isRefusal } from "./job.js";

export class Tally {
  sent = 0;
  refused = 0;
  failed = 0;
  unknown = 0;

  countError(error: unknown): void {
    if (isSmtpError(error) && error.outcome === "unknown") this.unknown++;
    else if (isRefusal(error)) this.refused++;
    else this.failed++;
  }
}
