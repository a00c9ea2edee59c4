/**
 * From content and options to the headers and the content of a part.
 *
 * Layer: message. RFC 2045 §5 to §8, RFC 2183 (Content-Disposition), RFC 2392 (Content-ID).
 */
import { MessageError } from "../errors/errors.js";
import { ownBytes } from "../given/producer.js";
import { isBlobLike, isBytes, ownEntries, withoutPrototype } from "../given/values.js";
import { decodeBase64 } from "../text/base64.js";
import { findControl } from "../text/characters.js";
import type { ContentOptions, Disposition } from "./attachment.js";
import {
  type ContentInput,
  contentFault,
  isContentInput,
  joinPieces,
  toContentSource,
} from "./encoding/content-input.js";
import { checkWellFormed, encodeText, isTransferEncoding, TRANSFER_ENCODINGS } from "./encoding/transfer-encoding.js";
import { contentTypeFacts, type Entity, isEntity, type PartContent } from "./entity.js";
import { mediaTypeOf } from "./files/media-types.js";
import { checkFieldValue } from "./header/field-text.js";
import type { MessageHeaders } from "./header/headers.js";
import { CONTENT_ID } from "./header/structured-field.js";
import { applyHeaders, checkString, fieldPath } from "./plain-data.js";

/** The context of a part: its name in errors, its defaults. */
export interface FillContext {
  /** Names the content in errors: `"attachments[0].content"`. */
  readonly field: string;
  /** The prefix of option names in errors: `"attachments[0]"`, or `""`. */
  readonly path: string;
  /** The default disposition. */
  readonly disposition: Disposition | undefined;
  /** True keeps text byte for byte; false makes its line ends CRLF. */
  readonly exact: boolean;
}

/** Sets the Content-* headers and returns the content. The keys of the options are checked already. */
export function fillPart(
  headers: MessageHeaders,
  content: ContentInput | Entity,
  given: ContentOptions,
  context: FillContext,
): PartContent<never> {
  // SECURITY: options that are absent must not be found on Object.prototype.
  const options = withoutPrototype(given);
  if (typeof content === "string") checkNotEncoded(content, options.encoding, context.field);
  const filename = options.filename ?? nameOf(content);
  if (filename !== undefined) checkFilename(filename, fieldPath(context.path, "filename"));
  const typeField = fieldPath(context.path, "contentType");
  const contentType = options.contentType ?? typeOf(content, filename, context.field);
  if (contentType !== undefined) checkString(contentType, typeField);
  const filled = fill(content, contentType, context, typeField);
  const { parameters } = contentTypeFacts(filled.contentType, typeField);
  // QUIRK: readers older than RFC 2183 look for the file name in Content-Type.
  const name = filename === undefined || parameters.has("name") ? "" : `; name=${quote(filename)}`;
  headers.set("Content-Type", filled.contentType + name);
  describePart(headers, options, context, filename);
  return filled.content;
}

/**
 * In other libraries `encoding` is the encoding of `content`; here it is the transfer encoding. Base64 text would be encoded twice, and
 * arrive as text.
 */
function checkNotEncoded(content: string, encoding: unknown, field: string): void {
  if (encoding !== "base64" || content === "") return;
  if (decodeBase64(content.replace(/[\r\n]/g, "")) === undefined) return;
  throw new MessageError(
    field,
    'is base64 already, and encoding is only how content is sent: give Buffer.from(content, "base64")',
  );
}

interface Filled {
  readonly content: PartContent<never>;
  readonly contentType: string;
}

function fill(
  content: ContentInput | Entity,
  given: string | undefined,
  context: FillContext,
  typeField: string,
): Filled {
  const { field } = context;
  if (typeof content === "string") return fillText(content, given ?? "text/plain", context, typeField);
  if (isEntity(content, field)) {
    return { content: { kind: "message", message: content, field }, contentType: given ?? "message/rfc822" };
  }
  const contentType = given ?? "application/octet-stream";
  // SECURITY: a copy, so that the bytes checked are the bytes sent, also if the caller changes its buffer.
  if (isBytes(content)) return { content: { kind: "bytes", bytes: ownBytes(content, field), field }, contentType };
  if (!isContentInput(content)) throw contentFault(content, field);
  if (Array.isArray(content)) {
    return { content: { kind: "bytes", bytes: joinPieces(ownEntries(content), field), field }, contentType };
  }
  return { content: { kind: "source", ...toContentSource(content, field) }, contentType };
}

function fillText(text: string, given: string, context: FillContext, typeField: string): Filled {
  const { field } = context;
  checkWellFormed(text, field);
  const { type, parameters } = contentTypeFacts(given, typeField);
  const charset = parameters.get("charset");
  const contentType = type === "text" && charset === undefined ? `${given}; charset=utf-8` : given;
  if (type === "text" && !context.exact) return { content: { kind: "text", text, field }, contentType };
  return { content: { kind: "bytes", bytes: encodeText(text, charset ?? "utf-8", field), field }, contentType };
}

function describePart(
  headers: MessageHeaders,
  options: ContentOptions,
  context: FillContext,
  filename: string | undefined,
): void {
  const { encoding, contentId, description } = options;
  const { path } = context;
  if (encoding !== undefined) {
    if (typeof encoding !== "string" || !isTransferEncoding(encoding)) {
      throw new MessageError(
        fieldPath(path, "encoding"),
        `must be one of ${TRANSFER_ENCODINGS.join(", ")}: it is how content is sent; give content in hex as bytes: Buffer.from(content, "hex")`,
      );
    }
    headers.set("Content-Transfer-Encoding", encoding);
  }
  if (contentId !== undefined) {
    headers.set("Content-ID", `<${checkContentId(contentId, fieldPath(path, "contentId"))}>`);
  }
  const fallback = context.disposition ?? (filename === undefined ? undefined : "attachment");
  const disposition: unknown = options.disposition ?? fallback;
  if (disposition !== undefined) {
    if (disposition !== "attachment" && disposition !== "inline") {
      throw new MessageError(fieldPath(path, "disposition"), 'must be "attachment" or "inline"');
    }
    headers.set("Content-Disposition", disposition + (filename === undefined ? "" : `; filename=${quote(filename)}`));
  }
  if (description !== undefined) {
    checkString(description, fieldPath(path, "description"));
    checkFieldValue(fieldPath(path, "description"), description);
    headers.set("Content-Description", description);
  }
  if (options.headers !== undefined) applyHeaders(headers, options.headers, fieldPath(path, "headers"));
}

function nameOf(content: ContentInput | Entity): string | undefined {
  return isBlobLike(content) && content.name !== undefined && content.name !== "" ? content.name : undefined;
}

function typeOf(content: ContentInput | Entity, filename: string | undefined, field: string): string | undefined {
  if (isEntity(content, field)) return undefined;
  if (isBlobLike(content) && content.type !== "") return content.type;
  return filename === undefined ? undefined : mediaTypeOf(filename);
}

function checkContentId(contentId: unknown, field: string): string {
  if (typeof contentId === "string" && CONTENT_ID.test(contentId)) return contentId;
  throw new MessageError(field, "must be printable ASCII without spaces, angle brackets and =?");
}

function checkFilename(filename: unknown, field: string): void {
  checkString(filename, field);
  if (filename === "") throw new MessageError(field, "must not be empty");
  // SECURITY: the name stands in a header (CVE-2020-13625); a control character in it is an attack or a mistake.
  if (findControl(filename) !== undefined) throw new MessageError(field, "must not hold control characters");
  checkWellFormed(filename, field);
}

function quote(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}
