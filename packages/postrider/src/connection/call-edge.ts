/**
 * What every public call adds to its rejection: the stack frames of the caller, and the outcome of an aborted message.
 *
 * Layer: connection.
 */
import { isSmtpError, type SmtpOutcome } from "../errors/errors.js";
import { AbortedInFlight } from "../given/abort.js";

/** Keyed by the promise that a call returned, and by the reason of its signal. */
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

/** Stack frames of the caller, innermost first; undefined where the engine cannot capture them. */
export type CallSite = string | undefined;

/**
 * Captures the stack above the function `entry` of this library; undefined captures all of it, async frames included.
 *
 * PERF: costs some microseconds, too much for a call made a hundred thousand times a second. For those `withCallSite` reads the
 * async frames once the call has failed.
 */
export function callSite(entry: ((...given: never[]) => unknown) | undefined): CallSite {
  const holder: { stack?: string } = {};
  // V8 has it; other engines may not.
  Error.captureStackTrace?.(holder, entry);
  return framesOf(holder.stack);
}

/** The promise that the caller gets: it rejects with the caller's frames on the error, and an abort with the reason of the signal. */
export function withCallSite<T>(call: Promise<T>, signal: AbortSignal | undefined, site?: CallSite): Promise<T> {
  // QUIRK: JavaScriptCore knows the async frames above an `await`, and none above `catch()`.
  const settle = async (): Promise<T> => {
    try {
      return await call;
    } catch (error) {
      const abort = readAbort(error, signal);
      const { reason, outcome } = abort ?? { reason: error, outcome: outcomeOf(error) };
      note(given, outcome);
      if (abort !== undefined && outcomeOf(reason) !== "unknown") note(reason, outcome);
      if (abort === undefined && error instanceof Error && isSmtpError(error))
        addFrames(error, site ?? callSite(undefined));
      throw reason;
    }
  };
  const given = settle();
  return given;
}

/** Undefined when the error is not from an abort of this call. */
function readAbort(
  error: unknown,
  signal: AbortSignal | undefined,
): { reason: unknown; outcome: SmtpOutcome } | undefined {
  if (error instanceof AbortedInFlight) return { reason: error.reason, outcome: "unknown" };
  if (signal?.aborted !== true) return undefined;
  if (error === signal.reason) return { reason: error, outcome: "not-sent" };
  // The same signal aborted another message on this connection first, which closed it.
  const isGone = isSmtpError(error) && error.code === "disconnected";
  return isGone ? { reason: signal.reason, outcome: error.outcome } : undefined;
}

function note(key: unknown, outcome: SmtpOutcome | undefined): void {
  if (outcome !== undefined && typeof key === "object" && key !== null) outcomes.set(key, outcome);
}

/** Errors are created in socket callbacks, so their own stack lacks the caller: its frames are appended. */
function addFrames(error: Error, site: CallSite): void {
  const { stack } = error;
  if (site === undefined || typeof stack !== "string") return;
  const missing = site.split("\n").filter((frame) => !stack.includes(frame));
  if (missing.length === 0) return;
  const value = [stack, ...missing].join("\n");
  Object.defineProperty(error, "stack", { value, configurable: true, writable: true, enumerable: false });
}

/** The stack without its first line, the name of the error. */
function framesOf(stack: string | undefined): CallSite {
  const start = stack?.indexOf("\n") ?? -1;
  return start === -1 ? undefined : stack?.slice(start + 1);
}
