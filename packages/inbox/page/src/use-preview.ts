/**
 * The newest message opens by itself where there is room beside the list, until the reader chooses; it stays unread.
 */
import { useEffect, useState } from "preact/hooks";
import type { ListState } from "./list/list-state.js";

export interface Preview {
  /** Id of the message; undefined when none opens by itself. */
  readonly shown: string | undefined;
  /** The reader has chosen something, or nothing. */
  readonly end: () => void;
}

/** layout.css says the same. */
const NARROW = "(max-width: 760px)";

export function usePreview({ messages, status, total }: ListState, chosen: string | undefined): Preview {
  const [shown, setShown] = useState<string | undefined>(undefined);
  const [ended, setEnded] = useState(chosen !== undefined);
  const newest = messages[0]?.id;
  useEffect(() => {
    // An inbox that was emptied begins anew.
    if (status === "ready" && total === 0) setEnded(false);
  }, [status, total]);
  useEffect(() => {
    if (ended || chosen !== undefined || matchMedia(NARROW).matches) return;
    // What arrives later does not take its place: somebody may be reading.
    if (shown === undefined || !messages.some(({ id }) => id === shown)) setShown(newest);
  }, [newest, ended, chosen, shown, messages]);
  return {
    shown: ended ? undefined : shown,
    end: () => {
      setEnded(true);
      setShown(undefined);
    },
  };
}
