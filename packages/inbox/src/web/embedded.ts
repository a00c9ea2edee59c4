/**
 * Messages within messages: `"<id>.<n>"` is the message that is attachment n of another, at any depth.
 *
 * RFC 2046 §5.2.1 (message/rfc822).
 */
import type { InboxAttachment, InboxMessage } from "../message.js";
import type { MessageStore, StoredMessage } from "../store/message-store.js";
import { revived } from "../work/tasks.js";
import type { Workshop } from "../work/workshop.js";

/** SECURITY: each level is parsed anew. */
const MAX_DEPTH = 8;
const ID = /^[0-9a-f]+(?:\.\d{1,6})*$/;

/** Finds messages by id, also those that are attached to others. */
export class MessageFinder {
  readonly #store: MessageStore;
  readonly #workshop: Workshop;
  /** The one that was looked at last: its page asks for it several times. */
  #last: { readonly attachment: InboxAttachment; readonly message: Promise<InboxMessage> } | undefined;

  constructor(store: MessageStore, workshop: Workshop) {
    this.#store = store;
    this.#workshop = workshop;
  }

  /** Undefined when there is none, or the attachment is no message. */
  async find(id: string): Promise<StoredMessage | undefined> {
    const [outermost = "", ...indexes] = ID.test(id) ? id.split(".") : [];
    let found = this.#store.find(outermost);
    if (indexes.length > MAX_DEPTH) return undefined;
    for (const [depth, index] of indexes.entries()) {
      const attachment = found?.message.attachments[Number(index)];
      if (found === undefined || attachment?.contentType !== "message/rfc822") return undefined;
      const path = [outermost, ...indexes.slice(0, depth + 1)].join(".");
      found = { ...found, read: true, message: await this.#parsed(path, attachment, found.message) };
    }
    return found;
  }

  #parsed(id: string, attachment: InboxAttachment, { receivedAt, secure }: InboxMessage): Promise<InboxMessage> {
    if (this.#last?.attachment !== attachment) {
      const raw = attachment.content;
      const envelope = { sender: "", recipients: [] };
      const delivery = { id, receivedAt, envelope, raw, secure, username: undefined };
      const message = this.#workshop
        .run("parse", { delivery, maxKept: Number.POSITIVE_INFINITY }, raw.byteLength)
        .then((parsed) => ({ ...revived(parsed), raw }));
      // A failure is told to whoever asks, and not remembered.
      message.catch(() => {
        this.#last = undefined;
      });
      this.#last = { attachment, message };
    }
    return this.#last.message;
  }
}
