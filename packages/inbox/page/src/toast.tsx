/**
 * What was just done, for some seconds, and the way to undo it.
 */
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { Icon, IconButton } from "./icons.js";

const SHOWN_MS = 10_000;

export interface ToastContent {
  readonly text: string;
  /** Absent when it cannot be undone. */
  readonly onUndo?: (() => void) | undefined;
}

interface ToastProps {
  /** Undefined shows nothing; another object shows anew. */
  readonly toast: ToastContent | undefined;
  readonly onGone: () => void;
}

export function Toast({ toast, onGone }: ToastProps): JSX.Element {
  useEffect(() => {
    if (toast === undefined) return;
    const timer = setTimeout(onGone, SHOWN_MS);
    return () => clearTimeout(timer);
  }, [toast]);
  // Always there, so that screen readers say what comes into it.
  return (
    <div class="toast-place" role="status">
      {toast !== undefined && (
        <div class="toast">
          <span>{toast.text}</span>
          {toast.onUndo !== undefined && (
            <button type="button" class="button" onClick={toast.onUndo}>
              <Icon name="undo" />
              <span>Undo</span>
            </button>
          )}
          <IconButton icon="close" label="Hide this" onClick={onGone} />
        </div>
      )}
    </div>
  );
}
