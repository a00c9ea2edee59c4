/**
 * CRAM-MD5: proves the password by an HMAC over the server's challenge; with MD5, which Web Crypto lacks.
 *
 * Layer: sasl. RFC 2195, RFC 1321 (MD5), RFC 2104 (HMAC).
 */
import { Buffer } from "node:buffer";
import { passwordOf } from "./credential-rules.js";
import type { SaslCredentials, SaslExchange, SaslFault } from "./exchange.js";

const BLOCK_BYTES = 64;

/** RFC 1321 §3.4: rotation of each step, four steps a round. */
const ROTATIONS = [
  [7, 12, 17, 22],
  [5, 9, 14, 20],
  [4, 11, 16, 23],
  [6, 10, 15, 21],
] as const;
/** RFC 1321 §3.4: the integer part of 2^32 * |sin(i + 1)|. */
const SINES: Uint32Array = Uint32Array.from({ length: 64 }, (_, step) => Math.abs(Math.sin(step + 1)) * 2 ** 32);

export class CramMd5Exchange implements SaslExchange {
  readonly mechanism = "CRAM-MD5";
  readonly #username: string;
  readonly #password: Uint8Array;
  #answered = false;

  constructor(credentials: SaslCredentials) {
    this.#username = credentials.username;
    this.#password = Buffer.from(passwordOf(credentials), "utf8");
  }

  initialResponse(): undefined {
    return undefined;
  }

  respond(challenge: Uint8Array): Uint8Array | SaslFault {
    // SECURITY: a digest over an empty challenge, or a second digest, would only help to guess the password.
    if (challenge.length === 0) return { fault: "The challenge of CRAM-MD5 is empty" };
    if (this.#answered) return { fault: "The server sent a second challenge for CRAM-MD5" };
    this.#answered = true;
    const digest = Buffer.from(hmacMd5(this.#password, challenge)).toString("hex");
    return Buffer.from(`${this.#username} ${digest}`, "utf8");
  }

  conclude(): undefined {
    return undefined;
  }
}

/** The 16 bytes of `HMAC-MD5(key, message)` (RFC 2104 §2). */
export function hmacMd5(key: Uint8Array, message: Uint8Array): Uint8Array {
  const block = new Uint8Array(BLOCK_BYTES);
  block.set(key.length > BLOCK_BYTES ? md5(key) : key);
  const inner = md5(Buffer.concat([xorEach(block, 0x36), message]));
  return md5(Buffer.concat([xorEach(block, 0x5c), inner]));
}

/** The 16 bytes of the digest. */
export function md5(message: Uint8Array): Uint8Array {
  const padded = pad(message);
  const state = Uint32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476);
  for (let offset = 0; offset < padded.byteLength; offset += BLOCK_BYTES) absorb(state, padded, offset);
  const digest = new DataView(new ArrayBuffer(16));
  state.forEach((word, index) => {
    digest.setUint32(index * 4, word, true);
  });
  return new Uint8Array(digest.buffer);
}

/** RFC 1321 §3.1: a one bit, zeros up to 8 bytes before the end of a block, and the length in bits. */
function pad(message: Uint8Array): DataView {
  const blocks = Math.ceil((message.length + 9) / BLOCK_BYTES);
  const padded = new Uint8Array(blocks * BLOCK_BYTES);
  padded.set(message);
  padded[message.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setBigUint64(padded.length - 8, BigInt(message.length) * 8n, true);
  return view;
}

function absorb(state: Uint32Array, bytes: DataView, offset: number): void {
  let [a = 0, b = 0, c = 0, d = 0] = state;
  for (let step = 0; step < 64; step++) {
    const round = step >> 4;
    const [mixed, word] = mix(round, step, b, c, d);
    const sum = (a + mixed + (SINES[step] ?? 0) + bytes.getUint32(offset + word * 4, true)) >>> 0;
    const rotation = ROTATIONS[round]?.[step & 3] ?? 0;
    a = d;
    d = c;
    c = b;
    b = (b + ((sum << rotation) | (sum >>> (32 - rotation)))) >>> 0;
  }
  state.set([a, b, c, d].map((word, index) => word + (state[index] ?? 0)));
}

/** The function F, G, H or I of the round (RFC 1321 §3.4), and the word of the block for the step. */
function mix(round: number, step: number, b: number, c: number, d: number): readonly [mixed: number, word: number] {
  if (round === 0) return [((b & c) | (~b & d)) >>> 0, step];
  if (round === 1) return [((b & d) | (c & ~d)) >>> 0, (5 * step + 1) & 15];
  if (round === 2) return [(b ^ c ^ d) >>> 0, (3 * step + 5) & 15];
  return [(c ^ (b | ~d)) >>> 0, (7 * step) & 15];
}

function xorEach(bytes: Uint8Array, mask: number): Uint8Array {
  return bytes.map((byte) => byte ^ mask);
}
