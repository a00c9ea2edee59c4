/**
 * Attachments: content with its name, type and disposition.
 *
 * Layer: message.
 */

import { Buffer } from "node:buffer";
import { MessageError } from "../errors/errors.js";
import { describe, urlText } from "../given/values.js";
import { decodeBase64 } from "../text/base64.js";
import type { ContentInput } from "./encoding/content-input.js";
import type { TransferEncoding } from "./encoding/transfer-encoding.js";
import type { Entity } from "./entity.js";
import { parseContentType } from "./header/content-type.js";
import { type HeadersInput, readKeys } from "./plain-data.js";

/** How readers show a part (RFC 2183 §2): as a file beside the message, or inside it. */
export type Disposition = "attachment" | "inline";

/** The description of content: file name, type, identifier, encoding, headers. */
export interface ContentOptions {
  /** The file name (RFC 2183 §2.3): any text without control characters. Default: none. */
  readonly filename?: string | undefined;
  /** The media type with parameters: `"text/html; charset=utf-8"`. Default: by the file name, else by the kind of content. */
  readonly contentType?: string | undefined;
  /** The Content-ID, for `cid:` links (RFC 2392), without angle brackets. Default: none. */
  readonly contentId?: string | undefined;
  /** How readers show it; default: `"inline"` for related parts, `"attachment"` for attachments, none for other content. */
  readonly disposition?: Disposition | undefined;
  /**
   * The transfer encoding on the wire (RFC 2045 §6), not the encoding of `content`: base64 text is given as `Buffer.from(text, "base64")`.
   * Default: the plainest that keeps the content. Streamed content is always base64.
   */
  readonly encoding?: TransferEncoding | undefined;
  /** The Content-Description (RFC 2045 §8): any text without control characters. Default: none. */
  readonly description?: string | undefined;
  /** Further header fields of the part; they replace generated fields of the same name. */
  readonly headers?: HeadersInput | undefined;
}

/** An attachment as plain data. SECURITY: data never opens a file; `fileAttachment` does. */
export interface Attachment extends ContentOptions {
  /** The content: a string is sent as UTF-8, byte for byte; a message becomes `message/rfc822`. */
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

/** The description of the attachment; the content is in the URI. */
export type DataUriAttachmentOptions = Omit<Attachment, "content">;

/**
 * An attachment with the content and the media type of a `data:` URI (RFC 2397), such as that of a canvas. Nothing is fetched.
 *
 * @example
 * const attachments = [dataUriAttachment("data:image/png;base64,iVBORw0KGgo=", { filename: "chart.png" })];
 *
 * @throws MessageError (`"message"`) when the URI or its base64 is invalid, or an option is unknown.
 */
export function dataUriAttachment(uri: string | URL, options: DataUriAttachmentOptions = {}): Attachment {
  const own = readKeys(options, DATA_URI_KEYS, FIELD, "the options of an attachment");
  const text = urlText(uri) ?? uri;
  if (typeof text !== "string") throw fault(`must be a data: URI, not ${describe(uri)}`);
  const { mediaType, isBase64, data } = split(text);
  const given = Object.entries(own).filter(([, value]) => value !== undefined);
  return {
    contentType: mediaType,
    ...Object.fromEntries(given),
    content: isBase64 ? decodeData(percentDecode(data)) : percentDecode(data),
  };
}

const FIELD = "dataUriAttachment";
const DATA_URI_KEYS = ATTACHMENT_KEYS.filter((key) => key !== "content");
const SCHEME = /^data:/i;
const BASE64_MARK = /;base64$/i;
/** RFC 2397 §2: the type of a URI without one. */
const DEFAULT_TYPE = "text/plain;charset=US-ASCII";

interface DataUri {
  readonly mediaType: string;
  readonly isBase64: boolean;
  readonly data: string;
}

function split(text: string): DataUri {
  if (!SCHEME.test(text)) throw fault("must begin with data:");
  const comma = text.indexOf(",");
  if (comma === -1) throw fault('a "," must stand before the data (RFC 2397 §2)');
  const head = text.slice("data:".length, comma);
  const isBase64 = BASE64_MARK.test(head);
  const type = isBase64 ? head.slice(0, -";base64".length) : head;
  const mediaType = type === "" ? DEFAULT_TYPE : type.startsWith(";") ? `text/plain${type}` : type;
  parseContentType(mediaType, FIELD);
  return { mediaType, isBase64, data: text.slice(comma + 1) };
}

// SECURITY: "#" begins a fragment, which some parsers ignore; characters beyond ASCII have no defined bytes.
const URI_TEXT = /^[ -"$-~]*$/;
const BROKEN_ESCAPE = /%(?![0-9A-Fa-f]{2})/;

function percentDecode(data: string): Buffer {
  if (!URI_TEXT.test(data)) throw fault('the data must be printable ASCII without "#"; the rest is written as %XX');
  if (BROKEN_ESCAPE.test(data)) throw fault('two hexadecimal digits must follow "%"');
  const text = data.replace(/%(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(text, "latin1");
}

function decodeData(encoded: Buffer): Uint8Array {
  const bytes = decodeBase64(encoded.toString("latin1"));
  if (bytes !== undefined) return bytes;
  throw fault('the data is not base64: groups of four characters, the last filled up with "="');
}

function fault(rule: string): MessageError {
  return new MessageError(FIELD, rule);
}
