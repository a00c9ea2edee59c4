/**
 * One line of the list.
 */
import type { JSX } from "preact";
import type { ApiSummary } from "../api.js";
import { formatFullTime, formatTime, shortName } from "../format.js";
import { ROW_HEIGHT } from "./visible-rows.js";

interface ListRowProps {
  readonly message: ApiSummary;
  readonly row: number;
  readonly rows: number;
  readonly href: string;
  readonly open: boolean;
  readonly onOpen: (id: string) => void;
}

export function ListRow({ message, row, rows, href, open, onOpen }: ListRowProps): JSX.Element {
  const received = new Date(message.receivedAt);
  const sender = shortName(message.from);
  const onClick = (event: MouseEvent): void => {
    // With a modifier the browser opens it elsewhere, as with any link.
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    onOpen(message.id);
  };
  return (
    <li style={{ top: `${row * ROW_HEIGHT}px` }} aria-posinset={row + 1} aria-setsize={rows}>
      <a
        class={message.read ? "row" : "row unread"}
        href={href}
        aria-current={open ? "true" : undefined}
        onClick={onClick}
      >
        <span class="row-line">
          <bdi class="row-from">{sender === "" ? `<${message.envelope.sender}>` : sender}</bdi>
          {message.attachments > 0 && <Paperclip count={message.attachments} />}
          <time class="dim" dateTime={message.receivedAt} title={formatFullTime(received)}>
            {formatTime(received, new Date())}
          </time>
        </span>
        <span class="row-line">
          {!message.read && <span class="hidden">Unread: </span>}
          <bdi class="row-subject">{message.subject ?? "(no subject)"}</bdi>
        </span>
        <span class="row-line dim">
          <bdi class="row-snippet">
            {message.snippet === "" ? `to ${message.envelope.recipients.slice(0, 3).join(", ")}` : message.snippet}
          </bdi>
        </span>
      </a>
    </li>
  );
}

function Paperclip({ count }: { readonly count: number }): JSX.Element {
  const label = count === 1 ? "1 attachment" : `${count} attachments`;
  return (
    <svg class="paperclip" viewBox="0 0 16 16" role="img" aria-label={label}>
      <path d="M11 4.5v6a3 3 0 0 1-6 0v-7a2 2 0 0 1 4 0v6.5a1 1 0 0 1-2 0V4.5" />
    </svg>
  );
}
