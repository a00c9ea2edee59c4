/**
 * What a test expects of a message, and how a message compares with it, field by field.
 */
import { types } from "node:util";
import { InboxOptionError } from "../errors.js";
import type { InboxAddress, InboxMessage } from "../message.js";

/** Text to be equal to, or a pattern to be found. */
export type TextExpectation = string | RegExp;

/**
 * What a message must be; what is left out may be anything. Where a message has several of something, each that is expected
 * must be among them. Addresses are compared in any case; a pattern sees `Name <address>`.
 */
export interface MessageExpectation {
  /** The From header. */
  readonly from?: TextExpectation | undefined;
  /** The To header. */
  readonly to?: TextExpectation | readonly TextExpectation[] | undefined;
  /** The Cc header. */
  readonly cc?: TextExpectation | readonly TextExpectation[] | undefined;
  /** Recipients of the envelope that neither To nor Cc names. */
  readonly bcc?: TextExpectation | readonly TextExpectation[] | undefined;
  /** The sender of the envelope; `""` for the null sender. */
  readonly sender?: TextExpectation | undefined;
  /** The recipients of the envelope: To, Cc and Bcc, as the server heard them. */
  readonly recipients?: TextExpectation | readonly TextExpectation[] | undefined;
  /** The Subject: equal, or a pattern. */
  readonly subject?: TextExpectation | undefined;
  /** Equal but for the white space at its end. */
  readonly text?: TextExpectation | undefined;
  /** Equal but for the white space at its end. */
  readonly html?: TextExpectation | undefined;
  /** File names. */
  readonly attachments?: TextExpectation | readonly TextExpectation[] | undefined;
  /** Values of header fields by name; `undefined` means that there must be none. */
  readonly headers?: Readonly<Record<string, TextExpectation | undefined>> | undefined;
}

/** How one field of a message compares. */
export interface FieldComparison {
  /** Such as `"subject"` or `"headers.X-Tag"`. */
  readonly field: string;
  readonly fits: boolean;
  readonly expected: unknown;
  readonly actual: unknown;
}

/** @throws InboxOptionError when the expectation is empty, or expects something that no message has. */
export function checkExpectation(expectation: MessageExpectation): void {
  if (typeof expectation !== "object" || expectation === null)
    throw new InboxOptionError("expectation", "must be an object");
  for (const name of Object.keys(expectation)) {
    if (!Object.hasOwn(COMPARE, name) && name !== "headers")
      throw new InboxOptionError(
        `expectation.${name}`,
        `is not a part of a message; the parts are ${[...Object.keys(COMPARE), "headers"].join(", ")}`,
      );
  }
}

export function compareMessage(message: InboxMessage, expectation: MessageExpectation): readonly FieldComparison[] {
  const { headers = {}, ...fields } = expectation;
  const compared = Object.entries(fields).flatMap(([field, expected]) =>
    expected === undefined ? [] : [{ field, expected, ...COMPARE[field as keyof typeof COMPARE](message, expected) }],
  );
  return [...compared, ...Object.entries(headers).map(([name, expected]) => compareHeader(message, name, expected))];
}

type Comparison = Pick<FieldComparison, "fits" | "actual">;
type Expected = TextExpectation | readonly TextExpectation[];

const COMPARE: Readonly<
  Record<Exclude<keyof MessageExpectation, "headers">, (message: InboxMessage, expected: Expected) => Comparison>
> = {
  from: ({ from }, expected) => among(expected, from === undefined ? [] : [from], addressFits, shown)[0],
  to: ({ to }, expected) => among(expected, to, addressFits, shown)[1],
  cc: ({ cc }, expected) => among(expected, cc, addressFits, shown)[1],
  bcc: ({ bcc }, expected) => among(expected, bcc, plainAddressFits, String)[1],
  sender: ({ envelope }, expected) => among(expected, [envelope.sender], plainAddressFits, String)[0],
  recipients: ({ envelope }, expected) => among(expected, envelope.recipients, plainAddressFits, String)[1],
  subject: ({ subject }, expected) => among(expected, listed(subject), textFits, String)[0],
  text: ({ text }, expected) => among(expected, listed(text), contentFits, String)[0],
  html: ({ html }, expected) => among(expected, listed(html), contentFits, String)[0],
  attachments: ({ attachments }, expected) =>
    among(
      expected,
      attachments.map(({ filename }) => filename ?? ""),
      textFits,
      String,
    )[1],
};

/** Compared as the one thing there is, and as a list. */
function among<Item>(
  expected: Expected,
  items: readonly Item[],
  fits: (item: Item, expected: TextExpectation) => boolean,
  show: (item: Item) => string,
): readonly [one: Comparison, many: Comparison] {
  const wanted: readonly TextExpectation[] =
    typeof expected === "string" || types.isRegExp(expected) ? [expected] : expected;
  const all = wanted.every((one) => items.some((item) => fits(item, one)));
  const actual = items.map(show);
  return [
    { fits: all, actual: actual[0] },
    { fits: all, actual },
  ];
}

function compareHeader(message: InboxMessage, name: string, expected: TextExpectation | undefined): FieldComparison {
  const values = message.headers.getAll(name);
  const fits = expected === undefined ? values.length === 0 : values.some((value) => textFits(value, expected));
  return { field: `headers.${name}`, fits, expected, actual: values.length > 1 ? values : values[0] };
}

function textFits(actual: string, expected: TextExpectation): boolean {
  return types.isRegExp(expected) ? stateless(expected).test(actual) : actual === expected;
}

function contentFits(actual: string, expected: TextExpectation): boolean {
  if (types.isRegExp(expected)) return textFits(actual, expected);
  return plainEnd(actual) === plainEnd(expected);
}

function addressFits(actual: InboxAddress, expected: TextExpectation): boolean {
  if (types.isRegExp(expected)) return textFits(shown(actual), expected);
  return [actual.address, shown(actual)].some((text) => text.toLowerCase() === expected.toLowerCase());
}

function plainAddressFits(actual: string, expected: TextExpectation): boolean {
  return types.isRegExp(expected) ? textFits(actual, expected) : actual.toLowerCase() === expected.toLowerCase();
}

function shown({ name, address }: InboxAddress): string {
  return name === "" ? address : `${name} <${address}>`;
}

function listed(value: string | undefined): readonly string[] {
  return value === undefined ? [] : [value];
}

function plainEnd(text: string): string {
  return text.replaceAll("\r\n", "\n").trimEnd();
}

// A pattern with g or y remembers where it stopped, which is no part of the question here.
function stateless(pattern: RegExp): RegExp {
  return pattern.global || pattern.sticky ? new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, "")) : pattern;
}
