/**
 * `dkim: { domainName, keySelector, privateKey }` as signers of postrider's.
 *
 * Layer: nodemailer. RFC 6376 §5.4 (which fields to sign).
 */
import { DkimSigner, type DkimSignerOptions } from "postrider";
import { mailError } from "./errors.js";
import type { DkimKey, DkimOptions } from "./types.js";

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
  const wanted = namesOf(headerFieldNames, skipFields);
  return (keys ?? [options as DkimKey]).map(
    ({ domainName, keySelector, privateKey }) =>
      new DkimSigner({ domain: domainName, selector: keySelector, privateKey: opened(privateKey), ...wanted }),
  );
}

/** The program's own list, or the default one without what is to be skipped. From is signed in any case. */
function namesOf(
  names: string | undefined,
  skipped: string | undefined,
): Pick<DkimSignerOptions, "headers" | "skipHeaders"> {
  const without = words(skipped ?? "").filter((name) => name !== "from");
  if (names) return { headers: ["from", ...words(names).filter((name) => name !== "from" && !without.includes(name))] };
  return { skipHeaders: without.filter((name) => DkimSigner.defaultHeaders.includes(name)) };
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
