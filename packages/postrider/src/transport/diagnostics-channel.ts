/**
 * Tracing channels of the runtime, for programs that watch: metrics, spans, logs.
 *
 * Layer: transport, where Node's own modules are used.
 */
import type { TracingChannel } from "node:diagnostics_channel";

const channels = new Map<string, TracingChannel<unknown, object> | undefined>();

/** The channel of that name while somebody listens to it; undefined otherwise, and where the runtime has none. */
export function watchedChannel(name: string): TracingChannel<unknown, object> | undefined {
  if (!channels.has(name)) {
    const diagnostics = process.getBuiltinModule?.("node:diagnostics_channel");
    channels.set(name, diagnostics?.tracingChannel?.(name));
  }
  const channel = channels.get(name);
  return channel !== undefined && isWatched(channel) ? channel : undefined;
}

/** QUIRK: Bun's channels say it only one by one. */
function isWatched(channel: TracingChannel<unknown, object>): boolean {
  const { start, end, asyncStart, asyncEnd, error } = channel;
  const known: boolean | undefined = channel.hasSubscribers;
  return known ?? [start, end, asyncStart, asyncEnd, error].some((one) => one.hasSubscribers);
}
