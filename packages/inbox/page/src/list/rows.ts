/**
 * Messages as rows of the list: what was sent to many, one after the other, is one row that unfolds.
 */
import type { ApiSummary } from "../../../src/web/api-types.js";

export interface MessageRow {
  readonly kind: "message";
  readonly key: string;
  readonly message: ApiSummary;
  /** Stands under the row of its group. */
  readonly inGroup: boolean;
}

export interface GroupRow {
  readonly kind: "group";
  readonly key: string;
  /** Newest first; three or more. */
  readonly messages: readonly ApiSummary[];
  readonly unfolded: boolean;
}

export type Row = MessageRow | GroupRow;

/** Fewer are no crowd. */
const MIN_GROUP = 3;

/**
 * Rows in the order of the messages.
 *
 * @param unfolded keys of groups whose messages are shown; undefined folds nothing.
 */
export function rowsOf(messages: readonly ApiSummary[], unfolded: ReadonlySet<string> | undefined): readonly Row[] {
  if (unfolded === undefined) return messages.map((message) => messageRow(message, false));
  const rows: Row[] = [];
  for (let start = 0; start < messages.length; ) {
    const kind = kindOf(messages[start]);
    let end = start + 1;
    while (end < messages.length && kindOf(messages[end]) === kind) end += 1;
    const group = messages.slice(start, end);
    start = end;
    if (group.length < MIN_GROUP) {
      rows.push(...group.map((message) => messageRow(message, false)));
      continue;
    }
    // The oldest stays where it is when more of the same arrives on top.
    const key = `group-${group.at(-1)?.id}`;
    const isUnfolded = unfolded.has(key);
    rows.push({ kind: "group", key, messages: group, unfolded: isUnfolded });
    if (isUnfolded) rows.push(...group.map((message) => messageRow(message, true)));
  }
  return rows;
}

/** Row of a message: its own, or that of the group that it is folded into; -1 when it is not there. */
export function rowOf(rows: readonly Row[], id: string | undefined): number {
  const own = rows.findIndex((row) => row.kind === "message" && row.message.id === id);
  if (own !== -1) return own;
  return rows.findIndex((row) => row.kind === "group" && row.messages.some((message) => message.id === id));
}

function messageRow(message: ApiSummary, inGroup: boolean): MessageRow {
  return { kind: "message", key: message.id, message, inGroup };
}

// PERF: of ten thousand rows a new message changes one.
const kinds = new WeakMap<ApiSummary, string>();

/** Same sender, same subject. */
function kindOf(message: ApiSummary | undefined): string {
  if (message === undefined) return "";
  const known = kinds.get(message);
  if (known !== undefined) return known;
  const kind = JSON.stringify([message.from?.address ?? message.envelope.sender, message.subject]);
  kinds.set(message, kind);
  return kind;
}
