/**
 * PLAIN: user name and password in one response; only as safe as the connection.
 *
 * Layer: protocol. RFC 4616.
 */
import { Buffer } from "node:buffer";
import { passwordOf } from "./credential-rules.js";
import type { SaslCredentials, SaslExchange, SaslFault } from "./exchange.js";
import { saslprep } from "./saslprep.js";

export class PlainExchange implements SaslExchange {
  readonly mechanism = "PLAIN";
  readonly #response: Uint8Array;
  #asked = false;

  /** @throws OptionError when SASLprep forbids the user name or the password */
  constructor(credentials: SaslCredentials) {
    const password = passwordOf(credentials);
    // RFC 4616 §2 leaves preparing to the server: what it would refuse is refused here, what it takes goes out as given.
    saslprep("username", credentials.username);
    saslprep("password", password);
    const text = `${credentials.authorizationId ?? ""}\0${credentials.username}\0${password}`;
    this.#response = Buffer.from(text, "utf8");
  }

  initialResponse(): Uint8Array {
    return this.#response;
  }

  /** QUIRK: some servers ignore what comes with AUTH and ask for it by an empty challenge. */
  respond(challenge: Uint8Array): Uint8Array | SaslFault {
    if (challenge.length > 0) return { fault: "PLAIN has no challenge, and the server sent one" };
    if (this.#asked) return { fault: "The server asked for the PLAIN response twice" };
    this.#asked = true;
    return this.#response;
  }

  conclude(): undefined {
    return undefined;
  }
}
