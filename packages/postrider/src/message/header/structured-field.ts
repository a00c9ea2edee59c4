/**
 * Structured fields: identifiers, media types with parameters, and fields with their own grammar.
 *
 * Layer: message. RFC 5322 §2.2.2 and §3.6.4, RFC 2045 §5 and §7, RFC 2183, RFC 2231.
 */
import { MessageError } from "../../errors/errors.js";
import { parameterChunks, parseContentType, parseParameterized } from "./content-type.js";
import { type HeaderForm, trimSpace } from "./field-text.js";
import { foldChunks, foldField } from "./fold.js";

const ASCII_TEXT = /^[\t -~]*$/;
/**
 * An identifier generated for this message: printable ASCII on both sides of the at sign. SECURITY: no start of an encoded word, which some
 * readers decode here too, line breaks included.
 */
export const OWN_ID: RegExp = /^(?!.*=\?)[!-;=?A-~]+@[!-;=?A-~]+$/;
/** An identifier of another program. QUIRK: some have no "@" or misplaced dots; refusing them would break threads. */
export const FOREIGN_ID: RegExp = /^[!-;=?-~]+$/;
/** An identifier of a part. */
export const CONTENT_ID: RegExp = /^(?!.*=\?)[!-;=?-~]+$/;
const BRACKETED = /^<([^<>]*)>$/;
const MESSAGE_ID_LIST = /^<[!-;=?-~]+>(?:[ \t]+<[!-;=?-~]+>)*$/;
const TOKEN = /^[!#$%&'*+.0-9A-Z^_`a-z{|}~-]+$/;

/** @throws MessageError when this is not one identifier in angle brackets. */
export function formatMessageId(name: string, value: string): string {
  const id = BRACKETED.exec(value)?.[1] ?? "";
  if (!(/^content-id$/i.test(name) ? CONTENT_ID : OWN_ID).test(id))
    throw notMessageId(name, value, "one identifier in angle brackets, such as <id@example.com>");
  return foldField(name, value);
}

/** @throws MessageError when this is not one identifier or more, each in angle brackets, with white space between. */
export function formatMessageIds(name: string, value: string): string {
  if (!MESSAGE_ID_LIST.test(value))
    throw notMessageId(name, value, "identifiers in angle brackets with a space between");
  return foldField(name, value);
}

/**
 * A media type; its `name` parameter is also written as encoded words, for old clients.
 *
 * @throws MessageError when it does not parse.
 */
export function formatContentType(name: string, value: string): string {
  const { type, subtype, parameters } = parseContentType(value, name);
  return joinParameters(
    name,
    `${type}/${subtype}`,
    parameterChunks(parameters, { field: name, encodedWords: ["name"] }),
  );
}

/**
 * Another value with parameters, such as a disposition.
 *
 * @throws MessageError when it does not parse.
 */
export function formatParameterized(name: string, text: string): string {
  const { value, parameters } = parseParameterized(text, name);
  if (!TOKEN.test(value))
    throw new MessageError(name, `${JSON.stringify(value.slice(0, 80))} is not a token (RFC 2045 §5.1)`);
  return joinParameters(name, value, parameterChunks(parameters, { field: name }));
}

/**
 * Any other structured value: checked by the grammar of the field, written as it is, folded at white space.
 *
 * @throws MessageError when the value does not match the grammar, or is not ASCII: encoded words are not allowed in these fields (RFC 2047 §5).
 */
export function formatStructured(name: string, value: string, form: HeaderForm): string {
  if (form === "ascii" && !ASCII_TEXT.test(value)) {
    throw new MessageError(name, "must be ASCII: this field has no way to encode other characters (RFC 2047 §5)");
  }
  const text = trimSpace(value);
  if (text === "") throw new MessageError(name, "is empty");
  const fault = findGrammarFault(name, text);
  if (fault !== undefined) throw new MessageError(name, fault);
  return foldField(name, text);
}

function joinParameters(name: string, value: string, chunks: readonly string[]): string {
  return foldChunks(name, [` ${value}${chunks.length === 0 ? "" : ";"}`, ...chunks]);
}

function notMessageId(name: string, value: string, expected: string): MessageError {
  return new MessageError(name, `must be ${expected}, not ${JSON.stringify(value.slice(0, 80))}`);
}

/** A grammar, and its rule for errors. */
interface Grammar {
  readonly matches: (value: string) => boolean;
  /** Follows "must be" in the error. */
  readonly rule: string;
}

// A comment without nested comments; the pattern is unambiguous, so it does not backtrack.
const COMMENT = String.raw`\((?:[^()\\]|\\.)*\)`;
const SPACE = "[ \\t]";

const byPattern = (pattern: string, rule: string): Grammar => {
  const whole = new RegExp(`^(?:${pattern})$`, "i");
  return { matches: (value) => whole.test(value), rule };
};
const oneOf = (...words: readonly string[]): Grammar =>
  byPattern(words.join("|"), `${words.slice(0, -1).join(", ")}${words.length > 1 ? " or " : ""}${words.at(-1)}`);

const DATE: Grammar = {
  matches: isDateTime,
  rule: 'a date such as "Sat, 22 Nov 2025 18:00:00 +0000" (RFC 5322 §3.3)',
};
const TAG = "[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*";
const LANGUAGES = byPattern(`${TAG}(?:${SPACE}*,${SPACE}*${TAG})*`, 'language tags, such as "de, en-GB" (RFC 3282)');
const RANGE = `(?:${TAG}|\\*)(?:${SPACE}*;${SPACE}*q=[01](?:\\.\\d{0,3})?)?`;
const RANGES = byPattern(
  `${RANGE}(?:${SPACE}*,${SPACE}*${RANGE})*`,
  'language tags, such as "de, en;q=0.5" (RFC 3282)',
);
const URI = byPattern('[^ \\t<>"]+', "a URI without spaces, quotes and angle brackets (RFC 2557 §4)");
// SECURITY: what a reader opens on a click: no "javascript:", no "file:".
const LIST_URL = `(?:${COMMENT}${SPACE}*)*<(?:https?|mailto|ftp|news|nntp):[^ \\t<>]+>(?:${SPACE}*${COMMENT})*`;
const LIST_URLS = `${LIST_URL}(?:${SPACE}*,${SPACE}*${LIST_URL})*`;
const LIST_RULE = "URLs in angle brackets with commas between, such as <https://example.org/leave> (RFC 2369 §2)";
const TAGS: Grammar = { matches: isTagList, rule: 'tags with semicolons between, such as "v=1; a=rsa-sha256"' };
const PRIORITIES = oneOf("high", "normal", "low");

const GRAMMARS: ReadonlyMap<string, Grammar> = new Map([
  ["date", DATE],
  ["resent-date", DATE],
  ["expires", DATE],
  ["expiry-date", DATE],
  ["delivery-date", DATE],
  ["deferred-delivery", DATE],
  ["mime-version", byPattern(`1\\.0(?:${SPACE}+${COMMENT})?`, "1.0 (RFC 2045 §4)")],
  ["content-language", LANGUAGES],
  ["accept-language", RANGES],
  ["content-location", URI],
  ["content-base", URI],
  ["content-md5", byPattern("[A-Za-z0-9+/]{22}==", "the 16 bytes of a digest in base64 (RFC 1864)")],
  ["content-duration", byPattern("\\d{1,10}", "a number of seconds (RFC 3803)")],
  ["archived-at", byPattern("<[^ \\t<>]+>", "a URL in angle brackets (RFC 5064)")],
  ["list-unsubscribe-post", oneOf("List-Unsubscribe=One-Click")],
  ["list-post", byPattern(`NO|${LIST_URLS}`, `${LIST_RULE}, or NO`)],
  ...["help", "unsubscribe", "subscribe", "owner", "archive"].map(
    (name) => [`list-${name}`, byPattern(LIST_URLS, LIST_RULE)] as const,
  ),
  [
    "auto-submitted",
    byPattern(
      `(?:no|auto-generated|auto-replied|auto-notified)(?:${SPACE}*;.*)?`,
      "no, auto-generated, auto-replied or auto-notified (RFC 3834 §5)",
    ),
  ],
  ["precedence", byPattern("[A-Za-z][A-Za-z-]*", "one word, such as bulk or list")],
  ["importance", PRIORITIES],
  ["x-msmail-priority", PRIORITIES],
  ["priority", oneOf("normal", "urgent", "non-urgent")],
  [
    "x-priority",
    byPattern(`[1-5](?:${SPACE}*${COMMENT})?`, 'a number from 1 (highest) to 5 (lowest), such as "1 (Highest)"'),
  ],
  ["sensitivity", oneOf("Personal", "Private", "Company-Confidential")],
  ["tls-required", oneOf("No")],
  ["mt-priority", byPattern("-?[0-9]", "a number from -9 to 9 (RFC 6758)")],
  ...["dkim-signature", "domainkey-signature", "arc-seal", "arc-message-signature"].map(
    (name) => [name, TAGS] as const,
  ),
]);

/** The violated rule of the field; undefined when the value matches, or the field has no grammar here. */
function findGrammarFault(name: string, value: string): string | undefined {
  const grammar = GRAMMARS.get(name.toLowerCase());
  if (grammar === undefined || grammar.matches(value)) return undefined;
  return `must be ${grammar.rule}, not ${JSON.stringify(value.slice(0, 80))}`;
}

const DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
// QUIRK: of the obsolete zones, GMT and UT are accepted: Date.toUTCString() writes GMT.
const DATE_TIME =
  /^(?:([a-z]{3}),[ \t]*)?(\d{1,2})[ \t]+([a-z]{3})[ \t]+(\d{4})[ \t]+(\d\d):(\d\d)(?::(\d\d))?[ \t]+(?:[+-]\d\d([0-5]\d)|GMT|UT)(?:[ \t]+\([^()]*\))?$/i;

function isDateTime(value: string): boolean {
  const match = DATE_TIME.exec(value);
  if (match === null) return false;
  const [, weekday, day = "", monthName = "", year = "", hour = "", minute = "", second = "0"] = match;
  const month = MONTHS.indexOf(monthName.toLowerCase());
  if (Number(year) < 1900 || month === -1) return false;
  const date = new Date(Date.UTC(Number(year), month, Number(day)));
  // The day must exist in the month, and the weekday must match.
  if (Number(day) === 0 || date.getUTCMonth() !== month) return false;
  if (weekday !== undefined && DAYS[date.getUTCDay()] !== weekday.toLowerCase()) return false;
  return Number(hour) < 24 && Number(minute) < 60 && Number(second) <= 60;
}

function isTagList(value: string): boolean {
  const tags = value.replace(/;[ \t]*$/, "").split(";");
  return tags.every((tag) => /^[ \t]*[a-z][a-z0-9_]*[ \t]*=/i.test(tag));
}
