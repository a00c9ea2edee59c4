/**
 * The open message: what it is, and its tabs.
 */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { type ApiInbox, type ApiMessage, fetchMessage, releaseMessage } from "../api.js";
import { Icon, IconButton } from "../icons.js";
import { MessageFacts } from "./message-facts.js";
import { MessagePurpose } from "./message-purpose.js";
import { MessageTabs } from "./message-tabs.js";
import { ReplyDialog } from "./reply-dialog.js";

export interface MessageViewProps {
  readonly id: string;
  /** The reader has chosen it; else it has opened by itself. */
  readonly chosen: boolean;
  readonly tab: string | undefined;
  readonly query: string;
  readonly inbox: ApiInbox | undefined;
  /** Undefined when the list does not have it. */
  readonly read: boolean | undefined;
  readonly onTab: (tab: string) => void;
  readonly onRead: (read: boolean) => void;
  readonly onDelete: (id: string) => void;
  readonly onClose: () => void;
  readonly onOpen: (id: string) => void;
  /** Undefined at the end of the list. */
  readonly onPrevious: (() => void) | undefined;
  readonly onNext: (() => void) | undefined;
}

export function MessageView(props: MessageViewProps): JSX.Element {
  const { id, chosen, tab, query, inbox, onTab, onRead, onOpen } = props;
  const [message, setMessage] = useState<ApiMessage | undefined>(undefined);
  const [error, setError] = useState("");
  useEffect(() => {
    fetchMessage(id).then(setMessage, (reason: Error) => setError(reason.message));
  }, [id]);
  useEffect(() => {
    // To have opened it is to have read it.
    if (message !== undefined && chosen && !message.read) onRead(true);
  }, [message, chosen]);
  if (message === undefined) {
    return (
      <div class="message">
        <div class="message-head">
          <Back {...props} />
          {error !== "" && <p class="notice">{error}</p>}
        </div>
      </div>
    );
  }
  return (
    <article class="message" aria-labelledby="subject">
      <div class="message-head">
        <div class="message-title">
          <Back {...props} />
          <h1 id="subject">
            <bdi>{message.subject ?? "(no subject)"}</bdi>
          </h1>
          <Actions {...props} message={message} />
        </div>
        <MessageFacts message={message} />
        <MessagePurpose message={message} />
      </div>
      <MessageTabs message={message} wanted={tab} query={query} inbox={inbox} onTab={onTab} onOpen={onOpen} />
    </article>
  );
}

function Back({ id, onClose, onOpen }: MessageViewProps): JSX.Element {
  const outer = id.split(".").slice(0, -1).join(".");
  if (outer !== "")
    return (
      <button type="button" class="button" onClick={() => onOpen(outer)}>
        <Icon name="back" />
        <span>Back to the outer message</span>
      </button>
    );
  return (
    <button type="button" class="button narrow-only" onClick={onClose}>
      <Icon name="back" />
      <span>Inbox</span>
    </button>
  );
}

function Actions(props: MessageViewProps & { readonly message: ApiMessage }): JSX.Element {
  const { id, inbox, read, message, onRead, onDelete, onOpen, onPrevious, onNext } = props;
  const isWhole = !id.includes(".");
  return (
    <span class="actions">
      {isWhole && (
        <>
          <IconButton
            icon="previous"
            label="Newer message"
            disabled={onPrevious === undefined}
            onClick={() => onPrevious?.()}
          />
          <IconButton icon="next" label="Older message" disabled={onNext === undefined} onClick={() => onNext?.()} />
          <span class="gap" />
        </>
      )}
      {isWhole && read !== undefined && (
        <IconButton
          icon={read ? "unread" : "read"}
          label={read ? "Mark unread" : "Mark read"}
          onClick={() => onRead(!read)}
        />
      )}
      {isWhole && <Reply message={message} onOpen={onOpen} />}
      {isWhole && inbox?.releaseTo !== undefined && <Release id={id} to={inbox.releaseTo} />}
      <IconLink icon="print" label="Print" href={`/messages/${id}/print`} />
      <IconLink icon="download" label="Download .eml" href={message.raw} download />
      {isWhole && <IconButton icon="delete" label="Delete" onClick={() => onDelete(id)} />}
    </span>
  );
}

interface IconLinkProps {
  readonly icon: "print" | "download";
  readonly label: string;
  readonly href: string;
  readonly download?: boolean;
}

function IconLink({ icon, label, href, download = false }: IconLinkProps): JSX.Element {
  return (
    <a
      class="icon-button"
      aria-label={label}
      title={label}
      href={href}
      download={download}
      target={download ? undefined : "_blank"}
      rel="noopener"
    >
      <Icon name={icon} />
    </a>
  );
}

function Reply({ message, onOpen }: Pick<MessageViewProps, "onOpen"> & { readonly message: ApiMessage }): JSX.Element {
  const [writing, setWriting] = useState(false);
  return (
    <>
      <IconButton icon="reply" label="Reply" onClick={() => setWriting(true)} />
      {writing && <ReplyDialog message={message} onClose={() => setWriting(false)} onSent={onOpen} />}
    </>
  );
}

/** Asks once more before something leaves the inbox. */
function Release({ id, to }: { readonly id: string; readonly to: string }): JSX.Element {
  const [state, setState] = useState<"ready" | "asking" | "sending" | string>("ready");
  if (state === "ready")
    return <IconButton icon="release" label={`Release to ${to}`} onClick={() => setState("asking")} />;
  if (state === "asking")
    return (
      <button
        type="button"
        class="button primary"
        onBlur={() => setState("ready")}
        ref={(element) => element?.focus()}
        onClick={() => {
          setState("sending");
          releaseMessage(id).then(
            () => setState(`Sent to ${to}`),
            (error: Error) => setState(error.message),
          );
        }}
      >
        Send to {to}
      </button>
    );
  return (
    <span class="small dim" role="status">
      {state === "sending" ? "Sending …" : state}
    </span>
  );
}
