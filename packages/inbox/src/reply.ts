/**
 * Replies to a message on behalf of one of its recipients. The reply arrives in the inbox like any other message, and never leaves it: a
 * program that reads its mail from the inbox (POP3, the API, the webhook) is tested with it.
 *
 * RFC 5322 §3.6.2 (Reply-To), §3.6.4 (In-Reply-To, References).
 */
import { randomBytes } from "node:crypto";
import { addressParser } from "postal-mime";
import type { InboxAddress, InboxMessage } from "./message.js";
import type { Accept } from "./smtp/connection.js";

/** What is replied. */
export interface ReplyContent {
  readonly text: string;
  /** One of the recipients of the envelope; undefined: the first. */
  readonly from: string | undefined;
}

/** The id of the reply in the inbox, or why there is none. */
export type ReplyOutcome = { readonly id: string } | { readonly refusal: string };

export type Reply = (message: InboxMessage, content: ReplyContent) => Promise<ReplyOutcome>;

/** SECURITY: the sender of a message decides how many addresses and identifiers it names. */
const MAX_ADDRESSES = 50;
const MAX_REFERENCES = 50;
const MAX_FIELD_LENGTH = 32 * 1024;

export function replyWith(accept: Accept): Reply {
  return async (message, { text, from = message.envelope.recipients[0] }) => {
    if (from === undefined || !message.envelope.recipients.includes(from))
      return { refusal: "from must be one of the recipients of the message." };
    const to = addressees(message);
    if (to.length === 0) return { refusal: "Neither Reply-To nor From of the message names an address." };
    if (to.length > MAX_ADDRESSES) return { refusal: `Reply-To names more than ${MAX_ADDRESSES} addresses.` };
    try {
      const delivery = {
        id: randomBytes(8).toString("hex"),
        receivedAt: new Date(),
        envelope: { sender: from, recipients: to.map(({ address }) => address) },
        raw: await compose(message, { from, to, text }),
        secure: false,
        // The reply is in the inbox of the user that the message is in.
        username: message.username,
      };
      const refused = (await accept(delivery)).find((one) => one !== undefined);
      return refused === undefined
        ? { id: delivery.id }
        : { refusal: `A rule refused it: ${refused.code} ${refused.text}` };
    } catch (error) {
      // The library names the field of the message that no valid reply can be made of.
      return { refusal: `It could not be composed: ${error instanceof Error ? error.message : error}` };
    }
  };
}

async function compose(
  message: InboxMessage,
  { from, to, text }: { readonly from: string; readonly to: readonly InboxAddress[]; readonly text: string },
): Promise<Uint8Array> {
  // PERF: most inboxes reply nothing, and start without the library.
  const { EmailMessage } = await import("postrider");
  const { subject = "" } = message;
  const answered = idsIn(message.messageId).slice(0, 1);
  const references = [...idsIn(message.headers.get("References")), ...answered].slice(-MAX_REFERENCES);
  const email = new EmailMessage({
    from: { address: from },
    to: to.map(({ name, address }) => ({ name, address })),
    subject: /^re:/i.test(subject) ? subject : `Re: ${subject}`.trimEnd(),
    inReplyTo: answered.length === 0 ? undefined : answered,
    references: references.length === 0 ? undefined : references,
    text,
  });
  return email.toBytes();
}

/** Reply-To, or From without one. */
function addressees({ headers, from }: InboxMessage): readonly InboxAddress[] {
  const field = headers.get("Reply-To")?.slice(0, MAX_FIELD_LENGTH) ?? "";
  const found = addressParser(field, { flatten: true }).flatMap(({ name, address = "" }) =>
    address === "" ? [] : [{ name, address }],
  );
  return found.length > 0 ? found : from === undefined || from.address === "" ? [] : [from];
}

/** Identifiers as a reply may repeat them; what is none is left out, as mail programs do. */
function idsIn(field: string | undefined): string[] {
  return field?.slice(-MAX_FIELD_LENGTH).match(/<[^<>\s@]+@[^<>\s@]+>/g) ?? [];
}
