/**
 * Checks of plain data: known keys, no null, types. SECURITY: data never opens a file or a URL.
 *
 * Layer: message.
 */
import { isSmtpError, MessageError } from "../errors/errors.js";
import { discardDeeply, listenToErrors, reasonOf } from "../given/producer.js";
import { describe, isObject, isPromise, ownEntries, takeProperties as takeGiven } from "../given/values.js";
import { findControl, nearestName } from "../text/characters.js";
import { checkWellFormed } from "./encoding/transfer-encoding.js";
import type { MessageHeaders } from "./header/headers.js";

/**
 * SECURITY: message data comes from forms and JSON. A library that opens paths in data lets the author of the
 * data read files of the server (CVE-2017-5223, CVE-2021-34551 and others).
 */
const OPENING_KEYS: ReadonlySet<string> = new Set(["path", "href", "url", "file", "raw"]);

/** Names of these fields in other libraries, for the hint of an error; too different for `nearestName`. */
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
/** Whether the hint is an explanation and not the name of a field. */
const isExplained = (other: string): boolean => /[^A-Za-z]/.test(other);

/** `field.key`, or `key` at the top. */
export function fieldPath(field: string, key: string): string {
  return field === "" ? key : `${field}.${key}`;
}

/**
 * Copies the properties of an object, each read once, so that later changes have no effect.
 *
 * @param known names that must be own properties: an accessor of a class would be overlooked
 * @throws MessageError (`"message"`) when it is not an object, or a property cannot be read.
 */
export function takeProperties(
  value: unknown,
  known: readonly string[],
  field: string,
  what: string,
): Record<string, unknown> {
  const owner = field === "" ? "content" : field;
  if (!isObject(value) || Array.isArray(value) || isPromise(value)) {
    throw new MessageError(owner, `${what} must be an object, not ${describe(value)}`);
  }
  const hidden = (name: string): void => {
    if (known.includes(name)) throw new MessageError(fieldPath(field, name), "must be a property of the object itself");
  };
  const taken: unknown[] = [];
  try {
    return takeGiven(value, hidden, (one) => {
      taken.push(one);
      listenDeeply(one);
    });
  } catch (cause) {
    discardDeeply(taken);
    if (isSmtpError(cause)) throw cause;
    throw new MessageError(owner, `cannot be read: ${reasonOf(cause)}`, { cause });
  }
}

/** Adds an error listener to a stream, or to each stream in an array. */
export function listenDeeply(value: unknown): void {
  if (Array.isArray(value)) for (const one of ownEntries(value)) listenToErrors(one);
  else listenToErrors(value);
}

/**
 * As `takeProperties`, for an object without keys other than `known`; undefined counts as absent.
 *
 * @throws MessageError (`"message"`) that names the key and the nearest known one.
 */
export function readKeys(
  value: unknown,
  known: readonly string[],
  field: string,
  what: string,
): Record<string, unknown> {
  const own = takeProperties(value, known, field, what);
  checkKeys(own, known, field, what);
  return own;
}

/** Checks the result of `takeProperties` for unknown keys and null. @throws MessageError */
export function checkKeys(
  own: Readonly<Record<string, unknown>>,
  known: readonly string[],
  field: string,
  what: string,
): void {
  for (const key of Object.keys(own)) {
    const entry = own[key];
    if (entry === undefined) continue;
    if (!known.includes(key)) throw unknownKey(key, known, field, what);
    if (entry === null) throw new MessageError(fieldPath(field, key), "must not be null; leave it out");
  }
}

/** @throws MessageError (`"message"`) when the value is not a string. */
export function checkString(value: unknown, field: string): asserts value is string {
  if (typeof value !== "string") throw new MessageError(field, `must be a string, not ${describe(value)}`);
}

/** @throws MessageError (`"message"`) when the value is not a string, or holds a control character or a lone surrogate. */
export function checkLine(value: unknown, field: string): asserts value is string {
  checkString(value, field);
  // SECURITY: a line break would inject a header field; other control characters have no meaning in a header.
  if (findControl(value) !== undefined) throw new MessageError(field, "must not hold control characters");
  checkWellFormed(value, field);
}

function unknownKey(key: string, known: readonly string[], field: string, what: string): MessageError {
  const path = fieldPath(field, key);
  if (key === "raw" && field === "message") {
    return new MessageError(
      path,
      "is not a field: give a message that you have written to send() in place of the fields",
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

/** The value of one field; an array repeats the field, and undefined counts as absent. */
export type HeaderValue = string | readonly string[] | undefined;

/** Header fields: an object, or an iterable of `[name, value]`, which may repeat a name. An array as value repeats the field. */
export type HeadersInput = { readonly [name: string]: HeaderValue } | Iterable<readonly [string, HeaderValue]>;

/**
 * Sets the given fields. The first field of a name replaces existing fields of that name, in any letter case; further ones are
 * added.
 *
 * @throws MessageError (`"message"`) when the input is of another shape, or a name or value may not stand in a header.
 */
export function applyHeaders(headers: MessageHeaders, input: HeadersInput, field: string): void {
  if (typeof input !== "object" || input === null) {
    throw new MessageError(field, `must be an object or pairs of name and value, not ${describe(input)}`);
  }
  const given = new Set<string>();
  for (const [name, value] of entriesOf(input, field)) {
    for (const one of valuesOf(value, fieldPath(field, name))) {
      const key = name.toLowerCase();
      if (given.has(key)) headers.append(name, one);
      else headers.set(name, one);
      given.add(key);
    }
  }
}

function* entriesOf(input: HeadersInput, field: string): Iterable<readonly [string, unknown]> {
  if (!(Symbol.iterator in input)) {
    yield* Object.entries(input);
    return;
  }
  for (const pair of input as Iterable<unknown>) {
    if (!Array.isArray(pair) || pair.length !== 2 || typeof pair[0] !== "string") {
      throw new MessageError(field, `every entry must be a pair [name, value], not ${describe(pair)}`);
    }
    yield [pair[0], pair[1]];
  }
}

function* valuesOf(value: unknown, field: string): Iterable<string> {
  if (value === undefined) return;
  for (const one of Array.isArray(value) ? (value as readonly unknown[]) : [value]) {
    if (typeof one !== "string") throw new MessageError(field, `must be a string, not ${describe(one)}`);
    yield one;
  }
}
