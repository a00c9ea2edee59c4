/**
 * The list as data: what is loaded of it, and what every event makes of it.
 */
import type { ApiList, ApiSummary } from "../../../src/web/api-types.js";
import type { LiveEvent } from "../live-event.js";

export interface ListState {
  readonly query: string;
  /** Messages in the inbox, searched for or not. */
  readonly total: number;
  readonly unread: number;
  /** Messages that fit the search. */
  readonly matches: number;
  /** Newest first, as far as loaded. */
  readonly messages: readonly ApiSummary[];
  /** Where the next page begins; absent when all are loaded. */
  readonly next: string | undefined;
  readonly status: "loading" | "ready" | "failed";
  readonly error: string;
  /** Goes up when the first page must be asked for again. */
  readonly version: number;
  /** Messages that events have put on top since the first page came. */
  readonly onTop: number;
  /** What happened since the first page was asked for, which the answer may not know of; absent when none is awaited. */
  readonly since: readonly LiveEvent[] | undefined;
}

export type ListAction =
  | { readonly type: "search"; readonly query: string }
  /** The list may be another one by now. */
  | { readonly type: "reload" }
  /** The first page is being asked for. */
  | { readonly type: "asked" }
  | { readonly type: "first-page"; readonly page: ApiList }
  | { readonly type: "next-page"; readonly after: string; readonly page: ApiList }
  | { readonly type: "failed"; readonly error: string }
  | { readonly type: "events"; readonly events: readonly LiveEvent[] };

export function emptyList(query: string): ListState {
  return {
    query,
    total: 0,
    unread: 0,
    matches: 0,
    messages: [],
    next: undefined,
    status: "loading",
    error: "",
    version: 0,
    onTop: 0,
    since: undefined,
  };
}

export function reduceList(state: ListState, action: ListAction): ListState {
  switch (action.type) {
    case "search":
      return action.query === state.query ? state : { ...state, query: action.query, version: state.version + 1 };
    case "reload":
      return { ...state, version: state.version + 1 };
    case "asked":
      return { ...state, since: [] };
    case "first-page": {
      const { since = [] } = state;
      const fresh: ListState = {
        ...state,
        ...action.page,
        next: action.page.next,
        status: "ready",
        error: "",
        onTop: 0,
        since: undefined,
      };
      return afterEvents(fresh, since);
    }
    case "next-page":
      // An answer that comes after the list was asked for anew belongs to another list.
      if (action.after !== state.next) return state;
      return { ...state, messages: [...state.messages, ...action.page.messages], next: action.page.next };
    case "failed":
      return { ...state, status: "failed", error: action.error };
    case "events": {
      const since = state.since === undefined ? undefined : [...state.since, ...action.events];
      return afterEvents({ ...state, since }, action.events);
    }
  }
}

function afterEvents(state: ListState, events: readonly LiveEvent[]): ListState {
  const last = events.at(-1);
  if (last === undefined) return state;
  const counts = { total: last.total, unread: last.unread };
  // Whether a new message fits a search, the server knows; and so after a connection that was lost.
  const anew = events.some(
    ({ name }) => name === "resync" || name === "hello" || (name === "added" && state.query !== ""),
  );
  if (anew) return { ...state, ...counts, version: state.version + 1 };

  const added: ApiSummary[] = [];
  const removed = new Set<string>();
  const read = new Map<string, boolean>();
  const known = new Set(state.messages.map(({ id }) => id));
  let isOutOfOrder = false;
  for (const event of events) {
    if (event.name === "removed") for (const id of event.ids) removed.add(id);
    if (event.name === "read") read.set(event.id, event.read);
    if (event.name !== "added") continue;
    if (known.has(event.message.id)) {
      // The page is ahead of the events: what they told before this one is older than all of the page, or gone.
      added.length = 0;
      isOutOfOrder ||= state.onTop > 0;
    } else added.unshift(event.message);
  }
  const messages = [...added, ...state.messages]
    .filter(({ id }) => !removed.has(id))
    .map((message) => withRead(message, read.get(message.id)));
  const matches =
    state.query === "" ? counts.total : state.matches - (state.messages.length + added.length - messages.length);
  const onTop = isOutOfOrder ? 0 : state.onTop + added.length;
  const change = { ...counts, messages, matches, onTop, version: state.version + (isOutOfOrder ? 1 : 0) };
  if (state.next === undefined || !removed.has(state.next)) return { ...state, ...change };
  // The next page begins behind a message that is gone: behind the last that is left, or all anew.
  const lastLeft = messages.at(-1);
  if (lastLeft === undefined) return { ...state, ...change, next: undefined, version: state.version + 1 };
  return { ...state, ...change, next: lastLeft.id };
}

function withRead(message: ApiSummary, read: boolean | undefined): ApiSummary {
  return read === undefined || read === message.read ? message : { ...message, read };
}
