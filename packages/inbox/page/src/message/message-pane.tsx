/**
 * The open message, or how to send one when none is open.
 */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { type ApiInbox, fetchInbox } from "../api.js";
import type { ListState } from "../list/list-state.js";
import { HowToSend } from "../send/how-to-send.js";
import { MessageView, type MessageViewProps } from "./message-view.js";

interface MessagePaneProps extends Omit<MessageViewProps, "id" | "inbox" | "query"> {
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
      {id !== undefined && <MessageView key={id} id={id} inbox={inbox} query={list.query} {...view} />}
      {id === undefined && list.status === "ready" && <HowToSend inbox={inbox} empty={empty} />}
    </div>
  );
}
