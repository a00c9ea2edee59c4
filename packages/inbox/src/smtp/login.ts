/**
 * The server's side of SASL, without I/O: the lines of a client until its credentials are whole.
 *
 * RFC 4954 §4 (AUTH), RFC 4616 (PLAIN), RFC 2195 (CRAM-MD5); LOGIN and XOAUTH2 have no RFC.
 */
import { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";
import { isSame } from "../secrets.js";

/** Credentials as a client gave them; whether they are right is for the caller to say. */
export interface Login {
  /** By which it logs in. */
  readonly mechanism: Mechanism;
  /** Who it says that it is. */
  readonly username: string;
  /** The password or the access token as it was given; undefined with CRAM-MD5, which does not send it. */
  readonly secret: string | undefined;
  /** Whether the client knows this secret: the password, or the access token. */
  proves(secret: string): boolean;
}

/** The mechanisms that a session speaks. */
export const MECHANISMS = ["PLAIN", "LOGIN", "CRAM-MD5", "XOAUTH2"] as const;
/** The name of a mechanism. */
export type Mechanism = (typeof MECHANISMS)[number];

/** What is said next: a challenge (not yet base64), or whose credentials they are; undefined when the line is no valid response. */
export type LoginStep = { readonly challenge: string } | { readonly login: Login } | undefined;

/** One attempt to log in. */
export class LoginExchange {
  readonly mechanism: Mechanism;
  readonly #nonce: string;
  /** The first of the two lines of LOGIN. */
  #username: string | undefined;

  /** @param nonce such as `<random@host>`, for CRAM-MD5: never the same twice. */
  constructor(mechanism: Mechanism, nonce: string) {
    this.mechanism = mechanism;
    this.#nonce = nonce;
  }

  /** @param initial the response in the AUTH command, base64; undefined without one. */
  start(initial: string | undefined): LoginStep {
    if (this.mechanism === "CRAM-MD5") return initial === undefined ? { challenge: this.#nonce } : undefined;
    // RFC 4954 §4: "=" is a response that is empty.
    if (initial !== undefined) return this.respond(initial === "=" ? "" : initial);
    return { challenge: this.mechanism === "LOGIN" ? "Username:" : "" };
  }

  /** @param line base64. */
  respond(line: string): LoginStep {
    const text = decode(line);
    if (text === undefined) return undefined;
    switch (this.mechanism) {
      case "PLAIN":
        return readPlain(text);
      case "LOGIN":
        return this.#readLogin(text);
      case "CRAM-MD5":
        return readCram(text, this.#nonce);
      case "XOAUTH2":
        return readToken(text);
    }
  }

  #readLogin(text: string): LoginStep {
    const username = this.#username;
    if (username !== undefined) return known("LOGIN", username, text);
    this.#username = text;
    return { challenge: "Password:" };
  }
}

function decode(line: string): string | undefined {
  if (line.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(line)) return undefined;
  return Buffer.from(line, "base64").toString("utf8");
}

/** Credentials whose secret was sent as it is. */
export function loginBy(mechanism: Mechanism, username: string, given: string): Login {
  return { mechanism, username, secret: given, proves: (secret) => isSame(given, secret) };
}

function known(mechanism: Mechanism, username: string, given: string): LoginStep {
  return { login: loginBy(mechanism, username, given) };
}

/** `authzid NUL authcid NUL passwd`. */
function readPlain(text: string): LoginStep {
  const [, username, password, more] = text.split("\0");
  if (username === undefined || password === undefined || more !== undefined) return undefined;
  return known("PLAIN", username, password);
}

/** `username digest`; the name may have spaces. */
function readCram(text: string, nonce: string): LoginStep {
  const [, username, digest = ""] = /^(.+) ([0-9a-f]{32})$/i.exec(text) ?? [];
  if (username === undefined) return undefined;
  const right = (secret: string): string => createHmac("md5", secret).update(nonce).digest("hex");
  const proves = (secret: string): boolean => isSame(digest.toLowerCase(), right(secret));
  return { login: { mechanism: "CRAM-MD5", username, secret: undefined, proves } };
}

/** `user=name ^A auth=Bearer token ^A ^A`. */
function readToken(text: string): LoginStep {
  const fields = text.split("\x01");
  const username = fields.find((field) => field.startsWith("user="))?.slice("user=".length);
  const token = fields.map((field) => /^auth=Bearer (.+)$/i.exec(field)?.[1]).find((one) => one !== undefined);
  return username === undefined || token === undefined ? undefined : known("XOAUTH2", username, token);
}
