/**
 * The transporter: plugins, defaults, and one transport behind them.
 *
 * Layer: nodemailer.
 */
import { EventEmitter } from "node:events";
import { isSmtpError } from "postrider";
import { dkimSigners } from "./dkim.js";
import { mailError, toNodemailerError } from "./errors.js";
import { type CompleteLogger, getLogger } from "./logger.js";
import { MailComposer } from "./mail-composer.js";
import { MailMessage } from "./mail-message.js";
import type { ProxyHandler } from "./smtp-options.js";
import type * as shapes from "./types.js";
import type { Callback, NodemailerError, ProvisionCallback, SendMailOptions, TransportOptions } from "./types.js";
import { VERSION } from "./version.js";

/** What a transport is: ours, or a program's own. */
export interface Transport<Info = any, _Options = TransportOptions> {
  mailer?: any;
  name: string;
  version: string;
  send(mail: MailMessage<Info>, callback: (error: Error | null, info: any) => void): void;
  verify?(callback: (error: Error | null, success: true) => void): void;
  verify?(): Promise<true>;
  close?(...parameters: unknown[]): unknown;
  isIdle?(): boolean;
}

export type PluginFunction<Info = any> = (mail: MailMessage<Info>, callback: (error?: Error | null) => void) => void;

export declare namespace Mail {
  export type Options = shapes.SendMailOptions;
  export type Address = shapes.Address;
  export type Attachment = shapes.Attachment;
  export type AttachmentLike = shapes.AttachmentLike;
  export type AmpAttachment = shapes.AmpAttachment;
  export type IcalAttachment = shapes.IcalAttachment;
  export type Headers = shapes.Headers;
  export type ListHeader = shapes.ListHeader;
  export type ListHeaders = shapes.ListHeaders;
  export type Envelope = shapes.Envelope;
  export type TextEncoding = shapes.TextEncoding;
  export type Connection = { connection: import("node:stream").Duplex };
  export type PluginFunction<Info = any> = import("./mailer.js").PluginFunction<Info>;
}

/** A transporter. `createTransport` makes one. */
export class Mail<Info = any, Options = TransportOptions> extends EventEmitter {
  options: any;
  meta: Map<string, unknown> = new Map();
  transporter: Transport<Info>;
  logger: CompleteLogger;
  _defaults: any;
  readonly #plugins: Record<string, PluginFunction<Info>[]> = { compile: [], stream: [] };

  constructor(transporter: Transport<Info>, options: Options | TransportOptions = {}, defaults: unknown = {}) {
    super();
    this.transporter = transporter;
    this.options = options ?? {};
    this._defaults = defaults ?? {};
    this.logger = getLogger({ component: "mail", ...this.options });
    transporter.mailer = this;
    this.#forwardEvents(transporter);
  }

  /** The address where a message fails or arrives, in a callback or a promise. */
  sendMail(data: SendMailOptions & Partial<Options>): Promise<Info>;
  sendMail(data: SendMailOptions & Partial<Options>, callback: Callback<Info>): void;
  sendMail(data: SendMailOptions & Partial<Options>, callback?: Callback<Info>): Promise<Info> | undefined {
    const sending = this.#sendMail(data as SendMailOptions);
    if (typeof callback !== "function") return sending;
    // What a callback throws is the program's, not a rejection of ours.
    sending.then(
      (info) => queueMicrotask(() => callback(null, info)),
      (error: NodemailerError) => queueMicrotask(() => callback(error, undefined as never)),
    );
    return undefined;
  }

  /** Runs before the message is compiled (`"compile"`), or after it (`"stream"`). */
  use(step: string, plugin: PluginFunction<Info>): this {
    this.#plugins[step] ??= [];
    this.#plugins[step].push(plugin);
    return this;
  }

  verify(): Promise<true>;
  verify(callback: Callback<true>): void;
  verify(callback?: Callback<true>): Promise<true> | undefined {
    const { transporter } = this;
    if (typeof transporter.verify === "function") {
      return callback === undefined ? transporter.verify() : (transporter.verify(callback as never) as undefined);
    }
    // A transport that knows no verify has nothing to tell; nodemailer says false.
    if (callback === undefined) return Promise.resolve(false as true);
    callback(null, false as true);
    return undefined;
  }

  close(...parameters: unknown[]): void {
    this.transporter.close?.(...parameters);
  }

  isIdle(): boolean {
    return this.transporter.isIdle?.() ?? false;
  }

  getVersionString(): string {
    return `@postrider/nodemailer (${VERSION}; ${this.transporter.name}/${this.transporter.version})`;
  }

  set(key: "oauth2_provision_cb", value: ProvisionCallback): Map<string, unknown>;
  set(key: string, value: unknown): Map<string, unknown>;
  set(key: string, value: unknown): Map<string, unknown> {
    return this.meta.set(key, value);
  }

  get(key: string): any {
    return this.meta.get(key);
  }

  /** Connects through the proxy from now on. */
  setupProxy(proxyUrl: string): void {
    const { transporter } = this;
    if ("options" in transporter && typeof transporter.options === "object")
      Object.assign(transporter.options as object, { proxy: proxyUrl });
  }

  /** @internal The program's own way through a proxy of this kind. */
  proxyHandler(proxy: unknown): ProxyHandler | undefined {
    const scheme = /^([a-z\d]+):/i.exec(typeof proxy === "string" ? proxy : "")?.[1];
    const handler = scheme === undefined ? undefined : this.meta.get(`proxy_handler_${scheme.toLowerCase()}`);
    return typeof handler === "function" ? (handler as ProxyHandler) : undefined;
  }

  async #sendMail(given: SendMailOptions): Promise<Info> {
    const mail = new MailMessage<Info>(this as Mail<Info>, given);
    const { signal } = mail.data;
    try {
      signal?.throwIfAborted();
      // PERF: no turn of the event loop where there is nothing to wait for.
      if (this.#plugins["compile"]?.length) await this.#run("compile", mail);
      if (mail.needsPreparing) await mail.prepare();
      mail.message = new MailComposer(mail.data, { strict: this.options.strict === true }).compile();
      if (this.#plugins["stream"]?.length) await this.#run("stream", mail);
      this.#checkRecipients(mail);
      this.#sign(mail);
    } catch (error) {
      throw toNodemailerError(error, signal);
    }
    return this.#hand(mail);
  }

  #hand(mail: MailMessage<Info>): Promise<Info> {
    return new Promise((resolve, reject) => {
      this.transporter.send(mail, (error, info) => {
        if (error) reject(isSmtpError(error) ? toNodemailerError(error) : error);
        else resolve(info);
      });
    });
  }

  async #run(step: string, mail: MailMessage<Info>): Promise<void> {
    for (const plugin of this.#plugins[step] ?? []) {
      await new Promise<void>((resolve, reject) => {
        const returned: unknown = plugin(mail, (error) => (error ? reject(error) : resolve()));
        // A plugin that is an async function and fails would never call back.
        if (typeof (returned as Promise<void> | undefined)?.then === "function")
          (returned as Promise<void>).then(undefined, reject);
      });
    }
  }

  #checkRecipients({ message }: MailMessage<Info>): void {
    const { maxRecipients } = this.options;
    if (maxRecipients === undefined || maxRecipients === null) return;
    const count = message.getEnvelope().to.length;
    if (count <= Number(maxRecipients)) return;
    throw mailError("EMAXRECIPIENTS", `to: has ${count} recipients, above the limit of ${maxRecipients}`);
  }

  /** Transports over SMTP sign by themselves, as the bytes go out. */
  #sign({ message, data }: MailMessage<Info>): void {
    if (this.transporter.name.startsWith("SMTP")) return;
    message.signers = dkimSigners(data.dkim ?? this.options.dkim);
  }

  #forwardEvents(transporter: Transport<Info>): void {
    const { on } = transporter as Partial<EventEmitter>;
    if (typeof on !== "function") return;
    for (const event of ["idle", "token", "clear"] as const) {
      on.call(transporter, event, (...parameters: unknown[]) => this.emit(event, ...parameters));
    }
    on.call(transporter, "error", (error: Error) => {
      // An error that nobody listens to must not end the process: every call hears of its own.
      if (this.listenerCount("error") > 0) this.emit("error", error);
    });
  }
}
