// @ts-check
/**
 * Content to fill messages with, the same in every run.
 *
 * Layer: interop.
 */

const WORDS = "the post rider leaves at dawn with letters for ann bob and cai and returns before the rain".split(" ");

/**
 * @param {number} seed
 * @param {number} length
 */
export function pseudoRandomBytes(seed, length) {
  const bytes = Buffer.alloc(length);
  let state = (seed + 1) * 2_654_435_761;
  for (let index = 0; index < length; index++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    bytes[index] = state >>> 16;
  }
  return bytes;
}

/**
 * @param {number} seed
 * @param {number} count Lines.
 */
export function sentences(seed, count) {
  const bytes = pseudoRandomBytes(seed, count * 9);
  const line = (/** @type {number} */ n) =>
    Array.from(bytes.subarray(n * 9, n * 9 + 9), (byte) => WORDS[byte % WORDS.length]).join(" ");
  return Array.from({ length: count }, (_, n) => `${line(n)}.\n`).join("");
}

/**
 * @param {Uint8Array} bytes
 * @param {number} size Of each piece.
 */
export async function* fragments(bytes, size) {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}
