/**
 * Where a call leaves the library: its error gets the frames of the program that made the call, and the outcome of an aborted one can
 * be asked for.
 *
 * Layer: connection.
 */

import { isSmtpError, type SmtpOutcome, SmtpTimeoutError } from "../errors/errors.js";
import { AbortedInFlight, onAbort } from "../given/abort.js";

/** By the promise that a call returned, and by the reason of a signal. */
const outcomes = new WeakMap<object, SmtpOutcome>();

/**
 * Whether a message that failed may have been delivered: `"not-sent"` or `"unknown"`, also after an abort, which rejects with the
 * signal's own reason.
 *
 * @param failure what the call rejected with; or the promise that `send` of a client or a pool returned, once it has settled. One signal
 * may abort many messages with one reason: the promise tells of one message, the reason of all ("unknown" if one is).
 * @returns undefined for what is not known here: an error of other code, a reason that is no object, a message that was sent.
 *
 * @example
 * const sending = client.send(message, { signal });
 * await sending.catch((error) => console.log(outcomeOf(error), outcomeOf(sending)));
 */
export function outcomeOf(failure: unknown): SmtpOutcome | undefined {
  if ((typeof failure !== "object" && typeof failure !== "function") || failure === null) return undefined;
  return isSmtpError(failure) ? failure.outcome : outcomes.get(failure);
}

/** The frames of the program that calls, innermost first. */
export type CallSite = string | undefined;

/**
 * The frames above the function `entry` of this library; undefined: all, those that wait by `await` included. PERF: some microseconds, so not for a call that is made a hundred thousand
 * times a second; `leaving` finds the frames of `await` for these, at no cost while all is well.
 */
export function callSite(entry: ((...given: never[]) => unknown) | undefined): CallSite {
  const holder: { stack?: string } = {};
  // Not every engine has it.
  Error.captureStackTrace?.(holder, entry);
  return framesOf(holder.stack);
}

/** What the caller is given: the promise of the library, its error made ready for people. */
export function leaving<T>(call: Promise<T>, signal: AbortSignal | undefined, site?: CallSite): Promise<T> {
  const given: Promise<T> = call.catch((error: unknown) => {
    const abort = readAbort(error, signal);
    const { told, outcome } = abort ?? { told: error, outcome: outcomeOf(error) };
    note(given, outcome);
    if (abort !== undefined && outcomeOf(told) !== "unknown") note(told, outcome);
    if (told instanceof Error && isSmtpError(told)) addFrames(told, site ?? callSite(undefined));
    throw told;
  });
  return given;
}

/** Undefined: it was no abort of this call's. */
function readAbort(
  error: unknown,
  signal: AbortSignal | undefined,
): { told: unknown; outcome: SmtpOutcome } | undefined {
  if (error instanceof AbortedInFlight) return { told: error.reason, outcome: "unknown" };
  if (signal?.aborted !== true) return undefined;
  if (error === signal.reason) return { told: error, outcome: "not-sent" };
  // The same signal ended another message first, and with it the connection.
  const isGone = isSmtpError(error) && error.code === "disconnected";
  return isGone ? { told: signal.reason, outcome: error.outcome } : undefined;
}

function note(key: unknown, outcome: SmtpOutcome | undefined): void {
  if (outcome !== undefined && typeof key === "object" && key !== null) outcomes.set(key, outcome);
}

/** An error is made where a reply or an end is heard, which is nobody's call: the frames of the call stand behind its own. */
function addFrames(error: Error, site: CallSite): void {
  const { stack } = error;
  if (site === undefined || typeof stack !== "string") return;
  const missing = site.split("\n").filter((frame) => !stack.includes(frame));
  if (missing.length === 0) return;
  const value = [stack, ...missing].join("\n");
  Object.defineProperty(error, "stack", { value, configurable: true, writable: true, enumerable: false });
}

/** Without the first line, which names the error. */
function framesOf(stack: string | undefined): CallSite {
  const start = stack?.indexOf("\n") ?? -1;
  return start === -1 ? undefined : stack?.slice(start + 1);
}

interface Caller {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds that this caller waits in all; default: as long as the attempt takes. */
  readonly timeout?: number | undefined;
}

export class SharedAttempt<T> {
  readonly #result: Promise<T>;
  readonly #giveUp: (reason: unknown) => void;
  #callers = 0;

  /** @param giveUp is told the reason of the last caller who left. */
  constructor(result: Promise<T>, giveUp: (reason: unknown) => void) {
    this.#result = result;
    this.#giveUp = giveUp;
  }

  /** The result of the attempt. @throws the attempt's error; `signal.reason`; SmtpTimeoutError after `timeout`. */
  join({ signal, timeout }: Caller): Promise<T> {
    this.#callers++;
    return new Promise<T>((resolve, reject) => {
      let timer: ReturnType<typeof setTimeout> | undefined;
      let ignoreAbort: (() => void) | undefined;
      const stop = (): void => {
        clearTimeout(timer);
        ignoreAbort?.();
      };
      const leave = (reason: unknown): void => {
        stop();
        reject(reason);
        if (--this.#callers === 0) this.#giveUp(reason);
      };
      if (signal !== undefined) ignoreAbort = onAbort(signal, () => leave(signal.reason));
      if (timeout !== undefined) timer = setTimeout(() => leave(lateError(timeout)), timeout);
      this.#result.then(
        (value) => {
          stop();
          resolve(value);
        },
        (error: unknown) => {
          stop();
          reject(error);
        },
      );
    });
  }
}

function lateError(timeout: number): SmtpTimeoutError {
  return new SmtpTimeoutError({ phase: "connect", timeout, waitingFor: "the connect() that is under way" });
}
