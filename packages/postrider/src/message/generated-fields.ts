/**
 * Generated fields: Date, Message-ID and MIME-Version, where the message has none.
 *
 * Layer: message. RFC 5322 §3.3, §3.6.1 and §3.6.4, RFC 2045 §4.
 */
import { domainToAscii } from "../address/domain.js";
import { mailboxesOf } from "../address/mailbox.js";
import { parseAddressList } from "../address/parser.js";
import { MessageError } from "../errors/errors.js";
import { dateTime, describe } from "../given/values.js";
import type { Entity } from "./entity.js";
import { Memo } from "./header/field-text.js";
import { randomToken } from "./random-token.js";

/** The fields that the message lacks, as lines. The values are generated once for each message. */
export function generatedLines(message: Entity): string {
  const { headers } = message;
  let lines = "";
  if (!headers.has("Date")) lines += `Date: ${readDate(message)}\r\n`;
  if (!headers.has("Message-ID")) lines += `Message-ID: ${readMessageId(message)}\r\n`;
  if (!headers.has("MIME-Version")) lines += "MIME-Version: 1.0\r\n";
  return lines;
}

/** The Message-ID with its angle brackets, generated if the message has none. */
export function readMessageId(message: Entity): string {
  const own = message.headers.get("Message-ID");
  if (own !== undefined) return own.trim();
  const { generated } = message;
  generated.messageId ??= `<${randomToken()}@${idDomain(message)}>`;
  return generated.messageId;
}

function readDate(message: Entity): string {
  const { generated } = message;
  generated.date ??= formatNow();
  return generated.date;
}

/**
 * Formats a date for a header field, in UTC: `Sat, 22 Nov 2025 18:00:00 +0000` (RFC 5322 §3.3).
 *
 * @throws MessageError (`"message"`) when the date is invalid, or its year does not have four digits.
 */
export function formatDate(date: Date, field: string): string {
  const time = dateTime(date);
  if (time === undefined || Number.isNaN(time)) {
    throw new MessageError(field, `must be a valid Date, not ${describe(date)}`);
  }
  const own = new Date(time);
  const year = own.getUTCFullYear();
  if (year < 1900 || year > 9999) throw new MessageError(field, `the year ${year} cannot stand in a header`);
  return own.toUTCString().replace("GMT", "+0000");
}

// PERF: formatting costs a microsecond; messages of the same second share the text.
let second = 0;
let secondText = "";

function formatNow(): string {
  const now = Date.now();
  // Also after the clock was set back.
  if (now < second || now >= second + 1000) {
    second = now - (now % 1000);
    secondText = formatDate(new Date(second), "date");
  }
  return secondText;
}

// PERF: the usual address, at the end of the field; the parser takes the others.
const PLAIN_DOMAIN = /@([A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)>?$/;

// PERF: most programs send from one address.
const domains = new Memo<string>();

/** RFC 5322 §3.6.4: the right side should be a domain of the sender; without one, the reserved name .invalid (RFC 2606) is used. */
function idDomain(message: Entity): string {
  const from = message.headers.get("From") ?? message.headers.get("Sender");
  if (from === undefined) return "localhost.invalid";
  return domains.get(from) ?? domains.keep(from, domainOf(from));
}

function domainOf(from: string): string {
  const [, plain] = PLAIN_DOMAIN.exec(from) ?? [];
  if (plain !== undefined) return plain;
  const [mailbox] = mailboxesOf(parseAddressList(from, "From"));
  const domain = mailbox?.address.slice(mailbox.address.lastIndexOf("@") + 1);
  if (domain === undefined) return "localhost.invalid";
  return domain.startsWith("[") ? domain : (domainToAscii(domain) ?? "localhost.invalid");
}
