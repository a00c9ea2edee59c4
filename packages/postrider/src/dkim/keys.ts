/**
 * Keys for DKIM: parsing PEM, DER, PKCS #8, PKCS #1 and CryptoKeys; signing.
 *
 * Layer: dkim. RFC 6376 §3.3 (RSA), RFC 8463 (Ed25519), RFC 5958 (PKCS #8), RFC 8017 (PKCS #1).
 */
import { Buffer } from "node:buffer";
import { MessageError, OptionError } from "../errors/errors.js";
import { copyBytes, isBytes } from "../given/values.js";
import { asBuffer } from "../text/line-ends.js";

/** The signature algorithm, as in the a= tag (RFC 6376 §3.3, RFC 8463 §3). */
export type DkimAlgorithm = "rsa-sha256" | "ed25519-sha256";

/** An RSA or Ed25519 key: PEM or base64 text, bytes (DER), or a `CryptoKey` of Web Crypto. */
export type DkimKey =
  | string
  | Uint8Array
  | {
      /** `"private"` or `"public"`. */
      readonly type: string;
      /** Whether Web Crypto exports the key. */
      readonly extractable: boolean;
      /** Ed25519, or RSASSA-PKCS1-v1_5 with SHA-256. */
      readonly algorithm: {
        /** `"Ed25519"` or `"RSASSA-PKCS1-v1_5"`. */
        readonly name: string;
      };
      /** What the key may be used for; a private key needs `"sign"`. */
      readonly usages: readonly string[];
    };

export interface RsaNumbers {
  readonly modulus: Uint8Array;
  readonly exponent: Uint8Array;
}

export type KeyMaterial =
  | { readonly type: "private"; readonly algorithm: "rsa-sha256"; readonly pkcs8: Uint8Array; readonly rsa: RsaNumbers }
  | { readonly type: "private"; readonly algorithm: "ed25519-sha256"; readonly pkcs8: Uint8Array }
  | { readonly type: "public"; readonly algorithm: "rsa-sha256"; readonly rsa: RsaNumbers }
  | { readonly type: "public"; readonly algorithm: "ed25519-sha256"; readonly raw: Uint8Array };

const RSA_OID = "2a864886f70d010101";
const ED25519_OID = "2b6570";
const ED25519_BYTES = 32;

/** RFC 8301 §3.2: signers MUST NOT use less. */
const MIN_RSA_BITS = 1024;

/** @throws OptionError */
export function readKeyMaterial(bytes: Uint8Array, option: string): KeyMaterial {
  const values = readSequence(bytes) ?? [];
  const [first, second] = values;
  const key =
    first?.tag === DER.sequence
      ? readPublic(first, second, option)
      : second?.tag === DER.sequence
        ? readPkcs8(bytes, values, option)
        : readPkcs1(bytes, values);
  if (key === undefined) throw new OptionError(option, "cannot be read as a key (PKCS #8, PKCS #1 or Ed25519)");
  if (key.algorithm === "rsa-sha256") checkRsaSize(key.rsa.modulus, option);
  return key;
}

/** An Ed25519 key from its bare 32-byte seed (RFC 8032 §5.1.5), which some tools write. */
function ed25519FromSeed(seed: Uint8Array): KeyMaterial {
  const inner = writeDer(DER.octetString, writeDer(DER.octetString, seed));
  const pkcs8 = writeDer(DER.sequence, writeDer(DER.integer, Buffer.of(0)), algorithmIdentifier(ED25519_OID), inner);
  return { type: "private", algorithm: "ed25519-sha256", pkcs8 };
}

export function isSeed(bytes: Uint8Array): boolean {
  return bytes.length === ED25519_BYTES;
}

/** The RSA public key as SubjectPublicKeyInfo (X.509). */
export function rsaPublicKey({ modulus, exponent }: RsaNumbers): Buffer {
  const numbers = writeDer(DER.sequence, writeDer(DER.integer, modulus), writeDer(DER.integer, exponent));
  return writeDer(
    DER.sequence,
    algorithmIdentifier(RSA_OID, writeDer(DER.null)),
    writeDer(DER.bitString, Buffer.of(0), numbers),
  );
}

function algorithmIdentifier(oid: string, ...parameters: readonly Uint8Array[]): Buffer {
  return writeDer(DER.sequence, writeDer(DER.oid, Buffer.from(oid, "hex")), ...parameters);
}

function readPkcs8(bytes: Uint8Array, values: readonly DerValue[], option: string): KeyMaterial | undefined {
  const [, algorithm, key] = values;
  const inner = bodyOf(key, DER.octetString);
  if (algorithm === undefined || inner === undefined) return undefined;
  if (readAlgorithm(algorithm, option) === "ed25519-sha256") {
    return { type: "private", algorithm: "ed25519-sha256", pkcs8: bytes };
  }
  const numbers = readSequence(inner) ?? [];
  return readPkcs1(inner, numbers);
}

/** A private key has nine numbers, a public key two. */
function readPkcs1(bytes: Uint8Array, values: readonly DerValue[]): KeyMaterial | undefined {
  const isPrivate = values.length >= 9;
  if (!isPrivate && values.length !== 2) return undefined;
  const [modulus, exponent] = values.slice(isPrivate ? 1 : 0).map((value) => bodyOf(value, DER.integer));
  if (modulus === undefined || exponent === undefined) return undefined;
  const rsa = { modulus, exponent };
  if (!isPrivate) return { type: "public", algorithm: "rsa-sha256", rsa };
  const algorithm = algorithmIdentifier(RSA_OID, writeDer(DER.null));
  const inner = writeDer(DER.octetString, bytes);
  const pkcs8 = writeDer(DER.sequence, writeDer(DER.integer, Buffer.of(0)), algorithm, inner);
  return { type: "private", algorithm: "rsa-sha256", pkcs8, rsa };
}

function readPublic(algorithm: DerValue, key: DerValue | undefined, option: string): KeyMaterial | undefined {
  // A bit string starts with the number of bits that its last byte does not use.
  const raw = bodyOf(key, DER.bitString)?.subarray(1);
  if (raw === undefined) return undefined;
  if (readAlgorithm(algorithm, option) === "rsa-sha256") return readPkcs1(raw, readSequence(raw) ?? []);
  return isSeed(raw) ? { type: "public", algorithm: "ed25519-sha256", raw } : undefined;
}

function readAlgorithm(value: DerValue, option: string): DkimAlgorithm {
  const [oid] = readSequence(writeDer(value.tag, value.body)) ?? [];
  const name = Buffer.from(oid?.body ?? []).toString("hex");
  if (name === RSA_OID) return "rsa-sha256";
  if (name === ED25519_OID) return "ed25519-sha256";
  throw new OptionError(option, "must be an RSA or Ed25519 key");
}

function checkRsaSize(modulus: Uint8Array, option: string): void {
  const size = BigInt(`0x0${Buffer.from(modulus).toString("hex")}`).toString(2).length;
  if (size < MIN_RSA_BITS) {
    throw new OptionError(option, `has ${size} bits; an RSA key for DKIM has ${MIN_RSA_BITS} or more (RFC 8301 §3.2)`);
  }
}

export interface DerValue {
  readonly tag: number;
  readonly body: Uint8Array;
}

const DER = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  sequence: 0x30,
} as const;

/** The DER values in `bytes`, in order; undefined when it is not DER. */
function readDer(bytes: Uint8Array): readonly DerValue[] | undefined {
  const values: DerValue[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    const [tag = 0, length = 0x80] = bytes.subarray(offset, offset + 2);
    offset += 2;
    let size = length;
    if (length >= 0x80) {
      // No key needs a length of four bytes.
      const count = length & 0x7f;
      if (count === 0 || count > 4 || offset + count > bytes.length) return undefined;
      size = bytes.subarray(offset, offset + count).reduce((sum, byte) => sum * 256 + byte, 0);
      offset += count;
    }
    if (offset + size > bytes.length) return undefined;
    values.push({ tag, body: bytes.subarray(offset, offset + size) });
    offset += size;
  }
  return values;
}

/** The values inside the one SEQUENCE that `bytes` is; undefined when it is something else. */
function readSequence(bytes: Uint8Array): readonly DerValue[] | undefined {
  const values = readDer(bytes);
  const [only] = values ?? [];
  return values?.length === 1 && only?.tag === DER.sequence ? readDer(only.body) : undefined;
}

/** The body of the value if it has that tag; else undefined. */
function bodyOf(value: DerValue | undefined, tag: number): Uint8Array | undefined {
  return value?.tag === tag ? value.body : undefined;
}

function writeDer(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  if (body.length < 0x80) return Buffer.concat([Buffer.of(tag, body.length), body]);
  const size = Buffer.alloc(4);
  size.writeUInt32BE(body.length);
  const length = size.subarray(size.findIndex((byte) => byte !== 0));
  return Buffer.concat([Buffer.of(tag, 0x80 | length.length), length, body]);
}

/** Longer than any key: such a file is something else. */
const MAX_KEY_CHARACTERS = 64 * 1024;

const BEGIN = /-----BEGIN ([A-Z0-9 ]{0,40})-----/;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/**
 * SECURITY: no error shows any of the text.
 *
 * @throws OptionError
 */
export function readKeyBytes(key: unknown, option: string): Uint8Array {
  if (isBytes(key)) {
    const bytes = copyBytes(key);
    if (bytes === undefined) throw new OptionError(option, "must not be the bytes of a detached ArrayBuffer");
    return isPem(bytes) ? readPem(bytes.toString("latin1"), option) : bytes;
  }
  if (typeof key !== "string") throw new OptionError(option, "must be PEM, base64, bytes or a CryptoKey");
  return key.includes("-----BEGIN ") ? readPem(key, option) : readBase64(key, option);
}

function isPem(bytes: Uint8Array): boolean {
  return asBuffer(bytes).includes("-----BEGIN ");
}

function readPem(text: string, option: string): Uint8Array {
  const begin = BEGIN.exec(text);
  const label = begin?.[1] ?? "";
  const start = begin === null ? -1 : begin.index + begin[0].length;
  const end = start === -1 ? -1 : text.indexOf(`-----END ${label}-----`, start);
  if (end === -1) throw new OptionError(option, "is PEM without its end; was it cut off?");
  const body = text.slice(start, end);
  if (label.includes("ENCRYPTED") || body.includes("Proc-Type:")) {
    throw new OptionError(option, "is encrypted; decrypt it first: openssl pkey -in key.pem");
  }
  if (!label.endsWith("KEY")) throw new OptionError(option, `must be a key, not a ${label.toLowerCase()}`);
  if (body.includes("\\n")) throw new OptionError(option, 'holds the two characters "\\n" in place of line ends');
  return readBase64(body, option);
}

function readBase64(text: string, option: string): Uint8Array {
  const packed = text.length > MAX_KEY_CHARACTERS ? "" : text.replace(/\s+/g, "");
  if (packed.length % 4 !== 0 || !BASE64.test(packed)) {
    throw new OptionError(option, "is neither PEM nor base64 of a key");
  }
  return Buffer.from(packed, "base64");
}

/** A `CryptoKey` of Web Crypto: Node's own, one of another realm, or one of a polyfill. */
export type WebCryptoKey = Exclude<DkimKey, string | Uint8Array>;

export type SubtleKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>;

/** A parsed key, not yet tested. */
export interface PrivateKey {
  readonly algorithm: DkimAlgorithm;
  /** @throws OptionError when the key cannot sign */
  readonly open: () => Promise<SubtleKey>;
}

const RSA = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" } as const;
const ED25519 = { name: "Ed25519" } as const;

export function webAlgorithm(algorithm: DkimAlgorithm): { readonly name: string; readonly hash?: string } {
  return algorithm === "rsa-sha256" ? RSA : ED25519;
}

export function isWebCryptoKey(value: unknown): value is WebCryptoKey {
  if (typeof value !== "object" || value === null) return false;
  const { type, algorithm, usages } = value as Partial<WebCryptoKey>;
  return typeof type === "string" && typeof algorithm?.name === "string" && Array.isArray(usages);
}

/** @throws OptionError when it is not a private key for DKIM */
export function readPrivateKey(key: unknown, option: string): PrivateKey {
  if (isWebCryptoKey(key)) return fromWebCrypto(key, option);
  const bytes = readKeyBytes(key, option);
  const material = isSeed(bytes) ? ed25519FromSeed(bytes) : readKeyMaterial(bytes, option);
  if (material.type !== "private") throw new OptionError(option, "must be the private key, not the public one");
  return { algorithm: material.algorithm, open: () => importMaterial(material, option) };
}

/** @throws MessageError when the key fails */
export async function signBytes(key: SubtleKey, algorithm: DkimAlgorithm, bytes: Uint8Array): Promise<string> {
  try {
    // RFC 8463 §3: Ed25519 signs the SHA-256 of the header, not the header.
    const input = algorithm === "rsa-sha256" ? bytes : await crypto.subtle.digest("SHA-256", bytes);
    return Buffer.from(await crypto.subtle.sign(webAlgorithm(algorithm).name, key, input)).toString("base64");
  } catch (error) {
    throw new MessageError("message", "cannot be signed with the DKIM key", { cause: error });
  }
}

function fromWebCrypto(key: WebCryptoKey, option: string): PrivateKey {
  const { name } = key.algorithm;
  const { hash } = key.algorithm as { readonly hash?: { readonly name?: unknown } };
  if (key.type !== "private") throw new OptionError(option, "must be the private key, not the public one");
  if (!key.usages.includes("sign")) throw new OptionError(option, 'must be a CryptoKey that may "sign"');
  if (name === ED25519.name) return { algorithm: "ed25519-sha256", open: async () => key as SubtleKey };
  if (name !== RSA.name || hash?.name !== RSA.hash) {
    throw new OptionError(option, "must be a CryptoKey for Ed25519, or for RSASSA-PKCS1-v1_5 with SHA-256");
  }
  const { modulusLength } = key.algorithm as { readonly modulusLength?: number };
  if ((modulusLength ?? 0) < MIN_RSA_BITS) {
    throw new OptionError(option, `must have ${MIN_RSA_BITS} bits or more (RFC 8301 §3.2)`);
  }
  return { algorithm: "rsa-sha256", open: async () => key as SubtleKey };
}

async function importMaterial(
  material: KeyMaterial & { readonly type: "private" },
  option: string,
): Promise<SubtleKey> {
  const algorithm = webAlgorithm(material.algorithm);
  try {
    const key = await crypto.subtle.importKey("pkcs8", material.pkcs8, algorithm, false, ["sign"]);
    if (material.algorithm === "rsa-sha256") {
      const spki = rsaPublicKey(material.rsa);
      const publicKey = await crypto.subtle.importKey("spki", spki, algorithm, false, ["verify"]);
      await checkPair(key, publicKey);
    }
    return key;
  } catch (error) {
    throw new OptionError(option, "is damaged: it cannot sign", { cause: error });
  }
}

/** The numbers of an RSA key may parse without matching each other: every signature would be invalid without an error. */
async function checkPair(privateKey: SubtleKey, publicKey: SubtleKey): Promise<void> {
  const probe = Buffer.from("probe", "latin1");
  const signature = await crypto.subtle.sign(RSA.name, privateKey, probe);
  const matches = await crypto.subtle.verify(RSA.name, publicKey, signature, probe);
  if (!matches) throw new TypeError("the numbers of the key do not match");
}
