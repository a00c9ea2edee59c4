/**
 * The options of `postrider send`, as the command line gives them.
 */
import type { ServerOptions } from "../server/server-options.js";
import type { SigningOptions } from "../server/signing-options.js";

/** Where a rehearsal ends. */
export const STEPS = ["ehlo", "auth", "mail", "rcpt"] as const;
export type Step = (typeof STEPS)[number];

export interface SendCommandOptions extends ServerOptions, SigningOptions {
  readonly from?: string | undefined;
  /** Those of `--to`, and the arguments. */
  readonly to: readonly string[];
  readonly cc: readonly string[];
  readonly bcc: readonly string[];
  readonly replyTo: readonly string[];
  readonly sender?: string | undefined;
  readonly subject?: string | undefined;
  readonly text?: string | undefined;
  readonly textFile?: string | undefined;
  readonly html?: string | undefined;
  readonly htmlText: boolean;
  readonly attach: readonly string[];
  readonly inline: readonly string[];
  readonly inlineImages: boolean;
  readonly header: readonly string[];
  readonly raw?: string | undefined;
  readonly recipientsFromHeaders: boolean;
  readonly quitAfter?: Step | undefined;
  readonly dryRun: boolean;
  readonly trace: boolean;
  readonly json: boolean;
}
