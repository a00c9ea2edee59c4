/**
 * Signs messages for a domain.
 *
 * Layer: dkim. RFC 6376 (DKIM), RFC 8463 (Ed25519), RFC 8301 (which algorithms and key sizes).
 */
import { Buffer } from "node:buffer";
import { MessageError, OptionError } from "../errors.js";
import { isAsyncIterable, isByteStream, isBytes, isObject } from "../given.js";
import { HeldStream, ownBytes } from "../producer.js";
import { canonicalField } from "./canonical-header.js";
import {
  bodyCanonicalization,
  type Canonicalization,
  type CanonicalizationPair,
  headerCanonicalization,
} from "./canonicalization.js";
import { type DkimSignerOptions, type ResolvedSignerOptions, readSignerOptions } from "./dkim-signer-options.js";
import type { CreateHasher } from "./hasher.js";
import type { DkimAlgorithm } from "./key-material.js";
import { LineEndChecker } from "./line-end-checker.js";
import { type MessageDigest, MessageReader } from "./message-reader.js";
import { Sha256 } from "./sha256.js";
import { unsignedField, withSignature } from "./signature-field.js";
import { pickSignedFields } from "./signed-names.js";
import { type SubtleKey, signBytes } from "./signing-key.js";

/** For a message that is signed by hand. */
export interface SignOptions {
  /** Makes a SHA-256 to use in place of the built-in one, which takes about 120 MB/s: `() => createHash("sha256")`. */
  readonly createHasher?: CreateHasher | undefined;
}

/**
 * Signs messages with the key of one domain; serves any number of messages, also at the same time.
 *
 * @example
 * const dkim = new DkimSigner({ domain: "example.org", selector: "mail", privateKey: process.env.DKIM_KEY ?? "" });
 * await send({ from: "ann@example.org", to: "bob@example.com", subject: "Hi", text: "Signed." }, { hostname: "127.0.0.1", dkim });
 */
export class DkimSigner {
  /** The d= tag, in ASCII. */
  readonly domain: string;
  /** The s= tag, in ASCII. */
  readonly selector: string;
  readonly algorithm: DkimAlgorithm;
  readonly canonicalization: CanonicalizationPair;
  // SECURITY: private fields are not shown by inspect and JSON, and the key is among them.
  readonly #options: ResolvedSignerOptions;
  #key: Promise<SubtleKey> | undefined;

  /** @throws OptionError (`"option"`) that names the option; whether the numbers of the key are sound shows in `ready()`. */
  constructor(options: DkimSignerOptions) {
    this.#options = readSignerOptions(options);
    this.domain = this.#options.domain;
    this.selector = this.#options.selector;
    this.algorithm = this.#options.key.algorithm;
    this.canonicalization = this.#options.canonicalization;
  }

  /**
   * Resolves when the key is known to sign; called by itself before the first signature.
   *
   * @throws OptionError (`"option"`) when the key is damaged
   */
  async ready(): Promise<void> {
    await this.#openKey();
  }

  /**
   * The DKIM-Signature field for a message, folded, without the line end after it; it belongs in front of the message.
   *
   * The message is what goes on the wire: after transfer encoding, with only CRLF line ends, before dots are doubled. A stream is
   * read to its end, in flat memory.
   *
   * @throws MessageError (`"message"`) when it is no such message, or has no From
   * @throws OptionError (`"option"`) when the key is damaged, or `expires` has passed
   */
  async sign(message: Uint8Array | AsyncIterable<Uint8Array>, options: SignOptions = {}): Promise<string> {
    const reader = new MessageReader([this.bodyForm], options.createHasher ?? (() => new Sha256()));
    const checker = new LineEndChecker();
    for await (const chunk of chunksOf(message)) {
      checker.push(chunk);
      reader.push(chunk);
    }
    checker.finish();
    return this.signDigest(reader.finish());
  }

  /** @internal The canonical form of the body that `signDigest` needs a hash of. */
  get bodyForm(): Canonicalization {
    return bodyCanonicalization(this.canonicalization);
  }

  /** @internal */
  async signDigest(digest: MessageDigest): Promise<string> {
    const { names, fields } = pickSignedFields(digest.fields, this.#options.names);
    const timestamp = Math.floor(this.#options.now() / 1000);
    const unsigned = unsignedField({
      algorithm: this.algorithm,
      canonicalization: this.canonicalization,
      domain: this.domain,
      selector: this.selector,
      timestamp,
      expiration: this.#expiration(timestamp),
      names,
      bodyHash: Buffer.from(digest.bodyHashes.get(this.bodyForm) ?? []).toString("base64"),
    });
    const form = headerCanonicalization(this.canonicalization);
    const own = canonicalField({ name: "dkim-signature", raw: unsigned }, form);
    const signed = [...fields.map((field) => canonicalField(field, form)), own].join("\r\n");
    const signature = await signBytes(await this.#openKey(), this.algorithm, Buffer.from(signed, "latin1"));
    return withSignature(unsigned, signature);
  }

  #openKey(): Promise<SubtleKey> {
    this.#key ??= this.#options.key.open();
    return this.#key;
  }

  #expiration(timestamp: number): number | undefined {
    const { expires } = this.#options;
    if (expires === undefined) return undefined;
    const expiration = typeof expires === "number" ? timestamp + expires : Math.floor(expires.getTime() / 1000);
    if (expiration > timestamp) return expiration;
    throw new OptionError("expires", "has passed: the signature would be void");
  }
}

/** One signer or several, as an option. @throws OptionError */
export function dkimSigners(value: unknown, option: string): readonly DkimSigner[] {
  const given: readonly unknown[] = Array.isArray(value) ? value : [value];
  return Object.freeze(
    given.map((one, index) => {
      if (isSigner(one)) return one;
      throw new OptionError(
        Array.isArray(value) ? `${option}[${index}]` : option,
        "must be a DkimSigner: new DkimSigner({ domain, selector, privateKey })",
      );
    }),
  );
}

/** By what it can do, so that the signer of another copy of the package is one too. */
function isSigner(value: unknown): value is DkimSigner {
  if (!isObject(value)) return false;
  const { signDigest, ready, bodyForm } = value as Partial<DkimSigner>;
  return typeof signDigest === "function" && typeof ready === "function" && typeof bodyForm === "string";
}

function chunksOf(message: unknown): Iterable<Uint8Array> | AsyncIterable<Uint8Array> {
  if (isBytes(message)) return [ownBytes(message, "message")];
  if (isByteStream(message) || isAsyncIterable(message)) {
    return new HeldStream(message, { field: "message", takesText: false }).open();
  }
  throw new MessageError("message", "must be bytes, or a stream of bytes");
}
