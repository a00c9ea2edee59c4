/**
 * LOGIN: user name, then password, each after a prompt; never a standard, and everywhere.
 *
 * Layer: protocol. draft-murchison-sasl-login.
 */
import { Buffer } from "node:buffer";
import { passwordOf } from "./credential-rules.js";
import type { SaslCredentials, SaslExchange, SaslFault } from "./exchange.js";

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
