/**
 * The boxes that mail falls into: by recipient of the envelope, and by the user that logged in.
 */
import type { MessageStore } from "../store/message-store.js";
import type { ApiBox, ApiBoxes } from "./api-types.js";

const MAX_BOXES = 200;

export function boxesOf(store: MessageStore): ApiBoxes {
  const recipients = new Map<string, ApiBox>();
  const users = new Map<string, ApiBox>();
  for (const { id, envelope, username } of store.messages.toReversed()) {
    const unread = store.isRead(id) ? 0 : 1;
    for (const address of new Set(envelope.recipients.map((one) => one.toLowerCase())))
      count(recipients, address, unread);
    if (username !== undefined) count(users, username, unread);
  }
  return { recipients: [...recipients.values()].slice(0, MAX_BOXES), users: [...users.values()].slice(0, MAX_BOXES) };
}

function count(boxes: Map<string, ApiBox>, name: string, unread: number): void {
  const before = boxes.get(name) ?? { name, total: 0, unread: 0 };
  boxes.set(name, { name, total: before.total + 1, unread: before.unread + unread });
}
