/**
 * Comparing what a client gave with a secret.
 */
import { createHash, timingSafeEqual } from "node:crypto";

/** SECURITY: in the same time whatever differs, and however long it is. */
export function isSame(given: string, secret: string): boolean {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(secret));
}
