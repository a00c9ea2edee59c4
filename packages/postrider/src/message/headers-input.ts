/**
 * Headers as plain data: an object or pairs, with repeats.
 *
 * Layer: message.
 */
import { MessageError } from "../errors.js";
import { describe } from "../given.js";
import type { MessageHeaders } from "./header/headers.js";
import { fieldPath } from "./plain-data.js";

type HeaderValue = string | readonly string[] | undefined;

/** An object, or an iterable of `[name, value]`, which may repeat a name. An array as value repeats the field. */
export type HeadersInput = { readonly [name: string]: HeaderValue } | Iterable<readonly [string, HeaderValue]>;

/**
 * Puts the given fields in. The first of a name replaces what stands there under that name in any letter case; further
 * ones are added.
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
