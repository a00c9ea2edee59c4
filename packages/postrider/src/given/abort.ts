/**
 * What happens when a signal fires. A signal may be shared by thousands of calls: Node warns of a leak at the eleventh listener on
 * it, and taking one off costs the more the more there are. Here each signal has one.
 *
 * Layer: root.
 */

/** Inside the library: the abort of a message whose content was out, so that the server may have it. Callers get the reason. */
export class AbortedInFlight {
  readonly reason: unknown;

  constructor(reason: unknown) {
    this.reason = reason;
  }
}

interface Followed {
  readonly actions: Set<() => void>;
  readonly run: () => void;
}

const followed = new WeakMap<AbortSignal, Followed>();

/** Runs the action when the signal fires, in the order of the calls; returns what takes it back. Not for a signal that has fired. */
export function onAbort(signal: AbortSignal, action: () => void): () => void {
  const { actions } = followed.get(signal) ?? follow(signal);
  // The same function may stand for two calls.
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

/** A signal that outlives its calls holds nothing of them. */
function unfollow(signal: AbortSignal): void {
  const following = followed.get(signal);
  if (following === undefined) return;
  signal.removeEventListener("abort", following.run);
  followed.delete(signal);
}
