/**
 * `lib/xoauth2`: access tokens for programs that ask for them by themselves.
 *
 * Layer: nodemailer. RFC 6749 §6, RFC 7523.
 */
import { Stream } from "node:stream";
import type { AccessToken } from "postrider";
import { mailError, toNodemailerError } from "./errors.js";
import { accessTokenOf } from "./oauth2.js";
import type { AuthOptions, NodemailerError, OAuth2Token } from "./types.js";

export declare namespace XOAuth2 {
  export type Options = AuthOptions;
  export type Token = OAuth2Token;
}

type TokenCallback = (error: NodemailerError | null, accessToken: string) => void;

/** Keeps a token, and asks for another one when it is over. Emits `token` with each new one. */
export class XOAuth2 extends Stream {
  options: AuthOptions;
  accessToken: string | false;
  /** When the token ends, in milliseconds since 1970; 0: not known. */
  expires = 0;
  readonly #source: AccessToken | undefined;

  /** @throws EOAUTH2 when the options give no way to a token */
  constructor(options: AuthOptions = {}) {
    super();
    this.options = options;
    this.accessToken = options.accessToken || false;
    this.expires = options.expires ?? 0;
    const asking = { type: "OAuth2", ...options, user: options.user ?? "" };
    this.#source = accessTokenOf(asking, this, undefined);
    this.on("token", ({ accessToken, expires }: OAuth2Token) => {
      this.accessToken = accessToken;
      this.expires = expires;
    });
  }

  getToken(renew: boolean, callback: TokenCallback): void {
    this.#ask(renew).then(
      (token) => queueMicrotask(() => callback(null, token)),
      (error: unknown) => queueMicrotask(() => callback(toNodemailerError(error), "")),
    );
  }

  /** A new token, whether or not there is one. */
  generateToken(callback: TokenCallback): void {
    this.getToken(true, callback);
  }

  /** Takes a token that the program has got by itself; `timeout` in seconds. */
  updateToken(accessToken: string, timeout?: number | string): void {
    const seconds = Number(timeout) || 0;
    const expires = seconds > 0 ? Date.now() + seconds * 1000 : 0;
    this.accessToken = accessToken;
    this.expires = expires;
    this.emit("token", { user: this.options.user ?? "", accessToken, expires });
  }

  /** The response of XOAUTH2, in base64. */
  buildXOAuth2Token(accessToken: string = this.accessToken || ""): string {
    return Buffer.from(`user=${this.options.user ?? ""}\u0001auth=Bearer ${accessToken}\u0001\u0001`).toString(
      "base64",
    );
  }

  async #ask(renew: boolean): Promise<string> {
    const isOver = this.expires > 0 && this.expires <= Date.now();
    if (!renew && !isOver && this.accessToken !== false) return this.accessToken;
    if (typeof this.#source === "function") return this.#source(renew || isOver ? { expired: true } : {});
    if (this.#source !== undefined && !renew) return this.#source;
    throw mailError("EOAUTH2", "the token cannot be renewed: give refreshToken with clientId, or provisionCallback");
  }
}
