/**
 * Envelope from headers: sender and recipients by the fields of the message.
 *
 * Layer: message. RFC 5322 §3.6.2, §3.6.3 and §3.6.6 (resent fields), RFC 6854 (groups in From).
 */
import { type Mailbox, mailboxesOf } from "../address/mailbox.js";
import { parseAddressList } from "../address/parser.js";
import { MessageError } from "../errors/errors.js";

/** A message with its headers. */
export interface Headed {
  readonly headers: { getAll(name: string): string[] };
}

export interface EnvelopeFields {
  /** Undefined when it is not in the headers and not required. */
  readonly sender: Mailbox | undefined;
  readonly recipients: readonly Mailbox[];
}

/** What must be in the headers; what is not required may be missing. */
export interface NeededFields {
  readonly needsSender: boolean;
  readonly needsRecipients: boolean;
}

/**
 * The sender is Sender, else the first mailbox of From; the recipients are To, Cc and Bcc in this order, groups by their
 * members. A message with one Resent-Date is taken by its Resent-* fields only.
 *
 * @throws MessageError (`"message"`) when there is no sender or no recipient; with more than one Resent-Date, since it is
 * ambiguous which block of Resent-* fields counts; with more than one field that names the sender.
 * @throws AddressError (`"address"`) when a field does not parse.
 */
export function readEnvelopeFields(
  message: Headed,
  { needsSender, needsRecipients }: NeededFields = { needsSender: true, needsRecipients: true },
): EnvelopeFields {
  const resent = message.headers.getAll("Resent-Date").length;
  if (resent > 1) {
    throw new MessageError(
      "Resent-Date",
      "is given more than once, so the envelope is ambiguous; give sender and recipients",
    );
  }
  const prefix = resent === 1 ? "Resent-" : "";
  const sender = needsSender ? findSender(message, prefix) : undefined;
  if (sender === undefined && needsSender) {
    throw new MessageError(
      `${prefix}From`,
      `the message has no sender: set ${prefix}From or ${prefix}Sender, or give sender`,
    );
  }
  const recipients: Mailbox[] = [];
  if (needsRecipients) {
    for (const field of RECIPIENT_FIELDS) {
      const name = prefix + field;
      addMailboxes(recipients, message.headers.getAll(name), name);
    }
  }
  if (recipients.length === 0 && needsRecipients) {
    throw new MessageError(
      `${prefix}To`,
      `the message has no recipients: set ${prefix}To, ${prefix}Cc or ${prefix}Bcc, or give recipients`,
    );
  }
  return { sender, recipients };
}

const SENDER_FIELDS = ["Sender", "From"] as const;
const RECIPIENT_FIELDS = ["To", "Cc", "Bcc"] as const;

function findSender(message: Headed, prefix: string): Mailbox | undefined {
  const found: Mailbox[] = [];
  for (const field of SENDER_FIELDS) {
    const name = prefix + field;
    const values = message.headers.getAll(name);
    // SECURITY: of two From fields one reader shows the first and another the last.
    if (values.length > 1) {
      throw new MessageError(name, "is given more than once, so the sender is ambiguous; give sender");
    }
    addMailboxes(found, values, name);
  }
  return found[0];
}

function addMailboxes(list: Mailbox[], values: readonly string[], field: string): void {
  for (const value of values) {
    if (value.trim() === "") continue;
    for (const mailbox of mailboxesOf(parseAddressList(value, field))) list.push(mailbox);
  }
}
