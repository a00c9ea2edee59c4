/**
 * The line above the list: how many fit the search, what can be done with all of them, or with those that are selected.
 */
import type { JSX } from "preact";
import type { Chosen } from "../api.js";
import { formatCount } from "../format.js";
import { Icon, IconButton } from "../icons.js";
import { BoxChoice } from "./box-choice.js";
import type { ListState } from "./list-state.js";

interface ListHeadProps {
  readonly list: ListState;
  readonly selected: ReadonlySet<string>;
  readonly folded: boolean;
  readonly onFold: () => void;
  readonly onSelectAll: () => void;
  readonly onSelectNone: () => void;
  readonly onMark: (chosen: Chosen, read: boolean) => void;
  readonly onDelete: (chosen: Chosen, count: number) => void;
  readonly onSearch: (query: string) => void;
}

export function ListHead(props: ListHeadProps): JSX.Element | null {
  const { list, selected } = props;
  if (list.total === 0) return null;
  return <div class="list-head">{selected.size > 0 ? <Selection {...props} /> : <Everything {...props} />}</div>;
}

function Everything({ list, folded, onFold, onSelectAll, onMark, onDelete, onSearch }: ListHeadProps): JSX.Element {
  const { query, matches, unread, messages } = list;
  const searching = query.trim() !== "";
  const all: Chosen = searching ? { query } : "all";
  return (
    <>
      <BoxChoice list={list} onSearch={onSearch} />
      {searching && (
        <span class="matches" role="status">
          {formatCount(matches, "match", "matches")}
        </span>
      )}
      <span class="actions">
        <IconButton
          icon="fold"
          label="Group bulk mail"
          pressed={folded}
          onClick={onFold}
          disabled={messages.length === 0}
        />
        <IconButton
          icon="select"
          label="Select all in the list"
          onClick={onSelectAll}
          disabled={messages.length === 0}
        />
        <IconButton
          icon="read"
          label={searching ? "Mark search results as read" : "Mark all as read"}
          onClick={() => onMark(all, true)}
          disabled={searching ? messages.every(({ read }) => read) : unread === 0}
        />
        {searching && (
          <IconButton
            icon="delete"
            label="Delete search results"
            onClick={() => onDelete(all, matches)}
            disabled={matches === 0}
          />
        )}
      </span>
    </>
  );
}

function Selection({ list, selected, onSelectNone, onMark, onDelete }: ListHeadProps): JSX.Element {
  const ids = [...selected];
  const someUnread = list.messages.some(({ id, read }) => selected.has(id) && !read);
  return (
    <>
      <strong class="matches" role="status">
        {selected.size.toLocaleString("en")} selected
      </strong>
      <span class="actions">
        <button type="button" class="button" onClick={() => onMark({ ids }, someUnread)}>
          <Icon name={someUnread ? "read" : "unread"} />
          <span>{someUnread ? "Mark read" : "Mark unread"}</span>
        </button>
        <button type="button" class="button" onClick={() => onDelete({ ids }, selected.size)}>
          <Icon name="delete" />
          <span>Delete</span>
        </button>
        <IconButton icon="close" label="Clear selection" onClick={onSelectNone} />
      </span>
    </>
  );
}
