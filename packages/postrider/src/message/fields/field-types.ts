/**
 * The fields of a message as one literal: types, priority, Auto-Submitted.
 *
 * Layer: message. RFC 5322 §3.6.
 */
import type { AddressesInput } from "../../address/input.js";
import { MessageError } from "../../errors/errors.js";
import { describe } from "../../given/values.js";
import type { Attachment } from "../attachment.js";
import type { TransferEncoding } from "../encoding/transfer-encoding.js";
import type { MessageHeaders } from "../header/headers.js";
import type { HeadersInput } from "../plain-data.js";
import type { Calendar } from "./calendar.js";
import type { ListFields } from "./list-fields.js";

/** Text with its transfer encoding and charset. */
export interface TextContent {
  /** The text; line ends become CRLF. */
  readonly content: string;
  /** The transfer encoding (RFC 2045 §6); default: the plainest that keeps the text. */
  readonly encoding?: TransferEncoding | undefined;
  /** The character set of the text on the wire: `"utf-8"` (default), `"us-ascii"` or `"iso-8859-1"`. */
  readonly charset?: string | undefined;
}

/** The fields of a message. A field that is undefined counts as absent; unknown fields and null are errors. */
export interface MessageFields {
  /** The author, who is the envelope sender unless `sender` is given. Several need a `sender` (RFC 5322 §3.6.2). */
  readonly from?: AddressesInput | undefined;
  /** The sender, if it is not the author, or if there are several authors (RFC 5322 §3.6.2). */
  readonly sender?: AddressesInput | undefined;
  /** Where replies go, in place of the author (RFC 5322 §3.6.2). */
  readonly replyTo?: AddressesInput | undefined;
  /**
   * The primary recipients. A string is a list; `{ address }` is exactly one address: use it for addresses from forms and requests, such as
   * `to: { address: request.body.email }`.
   */
  readonly to?: AddressesInput | undefined;
  /** Further recipients, whom all readers see. */
  readonly cc?: AddressesInput | undefined;
  /** Recipients in the envelope only; the field is never sent (RFC 5322 §3.6.3). */
  readonly bcc?: AddressesInput | undefined;
  /** The subject: any text without control characters (a line break is a MessageError); encoded words are made where needed. */
  readonly subject?: string | undefined;
  /** The Date field; default: when the message is first composed. */
  readonly date?: Date | undefined;
  /** The Message-ID, with or without angle brackets. Default: random, at the domain of `from`. */
  readonly messageId?: string | undefined;
  /** The Message-ID of the message that this one answers, with or without angle brackets. */
  readonly inReplyTo?: string | readonly string[] | undefined;
  /** The Message-IDs of the thread, oldest first: an array, or a string with white space or the folds of a header between. */
  readonly references?: string | readonly string[] | undefined;
  /** The priority, as X-Priority and Importance; `"normal"` adds no field. Default: none. */
  readonly priority?: Priority | undefined;
  /** The List- fields of a newsletter or mailing list (RFC 2369, RFC 2919, RFC 8058). */
  readonly list?: ListFields | undefined;
  /** Whether the message was sent automatically (RFC 3834): no automatic replies are sent to one that was. Default: no field. */
  readonly autoSubmitted?: AutoSubmitted | undefined;
  /**
   * The message as plain text. `"auto"`: converted from `html` by the package html-to-text when the message is sent; the text "auto" itself
   * is `{ content: "auto" }`.
   */
  readonly text?: string | TextContent | undefined;
  /** AMP for Email, as an alternative before the html; needs `html` or `text` beside it for readers that do not know it. */
  readonly amp?: string | TextContent | undefined;
  /** The message as HTML, the alternative after `text`; nothing in it is fetched or changed. */
  readonly html?: string | TextContent | undefined;
  /** An invitation or another calendar object, as the last alternative (RFC 6047). */
  readonly calendar?: Calendar | undefined;
  /** Attachments, in order. One whose `contentId` the html links to (`cid:`) becomes a related part; the others follow the content. */
  readonly attachments?: readonly Attachment[] | undefined;
  /** Further header fields; they replace fields of the same name, in any letter case. */
  readonly headers?: HeadersInput | undefined;
}

/** The priority of a message. `"normal"` is that of a message without the field, and adds none. */
export type Priority = "high" | "normal" | "low";

/**
 * The values of Auto-Submitted (RFC 3834 §5). `"auto-generated"`: a report, a newsletter, a receipt. `"auto-replied"`: a reply such as an
 * absence note. `"auto-notified"`: a notification by a rule of the recipient (RFC 5436). `"no"`: a person wrote the message.
 */
export type AutoSubmitted = "auto-generated" | "auto-replied" | "auto-notified" | "no";

// QUIRK: Outlook and Exchange read Importance, most others X-Priority. X-MSMail-Priority is not written: spam filters
// penalise it in a message that is not from Outlook.
const PRIORITIES: { readonly [priority in Priority]: readonly (readonly [name: string, value: string])[] } = {
  high: [
    ["X-Priority", "1 (Highest)"],
    ["Importance", "high"],
  ],
  normal: [],
  low: [
    ["X-Priority", "5 (Lowest)"],
    ["Importance", "low"],
  ],
};

const AUTO_SUBMITTED: readonly AutoSubmitted[] = ["auto-generated", "auto-replied", "auto-notified", "no"];

/** @throws MessageError when the value is not a priority. */
export function applyPriority(headers: MessageHeaders, value: unknown, field: string): void {
  const word = oneOf(value, Object.keys(PRIORITIES) as Priority[], field);
  for (const [name, text] of PRIORITIES[word]) headers.set(name, text);
}

/** @throws MessageError when the value is not one of RFC 3834. */
export function applyAutoSubmitted(headers: MessageHeaders, value: unknown, field: string): void {
  headers.set("Auto-Submitted", oneOf(value, AUTO_SUBMITTED, field));
}

function oneOf<Word extends string>(value: unknown, words: readonly Word[], field: string): Word {
  const found = words.find((word) => word === value);
  if (found !== undefined) return found;
  const given = typeof value === "string" ? JSON.stringify(value.slice(0, 80)) : describe(value);
  throw new MessageError(field, `must be ${words.map((word) => `"${word}"`).join(", ")}, not ${given}`);
}
