/**
 * SHA-256 of input in pieces, which Web Crypto does not offer.
 *
 * Layer: crypto, the one room that asks the platform for `node:crypto`. FIPS 180-4 and RFC 6234
 * (SHA-256).
 */

/** An incremental SHA-256. */
export interface Sha256 {
  update(bytes: Uint8Array): unknown;
  /** The 32 bytes; called once, last. */
  digest(): Uint8Array;
}

/** PERF: OpenSSL is ten times as fast as JavaScript. `node:crypto` is loaded on use, because it costs 3 ms at every start. */
export function createSha256(): Sha256 {
  return process.getBuiltinModule("node:crypto").createHash("sha256");
}
