/**
 * One page of the list: the messages that fit, newest first, from a given message on.
 */
import type { InboxMessage } from "../message.js";
import type { MessageStore } from "../store/message-store.js";
import type { ApiList } from "./api-types.js";
import { messageSummary } from "./message-json.js";
import { wordsToMark } from "./query.js";
import { searchFor } from "./search.js";

export const DEFAULT_LIMIT = 100;
export const MAX_LIMIT = 1000;

export interface PageRequest {
  readonly query: string;
  /** Id of the last message of the page before. */
  readonly before: string | undefined;
  readonly limit: number;
}

/** Undefined when the message that the page is to follow is gone. */
export function messagePage(store: MessageStore, { query, before, limit }: PageRequest): ApiList | undefined {
  const fits = searchFor(query);
  const words = wordsToMark(query, "text");
  const page: InboxMessage[] = [];
  let matches = 0;
  let more = false;
  let reached = before === undefined;
  for (const message of store.messages.toReversed()) {
    const stored = store.find(message.id);
    if (stored !== undefined && (fits === undefined || fits(stored))) {
      matches += 1;
      if (reached && page.length < limit) page.push(message);
      else if (reached) more = true;
    }
    if (message.id === before) reached = true;
  }
  if (!reached) return undefined;
  return {
    total: store.total,
    unread: store.unread,
    matches,
    messages: page.map((message) => messageSummary(message, store.isRead(message.id), words)),
    next: more ? page.at(-1)?.id : undefined,
  };
}
