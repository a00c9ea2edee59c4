/**
 * The TXT record with the public key of a signer.
 *
 * Layer: dkim. RFC 6376 §3.6.1 (tags of the record), RFC 8463 §4 (Ed25519).
 */
import { Buffer } from "node:buffer";
import { OptionError } from "../errors/errors.js";
import {
  type DkimAlgorithm,
  type DkimKey,
  isSeed,
  isWebCryptoKey,
  type KeyMaterial,
  readKeyBytes,
  readKeyMaterial,
  rsaPublicKey,
  type SubtleKey,
  type WebCryptoKey,
  webAlgorithm,
} from "./keys.js";

/**
 * The value of the TXT record at `<selector>._domainkey.<domain>`, in one piece; a zone file wants it in strings of at most 255
 * characters each. Takes the public key, or the private key that it is derived from: PEM, bytes (DER) or a CryptoKey.
 *
 * @example
 * await dkimDnsRecord(privateKey);  // "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
 *
 * @throws OptionError (`"option"`) when it is no RSA or Ed25519 key, or a CryptoKey that hides its public half.
 */
export async function dkimDnsRecord(key: DkimKey): Promise<string> {
  if (isWebCryptoKey(key)) return record(algorithmOf(key), await exportPublic(key as SubtleKey));
  const bytes = readKeyBytes(key, OPTION);
  // SECURITY: 32 bytes may be either half of an Ed25519 key, and taking the private one for the public one would publish it.
  if (isSeed(bytes)) {
    throw new OptionError(OPTION, "is 32 bytes that may be a private or a public key; give it as PEM");
  }
  const material = readKeyMaterial(bytes, OPTION);
  return record(material.algorithm, await publicBytes(material));
}

const OPTION = "key";

function record(algorithm: DkimAlgorithm, publicKey: Uint8Array): string {
  const type = algorithm === "rsa-sha256" ? "rsa" : "ed25519";
  return `v=DKIM1; k=${type}; p=${Buffer.from(publicKey).toString("base64")}`;
}

async function publicBytes(material: KeyMaterial): Promise<Uint8Array> {
  if (material.algorithm === "rsa-sha256") return rsaPublicKey(material.rsa);
  if (material.type === "public") return material.raw;
  try {
    const algorithm = webAlgorithm(material.algorithm);
    return await exportPublic(await crypto.subtle.importKey("pkcs8", material.pkcs8, algorithm, true, ["sign"]));
  } catch (error) {
    throw new OptionError(OPTION, "cannot be read as a key", { cause: error });
  }
}

function algorithmOf(key: WebCryptoKey): DkimAlgorithm {
  if (key.algorithm.name === "Ed25519") return "ed25519-sha256";
  if (key.algorithm.name.startsWith("RSA")) return "rsa-sha256";
  throw new OptionError(OPTION, "must be an RSA or Ed25519 key");
}

async function exportPublic(key: SubtleKey): Promise<Uint8Array> {
  if (!key.extractable) throw new OptionError(OPTION, "is a CryptoKey that cannot be exported; give its public key");
  // A private key is exported with its public numbers; the others are left where they are.
  const { kty, n = "", e = "", x = "" } = await crypto.subtle.exportKey("jwk", key);
  if (kty !== "RSA") return Buffer.from(x, "base64url");
  return rsaPublicKey({ modulus: unsigned(n), exponent: unsigned(e) });
}

/** A number whose first bit is set is negative in DER, unless a zero stands before it. */
function unsigned(base64Url: string): Uint8Array {
  const bytes = Buffer.from(base64Url, "base64url");
  return (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes;
}
