/**
 * `dkim: { domainName, keySelector, privateKey }` as signers of postrider's.
 *
 * Layer: nodemailer. RFC 6376 §5.4 (which fields to sign).
 */
import { PassThrough, type Readable } from "node:stream";
import { DkimSigner, type DkimSignerOptions } from "postrider";
import { mailError, toNodemailerError } from "./errors.js";
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

export declare namespace DKIM {
  export type Options = DkimOptions;
  export type OptionalOptions = Omit<DkimOptions, "keys" | "domainName" | "keySelector" | "privateKey">;
  export type SingleKeyOptions = Omit<DkimOptions, "keys">;
}

/** Signs a whole message that the program has composed by itself. */
export class DKIM {
  options: DkimOptions;
  keys: DkimKey[];

  constructor(options: DkimOptions) {
    this.options = options;
    this.keys = [options.keys ?? (options as DkimKey)].flat();
  }

  /** The message with its signatures in front. Errors, such as a key that cannot sign, are those of the stream. */
  sign(input: Readable | Buffer | string, extraOptions: Partial<DkimOptions> = {}): PassThrough {
    const signed = new PassThrough();
    this.#sign(input, extraOptions).then(
      (pieces) => {
        for (const piece of pieces) signed.write(piece);
        signed.end();
      },
      (error: unknown) => signed.destroy(toNodemailerError(error)),
    );
    return signed;
  }

  async #sign(input: Readable | Buffer | string, extra: Partial<DkimOptions>): Promise<(string | Uint8Array)[]> {
    const signers = dkimSigners({ ...this.options, keys: this.keys, ...extra } as DkimOptions);
    // The hash of the body stands in front of it.
    const pieces: Buffer[] = [];
    if (typeof input === "string" || ArrayBuffer.isView(input)) pieces.push(Buffer.from(input as string));
    else for await (const piece of input) pieces.push(Buffer.from(piece as Uint8Array));
    const message = Buffer.from(
      Buffer.concat(pieces)
        .toString("latin1")
        .replace(/\r\n|\r|\n/g, "\r\n"),
      "latin1",
    );
    const fields: string[] = [];
    for (const signer of signers) fields.push(`${await signer.sign(message)}\r\n`);
    return [...fields, message];
  }
}
