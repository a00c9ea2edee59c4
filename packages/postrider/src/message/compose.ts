/**
 * A message as bytes for the wire.
 *
 * Layer: message. RFC 5322, RFC 2045, RFC 6532 (UTF-8 in headers), RFC 6152 (8BITMIME).
 */
import type { ComposedMessage, ComposeTarget } from "./composed.js";
import type { Entity } from "./entity.js";
import { assemble } from "./pieces.js";
import { writeMessage } from "./write-entity.js";

/**
 * Composes a message for a server that offers what `target` says. Synchronous: content in memory gives one Buffer, content
 * that is streamed gives a function that opens it. The same message and target give the same bytes each time. Bcc and
 * Resent-Bcc are left out; Date, Message-ID and MIME-Version are made when they are absent.
 *
 * @throws MessageError (`"message"`), AddressError (`"address"`) when a header or the content cannot be sent to this target.
 */
export function compose(message: Entity, target: ComposeTarget): ComposedMessage {
  return assemble(writeMessage(message, target));
}
