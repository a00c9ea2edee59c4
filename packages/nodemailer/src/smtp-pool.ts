/**
 * Messages over a pool of SMTP connections that stay open.
 *
 * Layer: nodemailer.
 */
import { EventEmitter } from "node:events";
import { SmtpPool } from "postrider";
import { dkimSigners } from "./dkim.js";
import { mailError, toNodemailerError } from "./errors.js";
import { type CompleteLogger, getLogger } from "./logger.js";
import type { MailMessage } from "./mail-message.js";
import type { Mail } from "./mailer.js";
import { accessTokenOf } from "./oauth2.js";
import { promiseOrCallback } from "./promise-or-callback.js";
import { deliver } from "./smtp-delivery.js";
import { authOf, poolOptions, readOptions } from "./smtp-options.js";
import type { Callback, SendMailOptions, SmtpOptions, SmtpSentMessageInfo } from "./types.js";
import { VERSION } from "./version.js";

export declare namespace SMTPPool {
  export interface Options extends Omit<SmtpOptions, "pool"> {
    pool: true;
  }
  export type MailOptions = SendMailOptions;
  export type SentMessageInfo = SmtpSentMessageInfo;
}

/** A transport with several connections, each for many messages. */
export class SMTPPool extends EventEmitter {
  options: SmtpOptions;
  readonly name: string = "SMTP (pool)";
  readonly version: string = VERSION;
  readonly supportsAbortSignal: boolean = true;
  mailer: Mail<SmtpSentMessageInfo> | undefined;
  logger: CompleteLogger;
  #pool: SmtpPool | undefined;
  #isClosed = false;
  #pending = 0;

  constructor(options?: SmtpOptions | SMTPPool.Options | string) {
    super();
    this.options = readOptions(options as SmtpOptions);
    this.logger = getLogger({ component: "smtp-pool", ...this.options });
    setImmediate(() => this.#tellIdle());
  }

  /** True when a message more would not have to wait. */
  isIdle(): boolean {
    return !this.#isClosed && this.#pending < (this.#pool?.capacity ?? 1);
  }

  /** @deprecated The same as `isIdle()`. */
  get idling(): boolean {
    return this.isIdle();
  }

  send(mail: MailMessage<SmtpSentMessageInfo>, callback: Callback<SmtpSentMessageInfo>): void {
    if (this.#isClosed) {
      callback(
        mailError("ECONNECTION", "The pool is closed", { outcome: "not-sent", retry: "never" }),
        undefined as never,
      );
      return;
    }
    this.#pending += 1;
    this.#send(mail).then(
      (info) => this.#settled(() => callback(null, info)),
      (error: unknown) => this.#settled(() => callback(toNodemailerError(error, mail.data.signal), undefined as never)),
    );
  }

  verify(): Promise<true>;
  verify(callback: Callback<true>): void;
  verify(callback?: Callback<true>): Promise<true> | undefined {
    return promiseOrCallback(this.#verify(), callback);
  }

  /** Takes no more messages; those that it has are sent, unless `force`. */
  close(options: { force?: boolean } = {}): void {
    this.#isClosed = true;
    void this.#pool?.close({ force: options?.force === true });
    this.emit("close");
  }

  async #send(mail: MailMessage<SmtpSentMessageInfo>): Promise<SmtpSentMessageInfo> {
    const pool = this.#open();
    return deliver(mail, (message, options) => pool.send(message, options));
  }

  async #verify(): Promise<true> {
    try {
      await this.#open().verify();
      return true;
    } catch (error) {
      throw toNodemailerError(error);
    }
  }

  /** Made when it is needed: an option that is wrong is an error of the message that needs it, as with nodemailer. */
  #open(): SmtpPool {
    this.#pool ??= new SmtpPool(
      poolOptions(this.options, {
        dkim: dkimSigners(this.options.dkim),
        accessToken: accessTokenOf(authOf(this.options), this, this.mailer),
        proxyHandler: this.mailer?.proxyHandler(this.options.proxy),
      }),
    );
    return this.#pool;
  }

  #settled(tell: () => void): void {
    this.#pending -= 1;
    try {
      tell();
    } finally {
      if (this.#pending === 0) this.emit("clear");
      this.#tellIdle();
    }
  }

  #tellIdle(): void {
    if (this.isIdle()) this.emit("idle");
  }
}
