/**
 * Checks of plain data: known keys, no null, strings that are strings. Data never opens a file or a URL.
 *
 * Layer: message.
 */
import { MessageError } from "../errors.js";
import { findControl } from "../text/characters.js";
import { nearestName } from "../text/nearest-name.js";
import { checkWellFormed } from "./encoding/charset.js";

/**
 * SECURITY: message data comes from forms and JSON. Where a library opens what such data names, whoever wrote the data
 * reads the server's files (CVE-2017-5223, CVE-2021-34551 and others).
 */
const OPENING_KEYS: ReadonlySet<string> = new Set(["path", "href", "url", "file", "raw"]);

/** What other libraries call our keys; too far apart for the distance of letters. */
const OTHER_NAMES: ReadonlyMap<string, string> = new Map([
  ["cid", "contentId"],
  ["contentdisposition", "disposition"],
  ["contenttransferencoding", "encoding"],
  ["name", "filename"],
  ["type", "contentType"],
  ["mimetype", "contentType"],
  ["body", "text"],
  ["icalevent", "calendar"],
  ["importance", "priority"],
  ["generatetextfromhtml", 'text: "auto"'],
  ["envelope", "sender and recipients, which are options of send"],
  ["dsn", "dsn among the options of send"],
  ["dkim", "dkim among the options of send"],
  ["alternatives", "calendar, amp, or addAlternative of EmailMessage"],
  ["attachdataurls", "dataUriAttachment(uri, { contentId })"],
  ["textencoding", "text: { content, encoding }"],
  ["encoding", "text: { content, encoding }"],
]);
/** What is no name of a field, and explains itself. */
const isExplained = (other: string): boolean => /[^A-Za-z]/.test(other);

/** `field.key`, or `key` at the top. */
export function fieldPath(field: string, key: string): string {
  return field === "" ? key : `${field}.${key}`;
}

/**
 * Checks that `value` is an object with no other keys than `known`; a key whose value is undefined counts as absent.
 *
 * @throws MessageError (`"message"`) that names the key and the nearest known one.
 */
export function checkKeys(value: unknown, known: readonly string[], field: string, what: string): void {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new MessageError(field === "" ? "content" : field, `${what} must be an object, not ${describe(value)}`);
  }
  for (const key of Object.keys(value)) {
    const entry: unknown = (value as Record<string, unknown>)[key];
    if (entry === undefined) continue;
    if (!known.includes(key)) throw unknownKey(key, known, field, what);
    if (entry === null) throw new MessageError(fieldPath(field, key), "must not be null; leave it out");
  }
}

/** @throws MessageError (`"message"`) when the value is no string. */
export function checkString(value: unknown, field: string): asserts value is string {
  if (typeof value !== "string") throw new MessageError(field, `must be a string, not ${describe(value)}`);
}

/** @throws MessageError (`"message"`) when the value is no string, or holds a control character or half of a surrogate pair. */
export function checkLine(value: unknown, field: string): asserts value is string {
  checkString(value, field);
  // SECURITY: a line break in what becomes part of a header is a header of the attacker's; no other control has a meaning there.
  if (findControl(value) !== undefined) throw new MessageError(field, "must not hold control characters");
  checkWellFormed(value, field);
}

/** What a value is, for an error: its kind, never its content. */
export function describe(value: unknown): string {
  if (value === null) return "null";
  if (value === "") return "an empty string";
  if (Array.isArray(value)) return "an array";
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "an invalid date" : "a date";
  if (typeof value === "undefined") return "undefined";
  return `${/^[aeiou]/.test(typeof value) ? "an" : "a"} ${typeof value}`;
}

function unknownKey(key: string, known: readonly string[], field: string, what: string): MessageError {
  const path = fieldPath(field, key);
  if (key === "raw" && field === "message") {
    return new MessageError(
      path,
      "is no field: a message that you have written is given to send itself, in place of the fields",
    );
  }
  if (OPENING_KEYS.has(key)) {
    return new MessageError(
      path,
      "data never opens a file or a URL; pass fileAttachment(path), or content that you have read yourself",
    );
  }
  const other = OTHER_NAMES.get(key.toLowerCase());
  const near = other !== undefined && (isExplained(other) || known.includes(other)) ? other : nearestName(key, known);
  return new MessageError(path, `${what} has no such field${near === undefined ? "" : `; did you mean ${near}?`}`);
}
