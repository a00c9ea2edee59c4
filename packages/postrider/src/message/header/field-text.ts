/**
 * Checks of header fields: every name and value passes here.
 *
 * Layer: message. RFC 5322 §2.2 and §3.6.8 (ftext), RFC 5234 appendix B.1 (WSP), RFC 6532 §3.2.
 */
import { MessageError } from "../../errors/errors.js";
import { codePointName, findHeaderControl, findLoneSurrogate } from "../../text/characters.js";

// RFC 5322 ftext: printable ASCII without the colon.
const FIELD_NAME = /^[!-9;-~]+$/;

/** The name and its colon must fit on one line; names in use are much shorter. */
const MAX_FIELD_NAME_LENGTH = 76;

/** @throws MessageError when the name of a field is invalid. */
export function checkFieldName(name: string): void {
  if (typeof name !== "string") throw new MessageError("headers", "the name of a header must be a string");
  if (!FIELD_NAME.test(name)) {
    throw new MessageError(
      "headers",
      `${JSON.stringify(name.slice(0, 80))} is not a header name: one or more printable ASCII characters, no space, no colon`,
    );
  }
  if (name.length > MAX_FIELD_NAME_LENGTH) {
    throw new MessageError(
      "headers",
      `the header name ${name.slice(0, 20)}... must not be longer than ${MAX_FIELD_NAME_LENGTH} characters`,
    );
  }
}

/** @throws MessageError when the value holds a control character other than TAB, or a lone surrogate. */
export function checkFieldValue(name: string, value: string): void {
  if (typeof value !== "string") throw new MessageError(name, "the value of a header must be a string");
  // SECURITY: a line break in a value would inject a field.
  const control = findHeaderControl(value);
  if (control !== undefined) {
    const found = codePointName(value, control);
    throw new MessageError(name, `must not hold the control character ${found}, at position ${control}`);
  }
  if (findLoneSurrogate(value) !== undefined) throw new MessageError(name, "must not hold a lone surrogate");
}

/** `"ascii"`: encoded words and A-labels. `"utf8"`: text as it is (RFC 6532), for a message sent with SMTPUTF8. */
export type HeaderForm = "ascii" | "utf8";

/** Trims space and TAB; other white space is text. */
export function trimSpace(value: string): string {
  let start = 0;
  let end = value.length;
  // PERF: one pass; a pattern with "+$" takes quadratic time.
  while (start < end && isSpace(value, start)) start += 1;
  while (end > start && isSpace(value, end - 1)) end -= 1;
  return value.slice(start, end);
}

/** Whether the code unit at `at` is space or TAB. */
export function isSpace(value: string, at: number): boolean {
  const unit = value.charCodeAt(at);
  return unit === 0x20 || unit === 0x09;
}

const MAX_ENTRIES = 256;
const MAX_KEY_LENGTH = 200;

/** A bounded cache of values by short keys, cleared when it is full. */
export class Memo<Value extends {}> {
  readonly #known = new Map<string, Value>();

  get(key: string): Value | undefined {
    return this.#known.get(key);
  }

  /** Stores the value if the key is short, and returns it. */
  keep(key: string, value: Value): Value {
    if (key.length > MAX_KEY_LENGTH) return value;
    if (this.#known.size >= MAX_ENTRIES) this.#known.clear();
    this.#known.set(key, value);
    return value;
  }
}
