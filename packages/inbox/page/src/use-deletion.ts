/**
 * Deleting and marking of several messages, and the way back.
 */
import { useCallback, useState } from "preact/hooks";
import { type Chosen, deleteMessages, markMessages, restoreMessages } from "./api.js";
import { formatCount } from "./format.js";
import type { ToastContent } from "./toast.js";
import type { Attempt } from "./use-attempts.js";

export interface Deletion {
  readonly toast: ToastContent | undefined;
  /** @param count how many they are, for people. */
  readonly remove: (chosen: Chosen, count: number) => void;
  readonly mark: (chosen: Chosen, read: boolean) => void;
  readonly undo: () => void;
  readonly hide: () => void;
}

export function useDeletion(attempt: Attempt): Deletion {
  const [toast, setToast] = useState<ToastContent | undefined>(undefined);
  const undo = useCallback(() => {
    attempt(restoreMessages());
    setToast(undefined);
  }, [attempt]);
  return {
    toast,
    remove: (chosen, count) => {
      attempt(
        deleteMessages(chosen).then(() =>
          setToast({ text: `${formatCount(count, "message")} deleted.`, onUndo: undo }),
        ),
      );
    },
    mark: (chosen, read) => attempt(markMessages(chosen, read)),
    undo,
    hide: useCallback(() => setToast(undefined), []),
  };
}
