/**
 * Masks secrets that a server echoes back: some servers quote the line that they refuse.
 *
 * Layer: session. SECURITY: CWE-532. Secrets in what is written are masked where the line is made.
 */
import { Buffer } from "node:buffer";
import type { SmtpReply } from "../reply.js";
import { makeReply } from "../wire/reply.js";

/** Shorter secrets match ordinary words; masking them would destroy the reply. */
const MIN_HIDDEN_LENGTH = 4;
const HIDDEN = "***";
/** Separates the parts of a response: PLAIN, XOAUTH2, SCRAM, CRAM-MD5. */
const SEPARATORS = /[\u0000\u0001, ]/;
/** Nonces, proofs and digests are at least this long. */
const MIN_DERIVED_LENGTH = 16;

/** Masks the secrets that it was given, as they are and in base64. */
export class Redactor {
  /** Longest first, so that a secret within another one does not leave the rest of that one visible. */
  #secrets: readonly string[] = [];

  /** Adds secrets. */
  hide(...secrets: readonly (string | undefined)[]): void {
    const given = secrets.filter((secret) => secret !== undefined);
    this.#add(given.flatMap((secret) => [secret, Buffer.from(secret, "utf8").toString("base64")]));
  }

  /** Adds a SASL response, and the proofs and tokens in it. `known` is not secret: the user name. */
  hideResponse(response: Uint8Array, known: string): void {
    const bytes = Buffer.from(response);
    const parts = bytes
      .toString("utf8")
      .split(SEPARATORS)
      .filter((part) => part.length >= MIN_DERIVED_LENGTH && !part.includes(known));
    this.#add([bytes.toString("base64"), ...parts]);
  }

  /** The text with its secrets masked. */
  line(text: string): string {
    let shown = text;
    for (const secret of this.#secrets) shown = shown.replaceAll(secret, HIDDEN);
    return shown;
  }

  /** The same for text that was cut off, perhaps in the middle of a secret. */
  excerpt(text: string): string {
    const shown = this.line(text);
    for (const secret of this.#secrets) {
      for (let length = Math.min(secret.length, shown.length); length > 0; length--) {
        if (shown.endsWith(secret.slice(0, length))) return `${shown.slice(0, -length)}${HIDDEN}`;
      }
    }
    return shown;
  }

  /** The same object when there is nothing to mask. */
  reply(reply: SmtpReply): SmtpReply {
    // QUIRK: no pattern is made of secrets: JavaScriptCore refuses one from a password of a megabyte.
    if (!reply.lines.some((line) => this.#secrets.some((secret) => line.includes(secret)))) return reply;
    return makeReply(
      reply.code,
      reply.lines.map((line) => this.line(line)),
    );
  }

  #add(secrets: readonly string[]): void {
    const fresh = secrets.filter((secret) => secret.length >= MIN_HIDDEN_LENGTH);
    this.#secrets = [...new Set([...this.#secrets, ...fresh])].sort((one, other) => other.length - one.length);
  }
}
