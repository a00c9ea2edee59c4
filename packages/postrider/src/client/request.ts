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

export interface Settling<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
  /** True once either was called: an abort may come while the content is still being opened. */
  readonly isSettled: () => boolean;
}

/** Where a request waits: one that waits may be handed over to another connection. */
export interface RequestHome {
  abort(request: Request, reason: unknown): void;
}

interface Housed {
  home: RequestHome;
}

/** A command, and whether EHLO must come before it. */
export interface CommandRequest extends Settling<SmtpReply>, Housed {
  readonly kind: "command";
  readonly work: CommandWork;
  readonly needsHello: boolean;
}

/** What became of one transaction of a message: it was answered to its end, or the error says why it was not. */
export type DeliveryPart =
  | { readonly envelope: Envelope | undefined; readonly transaction: Transaction }
  | { readonly envelope: Envelope | undefined; readonly error: unknown };

/** A message; its transaction is made when its turn comes, for the server as it is then. */
export interface DeliveryRequest extends Settling<readonly DeliveryPart[]>, Housed {
  readonly kind: "delivery";
  readonly delivery: Delivery;
  work: TransactionWork | undefined;
  source: AsyncIterator<Uint8Array> | undefined;
  /** Set once it turned out to need several transactions: then these are sent in its place (RFC 9422). */
  parts: readonly DeliveryRequest[] | undefined;
}

export type Request = CommandRequest | DeliveryRequest;

/** A promise that the signal can reject. */
export function makeCall<T>(signal: AbortSignal | undefined, begin: (settling: Settling<T>) => Request): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    let isSettled = false;
    let release: (() => void) | undefined;
    // A promise settles once, whatever comes after; only the listener must go.
    const settle = (): void => {
      isSettled = true;
      release?.();
    };
    const request = begin({
      resolve: (value) => {
        settle();
        resolve(value);
      },
      reject: (error) => {
        settle();
        reject(error);
      },
      isSettled: () => isSettled,
    });
    // PERF: most calls have no signal, and are spared what it needs.
    if (signal !== undefined) release = onAbort(signal, () => request.home.abort(request, signal.reason));
  });
}

export function commandRequest(
  work: CommandWork,
  needsHello: boolean,
  home: RequestHome,
  { resolve, reject, isSettled }: Settling<SmtpReply>,
): CommandRequest {
  return { kind: "command", work, needsHello, home, resolve, reject, isSettled };
}

export function deliveryRequest(
  delivery: Delivery,
  home: RequestHome,
  { resolve, reject, isSettled }: Settling<readonly DeliveryPart[]>,
): DeliveryRequest {
  return {
    kind: "delivery",
    delivery,
    work: undefined,
    source: undefined,
    parts: undefined,
    home,
    resolve,
    reject,
    isSettled,
  };
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
