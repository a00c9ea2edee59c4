/**
 * Applies the fields of a literal to a message, each checked, in the order of the header.
 *
 * Layer: message. RFC 5322 §3.6.
 */
import { formatAddressList } from "../../address/format.js";
import { type AddressesInput, toAddressList } from "../../address/input.js";
import { isGroup } from "../../address/mailbox.js";
import { MessageError } from "../../errors/errors.js";
import { describe } from "../../given/values.js";
import { orDiscard } from "../encoding/content-input.js";
import { formatDate } from "../generated-fields.js";
import { checkFieldValue, Memo } from "../header/field-text.js";
import type { MessageHeaders } from "../header/headers.js";
import { FOREIGN_ID, OWN_ID } from "../header/structured-field.js";
import { applyHeaders, checkKeys, checkString, type HeadersInput, takeProperties } from "../plain-data.js";
import { applyContent, type ContentTarget, takeContents } from "./apply-content.js";
import { applyAutoSubmitted, applyPriority, type MessageFields } from "./field-types.js";
import { applyList } from "./list-fields.js";

type Rule = (headers: MessageHeaders, value: never, field: string) => void;

const CONTENT_FIELDS = ["text", "amp", "html", "calendar", "attachments", "headers"] as const;

/** The fields that become header fields, in their order in the message. */
const RULES: { readonly [Field in Exclude<keyof MessageFields, (typeof CONTENT_FIELDS)[number]>]-?: Rule } = {
  from: setFrom,
  sender: oneAddress("Sender"),
  replyTo: addresses("Reply-To"),
  to: addresses("To"),
  cc: addresses("Cc"),
  bcc: addresses("Bcc"),
  subject: setSubject,
  date: (headers, value: Date, field) => headers.set("Date", formatDate(value, field)),
  messageId: (headers, value: string, field) => headers.set("Message-ID", formatMessageIds(value, field, "one")),
  inReplyTo: (headers, value: string | readonly string[], field) =>
    headers.set("In-Reply-To", formatMessageIds(value, field, "many")),
  references: (headers, value: string | readonly string[], field) =>
    headers.set("References", formatMessageIds(value, field, "many")),
  priority: applyPriority,
  list: applyList,
  autoSubmitted: applyAutoSubmitted,
};
const HEADER_RULES = Object.entries(RULES) as readonly [keyof typeof RULES, Rule][];
const KNOWN_FIELDS: readonly string[] = [...Object.keys(RULES), ...CONTENT_FIELDS];

/**
 * Reads all fields, once.
 *
 * @throws MessageError (`"message"`), AddressError (`"address"`) that names the field.
 */
export function applyFields(target: ContentTarget, fields: MessageFields): void {
  const own = takeProperties(fields, KNOWN_FIELDS, "message", "a message");
  orDiscard(own, () => {
    takeContents(own);
    checkKeys(own, KNOWN_FIELDS, "message", "a message");
    for (const [field, rule] of HEADER_RULES) {
      const value = own[field];
      if (value !== undefined) rule(target.headers, value as never, field);
    }
    applyContent(target, own);
    if (own["headers"] !== undefined) applyHeaders(target.headers, own["headers"] as HeadersInput, "headers");
  });
}

function setSubject(headers: MessageHeaders, value: unknown, field: string): void {
  checkString(value, field);
  checkFieldValue(field, value);
  headers.set("Subject", value);
}

function addresses(name: string): Rule {
  return (headers, value: AddressesInput, field) => {
    const list = toAddressList(value, field);
    if (list.length > 0) headers.set(name, formatAddressList(list));
  };
}

// PERF: most programs send from one address, which is parsed once.
const authors = new Memo<string>();

function setFrom(headers: MessageHeaders, value: AddressesInput, field: string): void {
  const known = typeof value === "string" ? authors.get(value) : undefined;
  const text = known ?? formatAddressList(toAddressList(value, field));
  if (known === undefined && typeof value === "string") authors.keep(value, text);
  if (text !== "") headers.set("From", text);
}

function oneAddress(name: string): Rule {
  return (headers, value: AddressesInput, field) => {
    const list = toAddressList(value, field);
    const [only] = list;
    if (list.length !== 1 || only === undefined || isGroup(only)) {
      throw new MessageError(field, "must be exactly one mailbox (RFC 5322 §3.6.2)");
    }
    headers.set(name, formatAddressList(list));
  };
}

/** White space between identifiers, and the folds of a header that was copied as it stood (RFC 5322 §2.2.3). */
const BETWEEN = /(?:\r?\n(?=[ \t])|[ \t])+/;

/** `"one"`: an identifier of this message. `"many"`: identifiers of other messages, in the order given. */
function formatMessageIds(value: unknown, field: string, count: "one" | "many"): string {
  if (count === "one") return formatId(value, field, OWN_ID);
  if (typeof value === "string") return formatIds(value.trim().split(BETWEEN), field);
  if (!Array.isArray(value)) throw new MessageError(field, `must be a string or an array, not ${describe(value)}`);
  return formatIds(value, field);
}

function formatIds(values: readonly unknown[], field: string): string {
  if (values.length === 0) throw new MessageError(field, "must not be empty; leave it out");
  return values.map((one, index) => formatId(one, `${field}[${index}]`, FOREIGN_ID)).join(" ");
}

function formatId(value: unknown, field: string, pattern: RegExp): string {
  if (typeof value !== "string") throw new MessageError(field, `must be a string, not ${describe(value)}`);
  const id = value.startsWith("<") && value.endsWith(">") ? value.slice(1, -1) : value;
  if (pattern.test(id)) return `<${id}>`;
  throw new MessageError(field, `${JSON.stringify(value.slice(0, 80))} is not an identifier such as <id@example.org>`);
}
