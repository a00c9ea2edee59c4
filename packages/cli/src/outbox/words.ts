/**
 * Messages, events and counts of the outbox as lines for people.
 */
import type { OutboxEvent, OutboxMessage, OutboxReply, OutboxStats } from "@postrider/outbox";
import { type Line, paint } from "../terminal/output.js";

/** One message on one line. */
export function messageLine({ id, state, createdAt, recipients }: OutboxMessage): string {
  const [first, ...rest] = recipients;
  const more = rest.length === 0 ? "" : ` and ${rest.length} more`;
  return `${id}  ${createdAt.toISOString()}  ${state.padEnd(16)}  ${first?.address ?? ""}${more}`;
}

/** One message with all that is known of it. */
export function messageLines(message: OutboxMessage, events: readonly OutboxEvent[]): Line[] {
  const { id, key, messageId, state, sender, recipients, attempt, createdAt, dueAt, expiresAt, size, tags } = message;
  const facts: readonly (readonly [string, string | undefined])[] = [
    ["id", id],
    ["state", state],
    ["sender", `<${sender}>`],
    ["message-id", messageId === "" ? undefined : messageId],
    ["key", key],
    [
      "tags",
      Object.entries(tags)
        .map(([name, value]) => `${name}=${value}`)
        .join(", ") || undefined,
    ],
    ["size", `${size} bytes`],
    ["enqueued", createdAt.toISOString()],
    ["due", dueAt?.toISOString()],
    ["expires", dueAt === undefined ? undefined : expiresAt.toISOString()],
    ["attempts", String(attempt)],
  ];
  return [
    ...facts.flatMap(([name, value]): Line[] => (value === undefined ? [] : [[paint("dim", name.padEnd(12)), value]])),
    "",
    ...recipients.map(({ address, state: own, attempts, reply, nextAt }): Line => {
      const next = nextAt === undefined ? "" : `, next ${nextAt.toISOString()}`;
      const said = reply === undefined ? "" : `: ${replyText(reply)}`;
      return `${address}: ${own}, ${count(attempts, "attempt")}${next}${said}`;
    }),
    "",
    ...events.map(eventLine),
  ];
}

/** One event on one line. */
export function eventLine({ at, type, message, recipient, reply, reason }: OutboxEvent): string {
  const words = [type.padEnd(10), message, recipient, reply && replyText(reply), reason];
  return `${at.toISOString()}  ${words.filter((word) => word !== undefined).join("  ")}`;
}

export function statsLines({ messages, oldestDue, paused, domains }: OutboxStats): Line[] {
  const row = (name: string, value: string): Line => [paint("dim", name.padEnd(18)), value];
  return [
    ...Object.entries(messages).map(([state, number]) => row(state, String(number))),
    ...(oldestDue === undefined ? [] : [row("oldest due", oldestDue.toISOString())]),
    ...(paused === undefined
      ? []
      : [row("paused", [paused.kind, paused.reason].filter((word) => word !== undefined).join(": "))]),
    ...domains.map(({ domain, waiting, unknown }) => row(domain, `${waiting} waiting, ${unknown} unknown`)),
  ];
}

export function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}

const replyText = ({ code, message }: OutboxReply): string => (code === 0 ? message : `${code} ${message}`);
