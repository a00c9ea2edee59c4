/**
 * EXTERNAL: the server knows us already, by the certificate of the TLS client.
 *
 * Layer: protocol. RFC 4422 appendix A.
 */
import { Buffer } from "node:buffer";
import type { SaslCredentials, SaslExchange, SaslFault } from "./exchange.js";

export class ExternalExchange implements SaslExchange {
  readonly mechanism = "EXTERNAL";
  readonly #response: Uint8Array;
  #asked = false;

  /** The identity to act as is `authorizationId`, else `username`; when that is empty, the one the certificate names. */
  constructor(credentials: SaslCredentials) {
    this.#response = Buffer.from(credentials.authorizationId ?? credentials.username, "utf8");
  }

  initialResponse(): Uint8Array {
    return this.#response;
  }

  respond(challenge: Uint8Array): Uint8Array | SaslFault {
    if (challenge.length > 0) return { fault: "EXTERNAL has no challenge, and the server sent one" };
    if (this.#asked) return { fault: "The server asked for the EXTERNAL response twice" };
    this.#asked = true;
    return this.#response;
  }

  conclude(): undefined {
    return undefined;
  }
}
