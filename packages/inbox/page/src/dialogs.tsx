/**
 * Dialogs: the keys of the page, and the question before everything is deleted.
 */
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { OPERATORS } from "../../src/web/query.js";
import { formatCount } from "./format.js";
import { SHORTCUTS } from "./keyboard.js";

export function HelpDialog({ onClose }: { readonly onClose: () => void }): JSX.Element {
  return (
    <Dialog title="Keyboard shortcuts" onClose={onClose}>
      <dl class="shortcuts">
        {SHORTCUTS.map(([key, meaning]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
      <h3>Search</h3>
      <p class="dim small">
        Words and "quoted words" in any part; - in front of what must not be. After an operator only that part is
        searched:
      </p>
      <dl class="shortcuts operators">
        {Object.entries(OPERATORS).map(([name, meaning]) => (
          <div key={name}>
            <dt>
              <kbd>{name}:</kbd>
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
      <form method="dialog">
        <button type="submit" class="button">
          Close
        </button>
      </form>
    </Dialog>
  );
}

interface DeleteAllDialogProps {
  readonly total: number;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}

export function DeleteAllDialog({ total, onConfirm, onClose }: DeleteAllDialogProps): JSX.Element {
  return (
    <Dialog title="Delete all messages?" onClose={onClose}>
      <p>{formatCount(total, "message")} will be deleted, also those that the search hides. You can undo it.</p>
      <form method="dialog" class="dialog-actions">
        <button type="submit" class="button">
          Cancel
        </button>
        <button type="submit" class="button danger" onClick={onConfirm}>
          Delete all
        </button>
      </form>
    </Dialog>
  );
}

interface DialogProps {
  readonly title: string;
  /** Also when Escape closes it. */
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

export function Dialog({ title, onClose, children }: DialogProps): JSX.Element {
  const place = useRef<HTMLDialogElement>(null);
  useEffect(() => place.current?.showModal(), []);
  return (
    <dialog ref={place} onClose={onClose} aria-labelledby="dialog-title">
      <h2 id="dialog-title">{title}</h2>
      {children}
    </dialog>
  );
}
