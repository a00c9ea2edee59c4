/**
 * SCRAM: both sides prove that they know the password without sending it. With -PLUS the proof is bound to the TLS connection.
 *
 * Layer: sasl. RFC 5802, RFC 7677 (SHA-256), RFC 9266 (`tls-exporter`).
 */
import { Buffer } from "node:buffer";
import { OptionError } from "../errors/errors.js";
import { decodeBase64, encodeBase64 } from "../text/base64.js";
import { escapeUnseen } from "../text/characters.js";
import { passwordOf } from "./credential-rules.js";
import {
  escapeSaslName,
  type SaslCredentials,
  type SaslEnvironment,
  type SaslExchange,
  type SaslFault,
  type SaslRefusal,
} from "./exchange.js";
import { saslprep } from "./saslprep.js";

/** RFC 5802 §5.1 leaves the length open; 18 bytes are 24 characters of base64 without padding. */
const NONCE_BYTES = 18;
const MAX_ERROR_LENGTH = 100;

/** SECURITY: the minimum of RFC 5802 §5.1 and RFC 7677 §4; with fewer the password is cheap to guess from the proof. */
const MIN_ITERATIONS = 4096;
/**
 * SECURITY: the server chooses the cost of the client's computation. This is about half a second of one thread, and still above
 * what OWASP asks of servers for either hash (1 300 000 for SHA-1).
 */
const MAX_ITERATIONS = 2_000_000;

// Extensions may follow and are ignored; a mandatory one (`m=`) stands in front.
const SERVER_FIRST = /^r=([\x21-\x2b\x2d-\x7e]+),s=([^,]+),i=([1-9]\d{0,9})(?:,|$)/;
const HASH_BITS: Readonly<Record<ScramHash, number>> = { "SHA-1": 160, "SHA-256": 256 };

/** The names in Web Crypto and in SASL. */
export type ScramHash = "SHA-1" | "SHA-256";

export interface ScramVariant {
  readonly hash: ScramHash;
  /** Channel binding: -PLUS. */
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
        // QUIRK: some servers ignore the initial response and ask for it by an empty challenge.
        if (text !== "") return this.#prove(text);
        this.#state = "asked";
        return this.initialResponse();
      case "asked":
        return this.#prove(text);
      case "proved":
        return this.#verify(text);
      default:
        return { fault: `The server continued after the end of ${this.mechanism}` };
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

  /** `e=`: the server gives its reason (RFC 5802 §7), and its 5yz after an empty response. */
  #readError(message: string): boolean {
    const value = /^e=([^,]*)/.exec(message)?.[1];
    if (value === undefined) return false;
    this.#state = "refused";
    this.#refusal = { text: escapeUnseen(value.slice(0, MAX_ERROR_LENGTH)), detail: undefined };
    return true;
  }
}

/**
 * The channel binding flag (RFC 5802 §6): `p` uses it, `y` supports it but the server did not offer it, `n` does not support it.
 * SECURITY: a server that did offer -PLUS learns by `y` that an attacker removed the offer.
 */
function gs2Header(variant: ScramVariant, credentials: SaslCredentials, environment: SaslEnvironment): string {
  const identity = credentials.authorizationId;
  const authorization = identity === undefined ? "" : `a=${escapeSaslName(saslprep("authorizationId", identity))}`;
  if (variant.bindsChannel) return `p=tls-exporter,${authorization},`;
  const sawNoOffer = environment.offered?.every((name) => !/^SCRAM-.*-PLUS$/i.test(name)) ?? false;
  return `${environment.channelBinding !== undefined && sawNoOffer ? "y" : "n"},${authorization},`;
}

interface ScramInput {
  /** After SASLprep. */
  readonly password: string;
  readonly salt: Uint8Array;
  readonly iterations: number;
  readonly authMessage: string;
}

/** The client's proof, and the signature that the server must return. */
async function proveScram(
  hash: ScramHash,
  input: ScramInput,
): Promise<{ readonly proof: Uint8Array; readonly serverSignature: Uint8Array }> {
  const salted = await saltPassword(hash, input);
  const authMessage = Buffer.from(input.authMessage, "utf8");
  const clientKey = await hmac(hash, salted, Buffer.from("Client Key"));
  const storedKey = new Uint8Array(await crypto.subtle.digest(hash, clientKey));
  const clientSignature = await hmac(hash, storedKey, authMessage);
  const serverKey = await hmac(hash, salted, Buffer.from("Server Key"));
  return {
    proof: clientKey.map((byte, index) => byte ^ (clientSignature[index] ?? 0)),
    serverSignature: await hmac(hash, serverKey, authMessage),
  };
}

/** SECURITY: constant time. */
function equalBytes(left: Uint8Array, right: Uint8Array): boolean {
  if (left.length !== right.length) return false;
  let difference = 0;
  for (let index = 0; index < left.length; index++) difference |= (left[index] ?? 0) ^ (right[index] ?? 0);
  return difference === 0;
}

/** RFC 5802 §2.2: `Hi(password, salt, i)` is PBKDF2 with one block of output. */
async function saltPassword(hash: ScramHash, input: ScramInput): Promise<Uint8Array> {
  const key = await crypto.subtle.importKey("raw", Buffer.from(input.password, "utf8"), "PBKDF2", false, [
    "deriveBits",
  ]);
  const parameters = { name: "PBKDF2", hash, salt: input.salt, iterations: input.iterations };
  return new Uint8Array(await crypto.subtle.deriveBits(parameters, key, HASH_BITS[hash]));
}

async function hmac(hash: ScramHash, key: Uint8Array, message: Uint8Array): Promise<Uint8Array> {
  const algorithm = { name: "HMAC", hash };
  const imported = await crypto.subtle.importKey("raw", key, algorithm, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, message));
}

interface ScramServerFirst {
  readonly nonce: string;
  readonly salt: Uint8Array;
  readonly iterations: number;
}

function parseServerFirst(message: string, clientNonce: string): ScramServerFirst | SaslFault {
  if (message.startsWith("m=")) return { fault: "The server requires an unknown extension of SCRAM" };
  const [, nonce = "", saltText = "", count] = SERVER_FIRST.exec(message) ?? [];
  if (count === undefined) return { fault: "The server's first message of SCRAM is malformed" };
  if (!nonce.startsWith(clientNonce) || nonce.length === clientNonce.length) {
    return { fault: "The server's SCRAM nonce does not continue ours" };
  }
  const salt = decodeBase64(saltText);
  if (salt === undefined || salt.length === 0) return { fault: "The server's SCRAM salt is not base64" };
  const iterations = Number(count);
  if (iterations < MIN_ITERATIONS || iterations > MAX_ITERATIONS) {
    return {
      fault: `The server asks for ${iterations} iterations; ${MIN_ITERATIONS} to ${MAX_ITERATIONS} are accepted`,
    };
  }
  return { nonce, salt, iterations };
}
