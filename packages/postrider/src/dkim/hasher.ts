/**
 * The port through which signing gets a digest that takes its input in pieces; Web Crypto has none.
 *
 * Layer: dkim.
 */

/** SHA-256 in the making. Node's `createHash("sha256")` is one. */
export interface Hasher {
  update(bytes: Uint8Array): unknown;
  /** The 32 bytes; called once, last. */
  digest(): Uint8Array;
}

export type CreateHasher = () => Hasher;
