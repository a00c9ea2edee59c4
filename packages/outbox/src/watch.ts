/**
 * The tracing channels of `node:diagnostics_channel`: what is enqueued, claimed and attempted. Without subscribers nothing is built.
 *
 * SECURITY: contexts hold no addresses and no content; they are personal data that a trace should not hold by accident.
 */
import { type TracingChannel, tracingChannel } from "node:diagnostics_channel";

/** Context of `tracing:postrider:outbox:enqueue:*`: one call of `enqueue()`, or one message of `enqueueAll()`. */
export interface OutboxEnqueueContext {
  /** The id of the message; set at the end. */
  id?: string;
  /** False when the key was there already; set at the end. */
  created?: boolean;
  /** What it failed with; absent when it succeeded. */
  error?: unknown;
}

/** Context of `tracing:postrider:outbox:claim:*`: one look of a worker for messages that are due. */
export interface OutboxClaimContext {
  /** The most that it takes. */
  readonly limit: number;
  /** How many it took; set at the end. */
  claimedCount?: number;
  /** What it failed with; absent when it succeeded. */
  error?: unknown;
}

/** Context of `tracing:postrider:outbox:attempt:*`: from the claim of a message until its outcome is settled. */
export interface OutboxAttemptContext {
  /** The id of the message. */
  readonly id: string;
  /** 1 for the first. */
  readonly attempt: number;
  /** Recipients that wait. */
  readonly recipientCount: number;
  /** Bytes of the composed message. */
  readonly size: number;
  /** Recipients by what became of them in this attempt; set at the end. */
  outcomes?: Readonly<
    Partial<Record<"accepted" | "refused" | "deferred" | "expired" | "suppressed" | "unknown", number>>
  >;
  /** Why the transport failed, so that no attempt was spent; set at the end. */
  fault?: string;
  /** False when another worker had taken the message: nothing was changed; set at the end. */
  inTime?: boolean;
  /** Why it could not be settled; absent when it was. */
  error?: unknown;
}

interface Contexts {
  readonly enqueue: OutboxEnqueueContext;
  readonly claim: OutboxClaimContext;
  readonly attempt: OutboxAttemptContext;
}

const channels = new Map<string, TracingChannel<string, object>>();

/** Runs it with the events of its channel. @param begin makes the context; called only when there is a subscriber */
export async function watch<Name extends keyof Contexts, T>(
  name: Name,
  begin: () => Contexts[Name],
  run: (context: Contexts[Name] | undefined) => Promise<T>,
): Promise<T> {
  const channel = channelOf(name);
  if (!isWatched(channel)) return run(undefined);
  const context = begin();
  channel.start.publish(context);
  channel.end.publish(context);
  try {
    return await run(context);
  } catch (error) {
    context.error = error;
    channel.error.publish(context);
    throw error;
  } finally {
    channel.asyncStart.publish(context);
    channel.asyncEnd.publish(context);
  }
}

function channelOf(name: string): TracingChannel<string, object> {
  let channel = channels.get(name);
  if (channel === undefined) {
    channel = tracingChannel<string, object>(`postrider:outbox:${name}`);
    channels.set(name, channel);
  }
  return channel;
}

/** QUIRK: `hasSubscribers` of the whole channel is missing in older versions of Node. */
const isWatched = ({ start, end, asyncStart, asyncEnd, error }: TracingChannel<string, object>): boolean =>
  [start, end, asyncStart, asyncEnd, error].some(({ hasSubscribers }) => hasSubscribers);
