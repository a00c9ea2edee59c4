/**
 * The events as a loop: page by page, and on request for as long as there is something to wait for.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { Database } from "./database/database.js";
import { OutboxClosedError } from "./errors.js";
import type { checkEventsOptions } from "./options.js";
import { readEvents } from "./store/read.js";
import { placeEvents } from "./store/write-events.js";
import type { OutboxEvent, OutboxEventType } from "./types.js";

/** Ms between two looks of a loop that follows. */
const FOLLOW_MS = 250;

/**
 * Ends without an error when `signal` says so, and one that follows also when the outbox is closed.
 *
 * @throws OutboxClosedError when the outbox is closed before all events were read
 */
export async function* followEvents(
  database: Database,
  { after = 0, types, follow = false, signal }: ReturnType<typeof checkEventsOptions>,
  closing: AbortSignal,
): AsyncGenerator<OutboxEvent, void, undefined> {
  const isOver = signal === undefined ? closing : AbortSignal.any([signal, closing]);
  let last = after;
  while (!isOver.aborted) {
    const page = await readPage(database, last, types).catch((error: unknown) => {
      if (!closing.aborted) throw error;
      return undefined;
    });
    if (page === undefined) break;
    last = page.last;
    yield* page.events;
    if (page.isFull) continue;
    if (!follow) return;
    await delay(FOLLOW_MS, undefined, { signal: isOver }).catch(() => undefined);
  }
  if (!follow && signal?.aborted !== true) throw new OutboxClosedError();
}

async function readPage(
  database: Database,
  after: number,
  types: readonly OutboxEventType[] | undefined,
): ReturnType<typeof readEvents> {
  await placeEvents(database);
  return readEvents(database.session, after, types);
}
