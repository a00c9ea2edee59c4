/**
 * SCRAM: both sides prove that they know the password, and neither shows it. With -PLUS the proof also holds for this
 * TLS connection alone.
 *
 * Layer: protocol. RFC 5802, RFC 7677 (SHA-256), RFC 9266 (`tls-exporter`).
 */
import { Buffer } from "node:buffer";
import { OptionError } from "../../errors.js";
import { decodeBase64, encodeBase64 } from "../../text/base64.js";
import { escapeUnseen } from "../../text/characters.js";
import { passwordOf } from "./credential-rules.js";
import type { SaslCredentials, SaslEnvironment, SaslExchange, SaslFault, SaslRefusal } from "./exchange.js";
import { escapeSaslName } from "./sasl-name.js";
import { saslprep } from "./saslprep.js";
import { equalBytes, proveScram, type ScramHash } from "./scram-proof.js";
import { parseServerFirst } from "./scram-server-first.js";

/** RFC 5802 §5.1 leaves the length open; 18 bytes are 24 characters of base64 without padding. */
const NONCE_BYTES = 18;
const MAX_ERROR_LENGTH = 100;

export interface ScramVariant {
  readonly hash: ScramHash;
  /** With -PLUS. */
  readonly bindsChannel: boolean;
}

export class ScramExchange implements SaslExchange {
  readonly mechanism: string;
  readonly #hash: ScramHash;
  readonly #password: string;
  readonly #clientNonce: string;
  readonly #clientFirstBare: string;
  readonly #gs2Header: string;
  readonly #channelBinding: Uint8Array;
  #state: "start" | "asked" | "proved" | "verified" | "refused" = "start";
  #expectedSignature: Uint8Array | undefined;
  #refusal: SaslRefusal | undefined;

  /** @throws OptionError when SASLprep forbids the user name or the password, or -PLUS has no TLS 1.3 to bind to */
  constructor(variant: ScramVariant, credentials: SaslCredentials, environment: SaslEnvironment) {
    this.mechanism = `SCRAM-${variant.hash}${variant.bindsChannel ? "-PLUS" : ""}`;
    const bound = variant.bindsChannel ? environment.channelBinding : undefined;
    if (variant.bindsChannel && bound === undefined) {
      throw new OptionError("authMethods", `${this.mechanism} needs a connection with TLS 1.3 to bind to`);
    }
    this.#hash = variant.hash;
    this.#password = saslprep("password", passwordOf(credentials));
    this.#clientNonce = encodeBase64(environment.randomBytes(NONCE_BYTES));
    const username = escapeSaslName(saslprep("username", credentials.username));
    this.#clientFirstBare = `n=${username},r=${this.#clientNonce}`;
    this.#gs2Header = gs2Header(variant, credentials, environment);
    this.#channelBinding = bound ?? new Uint8Array(0);
  }

  get refusal(): SaslRefusal | undefined {
    return this.#refusal;
  }

  initialResponse(): Uint8Array {
    return Buffer.from(this.#gs2Header + this.#clientFirstBare, "utf8");
  }

  respond(challenge: Uint8Array): Promise<Uint8Array | SaslFault> | Uint8Array | SaslFault {
    const text = Buffer.from(challenge).toString("utf8");
    switch (this.#state) {
      case "start":
        // QUIRK: some servers ignore what comes with AUTH and ask for it by an empty challenge.
        if (text !== "") return this.#prove(text);
        this.#state = "asked";
        return this.initialResponse();
      case "asked":
        return this.#prove(text);
      case "proved":
        return this.#verify(text);
      default:
        return { fault: `The server goes on after the end of ${this.mechanism}` };
    }
  }

  /** SECURITY: success without the server's signature may come from someone who does not know the password. */
  conclude(): SaslFault | undefined {
    if (this.#state === "verified") return undefined;
    return { fault: "The server reported success without proving that it knows the password" };
  }

  async #prove(serverFirst: string): Promise<Uint8Array | SaslFault> {
    const refused = this.#readError(serverFirst);
    if (refused) return new Uint8Array(0);
    const parsed = parseServerFirst(serverFirst, this.#clientNonce);
    if ("fault" in parsed) return parsed;
    this.#state = "proved";
    const binding = Buffer.concat([Buffer.from(this.#gs2Header, "utf8"), this.#channelBinding]);
    const withoutProof = `c=${encodeBase64(binding)},r=${parsed.nonce}`;
    const { proof, serverSignature } = await proveScram(this.#hash, {
      password: this.#password,
      salt: parsed.salt,
      iterations: parsed.iterations,
      authMessage: `${this.#clientFirstBare},${serverFirst},${withoutProof}`,
    });
    this.#expectedSignature = serverSignature;
    return Buffer.from(`${withoutProof},p=${encodeBase64(proof)}`, "utf8");
  }

  #verify(serverFinal: string): Uint8Array | SaslFault {
    if (this.#readError(serverFinal)) return new Uint8Array(0);
    const signature = /^v=([^,]*)(?:,|$)/.exec(serverFinal)?.[1];
    const bytes = signature === undefined ? undefined : decodeBase64(signature);
    if (bytes === undefined || this.#expectedSignature === undefined) {
      return { fault: `The server's last message of ${this.mechanism} holds no signature` };
    }
    if (!equalBytes(bytes, this.#expectedSignature)) {
      return { fault: "The server does not know the password: its signature is wrong" };
    }
    this.#state = "verified";
    return new Uint8Array(0);
  }

  /** `e=`: the server gives its reason (RFC 5802 §7), and its 5yz after an empty answer. */
  #readError(message: string): boolean {
    const value = /^e=([^,]*)/.exec(message)?.[1];
    if (value === undefined) return false;
    this.#state = "refused";
    this.#refusal = { text: escapeUnseen(value.slice(0, MAX_ERROR_LENGTH)), detail: undefined };
    return true;
  }
}

/**
 * How this side stands to channel binding (RFC 5802 §6): `p` uses it, `y` could but was not offered it, `n` cannot or will not.
 * SECURITY: a server that did offer -PLUS takes `y` as the sign that someone between removed the offer.
 */
function gs2Header(variant: ScramVariant, credentials: SaslCredentials, environment: SaslEnvironment): string {
  const identity = credentials.authorizationId;
  const authorization = identity === undefined ? "" : `a=${escapeSaslName(saslprep("authorizationId", identity))}`;
  if (variant.bindsChannel) return `p=tls-exporter,${authorization},`;
  const sawNoOffer = environment.offered?.every((name) => !/^SCRAM-.*-PLUS$/i.test(name)) ?? false;
  return `${environment.channelBinding !== undefined && sawNoOffer ? "y" : "n"},${authorization},`;
}
