/**
 * Messages over SMTP, each with a connection of its own.
 *
 * Layer: nodemailer.
 */
import { EventEmitter } from "node:events";
import { type AccessToken, type ConnectionOptions, SmtpClient, send } from "postrider";
import { dkimSigners } from "./dkim.js";
import { toNodemailerError } from "./errors.js";
import { type CompleteLogger, getLogger } from "./logger.js";
import type { MailMessage } from "./mail-message.js";
import type { Mail } from "./mailer.js";
import { accessTokenOf } from "./oauth2.js";
import { promiseOrCallback } from "./promise-or-callback.js";
import { deliver } from "./smtp-delivery.js";
import { authOf, connectionOptions, readOptions } from "./smtp-options.js";
import type { AuthOptions, Callback, SendMailOptions, SmtpOptions, SmtpSentMessageInfo } from "./types.js";
import { VERSION } from "./version.js";

export declare namespace SMTPTransport {
  export type Options = SmtpOptions;
  export type MailOptions = SendMailOptions;
  export type SentMessageInfo = SmtpSentMessageInfo;
  export type AuthenticationType = AuthOptions;
  export type AuthenticationTypeLogin = AuthOptions;
  export type AuthenticationTypeOAuth2 = AuthOptions;
  export type AuthenticationTypeCustom = AuthOptions;
}

/** A transport that opens a connection for each message, and closes it. */
export class SMTPTransport extends EventEmitter {
  options: SmtpOptions;
  readonly name: string = "SMTP";
  readonly version: string = VERSION;
  readonly supportsAbortSignal: boolean = true;
  mailer: Mail<SmtpSentMessageInfo> | undefined;
  logger: CompleteLogger;
  #token: AccessToken | undefined;

  constructor(options?: SmtpOptions | string) {
    super();
    this.options = readOptions(options);
    this.logger = getLogger({ component: "smtp-transport", ...this.options });
  }

  send(mail: MailMessage<SmtpSentMessageInfo>, callback: Callback<SmtpSentMessageInfo>): void {
    this.#send(mail).then(
      (info) => callback(null, info),
      (error: unknown) => callback(toNodemailerError(error, mail.data.signal), undefined as never),
    );
  }

  verify(): Promise<true>;
  verify(callback: Callback<true>): void;
  verify(callback?: Callback<true>): Promise<true> | undefined {
    return promiseOrCallback(this.#verify(), callback);
  }

  /** Connections close by themselves here. */
  close(): void {
    this.emit("close");
  }

  async #send(mail: MailMessage<SmtpSentMessageInfo>): Promise<SmtpSentMessageInfo> {
    const connection = this.#connection(mail.data.auth);
    return deliver(mail, (message, options) => send(message, { ...connection, ...options }));
  }

  async #verify(): Promise<true> {
    try {
      await new SmtpClient(this.#connection(undefined)).verify();
      return true;
    } catch (error) {
      throw toNodemailerError(error);
    }
  }

  #connection(auth: AuthOptions | undefined): ConnectionOptions {
    const options =
      auth === undefined || auth === null ? this.options : { ...this.options, auth: { ...this.options.auth, ...auth } };
    return connectionOptions(options, {
      dkim: dkimSigners(this.options.dkim),
      accessToken: options === this.options ? this.#accessToken() : accessTokenOf(authOf(options), this, this.mailer),
      proxyHandler: this.mailer?.proxyHandler(options.proxy),
    });
  }

  /** One for all messages, so that a token is asked for once. */
  #accessToken(): AccessToken | undefined {
    this.#token ??= accessTokenOf(authOf(this.options), this, this.mailer);
    return this.#token;
  }
}
