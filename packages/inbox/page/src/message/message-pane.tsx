/**
 * The open message, or what to do when none is open.
 */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { type ApiInbox, fetchInbox } from "../api.js";
import { EmptyInbox } from "../list/empty-inbox.js";
import type { ListState } from "../list/list-state.js";
import { MessageView, type MessageViewProps } from "./message-view.js";

interface MessagePaneProps extends Omit<MessageViewProps, "id"> {
  readonly id: string | undefined;
  readonly list: ListState;
}

export function MessagePane({ id, list, ...view }: MessagePaneProps): JSX.Element {
  const [inbox, setInbox] = useState<ApiInbox | undefined>(undefined);
  const empty = list.status === "ready" && list.total === 0;
  useEffect(() => {
    fetchInbox().then(setInbox, () => {});
  }, [empty]);
  return (
    <div class="message-pane">
      {id !== undefined && <MessageView key={id} id={id} {...view} />}
      {id === undefined && empty && <EmptyInbox inbox={inbox} />}
      {id === undefined && list.total > 0 && <p class="notice">Choose a message, or press j.</p>}
    </div>
  );
}
