/**
 * Message identifiers as fields of the literal: one or many, with or without angle brackets.
 *
 * Layer: message. RFC 5322 §3.6.4.
 */
import { MessageError } from "../../errors.js";
import { describe } from "../../given.js";
import { FOREIGN_ID, OWN_ID } from "../header/structured-field.js";

/** White space between identifiers, and the folds of a header that was copied as it stood (RFC 5322 §2.2.3). */
const BETWEEN = /(?:\r?\n(?=[ \t])|[ \t])+/;

/** `"one"` is an identifier of ours, `"many"` are those of others, in the order given. */
export function formatMessageIds(value: unknown, field: string, count: "one" | "many"): string {
  if (count === "one") return formatId(value, field, OWN_ID);
  if (typeof value === "string") return formatIds(value.trim().split(BETWEEN), field);
  if (!Array.isArray(value)) throw new MessageError(field, `must be a string or an array, not ${describe(value)}`);
  return formatIds(value, field);
}

function formatIds(values: readonly unknown[], field: string): string {
  if (values.length === 0) throw new MessageError(field, "must hold one identifier at least; leave it out");
  return values.map((one, index) => formatId(one, `${field}[${index}]`, FOREIGN_ID)).join(" ");
}

function formatId(value: unknown, field: string, pattern: RegExp): string {
  if (typeof value !== "string") throw new MessageError(field, `must be a string, not ${describe(value)}`);
  const id = value.startsWith("<") && value.endsWith(">") ? value.slice(1, -1) : value;
  if (pattern.test(id)) return `<${id}>`;
  throw new MessageError(field, `${JSON.stringify(value.slice(0, 80))} is no identifier such as <id@example.org>`);
}
