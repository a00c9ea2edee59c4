/**
 * Who wrote to whom, and how it came here.
 */
import type { ComponentChildren, JSX } from "preact";
import type { ApiMessage } from "../api.js";
import { formatFullTime, formatSize } from "../format.js";

/** More are shown when the reader asks for them. */
const MAX_SHOWN = 20;

export function MessageFacts({ message }: { readonly message: ApiMessage }): JSX.Element {
  const { envelope, from, to, cc, bcc, receivedAt, size, secure, username, parseError } = message;
  const login = username === undefined ? "" : `, logged in as ${username}`;
  return (
    <dl class="facts">
      {from !== undefined && <Fact label="From">{person(from)}</Fact>}
      {to.length > 0 && <Fact label="To">{listed(to.map(person))}</Fact>}
      {cc.length > 0 && <Fact label="Cc">{listed(cc.map(person))}</Fact>}
      {bcc.length > 0 && <Fact label="Bcc">{listed(bcc.map((one) => <bdi>{one}</bdi>))}</Fact>}
      <Fact label="Envelope">
        <bdi>&lt;{envelope.sender}&gt;</bdi> to {listed(envelope.recipients.map((one) => <bdi>&lt;{one}&gt;</bdi>))}
      </Fact>
      <Fact label="Received">
        <time dateTime={receivedAt}>{formatFullTime(new Date(receivedAt))}</time>, {formatSize(size)},{" "}
        {secure ? "over TLS" : "in clear text"}
        {login}
      </Fact>
      {parseError !== undefined && <Fact label="Problem">The content could not be parsed: {parseError}</Fact>}
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
