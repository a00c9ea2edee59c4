/**
 * The options of a signer, and the rule for each.
 *
 * Layer: dkim. RFC 6376 §3.1 (selectors), §3.5 (tags).
 */

import { domainToAscii } from "../address/domain.js";
import { OptionError } from "../errors.js";
import { dateTime } from "../given.js";
import { nearestName } from "../text/nearest-name.js";
import { CANONICALIZATION_PAIRS, type CanonicalizationPair } from "./canonicalization.js";
import type { DkimAlgorithm } from "./key-material.js";
import { DEFAULT_SIGNED_NAMES, readSignedNames, type SignedName } from "./signed-names.js";
import { type PrivateKey, readPrivateKey, type WebCryptoKey } from "./signing-key.js";

export interface DkimSignerOptions {
  /** The domain that signs: the d= tag, without `_domainkey`. For DMARC it is the domain of From, or one above it. */
  readonly domain: string;
  /** Where under the domain the public key is: what stands before `._domainkey` in `<selector>._domainkey.<domain>`. */
  readonly selector: string;
  /** RSA (PKCS #8 or PKCS #1) or Ed25519 (PKCS #8, or the bare 32 bytes): PEM, base64, bytes or a CryptoKey. */
  readonly privateKey: string | Uint8Array | WebCryptoKey;
  /** Default: what the key is for. Another is an error. */
  readonly algorithm?: DkimAlgorithm | undefined;
  /** Of header and body; default `"relaxed/relaxed"`, which survives most changes of white space. */
  readonly canonicalization?: CanonicalizationPair | undefined;
  /**
   * Names of the fields to sign, in place of the default list. Each stands for all fields of its name; a name given twice is
   * oversigned: no further field of it can be added. From is required, and always oversigned.
   */
  readonly headers?: readonly string[] | undefined;
  /** Seconds from signing, or a moment, after which the signature is void; default never. */
  readonly expires?: number | Date | undefined;
  /** Milliseconds since 1970; default `Date.now`. */
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
  "expires",
  "now",
];

/** What another library calls them. */
const FOREIGN_NAMES: Readonly<Record<string, string>> = {
  domainName: "domain",
  keySelector: "selector",
  headerFieldNames: "headers",
  hashAlgo: "algorithm",
};

const MAX_DOMAIN_LENGTH = 253;

/** @throws OptionError that names the option and the rule */
export function readSignerOptions(given: DkimSignerOptions): ResolvedSignerOptions {
  checkNames(given);
  const { algorithm, canonicalization, headers, now = Date.now } = given;
  const domain = readDomain(given.domain, "domain");
  const selector = readDomain(given.selector, "selector");
  // RFC 6376 §3.5: a domain-name has two labels or more.
  if (!domain.includes(".")) throw new OptionError("domain", "must have a dot; the public key stands in public DNS");
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
  return {
    domain,
    selector,
    key,
    canonicalization: canonicalization ?? "relaxed/relaxed",
    names: headers === undefined ? DEFAULT_SIGNED_NAMES : readSignedNames(headers, "headers"),
    expires: readExpires(given.expires),
    now,
  };
}

function checkNames(given: unknown): void {
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw new OptionError("options", "must be an object with domain, selector and privateKey");
  }
  for (const [name, value] of Object.entries(given)) {
    if (value === null) throw new OptionError(name, "must not be null; leave it out instead");
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
