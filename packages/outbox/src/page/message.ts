/**
 * The page of one message: what it is, its recipients, what can be done with it, what happened, and its source when that is allowed.
 */
import type { OutboxEvent, OutboxMessage, OutboxReply } from "../types.js";
import { button, type Html, html, lines, stateWord, time } from "./html.js";

export interface MessageParts {
  readonly message: OutboxMessage;
  readonly events: readonly OutboxEvent[];
  readonly subject: string | undefined;
  /** The beginning of the source; undefined: not allowed, or purged. */
  readonly source: string | undefined;
}

export function messagePage({ message, events, subject, source }: MessageParts): Html {
  return html`<h2>${subject === undefined || subject === "" ? "(no subject)" : subject}</h2>${actions(message)}${facts(message)}${recipientsPart(message)}${historyPart(events)}${sourcePart(message, source)}`;
}

function facts(message: OutboxMessage): Html {
  const { id, key, messageId, state, sender, attempt, createdAt, dueAt, expiresAt, size, tags } = message;
  const known: readonly (readonly [string, string | Html | undefined])[] = [
    ["state", stateWord(state)],
    ["id", id],
    ["key", key],
    ["Message-ID", messageId === "" ? undefined : messageId],
    ["sender", sender === "" ? "<>" : sender],
    ["enqueued", time(createdAt)],
    [state === "sending" ? "lease ends" : "due", dueAt && time(dueAt)],
    ["expires", dueAt && time(expiresAt)],
    ["attempts", String(attempt)],
    ["size", `${size} bytes`],
    ...Object.entries(tags).map(([name, value]) => [`tag ${name}`, value] as const),
  ];
  const rows = known.flatMap(([name, value]) =>
    value === undefined ? [] : [html`<tr><th scope="row">${name}</th><td>${value}</td></tr>`],
  );
  return html`<table class="facts"><tbody>${rows}</tbody></table>`;
}

function recipientsPart({ id, recipients }: OutboxMessage): Html {
  const rows = recipients.map(({ address, state, attempts, reply, nextAt }) => {
    const decide =
      state === "unknown"
        ? html` ${button("resend", id, "Send again", address)} ${button("sent", id, "It was sent", address)}`
        : undefined;
    const next = nextAt === undefined ? undefined : time(nextAt);
    return html`<tr><th scope="row">${address}</th><td>${stateWord(state)}${decide}</td><td class="number">${attempts}</td><td>${next}</td><td>${reply && replyText(reply)}</td></tr>`;
  });
  return html`<h2>Recipients</h2><div class="wide" tabindex="0" role="region" aria-label="Recipients"><table><thead><tr><th scope="col">address</th><th scope="col">state</th><th scope="col" class="number">attempts</th><th scope="col">next attempt</th><th scope="col">last reply</th></tr></thead><tbody>${rows}</tbody></table></div>`;
}

function historyPart(events: readonly OutboxEvent[]): Html {
  const rows = events.map(
    ({ at, type, recipient, attempt, reply, reason }) =>
      html`<tr><td>${time(at)}</td><th scope="row">${type}</th><td>${recipient}</td><td class="number">${attempt}</td><td>${reply && replyText(reply)} ${reason}</td></tr>`,
  );
  return html`<h2>What happened</h2><div class="wide" tabindex="0" role="region" aria-label="What happened"><table><thead><tr><th scope="col">time</th><th scope="col">event</th><th scope="col">recipient</th><th scope="col" class="number">attempt</th><th scope="col">reply or reason</th></tr></thead><tbody>${rows}</tbody></table></div>`;
}

function sourcePart({ id }: OutboxMessage, source: string | undefined): Html {
  if (source === undefined) return html``;
  return html`<h2>Source</h2><p><a href="?id=${id}&amp;source=1" download>Download as .eml</a></p><details><summary>Show the beginning</summary><pre tabindex="0">${lines(source)}</pre></details>`;
}

const replyText = ({ code, message }: OutboxReply): string => (code === 0 ? message : `${code} ${message}`);

function actions({ id, state, recipients }: OutboxMessage): Html {
  const has = (...states: readonly string[]): boolean => recipients.some((one) => states.includes(one.state));
  const buttons = [
    ...(state !== "sending" && has("waiting", "refused", "expired", "suppressed")
      ? [button("retry", id, "Send now")]
      : []),
    ...(state === "waiting" ? [button("cancel", id, "Cancel")] : []),
  ];
  return buttons.length === 0 ? html`` : html`<div class="actions">${buttons}</div>`;
}
