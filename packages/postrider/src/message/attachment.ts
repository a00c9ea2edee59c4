/**
 * Content with its description: what `addAttachment`, `addRelated` and the field `attachments` take.
 *
 * Layer: message.
 */
import type { ContentInput } from "./content-input.js";
import type { TransferEncoding } from "./encoding/transfer-encoding.js";
import type { Entity } from "./entity.js";
import type { HeadersInput } from "./headers-input.js";

/** How a reader is to show a part (RFC 2183 §2). */
export type Disposition = "attachment" | "inline";

/** What may be said of content; the same names everywhere. */
export interface ContentOptions {
  /** The name a reader saves it under. Any characters but controls. */
  readonly filename?: string | undefined;
  /** Type, subtype and parameters: `"text/html; charset=utf-8"`. Default: by the file name, else by the kind of content. */
  readonly contentType?: string | undefined;
  /** Identifier without angle brackets, for `cid:` links (RFC 2392). */
  readonly contentId?: string | undefined;
  readonly disposition?: Disposition | undefined;
  /**
   * How the content travels, not what it is in: base64 text is given as `Buffer.from(text, "base64")`. Default: the plainest that the
   * content survives. Content that is streamed travels as base64.
   */
  readonly encoding?: TransferEncoding | undefined;
  /** Text about the content (RFC 2045 §8). */
  readonly description?: string | undefined;
  /** Further headers of the part; they replace the generated ones. */
  readonly headers?: HeadersInput | undefined;
}

/** An attachment as plain data. Data never opens a file: for that there is `fileAttachment`. */
export interface Attachment extends ContentOptions {
  /** A string travels as UTF-8, byte for byte; a message becomes `message/rfc822`. */
  readonly content: ContentInput | Entity;
}

export const CONTENT_OPTION_KEYS: readonly (keyof ContentOptions)[] = [
  "filename",
  "contentType",
  "contentId",
  "disposition",
  "encoding",
  "description",
  "headers",
];

export const ATTACHMENT_KEYS: readonly (keyof Attachment)[] = ["content", ...CONTENT_OPTION_KEYS];
