/**
 * Enqueues many messages, a group at a time.
 */
import type { CallerSession } from "./database/caller-transaction.js";
import type { Enqueued, Enqueuer } from "./enqueue.js";
import { checkRequest, checkRequests, type EnqueueRequest } from "./options.js";

/** Messages of one group. */
const GROUP = 100;

/** @param session the caller's transaction; undefined: one of the outbox's own for each group */
export async function* enqueueAll(
  enqueuer: Enqueuer,
  requests: Iterable<EnqueueRequest> | AsyncIterable<EnqueueRequest>,
  session: CallerSession | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<Enqueued, void, undefined> {
  let group: EnqueueRequest[] = [];
  let count = 0;
  for await (const request of checkRequests(requests)) {
    signal?.throwIfAborted();
    group.push(checkRequest(request, count++));
    if (group.length < GROUP) continue;
    yield* results(enqueuer, group, session);
    group = [];
    // SQLite is synchronous: other parts of the program get their turn.
    await new Promise((resolve) => setImmediate(resolve));
  }
  yield* results(enqueuer, group, session);
}

async function* results(
  enqueuer: Enqueuer,
  group: readonly EnqueueRequest[],
  session: CallerSession | undefined,
): AsyncGenerator<Enqueued, void, undefined> {
  const all =
    session === undefined
      ? await Promise.allSettled(group.map(({ message, ...options }) => enqueuer.enqueue(message, options)))
      : await enqueuer.into(session, group);
  for (const one of all) {
    if (one.status === "rejected") throw one.reason;
    yield one.value;
  }
}
