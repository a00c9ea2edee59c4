/**
 * Which fields a signature covers: the h= tag, and the fields that it picks.
 *
 * Layer: dkim. RFC 6376 §5.4 (what to sign), §5.4.2 (several fields of one name), §8.15 (adding fields to a signed message).
 */
import { MessageError, OptionError } from "../errors.js";
import type { HeaderField } from "./header-block.js";

/**
 * How a name is signed: each field of the name there is; `"if-present"`: and one more when there is one, so that no second can be
 * added; `"always"`: and one more in any case, so that none can be added at all.
 */
export type Oversign = "never" | "if-present" | "always";

export interface SignedName {
  /** In lower case. */
  readonly name: string;
  readonly oversign: Oversign;
}

/**
 * What a reader is shown, and what decides how it is shown, cannot be added later. Servers on the way may add a Date or a
 * Message-ID that is missing, and lists add fields of their own: those are only kept from being doubled, or not even that.
 */
const DEFAULT_NAMES: Readonly<Record<Oversign, readonly string[]>> = {
  always: ["from", "to", "cc", "reply-to", "subject", "content-type", "content-transfer-encoding"],
  "if-present": ["date", "message-id", "mime-version", "sender", "in-reply-to", "references", "content-disposition"],
  never: [
    "resent-date",
    "resent-from",
    "resent-sender",
    "resent-to",
    "resent-cc",
    "resent-message-id",
    "list-id",
    "list-help",
    "list-unsubscribe",
    "list-unsubscribe-post",
    "list-subscribe",
    "list-post",
    "list-owner",
    "list-archive",
    "auto-submitted",
    "feedback-id",
    "autocrypt",
  ],
};

export const DEFAULT_SIGNED_NAMES: readonly SignedName[] = (["always", "if-present", "never"] as const).flatMap(
  (oversign) => DEFAULT_NAMES[oversign].map((name) => ({ name, oversign })),
);

// A field name without the semicolon, which would end the tag (RFC 6376 §3.5); no line of the field may grow past 998.
const NAME = /^[\x21-\x39\x3c-\x7e]{1,200}$/;

/** Fields that a signature would not outlive, or never see. */
const UNSIGNABLE: Readonly<Record<string, string>> = {
  "return-path": "is replaced on delivery",
  received: "is added on the way",
  bcc: "never leaves",
  "resent-bcc": "never leaves",
  "dkim-signature": "is what is being made",
};

/**
 * Names of the caller's. A name that is given twice is oversigned; From always is.
 *
 * @throws OptionError
 */
export function readSignedNames(names: unknown, option: string): readonly SignedName[] {
  if (!Array.isArray(names)) throw new OptionError(option, "must be an array of names of header fields");
  const counts = new Map<string, number>();
  for (const [index, given] of names.entries()) {
    const name = readName(given, `${option}[${index}]`);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  if (!counts.has("from")) throw new OptionError(option, "must hold From (RFC 6376 §5.4)");
  return Array.from(counts, ([name, count]) => {
    return { name, oversign: count > 1 || name === "from" ? "always" : "never" } as const;
  });
}

function readName(given: unknown, option: string): string {
  if (typeof given !== "string" || !NAME.test(given)) {
    throw new OptionError(option, "must be the name of a header field, without colon and semicolon");
  }
  const name = given.toLowerCase();
  const reason = Object.hasOwn(UNSIGNABLE, name) ? UNSIGNABLE[name] : undefined;
  if (reason !== undefined) throw new OptionError(option, `${given} cannot be signed: it ${reason}`);
  return name;
}

export interface SignedFields {
  /** The h= tag, in order. */
  readonly names: readonly string[];
  /** The fields that the names pick, in the same order; a name that picks none has no entry. */
  readonly fields: readonly HeaderField[];
}

/**
 * Fields of one name are picked from the last to the first (RFC 6376 §5.4.2).
 *
 * @throws MessageError without a From field
 */
export function pickSignedFields(header: readonly HeaderField[], signedNames: readonly SignedName[]): SignedFields {
  const byName = new Map<string, HeaderField[]>();
  for (const field of header) {
    const same = byName.get(field.name);
    if (same === undefined) byName.set(field.name, [field]);
    else same.push(field);
  }
  if (!byName.has("from")) throw new MessageError("message", "has no From field, which DKIM must sign (RFC 6376 §5.4)");
  const names: string[] = [];
  const fields: HeaderField[] = [];
  for (const { name, oversign } of signedNames) {
    const found = byName.get(name) ?? [];
    for (const field of found.toReversed()) {
      names.push(name);
      fields.push(field);
    }
    if (oversign === "always" || (oversign === "if-present" && found.length > 0)) names.push(name);
  }
  return { names, fields };
}
