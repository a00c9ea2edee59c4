/**
 * What a key is: private or public, RSA or Ed25519, and the numbers of it that are needed.
 *
 * Layer: dkim. RFC 5958 (PKCS #8), RFC 8017 appendix A.1 (PKCS #1), RFC 5280 §4.1.2.7 (public keys), RFC 8410 (Ed25519),
 * RFC 8301 §3.2 (how short a key may be).
 */
import { Buffer } from "node:buffer";
import { OptionError } from "../errors.js";
import { bodyOf, DER, type DerValue, readSequence, writeDer } from "./der.js";

/** RFC 6376 §3.3, RFC 8463 §3. */
export type DkimAlgorithm = "rsa-sha256" | "ed25519-sha256";

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
export const MIN_RSA_BITS = 1024;

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

/** The private key alone, as RFC 8032 has it and some tools write it. */
export function ed25519FromSeed(seed: Uint8Array): KeyMaterial {
  const inner = writeDer(DER.octetString, writeDer(DER.octetString, seed));
  const pkcs8 = writeDer(DER.sequence, writeDer(DER.integer, Buffer.of(0)), algorithmIdentifier(ED25519_OID), inner);
  return { type: "private", algorithm: "ed25519-sha256", pkcs8 };
}

export function isSeed(bytes: Uint8Array): boolean {
  return bytes.length === ED25519_BYTES;
}

/** The public key as X.509 has it (SubjectPublicKeyInfo). */
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
  throw new OptionError(option, "must be an RSA or Ed25519 key; DKIM knows no other");
}

function checkRsaSize(modulus: Uint8Array, option: string): void {
  const size = BigInt(`0x0${Buffer.from(modulus).toString("hex")}`).toString(2).length;
  if (size < MIN_RSA_BITS) {
    throw new OptionError(option, `has ${size} bits; an RSA key for DKIM has ${MIN_RSA_BITS} or more (RFC 8301 §3.2)`);
  }
}
