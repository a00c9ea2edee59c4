/**
 * Messages in words, one line each, for errors that say what did arrive.
 */
import type { InboxMessage } from "../message.js";

const MAX_LISTED = 10;
const MAX_SUBJECT = 200;

export function describeMessages(messages: readonly InboxMessage[]): string {
  if (messages.length === 0) return "The inbox is empty.";
  const lines = messages.slice(-MAX_LISTED).map((message) => `  ${describeMessage(message)}`);
  const head =
    lines.length < messages.length
      ? `The inbox holds ${messages.length} messages, the last ${MAX_LISTED}:`
      : "The inbox holds:";
  return [head, ...lines].join("\n");
}

/** Subject, sender and recipients. */
export function describeMessage({ subject, envelope }: InboxMessage): string {
  const recipients = envelope.recipients.map((address) => `<${address}>`).join(", ");
  return `${JSON.stringify((subject ?? "(no subject)").slice(0, MAX_SUBJECT))} from <${envelope.sender}> to ${recipients}`;
}
