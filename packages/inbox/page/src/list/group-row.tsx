/**
 * A row for what was sent to many: how many, to whom, and the way to unfold it.
 */
import type { JSX } from "preact";
import { formatCount, formatFullTime, formatTime } from "../format.js";
import { Icon } from "../icons.js";
import { Marked } from "../marked.js";
import type { RowPlace, RowWords } from "./list-row.js";
import { recipientsOf, senderOf } from "./people.js";
import type { GroupRow as Group } from "./rows.js";
import { ROW_HEIGHT } from "./visible-rows.js";

interface GroupRowProps extends RowPlace {
  readonly group: Group;
  /** The open message is one of them, and folded in. */
  readonly current: boolean;
  readonly words: RowWords;
  readonly onToggle: (key: string) => void;
}

const SHOWN_RECIPIENTS = 4;

export function GroupRow({ group, row, rows, current, words, onToggle }: GroupRowProps): JSX.Element | null {
  const { messages, unfolded, key } = group;
  const [newest] = messages;
  if (newest === undefined) return null;
  const unread = messages.filter(({ read }) => !read).length;
  const people = [...new Set(messages.flatMap(recipientsOf))];
  const received = new Date(newest.receivedAt);
  return (
    <li
      class={unread > 0 ? "unread" : ""}
      style={{ top: `${row * ROW_HEIGHT}px` }}
      aria-posinset={row + 1}
      aria-setsize={rows}
    >
      <button
        type="button"
        class={`row group-row ${unfolded ? "unfolded" : ""}`}
        aria-expanded={unfolded}
        aria-current={current && !unfolded ? "true" : undefined}
        onClick={() => onToggle(key)}
      >
        <span class="row-line">
          <Icon name="chevron" />
          <span class="row-people">
            <bdi>{senderOf(newest)}</bdi>
          </span>
          <time class="dim" dateTime={newest.receivedAt} title={formatFullTime(received)}>
            {formatTime(received, new Date())}
          </time>
        </span>
        <span class="row-line">
          <bdi class="row-subject">
            <Marked text={newest.subject ?? "(no subject)"} words={words.subject} />
          </bdi>
          <span class="tag count">{formatCount(messages.length, "message")}</span>
        </span>
        <span class="row-line dim">
          <bdi class="row-snippet">
            to {people.slice(0, SHOWN_RECIPIENTS).join(", ")}
            {people.length > SHOWN_RECIPIENTS && ` and ${people.length - SHOWN_RECIPIENTS} more`}
          </bdi>
          {unread > 0 && <span class="row-size">{unread} unread</span>}
        </span>
      </button>
    </li>
  );
}
