/**
 * Content with its description: what `addAttachment`, `addRelated` and the field `attachments` take.
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

/** Everything that describes an attachment; the content is in the URI. */
export type DataUriAttachmentOptions = Omit<Attachment, "content">;

/**
 * An attachment with the content and the media type of a `data:` URI (RFC 2397), such as a canvas gives. Nothing is fetched.
 *
 * @example
 * const attachments = [dataUriAttachment("data:image/png;base64,iVBORw0KGgo=", { filename: "chart.png" })];
 *
 * @throws MessageError (`"message"`) when the URI is none, its base64 is not exact, or an option is unknown.
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
/** RFC 2397 §2: what a URI without a type has. */
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

// SECURITY: a "#" ends a URI for every reader but a careless one; what is not ASCII has no bytes until somebody guesses them.
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
