/**
 * Tracing channels of the runtime, for programs that watch: metrics, spans, logs.
 *
 * Layer: transport, where Node's own modules are used.
 */
import type { Channel, TracingChannel } from "node:diagnostics_channel";

type Watched = TracingChannel<unknown, object>;

const channels = new Map<string, Watched | undefined>();
/** Names of those that have been told of, so that a logger that always throws does not flood the log. */
const warned = new Set<string>();

/** A watcher (a trace, a subscriber of a channel) has thrown: told once for each, as a warning of the process. */
export function warnOfWatcher(watcher: string, error: unknown): void {
  if (warned.has(watcher)) return;
  warned.add(watcher);
  const said = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.emitWarning?.(`${watcher} threw an error, which is ignored, now and later: ${said}`, {
    type: "PostriderWarning",
  });
}

/** The channel of that name while somebody listens to it; undefined otherwise, and where the runtime has none. */
export function watchedChannel(name: string): Watched | undefined {
  if (!channels.has(name)) {
    const diagnostics = process.getBuiltinModule?.("node:diagnostics_channel");
    const channel: Watched | undefined = diagnostics?.tracingChannel?.(name);
    if (channel !== undefined) for (const one of eventsOf(channel)) guardSubscribers(one);
    channels.set(name, channel);
  }
  const channel = channels.get(name);
  return channel !== undefined && isWatched(channel) ? channel : undefined;
}

/** QUIRK: Bun's channels say it only one by one. */
function isWatched(channel: TracingChannel<unknown, object>): boolean {
  const known: boolean | undefined = channel.hasSubscribers;
  return known ?? eventsOf(channel).some((one) => one.hasSubscribers);
}

function eventsOf({ start, end, asyncStart, asyncEnd, error }: Watched): readonly Channel[] {
  return [start, end, asyncStart, asyncEnd, error];
}

/**
 * QUIRK: what a subscriber throws, Node throws again where nobody can catch it, and a logger would end the process. The channels are
 * ours, so they publish by themselves; where a runtime keeps its subscribers elsewhere, its own way stays.
 */
function guardSubscribers(channel: Channel): void {
  const guarded = (message: unknown): void => {
    const subscribers: unknown = (channel as { readonly _subscribers?: unknown })._subscribers;
    if (!Array.isArray(subscribers)) return (Object.getPrototypeOf(channel) as Channel).publish.call(channel, message);
    for (const subscriber of subscribers as ((message: unknown, name: string | symbol) => void)[]) {
      try {
        subscriber(message, channel.name);
      } catch (error) {
        warnOfWatcher(`A subscriber of ${String(channel.name)}`, error);
      }
    }
  };
  Object.defineProperty(channel, "publish", { value: guarded, configurable: true, writable: true });
}
