/**
 * The server's first message of SCRAM: the nonce of both, the salt, the cost.
 *
 * Layer: protocol. RFC 5802 §5.1 and §7.
 */
import { decodeBase64 } from "../../text/base64.js";
import type { SaslFault } from "./exchange.js";

export interface ScramServerFirst {
  readonly nonce: string;
  readonly salt: Uint8Array;
  readonly iterations: number;
}

/** SECURITY: RFC 5802 §5.1 and RFC 7677 §4 ask for at least this many; fewer make the proof cheap to guess the password from. */
const MIN_ITERATIONS = 4096;
/**
 * SECURITY: the server chooses how long we compute. This is about half a second of one thread, and still above what
 * OWASP asks of servers for either hash (1 300 000 for SHA-1).
 */
const MAX_ITERATIONS = 2_000_000;

// Extensions may follow and are ignored; an `m=` in front would be one that must not be.
const SERVER_FIRST = /^r=([\x21-\x2b\x2d-\x7e]+),s=([^,]+),i=([1-9]\d{0,9})(?:,|$)/;

export function parseServerFirst(message: string, clientNonce: string): ScramServerFirst | SaslFault {
  if (message.startsWith("m=")) return { fault: "The server wants an extension of SCRAM that is not known here" };
  const [, nonce = "", saltText = "", count] = SERVER_FIRST.exec(message) ?? [];
  if (count === undefined) return { fault: "The server's first message of SCRAM makes no sense" };
  if (!nonce.startsWith(clientNonce) || nonce.length === clientNonce.length) {
    return { fault: "The server's SCRAM nonce does not continue ours" };
  }
  const salt = decodeBase64(saltText);
  if (salt === undefined || salt.length === 0) return { fault: "The server's SCRAM salt is not base64" };
  const iterations = Number(count);
  if (iterations < MIN_ITERATIONS || iterations > MAX_ITERATIONS) {
    return { fault: `The server asks for ${iterations} iterations; ${MIN_ITERATIONS} to ${MAX_ITERATIONS} are taken` };
  }
  return { nonce, salt, iterations };
}
