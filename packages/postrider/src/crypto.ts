/**
 * What this machine computes and Web Crypto does not: a digest that takes its input in pieces.
 *
 * Layer: crypto, the one room that asks the platform for `node:crypto`. FIPS 180-4 and RFC 6234
 * (SHA-256).
 */

/** SHA-256 in the making. */
export interface Sha256 {
  update(bytes: Uint8Array): unknown;
  /** The 32 bytes; called once, last. */
  digest(): Uint8Array;
}

/** PERF: OpenSSL's, ten times as fast as what can be written in JavaScript; loaded on use, because it costs 3 ms at every start. */
export function createSha256(): Sha256 {
  return process.getBuiltinModule("node:crypto").createHash("sha256");
}
