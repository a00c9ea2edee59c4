/**
 * The open message: what it is, and its tabs.
 */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { type ApiMessage, fetchMessage } from "../api.js";
import { MessageFacts } from "./message-facts.js";
import { MessageTabs } from "./message-tabs.js";

export interface MessageViewProps {
  readonly id: string;
  readonly tab: string | undefined;
  /** Undefined when the list does not have it. */
  readonly read: boolean | undefined;
  readonly onTab: (tab: string) => void;
  readonly onRead: (read: boolean) => void;
  readonly onDelete: (id: string) => void;
  readonly onClose: () => void;
}

export function MessageView({ id, tab, read, onTab, onRead, onDelete, onClose }: MessageViewProps): JSX.Element {
  const [message, setMessage] = useState<ApiMessage | undefined>(undefined);
  const [error, setError] = useState("");
  useEffect(() => {
    fetchMessage(id).then(
      (fetched) => {
        setMessage(fetched);
        // To have opened it is to have read it.
        if (!fetched.read) onRead(true);
      },
      (reason: Error) => setError(reason.message),
    );
  }, [id]);

  const back = (
    <button type="button" class="button narrow-only" onClick={onClose}>
      ← Inbox
    </button>
  );
  if (message === undefined) {
    return (
      <div class="message">
        <div class="message-actions">{back}</div>
        {error !== "" && <p class="notice">{error}</p>}
      </div>
    );
  }
  return (
    <article class="message" aria-labelledby="subject">
      <div class="message-actions">
        {back}
        <h1 id="subject">
          <bdi>{message.subject ?? "(no subject)"}</bdi>
        </h1>
        <span class="actions">
          {read !== undefined && (
            <button type="button" class="button" onClick={() => onRead(!read)}>
              {read ? "Mark unread" : "Mark read"}
            </button>
          )}
          <a class="button" href={message.raw} download>
            Download .eml
          </a>
          <button type="button" class="button" onClick={() => onDelete(id)}>
            Delete
          </button>
        </span>
      </div>
      <MessageFacts message={message} />
      <MessageTabs message={message} wanted={tab} onTab={onTab} />
    </article>
  );
}
