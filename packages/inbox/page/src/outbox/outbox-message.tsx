/**
 * One message of the outbox: where it arrived, its recipients, what can be done, and what happened.
 */
import type { JSX } from "preact";
import { formatFullTime, formatSize } from "../format.js";
import {
  type ApiOutboxDetails,
  type ApiOutboxEvent,
  type ApiRecipient,
  type ApiReply,
  changeMessage,
  fetchOutboxMessage,
  type MessageAction,
} from "./outbox-api.js";
import { State } from "./state.js";
import { usePolled } from "./use-polled.js";

interface MessageProps {
  readonly id: string;
  /** Does it, says why it failed, and looks again. */
  readonly onAct: (action: Promise<void>) => void;
  readonly onClose: () => void;
}

export function OutboxMessageView({ id, onAct, onClose }: MessageProps): JSX.Element {
  const { value, failure, refresh } = usePolled(() => fetchOutboxMessage(id), id);
  const back = (
    <button type="button" class="button outbox-back" onClick={onClose}>
      ← Outbox
    </button>
  );
  if (value === undefined) {
    return (
      <div class="outbox-details">
        {back}
        <p class="notice">{failure}</p>
      </div>
    );
  }
  const act = (action: MessageAction, recipient?: string): void =>
    onAct(changeMessage(id, action, recipient).then(refresh));
  const { message, events } = value;
  return (
    <article class="outbox-details" aria-labelledby="outbox-subject">
      {back}
      <h2 id="outbox-subject">
        <bdi>{message.subject === undefined || message.subject === "" ? "(no subject)" : message.subject}</bdi>
      </h2>
      <Actions details={value} onAct={act} />
      <Arrivals details={value} />
      <Facts details={value} />
      <h3>Recipients</h3>
      <ul class="outbox-rows">
        {message.recipients.map((recipient) => (
          <Recipient key={recipient.address} recipient={recipient} onAct={act} />
        ))}
      </ul>
      <h3>What happened</h3>
      <ol class="outbox-rows">
        {events.map((event) => (
          <Event key={event.id} event={event} />
        ))}
      </ol>
    </article>
  );
}

type Act = (action: MessageAction, recipient?: string) => void;

function Actions({ details, onAct }: { readonly details: ApiOutboxDetails; readonly onAct: Act }): JSX.Element {
  const { state, recipients } = details.message;
  const canRetry = state !== "sending" && recipients.some((one) => AGAIN.includes(one.state));
  return (
    <div class="actions">
      {canRetry && (
        <button type="button" class="button" onClick={() => onAct("retry")}>
          Send now
        </button>
      )}
      {state === "waiting" && (
        <button type="button" class="button" onClick={() => onAct("cancel")}>
          Cancel
        </button>
      )}
    </div>
  );
}

const AGAIN = ["waiting", "refused", "expired", "suppressed"];

function Arrivals({ details: { arrived } }: { readonly details: ApiOutboxDetails }): JSX.Element | null {
  if (arrived.length === 0) return null;
  return (
    <p>
      Arrived in this inbox:{" "}
      {arrived.map(({ id, receivedAt }, index) => (
        <span key={id}>
          {index > 0 && ", "}
          <a href={`/messages/${id}`}>{formatFullTime(new Date(receivedAt))}</a>
        </span>
      ))}
    </p>
  );
}

function Facts({ details: { message } }: { readonly details: ApiOutboxDetails }): JSX.Element {
  const { id, key, messageId, state, sender, attempt, createdAt, dueAt, expiresAt, size, tags } = message;
  const time = (at: string | undefined): string | undefined => at && formatFullTime(new Date(at));
  const facts: readonly (readonly [string, string | undefined])[] = [
    ["From", sender === "" ? "<>" : sender],
    ["Enqueued", time(createdAt)],
    [state === "sending" ? "Lease ends" : "Due", time(dueAt)],
    ["Expires", dueAt && time(expiresAt)],
    ["Attempts", String(attempt)],
    ["Key", key],
    ...Object.entries(tags).map(([name, value]) => [`Tag ${name}`, value] as const),
    ["Size", formatSize(size)],
    ["Message-ID", messageId === "" ? undefined : messageId],
    ["Id", id],
  ];
  return (
    <dl class="outbox-facts">
      <div>
        <dt>State</dt>
        <dd>
          <State state={state} />
        </dd>
      </div>
      {facts.map(
        ([name, value]) =>
          value !== undefined && (
            <div key={name}>
              <dt>
                <bdi>{name}</bdi>
              </dt>
              <dd>
                <bdi>{value}</bdi>
              </dd>
            </div>
          ),
      )}
    </dl>
  );
}

function Recipient({ recipient, onAct }: { readonly recipient: ApiRecipient; readonly onAct: Act }): JSX.Element {
  const { address, state, attempts, reply, nextAt } = recipient;
  return (
    <li>
      <span class="outbox-line">
        <bdi>{address}</bdi> <State state={state} />
      </span>
      <span class="dim">
        {attempts} {attempts === 1 ? "attempt" : "attempts"}
        {nextAt !== undefined && `, next ${formatFullTime(new Date(nextAt))}`}
      </span>
      {reply !== undefined && <bdi>{textOf(reply)}</bdi>}
      {state === "unknown" && (
        <span class="actions">
          <button type="button" class="button" onClick={() => onAct("resend", address)}>
            Send again
          </button>
          <button type="button" class="button" onClick={() => onAct("sent", address)}>
            It was sent
          </button>
        </span>
      )}
    </li>
  );
}

function Event({ event }: { readonly event: ApiOutboxEvent }): JSX.Element {
  const { at, type, recipient, attempt, reply, reason } = event;
  const words = [recipient, attempt === undefined ? undefined : `attempt ${attempt}`, reply && textOf(reply), reason];
  return (
    <li>
      <span class="outbox-line">
        <strong>{type}</strong>
        <time class="dim" dateTime={at}>
          {formatFullTime(new Date(at))}
        </time>
      </span>
      <bdi>{words.filter((word) => word !== undefined && word !== "").join(", ")}</bdi>
    </li>
  );
}

const textOf = ({ code, message }: ApiReply): string => (code === 0 ? message : `${code} ${message}`);
