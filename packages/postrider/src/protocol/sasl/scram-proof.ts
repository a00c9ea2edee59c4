/**
 * The arithmetic of SCRAM.
 *
 * Layer: protocol. RFC 5802 §3.
 */
import { Buffer } from "node:buffer";

/** Names as Web Crypto and SASL both write them. */
export type ScramHash = "SHA-1" | "SHA-256";

const HASH_BITS: Readonly<Record<ScramHash, number>> = { "SHA-1": 160, "SHA-256": 256 };

export interface ScramInput {
  /** Prepared by SASLprep. */
  readonly password: string;
  readonly salt: Uint8Array;
  readonly iterations: number;
  readonly authMessage: string;
}

/** What goes to the server, and what must come back from it. */
export async function proveScram(
  hash: ScramHash,
  input: ScramInput,
): Promise<{ readonly proof: Uint8Array; readonly serverSignature: Uint8Array }> {
  const salted = await saltPassword(hash, input);
  const authMessage = Buffer.from(input.authMessage, "utf8");
  const clientKey = await hmac(hash, salted, Buffer.from("Client Key"));
  const storedKey = new Uint8Array(await crypto.subtle.digest(hash, clientKey));
  const clientSignature = await hmac(hash, storedKey, authMessage);
  const serverKey = await hmac(hash, salted, Buffer.from("Server Key"));
  return {
    proof: clientKey.map((byte, index) => byte ^ (clientSignature[index] ?? 0)),
    serverSignature: await hmac(hash, serverKey, authMessage),
  };
}

/** SECURITY: takes the same time wherever the difference is. */
export function equalBytes(left: Uint8Array, right: Uint8Array): boolean {
  if (left.length !== right.length) return false;
  let difference = 0;
  for (let index = 0; index < left.length; index++) difference |= (left[index] ?? 0) ^ (right[index] ?? 0);
  return difference === 0;
}

/** `Hi(password, salt, i)` is PBKDF2 with one block of output. */
async function saltPassword(hash: ScramHash, input: ScramInput): Promise<Uint8Array> {
  const key = await crypto.subtle.importKey("raw", Buffer.from(input.password, "utf8"), "PBKDF2", false, [
    "deriveBits",
  ]);
  const parameters = { name: "PBKDF2", hash, salt: input.salt, iterations: input.iterations };
  return new Uint8Array(await crypto.subtle.deriveBits(parameters, key, HASH_BITS[hash]));
}

async function hmac(hash: ScramHash, key: Uint8Array, message: Uint8Array): Promise<Uint8Array> {
  const algorithm = { name: "HMAC", hash };
  const imported = await crypto.subtle.importKey("raw", key, algorithm, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, message));
}
