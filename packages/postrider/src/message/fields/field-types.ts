/**
 * A message as one literal.
 *
 * Layer: message. RFC 5322 §3.6.
 */
import type { AddressesInput } from "../address/input.js";
import type { Attachment } from "../attachment.js";
import type { TransferEncoding } from "../encoding/transfer-encoding.js";
import type { HeadersInput } from "../headers-input.js";

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
  /** The authors; the first is the envelope sender unless `sender` is given. */
  readonly from?: AddressesInput | undefined;
  /** The one who sends, when that is not the author, or there are several. */
  readonly sender?: AddressesInput | undefined;
  readonly replyTo?: AddressesInput | undefined;
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
  /** The messages of the thread, oldest first: an array, or a string with white space between. */
  readonly references?: string | readonly string[] | undefined;
  readonly text?: string | TextContent | undefined;
  readonly html?: string | TextContent | undefined;
  /** One whose `contentId` the html links to (`cid:`) becomes related to it; the others stand behind the content. */
  readonly attachments?: readonly Attachment[] | undefined;
  /** Further headers; they replace what the other fields made under the same name in any letter case. */
  readonly headers?: HeadersInput | undefined;
}
