/**
 * CRAM-MD5: proves the password by a digest over the server's challenge.
 *
 * Layer: protocol. RFC 2195.
 */
import { Buffer } from "node:buffer";
import { passwordOf } from "./credential-rules.js";
import type { SaslCredentials, SaslExchange, SaslFault } from "./exchange.js";
import { hmacMd5 } from "./md5.js";

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
    // SECURITY: a digest over nothing, or a second one, would only help who wants to guess the password.
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
