/**
 * The list: only the rows in view are drawn, so that ten thousand messages cost what twenty cost.
 */
import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { formatRoute } from "../route.js";
import { ListRow } from "./list-row.js";
import type { ListState } from "./list-state.js";
import { ROW_HEIGHT, scrollToShow, visibleRows } from "./visible-rows.js";

interface MessageListProps {
  readonly list: ListState;
  readonly open: string | undefined;
  readonly onOpen: (id: string) => void;
  readonly onNeedMore: () => void;
}

export function MessageList({ list, open, onOpen, onNeedMore }: MessageListProps): JSX.Element {
  const { messages, matches, next, query } = list;
  const place = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 800 });
  const { first, end } = visibleRows(view.top, view.height, messages.length);
  // Rows that are not loaded have their place too, so that the scroll bar tells the truth.
  const rows = next === undefined ? messages.length : Math.max(matches, messages.length);

  useLayoutEffect(() => {
    const element = place.current;
    if (element === null) return;
    const measure = (): void => setView({ top: element.scrollTop, height: element.clientHeight });
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    element.addEventListener("scroll", measure, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener("scroll", measure);
    };
  }, []);
  useEffect(() => {
    const { end: wanted } = visibleRows(view.top, view.height, rows);
    if (wanted > messages.length - 1 && next !== undefined) onNeedMore();
  }, [view, rows, messages.length, next, onNeedMore]);
  useStill(place.current, messages[0]?.id, messages);
  useShown(place.current, open, messages);

  return (
    <div class="list-scroll" ref={place}>
      <ol class="list" aria-label="Messages, newest first" style={{ height: `${rows * ROW_HEIGHT}px` }}>
        {messages.slice(first, end).map((message, index) => (
          <ListRow
            key={message.id}
            message={message}
            row={first + index}
            rows={rows}
            href={formatRoute({ message: message.id, tab: undefined, query })}
            open={message.id === open}
            onOpen={onOpen}
          />
        ))}
      </ol>
    </div>
  );
}

/** What one reads stays where it is when more arrives above it. */
function useStill(
  element: HTMLElement | null,
  newest: string | undefined,
  messages: readonly { readonly id: string }[],
): void {
  const before = useRef(newest);
  useLayoutEffect(() => {
    const moved = messages.findIndex(({ id }) => id === before.current);
    if (element !== null && moved > 0 && element.scrollTop > 0) element.scrollTop += moved * ROW_HEIGHT;
    before.current = newest;
  }, [element, newest, messages]);
}

/** The message that is opened by a key comes into view. */
function useShown(
  element: HTMLElement | null,
  open: string | undefined,
  messages: readonly { readonly id: string }[],
): void {
  // What arrives later must not take the reader back here.
  useEffect(() => {
    const row = messages.findIndex(({ id }) => id === open);
    if (element === null || row === -1) return;
    const top = scrollToShow(row, element.scrollTop, element.clientHeight);
    if (top !== undefined) element.scrollTop = top;
  }, [element, open]);
}
