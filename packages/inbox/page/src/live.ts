/**
 * What happens in the inbox, as it happens, in batches: at a thousand messages a second the page is drawn once a frame.
 */
import type { ApiEvents } from "./api.js";
import type { LiveEvent } from "./live-event.js";

export interface LiveListener {
  readonly onEvents: (events: readonly LiveEvent[]) => void;
  /** False when the inbox has gone away; the browser keeps trying. */
  readonly onConnection: (connected: boolean) => void;
}

const NAMES: readonly (keyof ApiEvents)[] = ["hello", "added", "removed", "read", "resync"];
/** A page in the background has no frames; what it misses must not pile up. */
const MAX_BATCH = 1000;

/** Listens until the function that it returns is called. */
export function listenLive({ onEvents, onConnection }: LiveListener): () => void {
  const source = new EventSource("/api/events");
  let batch: LiveEvent[] = [];
  let frame: number | undefined;
  const flush = (): void => {
    frame = undefined;
    const events = batch;
    batch = [];
    onEvents(events);
  };
  for (const name of NAMES) {
    source.addEventListener(name, ({ data }: MessageEvent<string>) => {
      const event = { name, ...JSON.parse(data) } as LiveEvent;
      if (batch.length >= MAX_BATCH) batch = [{ name: "resync", total: event.total, unread: event.unread }];
      else batch.push(event);
      frame ??= requestAnimationFrame(flush);
    });
  }
  source.addEventListener("open", () => onConnection(true));
  source.addEventListener("error", () => onConnection(false));
  return () => {
    source.close();
    if (frame !== undefined) cancelAnimationFrame(frame);
  };
}
