/**
 * Enqueues many messages, a group at a time.
 */
import type { CallerSession } from "./database/caller-transaction.js";
import type { Enqueued, Enqueuer } from "./enqueue.js";
import { checkRequest, checkRequests, type EnqueueRequest } from "./options.js";

/** Messages of one group. */
const GROUP = 100;

type Requests = Iterable<EnqueueRequest> | AsyncIterable<EnqueueRequest>;

/** @param session the caller's transaction; undefined: one of the outbox's own for each group */
export async function* enqueueAll(
  enqueuer: Enqueuer,
  requests: Requests,
  session: CallerSession | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<Enqueued, void, undefined> {
  for await (const group of groupsOf(checkRequests(requests), signal)) {
    const all = session === undefined ? await enqueuer.together(group) : await enqueuer.into(session, group);
    for (const one of all) {
      if (one.status === "rejected") throw one.reason;
      yield one.value;
    }
    // SQLite is synchronous: other parts of the program get their turn.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** What came before a failure of the source, or a request that is none, is a group too. */
async function* groupsOf(
  requests: Requests,
  signal: AbortSignal | undefined,
): AsyncGenerator<readonly EnqueueRequest[], void, undefined> {
  const source = Symbol.asyncIterator in requests ? requests[Symbol.asyncIterator]() : requests[Symbol.iterator]();
  let group: EnqueueRequest[] = [];
  let isOpen = true;
  try {
    for (let count = 0; ; count += 1) {
      isOpen = false;
      const next = await unlessAborted(async () => source.next(), signal);
      if (next.done === true) break;
      isOpen = true;
      group.push(checkRequest(await next.value, count));
      if (group.length < GROUP) continue;
      yield group;
      group = [];
    }
  } catch (error) {
    if (group.length > 0 && signal?.aborted !== true) yield group;
    throw error;
  } finally {
    if (signal?.aborted === true) void Promise.resolve(source.return?.()).catch(() => undefined);
    else if (isOpen) await source.return?.();
  }
  if (group.length > 0) yield group;
}

/** Rejects with the reason of the signal, also while `run` waits. */
async function unlessAborted<T>(run: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return run();
  signal.throwIfAborted();
  let stop = (): void => undefined;
  const aborted = new Promise<never>((_, failed) => {
    stop = () => failed(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
  });
  try {
    return await Promise.race([run(), aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
