/**
 * What differs between what a test expects and what arrived, in words.
 */
import { inspect } from "node:util";
import type { InboxMessage } from "../message.js";
import { describeMessage, describeMessages } from "../store/describe-messages.js";
import { compareMessage, type FieldComparison, type MessageExpectation } from "./expectation.js";

/** A longer value is cut: a difference is read by people. */
const MAX_SHOWN = 300;

export interface Difference {
  readonly text: string;
  /** Of the message that is nearest; where it fits, the same as `expected`. */
  readonly actual: Readonly<Record<string, unknown>>;
  readonly expected: Readonly<Record<string, unknown>>;
}

/** Against the message that fits best, the newest among equals. */
export function describeDifference(messages: readonly InboxMessage[], expectation: MessageExpectation): Difference {
  const [nearest] = messages
    .map((message, index) => ({ message, number: index + 1, fields: compareMessage(message, expectation) }))
    .toSorted((left, right) => misfits(left.fields) - misfits(right.fields) || right.number - left.number);
  if (nearest === undefined) {
    const expected = Object.fromEntries(Object.entries(expectation));
    return { text: `No message was sent.\nExpected: ${show(expected)}`, actual: {}, expected };
  }
  const { message, number, fields } = nearest;
  const width = Math.max(...fields.map(({ field }) => field.length));
  const count = messages.length === 1 ? "one arrived" : `the nearest of ${messages.length} is number ${number}`;
  const lines = [
    `No message fits; ${count}: ${describeMessage(message)}`,
    ...fields.flatMap((field) => describeField(field, width)),
    ...(messages.length > 1 ? [describeMessages(messages)] : []),
  ];
  const record = (value: (field: FieldComparison) => unknown): Record<string, unknown> =>
    Object.fromEntries(fields.map((field) => [field.field, value(field)]));
  return {
    text: lines.join("\n"),
    actual: record(({ fits, actual, expected }) => (fits ? expected : actual)),
    expected: record(({ expected }) => expected),
  };
}

function misfits(fields: readonly FieldComparison[]): number {
  return fields.filter(({ fits }) => !fits).length;
}

function describeField({ field, fits, expected, actual }: FieldComparison, width: number): readonly string[] {
  const name = field.padEnd(width);
  if (fits) return [`  ${name}  fits`];
  return [`  ${name}  expected ${show(expected)}`, `  ${" ".repeat(width)}  actual   ${show(actual)}`];
}

function show(value: unknown): string {
  // PERF: cut before it is written out, too: a text may have megabytes.
  const shown = typeof value === "string" ? value.slice(0, MAX_SHOWN + 1) : value;
  const text = inspect(shown, { breakLength: Number.POSITIVE_INFINITY, maxArrayLength: 20 });
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}...` : text;
}
