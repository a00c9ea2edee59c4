/**
 * Replies to the open message, on behalf of one of its recipients. The reply arrives in this inbox and is sent to nobody.
 */
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { type ApiMessage, sendReply } from "../api.js";
import { Dialog } from "../dialogs.js";
import { quoted, repliedTo } from "./reply-text.js";

interface ReplyDialogProps {
  readonly message: ApiMessage;
  readonly onClose: () => void;
  /** The reply has arrived, under this id. */
  readonly onSent: (id: string) => void;
}

export function ReplyDialog({ message, onClose, onSent }: ReplyDialogProps): JSX.Element {
  const { recipients } = message.envelope;
  const [from, setFrom] = useState(recipients[0] ?? "");
  const [text, setText] = useState(() => quoted(message));
  const [state, setState] = useState<"ready" | "sending" | { readonly error: string }>("ready");
  const place = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    // Above what is quoted, as one writes.
    place.current?.focus();
    place.current?.setSelectionRange(0, 0);
  }, []);
  const onSubmit = (event: SubmitEvent): void => {
    event.preventDefault();
    setState("sending");
    sendReply(message.id, { text, from }).then(onSent, ({ message: error }: Error) => setState({ error }));
  };
  return (
    <Dialog title="Reply" onClose={onClose}>
      <p class="dim small">The reply arrives in this inbox, where your program can read it. It is sent to nobody.</p>
      <form class="reply" onSubmit={onSubmit}>
        <label>
          <span>From</span>
          <select value={from} onChange={(event) => setFrom(event.currentTarget.value)}>
            {[...new Set(recipients)].slice(0, 100).map((address) => (
              <option key={address}>{address}</option>
            ))}
          </select>
        </label>
        <div class="reply-to">
          <span>To</span>
          <bdi>{repliedTo(message)}</bdi>
        </div>
        <label>
          <span>Text</span>
          <textarea rows={12} value={text} ref={place} onInput={(event) => setText(event.currentTarget.value)} />
        </label>
        <p role="status" class="small">
          {typeof state === "object" ? state.error : ""}
        </p>
        <div class="dialog-actions">
          <button type="button" class="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class="button primary" disabled={state === "sending"}>
            Send reply
          </button>
        </div>
      </form>
    </Dialog>
  );
}
