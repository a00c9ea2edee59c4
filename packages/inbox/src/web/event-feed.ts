/**
 * What one listener of `/api/events` has yet to be told, bounded: a page that sleeps while thousands of messages arrive is
 * told once to ask again.
 */
import type { MessageStore, StoreChange } from "../store/message-store.js";
import type { ApiEvents } from "./api-types.js";
import { messageSummary } from "./message-json.js";

/** One event as server-sent events carry it. */
export interface FeedEvent {
  readonly event: keyof ApiEvents;
  /** JSON on one line. */
  readonly data: string;
}

const MAX_PENDING = 500;

export class EventFeed {
  readonly #store: MessageStore;
  readonly #stop: () => void;
  #pending: StoreChange[] = [];
  #overflow = false;
  #wake: () => void = () => {};
  #ended = false;

  constructor(store: MessageStore) {
    this.#store = store;
    this.#stop = store.listen((change) => {
      if (this.#pending.length < MAX_PENDING) this.#pending.push(change);
      else this.#overflow = true;
      this.#wake();
    });
  }

  /** Events until the feed is closed; the first one says that the feed is open. */
  async *events(): AsyncGenerator<FeedEvent> {
    yield this.#event("hello", {});
    while (!this.#ended) {
      if (this.#pending.length === 0)
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      yield* this.#take();
    }
  }

  close(): void {
    this.#ended = true;
    this.#stop();
    this.#wake();
  }

  *#take(): Generator<FeedEvent> {
    const changes = this.#pending;
    const overflow = this.#overflow;
    this.#pending = [];
    this.#overflow = false;
    if (overflow) yield this.#event("resync", {});
    else for (const change of changes) yield this.#told(change);
  }

  #told(change: StoreChange): FeedEvent {
    if (change.type === "added") {
      const { message } = change;
      return this.#event("added", { message: messageSummary(message, this.#store.isRead(message.id)) });
    }
    if (change.type === "changed") return this.#event("resync", {});
    if (change.type === "removed") return this.#event("removed", { ids: change.ids });
    return this.#event("read", { id: change.id, read: change.read });
  }

  #event<Name extends keyof ApiEvents>(event: Name, data: Omit<ApiEvents[Name], "total" | "unread">): FeedEvent {
    const { total, unread } = this.#store;
    return { event, data: JSON.stringify({ total, unread, ...data }) };
  }
}
