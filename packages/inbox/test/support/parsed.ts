/**
 * A message as the inbox keeps it, made from text.
 */
import type { InboxMessage } from "../../src/message.js";
import { parseMessage } from "../../src/parse-message.js";

let count = 0;

/** Lines may end with LF; they end with CRLF in the message. */
export function parsed(content: string | Uint8Array, facts: Partial<InboxMessage> = {}): Promise<InboxMessage> {
  count += 1;
  return parseMessage({
    id: count.toString(16).padStart(16, "0"),
    receivedAt: facts.receivedAt ?? new Date("2026-11-22T12:00:00Z"),
    envelope: facts.envelope ?? { sender: "a@example.com", recipients: ["b@example.com"] },
    raw: typeof content === "string" ? Buffer.from(content.replace(/\r?\n/g, "\r\n")) : content,
    secure: false,
    username: facts.username,
  });
}
