/**
 * The list: only the rows in view are drawn, so that ten thousand messages cost what twenty cost.
 */
import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { wordsToMark } from "../../../src/web/query.js";
import { formatRoute } from "../route.js";
import { GroupRow } from "./group-row.js";
import { ListRow, type RowWords } from "./list-row.js";
import type { ListState } from "./list-state.js";
import { shownPeople } from "./people.js";
import { type Row, rowOf, rowsOf } from "./rows.js";
import { ROW_HEIGHT, scrollToShow, visibleRows } from "./visible-rows.js";

const DRAWN = "list-drawn";

interface MessageListProps {
  readonly list: ListState;
  /** Shown beside the list, chosen or by itself. */
  readonly open: string | undefined;
  /** By the reader. */
  readonly chosen: string | undefined;
  readonly selected: ReadonlySet<string>;
  /** What was sent to many is one row. */
  readonly folded: boolean;
  readonly onOpen: (id: string) => void;
  readonly onSelect: (id: string, range: boolean) => void;
  readonly onNeedMore: () => void;
}

export function MessageList(props: MessageListProps): JSX.Element {
  const { list, open, chosen, selected, folded, onOpen, onSelect, onNeedMore } = props;
  const { messages, matches, next, query } = list;
  const place = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 800 });
  const [unfolded, setUnfolded] = useState<ReadonlySet<string>>(new Set());
  const rows = useMemo(() => rowsOf(messages, folded ? unfolded : undefined), [messages, folded, unfolded]);
  const words = useMemo(() => rowWords(query), [query]);
  const people = useMemo(() => shownPeople(messages), [messages]);
  const { first, end } = visibleRows(view.top, view.height, rows.length);
  // Rows that are not loaded have their place too, so that the scroll bar tells the truth.
  const total = rows.length + (next === undefined ? 0 : Math.max(0, matches - messages.length));

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
    const { end: wanted } = visibleRows(view.top, view.height, total);
    if (wanted > rows.length - 1 && next !== undefined) onNeedMore();
  }, [view, total, rows.length, next, onNeedMore]);
  useEffect(() => {
    // For whoever measures: when the first rows stood.
    if (rows.length > 0 && performance.getEntriesByName(DRAWN).length === 0) performance.mark(DRAWN);
  }, [rows.length > 0]);
  useStill(place.current, rows);
  useShown(place.current, chosen, rows);

  const toggle = (key: string): void => {
    const changed = new Set(unfolded);
    if (!changed.delete(key)) changed.add(key);
    setUnfolded(changed);
  };
  const current = rowOf(rows, open);
  return (
    <div class={`list-scroll ${selected.size > 0 ? "selecting" : ""}`} ref={place}>
      <ol class="list" aria-label="Messages, newest first" style={{ height: `${total * ROW_HEIGHT}px` }}>
        {rows.slice(first, end).map((row, index) => {
          const where = { row: first + index, rows: total };
          return row.kind === "group" ? (
            <GroupRow
              key={row.key}
              {...where}
              group={row}
              current={where.row === current}
              words={words}
              onToggle={toggle}
            />
          ) : (
            <ListRow
              key={row.key}
              {...where}
              message={row.message}
              href={formatRoute({ message: row.message.id, tab: undefined, query })}
              open={where.row === current}
              selected={selected.has(row.message.id)}
              inGroup={row.inGroup}
              people={people}
              words={words}
              onOpen={onOpen}
              onSelect={onSelect}
            />
          );
        })}
      </ol>
    </div>
  );
}

function rowWords(query: string): RowWords {
  return {
    from: wordsToMark(query, "from"),
    to: wordsToMark(query, "to"),
    subject: wordsToMark(query, "subject"),
    text: wordsToMark(query, "text"),
  };
}

/** What one reads stays where it is when more arrives above it. */
function useStill(element: HTMLElement | null, rows: readonly Row[]): void {
  const before = useRef(rows[0]?.key);
  useLayoutEffect(() => {
    const moved = rows.findIndex(({ key }) => key === before.current);
    if (element !== null && moved > 0 && element.scrollTop > 0) element.scrollTop += moved * ROW_HEIGHT;
    before.current = rows[0]?.key;
  }, [element, rows]);
}

/** The message that is chosen by a key comes into view; one that opens by itself moves nothing. */
function useShown(element: HTMLElement | null, chosen: string | undefined, rows: readonly Row[]): void {
  // What arrives later must not take the reader back here.
  useEffect(() => {
    const row = rowOf(rows, chosen);
    if (element === null || row === -1) return;
    const top = scrollToShow(row, element.scrollTop, element.clientHeight);
    if (top !== undefined) element.scrollTop = top;
  }, [element, chosen]);
}
