/**
 * A message from one literal.
 *
 * Layer: message. RFC 5322 §3.6.
 */
import { EmailMessage } from "./email-message.js";
import type { MessageFields } from "./fields/field-types.js";

export type { MessageFields, TextContent } from "./fields/field-types.js";

/**
 * The message that the fields describe; they are read now and not again.
 *
 * @throws MessageError (`"message"`), AddressError (`"address"`) that names the field.
 */
export function fromFields(fields: MessageFields): EmailMessage {
  return new EmailMessage(fields);
}
