/**
 * The options of `postrider bulk`, as the command line gives them.
 */
import type { ServerOptions } from "../server/server-options.js";
import type { SigningOptions } from "../server/signing-options.js";
import type { Rate } from "./rate.js";

/** Where the mails are handed over to, in place of a server. */
export interface OutboxTarget {
  /** The database. */
  readonly outbox?: string | undefined;
  readonly schema?: string | undefined;
  readonly key?: string | undefined;
  readonly sendAt?: Date | undefined;
  readonly priority?: number | undefined;
  readonly tag: readonly (readonly [name: string, value: string])[];
}

export interface BulkOptions extends ServerOptions, SigningOptions, OutboxTarget {
  readonly template: string;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly subject?: string | undefined;
  readonly attach: readonly string[];
  readonly delimiter?: string | undefined;
  readonly journal?: string | undefined;
  readonly resendUnknown: boolean;
  readonly skipBad: boolean;
  /** Columns that must not be empty. */
  readonly require: readonly string[];
  readonly rate?: Rate | undefined;
  readonly connections: number;
  readonly report?: string | undefined;
  readonly dryRun: boolean;
  readonly rows: number;
  readonly inboxPort: number;
  readonly json: boolean;
}
