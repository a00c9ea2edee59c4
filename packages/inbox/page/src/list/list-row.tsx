/**
 * One message as a row of the list.
 */
import type { JSX } from "preact";
import type { ApiSummary } from "../api.js";
import { formatFullTime, formatSize, formatTime } from "../format.js";
import { Icon } from "../icons.js";
import { Marked } from "../marked.js";
import { recipientsOf, type ShownPeople, senderOf } from "./people.js";
import { ROW_HEIGHT } from "./visible-rows.js";

/** Words of the search, by what they are marked in. */
export interface RowWords {
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly subject: readonly string[];
  readonly text: readonly string[];
}

export interface RowPlace {
  readonly row: number;
  readonly rows: number;
}

interface ListRowProps extends RowPlace {
  readonly message: ApiSummary;
  readonly href: string;
  readonly open: boolean;
  readonly selected: boolean;
  readonly inGroup: boolean;
  readonly people: ShownPeople;
  readonly words: RowWords;
  readonly onOpen: (id: string) => void;
  /** `range`: from the last one that was selected to this one. */
  readonly onSelect: (id: string, range: boolean) => void;
}

const SHOWN_RECIPIENTS = 3;

export function ListRow(props: ListRowProps): JSX.Element {
  const { message, row, rows, href, open, selected, inGroup, people, words, onOpen, onSelect } = props;
  const received = new Date(message.receivedAt);
  const subject = message.subject ?? "(no subject)";
  const onClick = (event: MouseEvent): void => {
    // With a modifier the browser opens it elsewhere, as with any link.
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    onOpen(message.id);
  };
  return (
    <li
      class={`${message.read ? "" : "unread"} ${selected ? "selected" : ""} ${inGroup ? "in-group" : ""}`}
      style={{ top: `${row * ROW_HEIGHT}px` }}
      aria-posinset={row + 1}
      aria-setsize={rows}
    >
      <input
        type="checkbox"
        class="row-check"
        aria-label={`Select: ${subject}`}
        checked={selected}
        onClick={({ shiftKey }) => onSelect(message.id, shiftKey)}
      />
      <a class="row" href={href} aria-current={open ? "true" : undefined} onClick={onClick}>
        <span class="row-line">
          <span class="row-people">
            {people.sender && (
              <bdi>
                <Marked text={senderOf(message)} words={words.from} />
              </bdi>
            )}
            {people.recipients && <Recipients message={message} words={words.to} alone={!people.sender} />}
          </span>
          {message.attachments > 0 && <Attachments count={message.attachments} />}
          <time class="dim" dateTime={message.receivedAt} title={formatFullTime(received)}>
            {formatTime(received, new Date())}
          </time>
        </span>
        <span class="row-line">
          {!message.read && <span class="hidden">Unread: </span>}
          <bdi class="row-subject">
            <Marked text={subject} words={words.subject} />
          </bdi>
          {message.tags.slice(0, 3).map((tag) => (
            <span key={tag} class="tag">
              {tag}
            </span>
          ))}
        </span>
        <span class="row-line dim">
          <bdi class="row-snippet">
            <Marked text={message.snippet} words={words.text} />
          </bdi>
          <span class="row-size">{formatSize(message.size)}</span>
        </span>
      </a>
    </li>
  );
}

function Recipients({
  message,
  words,
  alone,
}: Pick<ListRowProps, "message"> & { words: readonly string[]; alone: boolean }): JSX.Element {
  const all = recipientsOf(message);
  const rest = all.length - SHOWN_RECIPIENTS;
  return (
    <span class={alone ? "" : "dim"}>
      <span class="dim">{alone ? "To " : " to "}</span>
      <bdi>
        <Marked text={all.slice(0, SHOWN_RECIPIENTS).join(", ")} words={words} />
      </bdi>
      {rest > 0 && ` +${rest}`}
    </span>
  );
}

function Attachments({ count }: { readonly count: number }): JSX.Element {
  return (
    <span class="row-icon dim">
      <Icon name="attachment" />
      <span class="hidden">{count === 1 ? "1 attachment" : `${count} attachments`}</span>
    </span>
  );
}
