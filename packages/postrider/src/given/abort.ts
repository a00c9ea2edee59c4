/**
 * Abort: one listener per signal, shared by all calls with that signal.
 *
 * Layer: given.
 *
 * PERF: thousands of calls may share a signal. Node warns of a leak at the eleventh listener, and removeEventListener is O(listeners).
 */

/** Internal rejection: the abort of a message whose content was written, so that its outcome is unknown. Callers get `reason`. */
export class AbortedInFlight {
  readonly reason: unknown;

  constructor(reason: unknown) {
    this.reason = reason;
  }
}

/** The listener of one signal. */
interface Followed {
  readonly actions: Set<() => void>;
  readonly run: () => void;
}

const followed = new WeakMap<AbortSignal, Followed>();

/** Runs the action when the signal fires, in the order of the calls; returns a function that removes it. The signal must not have fired. */
export function onAbort(signal: AbortSignal, action: () => void): () => void {
  const { actions } = followed.get(signal) ?? follow(signal);
  // A wrapper, because two calls may pass the same function.
  const own = (): void => action();
  actions.add(own);
  return () => {
    if (actions.delete(own) && actions.size === 0) unfollow(signal);
  };
}

function follow(signal: AbortSignal): Followed {
  const actions = new Set<() => void>();
  const run = (): void => {
    unfollow(signal);
    for (const action of actions) action();
  };
  const following = { actions, run };
  followed.set(signal, following);
  signal.addEventListener("abort", run, { once: true });
  return following;
}

/** Without this a long-lived signal would keep its calls in memory. */
function unfollow(signal: AbortSignal): void {
  const following = followed.get(signal);
  if (following === undefined) return;
  signal.removeEventListener("abort", following.run);
  followed.delete(signal);
}
