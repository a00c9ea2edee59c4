/**
 * What a Content-Type says, read once for each value.
 *
 * Layer: message. RFC 2045 §5.
 */
import { MessageError } from "../errors.js";
import { formatField } from "./header/field.js";
import { parseContentType } from "./header/parameters.js";
import { Memo } from "./memo.js";

export interface ContentTypeFacts {
  readonly type: string;
  readonly subtype: string;
  readonly parameters: ReadonlyMap<string, string>;
  /** The field as it goes on the wire, with its CRLF. */
  readonly line: string;
}

// PERF: reading and writing a Content-Type costs some microseconds, and a program uses few of them.
const memo = new Memo<ContentTypeFacts>();

/** @throws MessageError (`"message"`) when the value is no media type. */
export function contentTypeFacts(value: string, field: string): ContentTypeFacts {
  const known = memo.get(value);
  if (known !== undefined) return known;
  const { type, subtype, parameters } = parseContentType(value, field);
  const facts = { type, subtype, parameters, line: formatField("Content-Type", value, "ascii") };
  checkBoundary(facts, field);
  return memo.keep(value, facts);
}

/** Types whose bytes are themselves parts or messages, which may not be encoded (RFC 2045 §6.4; RFC 6532 §3.5 for global). */
export function isComposite(facts: ContentTypeFacts): boolean {
  return facts.type === "multipart" || (facts.type === "message" && !facts.subtype.startsWith("global"));
}

// RFC 2046 §5.1.1: one to seventy of these, the last not a space.
const BOUNDARY = /^[0-9A-Za-z'()+_,\-./:=? ]{0,69}[0-9A-Za-z'()+_,\-./:=?]$/;

function checkBoundary(facts: ContentTypeFacts, field: string): void {
  const boundary = facts.parameters.get("boundary");
  if (facts.type !== "multipart" || boundary === undefined || BOUNDARY.test(boundary)) return;
  throw new MessageError(field, "the boundary must be 1 to 70 letters, digits or '()+_,-./:=? (RFC 2046)");
}
