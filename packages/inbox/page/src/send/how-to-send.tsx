/**
 * Nothing chosen, or nothing there: where to send to, and how, in several languages.
 */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { ApiInbox } from "../api.js";
import { CopyButton } from "../copy-button.js";
import { addressOf, type Snippet, smtpAddress, snippetsFor } from "./snippets.js";

const KEY = "snippet";

interface HowToSendProps {
  /** Undefined until it is known. */
  readonly inbox: ApiInbox | undefined;
  readonly empty: boolean;
}

export function HowToSend({ inbox, empty }: HowToSendProps): JSX.Element {
  const [chosen, setChosen] = useState(() => localStorage.getItem(KEY) ?? "");
  if (inbox === undefined) return <div class="empty" />;
  const host = hostFor(inbox);
  const snippets = snippetsFor(inbox, host);
  const [first] = snippets;
  const snippet = snippets.find(({ name }) => name === chosen) ?? first;
  const choose = (name: string): void => {
    localStorage.setItem(KEY, name);
    setChosen(name);
  };
  return (
    <section class="empty">
      <h2>{empty ? "No mail yet" : "Nothing is open"}</h2>
      <p class="dim">
        {empty
          ? "Point your program here. What it sends appears by itself, and nothing is delivered to anybody."
          : "Choose a message, or press j. To send more:"}
      </p>
      <dl class="address-card">
        <div>
          <dt>{inbox.protocol === "lmtp" ? "LMTP" : "SMTP"}</dt>
          <dd>
            <code>{smtpAddress(inbox, host)}</code>
            <CopyButton text={smtpAddress(inbox, host)} what="the address" />
          </dd>
        </div>
        <div>
          <dt>Encryption</dt>
          <dd>{ENCRYPTION[inbox.tls]}</dd>
        </div>
        <div>
          <dt>Log in</dt>
          <dd>{loginOf(inbox)}</dd>
        </div>
        {inbox.pop3Port !== undefined && (
          <div>
            <dt>POP3</dt>
            <dd>
              <code>{addressOf(host, inbox.pop3Port)}</code>
              <CopyButton text={addressOf(host, inbox.pop3Port)} what="the POP3 address" />
            </dd>
          </div>
        )}
      </dl>
      {inbox.pop3Port !== undefined && <p class="dim">{mailboxesOf(inbox)}</p>}
      {snippet !== undefined && <Code snippets={snippets} snippet={snippet} onChoose={choose} />}
    </section>
  );
}

const ENCRYPTION: Readonly<Record<ApiInbox["tls"], string>> = {
  none: "none",
  starttls: "STARTTLS",
  implicit: "TLS from the first byte",
};

function loginOf({ auth, anyUser }: ApiInbox): string {
  if (auth === "none") return "not needed";
  if (auth === "any") return "any user and password will do";
  return anyUser === true
    ? "any user, and the password of this inbox"
    : "the user and password that the inbox was started with";
}

function mailboxesOf({ auth }: ApiInbox): string {
  const other = auth === "none" ? "another name opens all mail." : "another name opens what this user has sent.";
  return `POP3: an address as the user name opens the mail to that address; ${other}`;
}

interface CodeProps {
  readonly snippets: readonly Snippet[];
  readonly snippet: Snippet;
  readonly onChoose: (name: string) => void;
}

function Code({ snippets, snippet, onChoose }: CodeProps): JSX.Element {
  const onKey = (event: KeyboardEvent): void => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    const next = snippets[(snippets.indexOf(snippet) + step + snippets.length) % snippets.length];
    if (step === 0 || next === undefined) return;
    event.preventDefault();
    onChoose(next.name);
    document.getElementById(`snippet-${next.name}`)?.focus();
  };
  return (
    <div class="snippet">
      <div class="snippet-head">
        <div class="tabs" role="tablist" aria-label="Language" onKeyDown={onKey}>
          {snippets.map(({ name }) => (
            <button
              key={name}
              type="button"
              role="tab"
              id={`snippet-${name}`}
              aria-selected={name === snippet.name}
              aria-controls="snippet"
              tabIndex={name === snippet.name ? 0 : -1}
              onClick={() => onChoose(name)}
            >
              {name}
            </button>
          ))}
        </div>
        <CopyButton text={snippet.code} what="the code" />
      </div>
      <pre id="snippet" role="tabpanel" aria-labelledby={`snippet-${snippet.name}`}>
        <code>{snippet.code}</code>
      </pre>
    </div>
  );
}

/** An inbox that listens on all addresses is reached as its page is. */
function hostFor({ host }: ApiInbox): string {
  return host === "0.0.0.0" || host === "::" ? location.hostname.replace(/^\[|\]$/g, "") : host;
}
