/**
 * The list, kept up to date: pages are asked for when they are needed, events are applied as they come.
 */
import { useCallback, useEffect, useLayoutEffect, useReducer, useRef, useState } from "preact/hooks";
import { fetchList } from "../api.js";
import { listenLive } from "../live.js";
import { emptyList, type ListAction, type ListState, reduceList } from "./list-state.js";

/** The server is asked at most once in this time. */
const SEARCH_DELAY_MS = 120;

export interface LoadedList {
  readonly list: ListState;
  readonly connected: boolean;
  /** Asks for the next page, unless it is on its way or there is none. */
  readonly loadMore: () => void;
}

export function useList(query: string): LoadedList {
  const [list, dispatch] = useReducer(reduceList, query, emptyList);
  const [connected, setConnected] = useState(true);
  const loading = useRef<string | undefined>(undefined);
  useEffect(
    () => listenLive({ onEvents: (events) => dispatch({ type: "events", events }), onConnection: setConnected }),
    [],
  );
  useEffect(() => dispatch({ type: "search", query }), [query]);
  useFirstPage(list, dispatch);

  const { next } = list;
  const loadMore = useCallback(() => {
    if (next === undefined || loading.current === next) return;
    loading.current = next;
    fetchList(list.query, next).then(
      (page) => dispatch({ type: "next-page", after: next, page }),
      () => {
        loading.current = undefined;
        dispatch({ type: "reload" });
      },
    );
  }, [list.query, next]);
  return { list, connected, loadMore };
}

/** Asks for the first page: at once at the start, later at most once in a while, however often it changes. */
function useFirstPage({ query, version }: ListState, dispatch: (action: ListAction) => void): void {
  const latest = useRef(query);
  const timer = useRef<number | undefined>(undefined);
  const answered = useRef(0);
  const asked = useRef(0);
  latest.current = query;
  const ask = (): void => {
    timer.current = undefined;
    asked.current += 1;
    const order = asked.current;
    const wanted = latest.current;
    const current = (): boolean => {
      if (order < answered.current || wanted !== latest.current) return false;
      answered.current = order;
      return true;
    };
    dispatch({ type: "asked" });
    fetchList(wanted, undefined).then(
      (page) => current() && dispatch({ type: "first-page", page }),
      (error: Error) => current() && dispatch({ type: "failed", error: error.message }),
    );
  };
  // The version says when to ask. PERF: at the start before the first frame, not after it.
  useLayoutEffect(() => {
    if (version === 0) ask();
    else timer.current ??= setTimeout(ask, SEARCH_DELAY_MS);
  }, [version]);
}
