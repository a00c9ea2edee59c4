/**
 * Signs messages for a domain.
 *
 * Layer: dkim. RFC 6376 (DKIM), RFC 8463 (Ed25519), RFC 8301 (which algorithms and key sizes).
 */
import { Buffer } from "node:buffer";
import { MessageError, OptionError } from "../errors/errors.js";
import { HeldStream, ownBytes } from "../given/producer.js";
import { describe, isAsyncIterable, isByteStream, isBytes, isObject, ownEntries } from "../given/values.js";
import {
  bodyCanonicalization,
  type Canonicalization,
  type CanonicalizationPair,
  canonicalField,
  headerCanonicalization,
} from "./canonicalization.js";
import {
  DEFAULT_SIGNED_HEADERS,
  type DkimSignerOptions,
  pickSignedFields,
  type ResolvedSignerOptions,
  readSignerOptions,
} from "./dkim-signer-options.js";
import { type DkimAlgorithm, type SubtleKey, signBytes } from "./keys.js";
import { type MessageDigest, MessageReader } from "./message-reader.js";

/**
 * Signs messages with the key of one domain (RFC 6376). One signer serves any number of messages, also in parallel.
 *
 * @example
 * const dkim = new DkimSigner({ domain: "example.org", selector: "mail", privateKey: process.env.DKIM_KEY ?? "" });
 * await send({ from: "ann@example.org", to: "bob@example.com", subject: "Hi", text: "Signed." }, { hostname: "127.0.0.1", dkim });
 */
export class DkimSigner {
  /** Names of the fields that are signed by default, in lower case. The option `skipHeaders` makes the list shorter, `headers` replaces it. */
  static readonly defaultHeaders: readonly string[] = DEFAULT_SIGNED_HEADERS;
  /** The d= tag, in ASCII. */
  readonly domain: string;
  /** The s= tag, in ASCII. */
  readonly selector: string;
  /** The a= tag: the algorithm of the key. */
  readonly algorithm: DkimAlgorithm;
  /** The c= tag: the canonical forms of header and body. */
  readonly canonicalization: CanonicalizationPair;
  // SECURITY: private fields are not shown by inspect and JSON, and the key is among them.
  readonly #options: ResolvedSignerOptions;
  #key: Promise<SubtleKey> | undefined;

  /** Checks the options; `ready()` tests the key. @throws OptionError (`"option"`) that names the option. */
  constructor(options: DkimSignerOptions) {
    this.#options = readSignerOptions(options);
    this.domain = this.#options.domain;
    this.selector = this.#options.selector;
    this.algorithm = this.#options.key.algorithm;
    this.canonicalization = this.#options.canonicalization;
  }

  /**
   * Tests the key; done automatically before the first signature.
   *
   * @throws OptionError (`"option"`) when the key is damaged
   */
  async ready(): Promise<void> {
    await this.#openKey();
  }

  /**
   * The DKIM-Signature field for a message, folded, without the line end after it; it belongs in front of the message.
   *
   * The message must be in its form for the wire: after transfer encoding, with CRLF line ends only, before dot-stuffing. A stream is
   * read to its end, in constant memory.
   *
   * @throws MessageError (`"message"`) when a line end is not CRLF, the header is invalid, or there is no From
   * @throws OptionError (`"option"`) when the key is damaged, or `expires` has passed
   */
  async sign(message: Uint8Array | AsyncIterable<Uint8Array>): Promise<string> {
    const reader = new MessageReader([this.bodyForm]);
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
    throw new OptionError("expires", "has passed, so the signature would be invalid");
  }
}

/** One signer or several, as an option. @throws OptionError */
export function dkimSigners(value: unknown, option: string): readonly DkimSigner[] {
  const given: readonly unknown[] = Array.isArray(value) ? ownEntries(value) : [value];
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

/** Recognised by its members, so that the signer of another copy of the package is accepted. */
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
  throw new MessageError("message", `must be bytes or a stream of bytes, not ${describe(message)}`);
}

const LF = 0x0a;
const CR = 0x0d;

class LineEndChecker {
  #previous = 0;

  /** @throws MessageError */
  push(chunk: Uint8Array): void {
    let previous = this.#previous;
    for (let index = 0; index < chunk.length; index++) {
      const byte = chunk[index] as number;
      if ((byte === LF) !== (previous === CR)) throw fault();
      previous = byte;
    }
    this.#previous = previous;
  }

  /** @throws MessageError */
  finish(): void {
    if (this.#previous === CR) throw fault();
  }
}

function fault(): MessageError {
  return new MessageError("message", "only CRLF may end a line of a message to be signed");
}

export interface SignatureTags {
  readonly algorithm: DkimAlgorithm;
  readonly canonicalization: CanonicalizationPair;
  readonly domain: string;
  readonly selector: string;
  /** Seconds since 1970. */
  readonly timestamp: number;
  /** Seconds since 1970. */
  readonly expiration: number | undefined;
  /** The h= tag. */
  readonly names: readonly string[];
  readonly bodyHash: string;
}

/** RFC 5322 §2.1.1. */
const LINE_LENGTH = 78;
const FOLD = "\r\n ";
const SIGNATURE_TAG = " b=";

/** The field up to `b=`, which is what is signed of it. */
function unsignedField(tags: SignatureTags): string {
  const expiration = tags.expiration === undefined ? [] : [` x=${tags.expiration};`];
  const last = tags.names.length - 1;
  return `${fold([
    "DKIM-Signature:",
    " v=1;",
    ` a=${tags.algorithm};`,
    ` c=${tags.canonicalization};`,
    ` d=${tags.domain};`,
    ` s=${tags.selector};`,
    ` t=${tags.timestamp};`,
    ...expiration,
    ...tags.names.map((name, index) => `${index === 0 ? " h=" : ""}${name}${index === last ? ";" : ":"}`),
    ` bh=${tags.bodyHash};`,
  ])}\r\n${SIGNATURE_TAG}`;
}

/** White space inside b= does not count, so it may fold anywhere (RFC 6376 §3.5). */
function withSignature(unsigned: string, signature: string): string {
  const lines: string[] = [];
  const room = LINE_LENGTH - SIGNATURE_TAG.length;
  for (let start = 0; start < signature.length; start += room) lines.push(signature.slice(start, start + room));
  return unsigned + lines.join(FOLD);
}

/** Folds words that have their own leading space; a word at the start of a line has exactly one. */
function fold(words: readonly string[]): string {
  let text = "";
  let column = 0;
  for (const word of words) {
    if (column + word.length > LINE_LENGTH && column > 0) {
      const line = word.startsWith(" ") ? word : ` ${word}`;
      text += `\r\n${line}`;
      column = line.length;
    } else {
      text += word;
      column += word.length;
    }
  }
  return text;
}
