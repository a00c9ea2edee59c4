/**
 * The HTML of a message in a sandboxed frame, as wide as a phone, a tablet or the page; remote content on request.
 */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { ApiMessage } from "../api.js";

/** The same as the policy of the document allows: what the reader clicks opens beside the inbox. */
const SANDBOX = "allow-popups allow-popups-to-escape-sandbox";

interface HtmlTabProps {
  readonly message: ApiMessage;
  /** Pixels; undefined is all there is. */
  readonly width: number | undefined;
}

export function HtmlTab({ message, width }: HtmlTabProps): JSX.Element {
  const [remote, setRemote] = useState(false);
  return (
    <>
      <RemoteNotice message={message} loaded={remote} onLoad={() => setRemote(true)} />
      <div class="frame-place">
        <iframe
          title="The message as HTML"
          // SECURITY: no scripts, no forms, no origin, no way to navigate the page around it.
          sandbox={SANDBOX}
          referrerpolicy="no-referrer"
          src={`/messages/${message.id}/html${remote ? "?remote=1" : ""}`}
          style={{ width: width === undefined ? "100%" : `${width}px` }}
        />
      </div>
    </>
  );
}

interface RemoteNoticeProps {
  readonly message: ApiMessage;
  readonly loaded: boolean;
  readonly onLoad: () => void;
}

/** What is blocked, and the way to load what can be loaded. */
function RemoteNotice({ message, loaded, onLoad }: RemoteNoticeProps): JSX.Element | null {
  const { remote, loadable } = message;
  const blocked = loaded ? remote.filter((address) => !loadable.includes(address)) : remote;
  if (blocked.length === 0) return null;
  const hosts = [...new Set(loadable.map((address) => new URL(address).host))];
  const places = hosts.length > 2 ? `${hosts.length} hosts` : hosts.join(" and ");
  return (
    <div class="remote" role="note">
      <details>
        <summary>
          {blocked.length === 1 ? "1 remote address is" : `${blocked.length} remote addresses are`} blocked
        </summary>
        <ul>
          {blocked.map((address) => (
            <li key={address}>{address}</li>
          ))}
        </ul>
      </details>
      {!loaded && loadable.length > 0 && (
        <button type="button" class="button" onClick={onLoad}>
          Load from {places}
        </button>
      )}
    </div>
  );
}
