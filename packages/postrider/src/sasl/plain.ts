/**
 * The mechanisms whose credentials cross the wire as they are, or not at all: PLAIN, LOGIN and EXTERNAL.
 *
 * Layer: sasl. RFC 4616 (PLAIN), draft-murchison-sasl-login (LOGIN), RFC 4422 appendix A (EXTERNAL).
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

type Field = "username" | "password";

// QUIRK: "Username:", "User Name\0", "username:"; and any words at all, which then go by their order.
const USERNAME_PROMPT = /^user ?name/i;
const PASSWORD_PROMPT = /^password/i;

export class LoginExchange implements SaslExchange {
  readonly mechanism = "LOGIN";
  readonly acceptsClearText = true;
  readonly #values: Readonly<Record<Field, Uint8Array>>;
  readonly #asked = new Set<Field>();
  #usernameSent = false;

  constructor(credentials: SaslCredentials) {
    this.#values = {
      username: Buffer.from(credentials.username, "utf8"),
      password: Buffer.from(passwordOf(credentials), "utf8"),
    };
  }

  initialResponse(): Uint8Array {
    this.#usernameSent = true;
    return this.#values.username;
  }

  /** QUIRK: a server that ignores what came with AUTH prompts for the user name all the same. */
  respond(challenge: Uint8Array): Uint8Array | SaslFault {
    const field = this.#promptedFor(Buffer.from(challenge).toString("latin1"));
    // SECURITY: after the password nothing is given away, whatever the server says it wants.
    if (this.#asked.has(field) || this.#asked.has("password")) {
      return { fault: "The server prompted for LOGIN once too often" };
    }
    this.#asked.add(field);
    if (field === "username") this.#usernameSent = true;
    return this.#values[field];
  }

  conclude(): undefined {
    return undefined;
  }

  #promptedFor(prompt: string): Field {
    if (USERNAME_PROMPT.test(prompt)) return "username";
    if (PASSWORD_PROMPT.test(prompt)) return "password";
    return this.#usernameSent ? "password" : "username";
  }
}

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
