/**
 * PLAIN and LOGIN, which send the password itself, and EXTERNAL, which sends no secret.
 *
 * Layer: sasl. RFC 4616 (PLAIN), draft-murchison-sasl-login (LOGIN), RFC 4422 appendix A (EXTERNAL).
 */
import { Buffer } from "node:buffer";
import { passwordOf } from "./credential-rules.js";
import type { SaslCredentials, SaslExchange, SaslFault } from "./exchange.js";
import { saslprep } from "./saslprep.js";

type Field = "username" | "password";

// QUIRK: prompts vary ("Username:", "User Name\0", "username:"); unknown prompts are answered by their order.
const USERNAME_PROMPT = /^user ?name/i;
const PASSWORD_PROMPT = /^password/i;

/** A mechanism whose only message is the initial response. */
class SingleResponse implements SaslExchange {
  readonly mechanism: string;
  readonly #response: Uint8Array;
  #asked = false;

  constructor(mechanism: string, response: string) {
    this.mechanism = mechanism;
    this.#response = Buffer.from(response, "utf8");
  }

  initialResponse(): Uint8Array {
    return this.#response;
  }

  /** QUIRK: some servers ignore the initial response and ask for it by an empty challenge. */
  respond(challenge: Uint8Array): Uint8Array | SaslFault {
    if (challenge.length > 0) return { fault: `${this.mechanism} has no challenge, and the server sent one` };
    if (this.#asked) return { fault: `The server asked for the ${this.mechanism} response twice` };
    this.#asked = true;
    return this.#response;
  }

  conclude(): undefined {
    return undefined;
  }
}

export class PlainExchange extends SingleResponse {
  /** @throws OptionError when SASLprep forbids the user name or the password */
  constructor(credentials: SaslCredentials) {
    const password = passwordOf(credentials);
    // RFC 4616 §2: the server prepares the strings. Text that SASLprep forbids is refused here; other text is sent unchanged.
    saslprep("username", credentials.username);
    saslprep("password", password);
    super("PLAIN", `${credentials.authorizationId ?? ""}\0${credentials.username}\0${password}`);
  }
}

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

  /** QUIRK: a server that ignores the initial response prompts for the user name too. */
  respond(challenge: Uint8Array): Uint8Array | SaslFault {
    const field = this.#promptedFor(Buffer.from(challenge).toString("latin1"));
    // SECURITY: nothing more is sent after the password, whatever the server prompts for.
    if (this.#asked.has(field) || this.#asked.has("password")) {
      return { fault: "The server prompted for LOGIN too often" };
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

export class ExternalExchange extends SingleResponse {
  /** Sends `authorizationId`, else `username`; empty means the identity in the client certificate. */
  constructor(credentials: SaslCredentials) {
    super("EXTERNAL", credentials.authorizationId ?? credentials.username);
  }
}
