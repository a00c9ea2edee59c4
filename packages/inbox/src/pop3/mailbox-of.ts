/**
 * Which mail a POP3 login sees. The rule does not depend on what has arrived, so that a program never reads or deletes the mail of others
 * because its own has not come yet.
 */
import type { InboxMessage } from "../message.js";
import type { MessageStore } from "../store/message-store.js";
import { transferSize } from "./content.js";
import type { MailSource } from "./maildrop.js";

/**
 * An address sees the mail that it is a recipient of, as in the page. Another name sees the mail of that user of SMTP AUTH, or all mail
 * when the inbox offers no AUTH and so has no users.
 */
export function mailboxOf(store: MessageStore, name: string, offersAuth: boolean): MailSource {
  const isMine = filterFor(name, offersAuth);
  return {
    list: () => store.messages.filter(isMine).map(({ id, raw }) => ({ id, size: transferSize(raw) })),
    read: (id) => store.find(id)?.message.raw,
    // The page can bring them back.
    remove: (ids) => store.discard(ids),
  };
}

function filterFor(name: string, offersAuth: boolean): (message: InboxMessage) => boolean {
  const address = name.toLowerCase();
  if (name.includes("@")) {
    return ({ envelope }) => envelope.recipients.some((recipient) => recipient.toLowerCase() === address);
  }
  return offersAuth ? ({ username }) => username === name : () => true;
}
