/**
 * SHA-256 of this machine, for signing; it comes as a port because signing itself knows nothing of Node.
 *
 * Layer: transport.
 */
import { createHash } from "node:crypto";

/** PERF: OpenSSL's, ten times as fast as what can be written in JavaScript. */
export function createSha256(): { update(bytes: Uint8Array): unknown; digest(): Uint8Array } {
  return createHash("sha256");
}
