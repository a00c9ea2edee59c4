/**
 * The dialogue that OAUTHBEARER and XOAUTH2 share: one response with the token; when it is refused, the reason as JSON
 * and an answer that says no more than "go on".
 *
 * Layer: protocol. RFC 7628 §3.2.
 */
import type { SaslExchange, SaslFault, SaslRefusal } from "./exchange.js";
import { parseOauthRefusal } from "./oauth-refusal.js";

export class BearerExchange implements SaslExchange {
  readonly mechanism: string;
  readonly #response: Uint8Array;
  readonly #acknowledgement: Uint8Array;
  #asked = false;
  #refusal: SaslRefusal | undefined;

  constructor(mechanism: string, response: Uint8Array, acknowledgement: Uint8Array) {
    this.mechanism = mechanism;
    this.#response = response;
    this.#acknowledgement = acknowledgement;
  }

  get refusal(): SaslRefusal | undefined {
    return this.#refusal;
  }

  initialResponse(): Uint8Array {
    return this.#response;
  }

  respond(challenge: Uint8Array): Uint8Array | SaslFault {
    if (this.#refusal !== undefined) return { fault: `The server goes on after refusing the ${this.mechanism} token` };
    if (challenge.length === 0) return this.#again();
    this.#refusal = parseOauthRefusal(challenge);
    return this.#refusal === undefined
      ? { fault: `The server's answer to ${this.mechanism} is not a JSON object` }
      : this.#acknowledgement;
  }

  conclude(): SaslFault | undefined {
    return this.#refusal === undefined ? undefined : { fault: "The server refused the token, then reported success" };
  }

  /** QUIRK: some servers ignore what comes with AUTH and ask for it by an empty challenge. */
  #again(): Uint8Array | SaslFault {
    if (this.#asked) return { fault: `The server asked for the ${this.mechanism} response twice` };
    this.#asked = true;
    return this.#response;
  }
}
