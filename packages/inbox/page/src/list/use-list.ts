/**
 * The list, kept up to date: pages are asked for when they are needed, events are applied as they come.
 */
import { useCallback, useEffect, useLayoutEffect, useReducer, useRef, useState } from "preact/hooks";
import { fetchList } from "../api.js";
import { listenLive } from "../live.js";
import { FirstPage } from "./first-page.js";
import { emptyList, type ListAction, type ListState, reduceList } from "./list-state.js";

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

function useFirstPage({ query, version }: ListState, dispatch: (action: ListAction) => void): void {
  const page = useRef<FirstPage | undefined>(undefined);
  page.current ??= new FirstPage((wanted) => fetchList(wanted, undefined), dispatch);
  // The version says when to ask. PERF: at the start before the first frame, not after it.
  useLayoutEffect(() => page.current?.want(query, version === 0), [version]);
}
