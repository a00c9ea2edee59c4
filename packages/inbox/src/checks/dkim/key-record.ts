/**
 * The key of a signer as DNS has it.
 *
 * RFC 6376 §3.6.1, RFC 8463 (Ed25519), RFC 8301 (1024 bits at least).
 */
import { Buffer } from "node:buffer";
import { createPublicKey, type KeyObject } from "node:crypto";
import { parseTagList, unfolded } from "./tag-list.js";

const MIN_RSA_BITS = 1024;

/** The key, or why it cannot be used. */
export function readKeyRecord(record: string, algorithm: "rsa" | "ed25519"): KeyObject | string {
  const tags = parseTagList(record);
  if (tags === undefined) return "The key record is malformed.";
  if (tags.has("v") && tags.get("v") !== "DKIM1") return "The key record is not of version DKIM1.";
  const kind = tags.get("k") ?? "rsa";
  if (kind !== algorithm) return `The signature is ${algorithm}, the key is ${kind}.`;
  const hashes = tags.get("h")?.split(":").map(unfolded);
  if (hashes !== undefined && !hashes.includes("sha256")) return "The key record does not allow sha256.";
  const encoded = tags.get("p");
  if (encoded === undefined) return "The key record has no key (p=).";
  if (encoded === "") return "The key was revoked (p= is empty).";
  try {
    const key = importKey(Buffer.from(unfolded(encoded), "base64"), algorithm);
    const bits = key.asymmetricKeyDetails?.modulusLength;
    return bits !== undefined && bits < MIN_RSA_BITS ? `The key has ${bits} bits; less than 1024 do not count.` : key;
  } catch {
    return "The key (p=) cannot be read.";
  }
}

function importKey(bytes: Buffer, algorithm: "rsa" | "ed25519"): KeyObject {
  if (algorithm === "rsa") return createPublicKey({ key: bytes, format: "der", type: "spki" });
  return createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: bytes.toString("base64url") }, format: "jwk" });
}
