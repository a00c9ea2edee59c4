/**
 * One step with a limit in time, for steps that are not replies of the server: connecting, the handshake, a token.
 *
 * Layer: client.
 */
import { onAbort } from "../abort.js";

export interface Deadline {
  /** Milliseconds. */
  readonly timeout: number;
  /** The caller's own signal. */
  readonly signal: AbortSignal | undefined;
  /** The error when time is up. */
  late(): Error;
}

/** Runs a step with a signal that fires when the caller's does, or when time is up; its reason is the error. */
export async function withDeadline<T>(deadline: Deadline, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { signal, timeout, late } = deadline;
  signal?.throwIfAborted();
  const controller = new AbortController();
  const leave = signal === undefined ? undefined : onAbort(signal, () => controller.abort(signal.reason));
  const timer = setTimeout(() => controller.abort(late()), timeout);
  try {
    return await run(controller.signal);
  } finally {
    clearTimeout(timer);
    leave?.();
  }
}
