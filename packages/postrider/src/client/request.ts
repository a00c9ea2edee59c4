/**
 * One call of the user's while it waits for its answer.
 *
 * Layer: client.
 */
import type { SmtpOutcome, SmtpPhase } from "../errors.js";
import type { Transaction } from "../protocol/transaction.js";
import { type CommandWork, commandPhase, type TransactionWork } from "../protocol/work.js";
import type { SmtpReply } from "../reply.js";
import type { Delivery } from "../submission/submission.js";

export interface Settling<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
  /** True once either was called: an abort may come while the content is still being opened. */
  readonly isSettled: () => boolean;
}

/** A command, and whether EHLO must come before it. */
export interface CommandRequest extends Settling<SmtpReply> {
  readonly kind: "command";
  readonly work: CommandWork;
  readonly needsHello: boolean;
}

/** A message; its transaction is made when its turn comes, for the server as it is then. */
export interface DeliveryRequest extends Settling<Transaction> {
  readonly kind: "delivery";
  readonly delivery: Delivery;
  work: TransactionWork | undefined;
  source: AsyncIterator<Uint8Array> | undefined;
}

export type Request = CommandRequest | DeliveryRequest;

export function requestPhase(request: Request): SmtpPhase {
  if (request.kind === "command") return commandPhase(request.work.verb);
  const transaction = request.work?.transaction;
  if (transaction === undefined || transaction.progress === "queued") return "mail";
  if (transaction.progress === "content-sending" || transaction.progress === "content-sent") return "content";
  if (transaction.mailReply === undefined && !transaction.isManual) return "mail";
  return transaction.isEnvelopeAnswered ? "data" : "rcpt";
}

export function requestOutcome(request: Request): SmtpOutcome {
  return request.kind === "delivery" && request.work !== undefined ? request.work.transaction.outcome : "not-sent";
}
