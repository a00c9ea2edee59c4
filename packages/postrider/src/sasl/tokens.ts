/**
 * OAUTHBEARER and XOAUTH2: mechanisms for access tokens, and the reason when a server refuses one.
 *
 * Layer: sasl. RFC 7628 (OAUTHBEARER), RFC 5801 §4 (names in it), RFC 6750 (bearer tokens); Google's description of XOAUTH2.
 */
import { Buffer } from "node:buffer";
import { parseJsonObject } from "../given/values.js";
import { escapeUnseen } from "../text/characters.js";
import { accessTokenOf } from "./credential-rules.js";
import {
  escapeSaslName,
  type SaslCredentials,
  type SaslEnvironment,
  type SaslExchange,
  type SaslFault,
  type SaslRefusal,
} from "./exchange.js";

/** SECURITY: bounds text from the server, so that error messages stay readable. */
const MAX_TEXT_LENGTH = 200;

/** A token in the initial response; a challenge is a refusal. */
class BearerExchange implements SaslExchange {
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
    if (this.#refusal !== undefined)
      return { fault: `The server continued after refusing the ${this.mechanism} token` };
    if (challenge.length === 0) return this.#again();
    this.#refusal = parseOauthRefusal(challenge);
    return this.#refusal === undefined
      ? { fault: `The server's answer to ${this.mechanism} is not a JSON object` }
      : this.#acknowledgement;
  }

  conclude(): SaslFault | undefined {
    return this.#refusal === undefined ? undefined : { fault: "The server refused the token, then reported success" };
  }

  /** QUIRK: some servers ignore the initial response and ask for it by an empty challenge. */
  #again(): Uint8Array | SaslFault {
    if (this.#asked) return { fault: `The server asked for the ${this.mechanism} response twice` };
    this.#asked = true;
    return this.#response;
  }
}

export class OauthBearerExchange extends BearerExchange {
  constructor(credentials: SaslCredentials, environment: SaslEnvironment) {
    const identity = escapeSaslName(credentials.authorizationId ?? credentials.username);
    const fields = [`n,a=${identity},`];
    if (environment.hostname !== undefined) fields.push(`host=${environment.hostname}`);
    if (environment.port !== undefined) fields.push(`port=${environment.port}`);
    fields.push(`auth=Bearer ${accessTokenOf(credentials)}`, "", "");
    // RFC 7628 §3.2.3: U+0001 acknowledges the refusal, and the server continues with its 5yz.
    super("OAUTHBEARER", Buffer.from(fields.join("\x01"), "utf8"), Uint8Array.of(0x01));
  }
}

export class Xoauth2Exchange extends BearerExchange {
  constructor(credentials: SaslCredentials) {
    const response = `user=${credentials.username}\x01auth=Bearer ${accessTokenOf(credentials)}\x01\x01`;
    super("XOAUTH2", Buffer.from(response, "utf8"), new Uint8Array(0));
  }
}

/** The refusal in a challenge (RFC 7628 §3.2.2); undefined when it is not a JSON object. */
function parseOauthRefusal(challenge: Uint8Array): SaslRefusal | undefined {
  const detail = parseJsonObject(Buffer.from(challenge).toString("utf8"));
  if (detail === undefined) return undefined;
  const facts = ["status", "error", "scope"].flatMap((name) => {
    const value = Object.hasOwn(detail, name) ? detail[name] : undefined;
    return typeof value === "string" || typeof value === "number" ? [`${name} ${value}`] : [];
  });
  const text = escapeUnseen(facts.join(", ").slice(0, MAX_TEXT_LENGTH));
  return { text: text === "" ? "the token was refused" : text, detail: Object.freeze(detail) };
}
