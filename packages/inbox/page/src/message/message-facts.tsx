/**
 * Who wrote to whom, and how it came here: one line that unfolds.
 */
import type { ComponentChildren, JSX } from "preact";
import type { ApiMessage } from "../api.js";
import { formatFullTime, formatSize } from "../format.js";
import { Icon } from "../icons.js";
import { listOf, namesOf } from "./facts-line.js";

/** More are shown when the reader asks for them. */
const MAX_SHOWN = 20;

export function MessageFacts({ message }: { readonly message: ApiMessage }): JSX.Element {
  const { from, to, cc, bcc, envelope, receivedAt, size, secure, parseError } = message;
  return (
    <>
      <details class="facts-fold">
        <summary>
          <Icon name="chevron" />
          <span class="facts-line">
            <strong>{from === undefined ? <bdi>&lt;{envelope.sender}&gt;</bdi> : person(from)}</strong>
            <Part label="to">
              {to.length > 0 ? namesOf(to) : cc.length + bcc.length > 0 ? "" : listOf(envelope.recipients)}
            </Part>
            <Part label="cc">{namesOf(cc)}</Part>
            <Part label="bcc">{listOf(bcc)}</Part>
          </span>
          <span class="facts-end dim">
            <time dateTime={receivedAt}>{formatFullTime(new Date(receivedAt))}</time>
            {`, ${formatSize(size)}${secure ? ", TLS" : ""}`}
          </span>
        </summary>
        <AllFacts message={message} />
      </details>
      {parseError !== undefined && (
        <p class="problem-line" role="note">
          The content could not be parsed: {parseError}
        </p>
      )}
    </>
  );
}

function Part({ label, children }: { readonly label: string; readonly children: string }): JSX.Element | null {
  if (children === "") return null;
  return (
    <span>
      <span class="dim">{` ${label} `}</span>
      <bdi>{children}</bdi>
    </span>
  );
}

function AllFacts({ message }: { readonly message: ApiMessage }): JSX.Element {
  const { id, envelope, from, to, cc, bcc, receivedAt, size, secure, username, date, messageId, tags } = message;
  return (
    <dl class="facts">
      {from !== undefined && <Fact label="From">{person(from)}</Fact>}
      {to.length > 0 && <Fact label="To">{listed(to.map(person))}</Fact>}
      {cc.length > 0 && <Fact label="Cc">{listed(cc.map(person))}</Fact>}
      {bcc.length > 0 && <Fact label="Bcc">{listed(bcc.map((one) => <bdi>{one}</bdi>))}</Fact>}
      {!id.includes(".") && (
        <Fact label="Envelope">
          <bdi>&lt;{envelope.sender}&gt;</bdi> to {listed(envelope.recipients.map((one) => <bdi>&lt;{one}&gt;</bdi>))}
        </Fact>
      )}
      {date !== undefined && <Fact label="Date">{formatFullTime(new Date(date))}</Fact>}
      <Fact label="Received">
        {formatFullTime(new Date(receivedAt))}, {formatSize(size)}, {secure ? "over TLS" : "in clear text"}
        {username === undefined ? "" : `, logged in as ${username}`}
      </Fact>
      {messageId !== undefined && <Fact label="Message-ID">{messageId}</Fact>}
      {tags.length > 0 && <Fact label="Tags">{tags.join(", ")}</Fact>}
    </dl>
  );
}

function Fact({ label, children }: { readonly label: string; readonly children: ComponentChildren }): JSX.Element {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

// Isolated, so that right-to-left marks in a name cannot turn the rest of the line around.
function person({ name, address }: { readonly name: string; readonly address: string }): JSX.Element {
  if (name === "") return <bdi>{address}</bdi>;
  return (
    <>
      <bdi>{name}</bdi> <bdi class="dim">&lt;{address}&gt;</bdi>
    </>
  );
}

/** All of them; those beyond the first few unfold. */
function listed(items: readonly JSX.Element[]): ComponentChildren {
  const rest = items.slice(MAX_SHOWN);
  return (
    <>
      {separated(items.slice(0, MAX_SHOWN))}
      {rest.length > 0 && (
        <details class="more">
          <summary>and {rest.length} more</summary>
          {separated(rest)}
        </details>
      )}
    </>
  );
}

function separated(items: readonly JSX.Element[]): ComponentChildren {
  return items.map((item, index) => (
    // The list of a message never changes.
    <span key={index}>
      {index === 0 ? "" : ", "}
      {item}
    </span>
  ));
}
