/**
 * `dkim: { domainName, keySelector, privateKey }` as signers of postrider's.
 *
 * Layer: nodemailer. RFC 6376 §5.4.1 (which fields to sign).
 */
import { DkimSigner } from "postrider";
import { mailError } from "./errors.js";
import type { DkimKey, DkimOptions } from "./types.js";

/** RFC 6376 §5.4.1, and what later RFCs say of their fields; used only where `skipFields` makes the default list shorter. */
const SIGNED_FIELDS =
  "from sender reply-to subject date message-id to cc mime-version content-type content-transfer-encoding content-id " +
  "content-description resent-date resent-from resent-sender resent-to resent-cc resent-message-id in-reply-to references list-id " +
  "list-help list-unsubscribe list-unsubscribe-post list-subscribe list-post list-owner list-archive";

/**
 * One signer for each key.
 *
 * @throws OptionError of postrider, when a key is none: an unsigned message is never sent in place of a signed one
 */
export function dkimSigners(options: DkimOptions | undefined | null | false): DkimSigner[] {
  if (options === undefined || options === null || options === false) return [];
  const { keys, hashAlgo, headerFieldNames, skipFields } = options;
  if (hashAlgo !== undefined && hashAlgo !== null && !/^sha-?256$/i.test(hashAlgo)) {
    throw mailError("ECONFIG", `dkim.hashAlgo: must be sha256 (RFC 8301 §3.1), not ${String(hashAlgo).slice(0, 40)}`);
  }
  const headers = namesOf(headerFieldNames, skipFields);
  return (keys ?? [options as DkimKey]).map(
    ({ domainName, keySelector, privateKey }) =>
      new DkimSigner({ domain: domainName, selector: keySelector, privateKey: opened(privateKey), headers }),
  );
}

function namesOf(names: string | undefined, skipped: string | undefined): string[] | undefined {
  if (!names && !skipped) return undefined;
  const without = new Set(words(skipped ?? ""));
  const wanted = words(names || SIGNED_FIELDS).filter((name) => !without.has(name));
  return wanted.includes("from") ? wanted : ["from", ...wanted];
}

function words(text: string): string[] {
  return text
    .toLowerCase()
    .split(/[\s:,]+/)
    .filter((word) => word !== "");
}

function opened(key: DkimKey["privateKey"]): string | Uint8Array {
  if (typeof key !== "object" || ArrayBuffer.isView(key)) return key;
  const { createPrivateKey } = process.getBuiltinModule("node:crypto");
  return createPrivateKey({ key: key.key, passphrase: key.passphrase })
    .export({ type: "pkcs8", format: "pem" })
    .toString();
}
