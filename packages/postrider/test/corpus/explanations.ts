/**
 * Where a reader finds something else, and why that is the reader's doing: by field, with exactly what it does. A difference that
 * none of these explains is a fault of ours.
 */
import { Buffer } from "node:buffer";
import type { ExpectedAttachment } from "./attachments.js";
import type { Expected } from "./corpus.js";
import type { Person } from "./people.js";
import type { Found, FoundAttachment, ReaderName } from "./readers.js";

export interface Explanation {
  readonly reader: ReaderName;
  readonly reason: string;
  /** What the reader tells, as it would be without its defect; everything else stays as it was found. */
  mend(found: Found, expected: Expected): Found;
  /** Newer versions of the reader do better. */
  readonly mayBeMended?: true;
}

export const EXPLANATIONS: readonly Explanation[] = [
  {
    reader: "postal-mime",
    reason: "ends the last line of a text that is not base64, though that line end is the boundary's (RFC 2046 §5.1.1)",
    mend: (found, expected) => ({
      ...found,
      text: found.text === `${expected.text}\n` ? expected.text : found.text,
      html: found.html === `${expected.html}\n` ? expected.html : found.html,
    }),
  },
  {
    reader: "postal-mime",
    reason: "gives what is not base64 with LF in place of CRLF, and ends its last line",
    mend: (found, expected) =>
      eachAttachment(found, expected, (one, wanted) => ({ ...one, bytes: asWanted(one, wanted) })),
  },
  {
    reader: "postal-mime",
    reason: "decodes what looks like an encoded word in a file name that came percent-encoded (RFC 2231)",
    mend: (found, expected) =>
      eachAttachment(found, expected, (one, { filename }) =>
        filename === "=?utf-8?q?no?=.txt" && one.filename === "no.txt" ? { ...one, filename } : one,
      ),
  },
  {
    reader: "Python's email",
    reason: "keeps the white space between encoded words in a name, which counts for nothing (RFC 2047 §6.2)",
    mayBeMended: true,
    mend: (found, expected) => ({
      ...found,
      from: eachName(found.from, expected.from),
      to: eachName(found.to, expected.to),
      cc: eachName(found.cc, expected.cc),
    }),
  },
  {
    reader: "Python's email",
    reason: "leaves UTF-8 in a header as bytes (RFC 6532), each a lone surrogate",
    mayBeMended: true,
    mend: (found) => ({
      ...found,
      subject: found.subject === undefined ? undefined : fromSurrogates(found.subject),
      to: found.to?.map(({ name, address }) => ({ name, address: fromSurrogates(address) })),
    }),
  },
  {
    reader: "Python's email",
    reason: "trims the white space around a file name that came percent-encoded (RFC 2231)",
    mayBeMended: true,
    mend: (found, expected) =>
      eachAttachment(found, expected, (one, { filename }) =>
        one.filename === filename?.trim() ? { ...one, filename } : one,
      ),
  },
];

function eachAttachment(
  found: Found,
  expected: Expected,
  mend: (one: FoundAttachment, wanted: ExpectedAttachment) => FoundAttachment,
): Found {
  const attachments = found.attachments?.map((one, index) => {
    const wanted = expected.attachments[index];
    return wanted === undefined ? one : mend(one, wanted);
  });
  return { ...found, attachments };
}

function asWanted({ bytes }: FoundAttachment, wanted: ExpectedAttachment): Uint8Array {
  const mangled = Buffer.from(`${Buffer.from(wanted.bytes).toString("latin1").replaceAll("\r\n", "\n")}\n`, "latin1");
  return mangled.equals(bytes) ? wanted.bytes : bytes;
}

/** Python's "surrogateescape": U+DC80 to U+DCFF are the bytes that were no ASCII. */
function fromSurrogates(text: string): string {
  return text.replace(/[\udc80-\udcff]+/g, (escaped) =>
    Buffer.from(Array.from(escaped, (unit) => unit.charCodeAt(0) & 0xff)).toString("utf8"),
  );
}

/** Only what differs by spaces alone. */
function eachName(found: readonly Person[] | undefined, expected: readonly Person[]): readonly Person[] | undefined {
  return found?.map((one, index) => {
    const name = expected[index]?.name;
    return name !== undefined && name.replaceAll(" ", "") === one.name.replaceAll(" ", "") ? { ...one, name } : one;
  });
}
