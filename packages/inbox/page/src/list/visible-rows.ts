/**
 * Which rows of a long list are drawn: those in view and some around them.
 */

/** Pixels of one row; list.css says the same. */
export const ROW_HEIGHT = 76;
/** Rows drawn beyond the view on each side, so that a quick scroll shows no gap. */
const MARGIN_ROWS = 8;

export interface VisibleRows {
  readonly first: number;
  /** One past the last. */
  readonly end: number;
}

export function visibleRows(scrollTop: number, viewHeight: number, rows: number): VisibleRows {
  const first = Math.floor(scrollTop / ROW_HEIGHT) - MARGIN_ROWS;
  const end = Math.ceil((scrollTop + viewHeight) / ROW_HEIGHT) + MARGIN_ROWS;
  return { first: Math.max(0, Math.min(first, rows)), end: Math.max(0, Math.min(end, rows)) };
}

/** Where to scroll so that a row is in view; undefined when it is. */
export function scrollToShow(row: number, scrollTop: number, viewHeight: number): number | undefined {
  const top = row * ROW_HEIGHT;
  if (top < scrollTop) return top;
  return top + ROW_HEIGHT > scrollTop + viewHeight ? top + ROW_HEIGHT - viewHeight : undefined;
}
