/**
 * What a server sends back of our secrets is replaced: some quote the line that they refuse.
 *
 * Layer: session. SECURITY: CWE-532. What we send is hidden where it is made; this is about what comes.
 */
import { Buffer } from "node:buffer";
import type { SmtpReply } from "../reply.js";
import { makeReply } from "../wire/reply.js";

/** Shorter ones stand in any text, and a reply without its vowels helps nobody. */
const MIN_HIDDEN_LENGTH = 4;
const HIDDEN = "***";
/** Between the parts of a response: PLAIN, XOAUTH2, SCRAM, CRAM-MD5. */
const SEPARATORS = /[\u0000\u0001, ]/;
/** A nonce, a proof, a digest. */
const MIN_DERIVED_LENGTH = 16;

export class Redactor {
  /** Longest first: a part must not spoil the whole. */
  #secrets: readonly string[] = [];
  /** PERF: one look at a line tells nearly always that there is nothing to hide. */
  #pattern: RegExp | undefined;

  /** From now on these are not shown, as they are and in base64. */
  hide(...secrets: readonly (string | undefined)[]): void {
    const given = secrets.filter((secret) => secret !== undefined);
    this.#add(given.flatMap((secret) => [secret, Buffer.from(secret, "utf8").toString("base64")]));
  }

  /** What was derived from a secret: a whole response of SASL, and proofs and tokens in it. `known` is no secret: the user's name. */
  hideResponse(response: Uint8Array, known: string): void {
    const bytes = Buffer.from(response);
    const parts = bytes
      .toString("utf8")
      .split(SEPARATORS)
      .filter((part) => part.length >= MIN_DERIVED_LENGTH && !part.includes(known));
    this.#add([bytes.toString("base64"), ...parts]);
  }

  line(text: string): string {
    let shown = text;
    for (const secret of this.#secrets) shown = shown.replaceAll(secret, HIDDEN);
    return shown;
  }

  /** A text that was cut off somewhere, perhaps in the middle of a secret. */
  excerpt(text: string): string {
    const shown = this.line(text);
    for (const secret of this.#secrets) {
      for (let length = Math.min(secret.length, shown.length); length > 0; length--) {
        if (shown.endsWith(secret.slice(0, length))) return `${shown.slice(0, -length)}${HIDDEN}`;
      }
    }
    return shown;
  }

  /** The same reply when it shows nothing. */
  reply(reply: SmtpReply): SmtpReply {
    const pattern = this.#pattern;
    if (pattern === undefined || !reply.lines.some((line) => pattern.test(line))) return reply;
    return makeReply(
      reply.code,
      reply.lines.map((line) => this.line(line)),
    );
  }

  #add(secrets: readonly string[]): void {
    const fresh = secrets.filter((secret) => secret.length >= MIN_HIDDEN_LENGTH);
    this.#secrets = [...new Set([...this.#secrets, ...fresh])].sort((one, other) => other.length - one.length);
    if (this.#secrets.length > 0) this.#pattern = new RegExp(this.#secrets.map(escapePattern).join("|"));
  }
}

function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}
