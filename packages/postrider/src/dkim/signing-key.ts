/**
 * Private keys that sign, made by Web Crypto.
 *
 * Layer: dkim. RFC 6376 §3.3.1 (rsa-sha256), RFC 8463 §3 (ed25519-sha256), RFC 8301 §3.1 (no SHA-1).
 */
import { Buffer } from "node:buffer";
import { MessageError, OptionError } from "../errors.js";
import { readKeyBytes } from "./key-bytes.js";
import {
  type DkimAlgorithm,
  ed25519FromSeed,
  isSeed,
  type KeyMaterial,
  MIN_RSA_BITS,
  readKeyMaterial,
  rsaPublicKey,
} from "./key-material.js";

/** A key of Web Crypto, as far as it matters here: of Node's, of another realm, of a polyfill. */
export interface WebCryptoKey {
  readonly type: string;
  readonly extractable: boolean;
  readonly algorithm: { readonly name: string };
  readonly usages: readonly string[];
}

export type SubtleKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>;

/** A key that is read, and not yet known to work. */
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

/** @throws OptionError when it is no private key that DKIM knows */
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
    // Ed25519 hashes with SHA-512 inside; DKIM hands it the SHA-256 of the header in place of the header.
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
  if (!key.usages.includes("sign")) throw new OptionError(option, 'is a CryptoKey that may not "sign"');
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

/** The numbers of an RSA key may be read and still not belong together; every signature would then be wrong, in silence. */
async function checkPair(privateKey: SubtleKey, publicKey: SubtleKey): Promise<void> {
  const probe = Buffer.from("probe", "latin1");
  const signature = await crypto.subtle.sign(RSA.name, privateKey, probe);
  const matches = await crypto.subtle.verify(RSA.name, publicKey, signature, probe);
  if (!matches) throw new TypeError("the numbers of the key do not belong together");
}
