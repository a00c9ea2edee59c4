/**
 * The options of a DKIM signer: types, rules and defaults.
 *
 * Layer: dkim. RFC 6376 §3.1 (selectors), §3.5 (tags).
 */
import { domainToAscii } from "../address/domain.js";
import { MessageError, OptionError } from "../errors/errors.js";
import { dateTime } from "../given/values.js";
import { nearestName } from "../text/characters.js";
import { CANONICALIZATION_PAIRS, type CanonicalizationPair, type HeaderField } from "./canonicalization.js";
import { type DkimAlgorithm, type DkimKey, type PrivateKey, readPrivateKey } from "./keys.js";

/** Who signs, with which key, and what is signed. */
export interface DkimSignerOptions {
  /** The domain that signs: the d= tag, without `_domainkey`. For DMARC it is the domain of From, or one above it. */
  readonly domain: string;
  /** The selector (RFC 6376 §3.1), the s= tag: the name before `._domainkey` in `<selector>._domainkey.<domain>`. */
  readonly selector: string;
  /** RSA (PKCS #8 or PKCS #1) or Ed25519 (PKCS #8, or the bare 32 bytes): PEM, base64, bytes or a CryptoKey. */
  readonly privateKey: DkimKey;
  /** Default: the algorithm of the key; a different one is an OptionError. */
  readonly algorithm?: DkimAlgorithm | undefined;
  /** The canonical forms of header and body (RFC 6376 §3.4); default `"relaxed/relaxed"`, which survives most changes of white space. */
  readonly canonicalization?: CanonicalizationPair | undefined;
  /**
   * Names of the fields to sign, in place of the default list. Each stands for all fields of its name; a name given twice is
   * oversigned: no further field of it can be added. From is required, and always oversigned.
   */
  readonly headers?: readonly string[] | undefined;
  /** Names left out of the default list, which is `DkimSigner.defaultHeaders`; not From, and not together with `headers`. */
  readonly skipHeaders?: readonly string[] | undefined;
  /** The x= tag: a lifetime in seconds, at least 1, or a date after which the signature is void; default: no expiry. */
  readonly expires?: number | Date | undefined;
  /** The clock of the t= tag, in milliseconds since 1970; default `Date.now`. */
  readonly now?: (() => number) | undefined;
}

export interface ResolvedSignerOptions {
  readonly domain: string;
  readonly selector: string;
  readonly key: PrivateKey;
  readonly canonicalization: CanonicalizationPair;
  readonly names: readonly SignedName[];
  readonly expires: number | Date | undefined;
  readonly now: () => number;
}

const OPTION_NAMES: readonly (keyof DkimSignerOptions)[] = [
  "domain",
  "selector",
  "privateKey",
  "algorithm",
  "canonicalization",
  "headers",
  "skipHeaders",
  "expires",
  "now",
];

/** Names of options in other libraries, for the hint of an error. */
const FOREIGN_NAMES: Readonly<Record<string, string>> = {
  domainName: "domain",
  keySelector: "selector",
  headerFieldNames: "headers",
  skipFields: "skipHeaders",
  hashAlgo: "algorithm",
};

const MAX_DOMAIN_LENGTH = 253;

/** @throws OptionError that names the option and the rule */
export function readSignerOptions(given: DkimSignerOptions): ResolvedSignerOptions {
  checkNames(given);
  const { algorithm, canonicalization, headers, skipHeaders, now = Date.now } = given;
  const domain = readDomain(given.domain, "domain");
  const selector = readDomain(given.selector, "selector");
  // RFC 6376 §3.5: a domain-name has two labels or more.
  if (!domain.includes(".")) throw new OptionError("domain", "must have a dot: the public key is in public DNS");
  if (`${selector}._domainkey.${domain}`.length > MAX_DOMAIN_LENGTH) {
    throw new OptionError("selector", `makes a DNS name of more than ${MAX_DOMAIN_LENGTH} characters`);
  }
  const key = readPrivateKey(given.privateKey, "privateKey");
  if (algorithm !== undefined && algorithm !== key.algorithm) {
    throw new OptionError("algorithm", `must be "${key.algorithm}" with this key`);
  }
  if (canonicalization !== undefined && !CANONICALIZATION_PAIRS.includes(canonicalization)) {
    throw new OptionError(
      "canonicalization",
      `must be ${CANONICALIZATION_PAIRS.map((one) => `"${one}"`).join(" or ")}`,
    );
  }
  if (typeof now !== "function") throw new OptionError("now", "must be a function");
  if (headers !== undefined && skipHeaders !== undefined) {
    throw new OptionError("skipHeaders", "must not be given together with headers: it makes the default list shorter");
  }
  return {
    domain,
    selector,
    key,
    canonicalization: canonicalization ?? "relaxed/relaxed",
    names: headers === undefined ? withoutSkipped(skipHeaders, "skipHeaders") : readSignedNames(headers, "headers"),
    expires: readExpires(given.expires),
    now,
  };
}

function checkNames(given: unknown): void {
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw new OptionError("options", "must be an object with domain, selector and privateKey");
  }
  for (const [name, value] of Object.entries(given)) {
    if (value === null) throw new OptionError(name, "must not be null; leave it out");
    if ((OPTION_NAMES as readonly string[]).includes(name)) continue;
    const near = Object.hasOwn(FOREIGN_NAMES, name) ? FOREIGN_NAMES[name] : nearestName(name, OPTION_NAMES);
    throw new OptionError(name, `there is no such option${near === undefined ? "" : `; did you mean ${near}?`}`);
  }
}

function readDomain(given: unknown, option: string): string {
  if (given === undefined) throw new OptionError(option, "must be given");
  const ascii = typeof given === "string" ? domainToAscii(given) : undefined;
  if (ascii === undefined)
    throw new OptionError(option, "must be letters, digits and hyphens, with dots between labels");
  checkLabels(ascii, option);
  return ascii;
}

/** RFC 6376 §3.1: labels of host names. QUIRK: an underscore inside a label is in use; at its start it is DNS's own mark. */
function checkLabels(name: string, option: string): void {
  const marked = name.split(".").find((label) => label.startsWith("_"));
  if (marked === undefined) return;
  const rule =
    marked.toLowerCase() === "_domainkey"
      ? "must be given without _domainkey, which the name of the record has between selector and domain (RFC 6376 §3.6.2.1)"
      : "must not have a label that begins with an underscore (RFC 6376 §3.1)";
  throw new OptionError(option, rule);
}

function readExpires(given: unknown): number | Date | undefined {
  if (given === undefined) return undefined;
  const time = dateTime(given);
  if (time !== undefined && !Number.isNaN(time)) return new Date(time);
  if (typeof given === "number" && Number.isSafeInteger(given) && given > 0) return given;
  throw new OptionError("expires", "must be a whole number of seconds above 0, or a valid Date");
}

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
 * Fields that readers show, or that decide how the message is shown, are always oversigned. Servers on the way may add a missing Date
 * or Message-ID: these are oversigned if present. Mailing lists add List- fields: these are signed if present.
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

const DEFAULT_SIGNED_NAMES: readonly SignedName[] = (["always", "if-present", "never"] as const).flatMap((oversign) =>
  DEFAULT_NAMES[oversign].map((name) => ({ name, oversign })),
);

/** Their names, in lower case. */
export const DEFAULT_SIGNED_HEADERS: readonly string[] = Object.freeze(DEFAULT_SIGNED_NAMES.map(({ name }) => name));

/** The default list, shortened. @throws OptionError for From, and for a name that is not in it */
function withoutSkipped(skipped: unknown, option: string): readonly SignedName[] {
  if (skipped === undefined) return DEFAULT_SIGNED_NAMES;
  if (!Array.isArray(skipped)) throw new OptionError(option, NAMES_RULE);
  const names = new Set<string>();
  for (const [index, given] of skipped.entries()) {
    const name = readName(given, `${option}[${index}]`);
    if (name === "from") throw new OptionError(`${option}[${index}]`, "must not be From (RFC 6376 §5.4)");
    if (!DEFAULT_SIGNED_HEADERS.includes(name)) {
      const near = nearestName(name, DEFAULT_SIGNED_HEADERS);
      const hint = near === undefined ? "" : `; did you mean ${near}?`;
      throw new OptionError(`${option}[${index}]`, `must be in the default list, DkimSigner.defaultHeaders${hint}`);
    }
    names.add(name);
  }
  return DEFAULT_SIGNED_NAMES.filter(({ name }) => !names.has(name));
}

// A field name without the semicolon, which would end the tag (RFC 6376 §3.5); no line of the field may grow past 998.
const NAME = /^[\x21-\x39\x3c-\x7e]{1,200}$/;

const NAMES_RULE = "must be an array of names of header fields";

/** Fields that servers change or add on the way: a signature over them would break. */
const UNSIGNABLE: Readonly<Record<string, string>> = {
  "return-path": "is replaced on delivery",
  received: "is added in transit",
  bcc: "is never sent",
  "resent-bcc": "is never sent",
  "dkim-signature": "is the signature itself",
};

/**
 * Reads the option `headers`. A name given twice is oversigned; From always is.
 *
 * @throws OptionError
 */
export function readSignedNames(names: unknown, option: string): readonly SignedName[] {
  if (!Array.isArray(names)) throw new OptionError(option, NAMES_RULE);
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
