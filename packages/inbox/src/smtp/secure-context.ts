/**
 * The TLS context of a key and a certificate, for STARTTLS of SMTP and STLS of POP3.
 */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { createSecureContext, type SecureContext } from "node:tls";
import { InboxOptionError } from "../errors.js";
import type { Identity } from "./self-signed.js";

/** @throws InboxOptionError */
export function secureContextOf(identity: Identity): SecureContext {
  try {
    // QUIRK: Deno makes a context of any key and certificate, which then fails every handshake.
    createPrivateKey(identity.key);
    new X509Certificate(identity.cert);
    return createSecureContext(identity);
  } catch (error) {
    throw new InboxOptionError(
      "tls",
      `key and cert cannot be used: ${error instanceof Error ? error.message : error}`,
      error,
    );
  }
}
