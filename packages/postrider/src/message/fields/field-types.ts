/**
 * A message as one literal.
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

/** Text with a say in how it travels. */
export interface TextContent {
  readonly content: string;
  /** Default: the plainest that the text survives. */
  readonly encoding?: TransferEncoding | undefined;
  /** `"utf-8"` (default), `"us-ascii"` or `"iso-8859-1"`. */
  readonly charset?: string | undefined;
}

/** The fields of a message. A field that is undefined counts as absent; unknown fields and null are errors. */
export interface MessageFields {
  /** The author, who is the envelope sender unless `sender` is given. Several need a `sender` (RFC 5322 §3.6.2). */
  readonly from?: AddressesInput | undefined;
  /** The one who sends, when that is not the author, or there are several. */
  readonly sender?: AddressesInput | undefined;
  readonly replyTo?: AddressesInput | undefined;
  /**
   * A string is a list; `{ address }` is exactly one address, and the way to give what a form or a request says:
   * `to: { address: request.body.email }`.
   */
  readonly to?: AddressesInput | undefined;
  readonly cc?: AddressesInput | undefined;
  /** Recipients whom the others do not see: only in the envelope. */
  readonly bcc?: AddressesInput | undefined;
  readonly subject?: string | undefined;
  /** Default: when the message is first composed. */
  readonly date?: Date | undefined;
  /** With or without angle brackets. Default: random, at the domain of `from`. */
  readonly messageId?: string | undefined;
  /** The message that this one answers, with or without angle brackets. */
  readonly inReplyTo?: string | readonly string[] | undefined;
  /** The messages of the thread, oldest first: an array, or a string with white space or the folds of a header between. */
  readonly references?: string | readonly string[] | undefined;
  /** Adds X-Priority and Importance; `"normal"` adds nothing. */
  readonly priority?: Priority | undefined;
  /** What a newsletter or a mailing list says of itself (RFC 2369, RFC 2919, RFC 8058). */
  readonly list?: ListFields | undefined;
  /** Whether a machine wrote the message (RFC 3834); absence notes are not sent for one that a machine wrote. */
  readonly autoSubmitted?: AutoSubmitted | undefined;
  /**
   * The message without markup. `"auto"`: made from `html` by the package html-to-text, when the message is sent; the text
   * "auto" itself is `{ content: "auto" }`.
   */
  readonly text?: string | TextContent | undefined;
  /** AMP for Email, as an alternative before the html; needs `html` or `text` beside it for readers that do not know it. */
  readonly amp?: string | TextContent | undefined;
  readonly html?: string | TextContent | undefined;
  /** An invitation and its like, as the last alternative (RFC 6047). */
  readonly calendar?: Calendar | undefined;
  /** One whose `contentId` the html links to (`cid:`) becomes related to it; the others stand behind the content. */
  readonly attachments?: readonly Attachment[] | undefined;
  /** Further headers; they replace what the other fields made under the same name in any letter case. */
  readonly headers?: HeadersInput | undefined;
}

/** How much it matters. `"normal"` is what a message without the field has, and adds nothing. */
export type Priority = "high" | "normal" | "low";

/**
 * `"auto-generated"`: a report, a newsletter, a receipt. `"auto-replied"`: an answer to a message, such as an absence note.
 * `"auto-notified"`: what a rule of the recipient's asked for. `"no"`: a person wrote it.
 */
export type AutoSubmitted = "auto-generated" | "auto-replied" | "auto-notified" | "no";

// QUIRK: Outlook and Exchange read Importance, most others X-Priority. X-MSMail-Priority is left out: filters take it for
// spam in a message that does not come from Outlook.
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

/** @throws MessageError when it is no priority. */
export function applyPriority(headers: MessageHeaders, value: unknown, field: string): void {
  const word = oneOf(value, Object.keys(PRIORITIES) as Priority[], field);
  for (const [name, text] of PRIORITIES[word]) headers.set(name, text);
}

/** @throws MessageError when it is none of the words. */
export function applyAutoSubmitted(headers: MessageHeaders, value: unknown, field: string): void {
  headers.set("Auto-Submitted", oneOf(value, AUTO_SUBMITTED, field));
}

function oneOf<Word extends string>(value: unknown, words: readonly Word[], field: string): Word {
  const found = words.find((word) => word === value);
  if (found !== undefined) return found;
  const given = typeof value === "string" ? JSON.stringify(value.slice(0, 80)) : describe(value);
  throw new MessageError(field, `must be ${words.map((word) => `"${word}"`).join(", ")}, not ${given}`);
}
