/**
 * The field `calendar`: an iCalendar object as an alternative of the message (iMIP).
 *
 * Layer: message. RFC 6047 §2.4 (content type), RFC 5546 §1.4 (methods), RFC 5545 §3.1 (content lines).
 */
import { Buffer } from "node:buffer";
import { MessageError } from "../../errors/errors.js";
import { ownBytes } from "../../given/producer.js";
import { type BytesLike, describe, isBytes } from "../../given/values.js";
import { readKeys } from "../plain-data.js";

/** The iTIP method of a calendar object (RFC 5546 §1.4). */
export type CalendarMethod =
  | "PUBLISH"
  | "REQUEST"
  | "REPLY"
  | "ADD"
  | "CANCEL"
  | "REFRESH"
  | "COUNTER"
  | "DECLINECOUNTER";

/**
 * An iCalendar object (RFC 5545), as an alternative to text and html.
 *
 * @example
 * const calendar = { method: "REQUEST", content: "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\n..." };
 */
export interface Calendar {
  /** The iTIP method, in upper or lower case; must equal the METHOD of the content, if it has one. Default: the METHOD of the content. */
  readonly method?: CalendarMethod | Lowercase<CalendarMethod> | undefined;
  /** The iCalendar object, beginning with `BEGIN:VCALENDAR`; bytes are UTF-8. Line ends become CRLF. */
  readonly content: string | BytesLike;
  /** Adds the object as an attachment of this name too, such as `"invite.ics"`. Default: no attachment. */
  readonly filename?: string | undefined;
}

/** The calendar, checked. */
export interface CalendarText {
  readonly text: string;
  readonly contentType: string;
  readonly filename: string | undefined;
}

export const CALENDAR_KEYS: readonly (keyof Calendar)[] = ["method", "content", "filename"];
const METHODS: ReadonlySet<string> = new Set([
  "PUBLISH",
  "REQUEST",
  "REPLY",
  "ADD",
  "CANCEL",
  "REFRESH",
  "COUNTER",
  "DECLINECOUNTER",
]);
const FIRST_LINE = /^BEGIN:VCALENDAR[ \t]*(?:\r\n|\n|\r|$)/i;
// Components have no METHOD: the first such line belongs to the calendar.
const METHOD_LINE = /^METHOD(?:;[^:\r\n]*)?:([^\r\n]*)/im;

/** @throws MessageError that names the key. */
export function readCalendar(value: unknown, field: string): CalendarText {
  const { method, content, filename } = readKeys(value, CALENDAR_KEYS, field, "a calendar");
  const text = readText(content, `${field}.content`);
  if (!FIRST_LINE.test(text)) {
    throw new MessageError(
      `${field}.content`,
      "must be an iCalendar object that begins with BEGIN:VCALENDAR (RFC 5545)",
    );
  }
  const own = checkMethod(METHOD_LINE.exec(text)?.[1]?.trim(), `${field}.content`);
  const said = checkMethod(method, `${field}.method`) ?? own;
  // Readers use either the one or the other: an invitation could be read as a cancellation.
  if (own !== undefined && said !== own) {
    throw new MessageError(`${field}.method`, `is ${said}, and the content says METHOD:${own} (RFC 6047 §2.4)`);
  }
  const parameter = said === undefined ? "" : `; method=${said}`;
  // The file name is checked where the attachment is made.
  return { text, contentType: `text/calendar; charset=utf-8${parameter}`, filename: filename as string | undefined };
}

function checkMethod(method: unknown, field: string): string | undefined {
  if (method === undefined) return undefined;
  const upper = typeof method === "string" ? method.toUpperCase() : "";
  if (METHODS.has(upper)) return upper;
  const given = typeof method === "string" ? JSON.stringify(method.slice(0, 80)) : describe(method);
  throw new MessageError(field, `the method must be one of ${[...METHODS].join(", ")} (RFC 5546 §1.4), not ${given}`);
}

/** QUIRK: programs on Windows write a byte order mark before the first line. */
const BYTE_ORDER_MARK = /^\ufeff/;

function readText(content: unknown, field: string): string {
  if (typeof content === "string") return content.replace(BYTE_ORDER_MARK, "");
  if (content === undefined) throw new MessageError(field, "is missing");
  if (!isBytes(content)) {
    throw new MessageError(field, `must be a string or bytes, not ${describe(content)}`);
  }
  const bytes = ownBytes(content, field);
  const text = bytes.toString("utf8");
  if (Buffer.from(text, "utf8").equals(bytes)) return text.replace(BYTE_ORDER_MARK, "");
  throw new MessageError(field, "must be UTF-8 (RFC 5545 §3.1.4)");
}
