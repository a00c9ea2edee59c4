/**
 * One call of the user's while it waits for its answer.
 *
 * Layer: client.
 */
import { onAbort } from "../abort.js";
import type { SmtpOutcome, SmtpPhase } from "../errors.js";
import type { Envelope } from "../protocol/envelope.js";
import type { Transaction } from "../protocol/transaction.js";
import { type CommandWork, commandPhase, type TransactionWork } from "../protocol/work.js";
import type { SmtpReply } from "../reply.js";
import type { Delivery } from "../submission/submission.js";
import { Answer } from "./answer.js";

/** Where a request waits: one that waits may be handed over to another connection. */
export interface RequestHome {
  abort(request: Request, reason: unknown): void;
}

/** A command, and whether EHLO must come before it. */
export interface CommandRequest {
  readonly kind: "command";
  readonly work: CommandWork;
  readonly needsHello: boolean;
  home: RequestHome;
  readonly answer: Answer<SmtpReply>;
}

/** What became of one transaction of a message: it was answered to its end, or the error says why it was not. */
export type DeliveryPart =
  | { readonly envelope: Envelope | undefined; readonly transaction: Transaction }
  | { readonly envelope: Envelope | undefined; readonly error: unknown };

/** A message; its transaction is made when its turn comes, for the server as it is then. */
export interface DeliveryRequest {
  readonly kind: "delivery";
  readonly delivery: Delivery;
  work: TransactionWork | undefined;
  source: AsyncIterator<Uint8Array> | undefined;
  /** Set once it turned out to need several transactions: then these are sent in its place (RFC 9422). */
  parts: readonly DeliveryRequest[] | undefined;
  home: RequestHome;
  readonly answer: Answer<readonly DeliveryPart[]>;
}

export type Request = CommandRequest | DeliveryRequest;

/** A promise that the signal can reject. */
export function makeCall<T>(signal: AbortSignal | undefined, begin: (answer: Answer<T>) => Request): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const answer = new Answer(resolve, reject);
    const request = begin(answer);
    // PERF: most calls have no signal, and are spared what it needs.
    if (signal !== undefined) answer.release = onAbort(signal, () => request.home.abort(request, signal.reason));
  });
}

export function commandRequest(
  work: CommandWork,
  needsHello: boolean,
  home: RequestHome,
  answer: Answer<SmtpReply>,
): CommandRequest {
  return { kind: "command", work, needsHello, home, answer };
}

export function deliveryRequest(
  delivery: Delivery,
  home: RequestHome,
  answer: Answer<readonly DeliveryPart[]>,
): DeliveryRequest {
  return { kind: "delivery", delivery, work: undefined, source: undefined, parts: undefined, home, answer };
}

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
