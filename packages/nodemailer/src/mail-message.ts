/**
 * One message on its way through plugins to a transport.
 *
 * Layer: nodemailer.
 */
import { Buffer } from "node:buffer";
import { mailboxesOf, readAddresses } from "./addresses.js";
import { type Access, isFields, readContent } from "./content.js";
import { inlineDataUrls } from "./data-urls.js";
import { toNodemailerError } from "./errors.js";
import { ADDRESS_FIELDS } from "./mail-composer.js";
import type { Mail } from "./mailer.js";
import { MimeNode } from "./mime-node.js";
import { promiseOrCallback } from "./promise-or-callback.js";
import { openPart } from "./raw-part.js";
import type { Attachment, Callback, SendMailOptions } from "./types.js";

type Fields = Record<string | number, unknown>;

/** What plugins and transports are handed. */
export class MailMessage<Info = any> {
  mailer: Mail<Info>;
  /** The fields of the message, with the transport's defaults filled in; plugins change them. */
  data: SendMailOptions;
  /** The compiled message; an empty one before the plugins of the step "compile" have run. */
  message: MimeNode = new MimeNode();

  constructor(mailer: Mail<Info>, data: SendMailOptions = {}) {
    this.mailer = mailer;
    const { options, _defaults: defaults } = mailer;
    this.data = withDefaults({ ...data }, defaults as SendMailOptions);
    for (const name of ["disableFileAccess", "disableUrlAccess"] as const) {
      if (options[name] !== undefined) this.data[name] = options[name];
    }
    for (const name of ["attachments", "alternatives"] as const) {
      const one: unknown = this.data[name];
      if (isFields(one) && !Array.isArray(one)) this.data[name] = [one as Attachment];
    }
    if (options.attachDataUrls !== undefined) this.data.attachDataUrls ??= options.attachDataUrls;
  }

  /** Whether data may name files and URLs. */
  get access(): Access {
    const isStrict = this.mailer.options.strict === true;
    return {
      files: !isStrict && this.data.disableFileAccess !== true,
      urls: !isStrict && this.data.disableUrlAccess !== true,
    };
  }

  /** Reads what stands under the key, whatever its form; a stream is kept as the bytes that it gave. */
  resolveContent(data: object, key: string | number): Promise<string | Buffer>;
  resolveContent(data: object, key: string | number, callback: Callback<string | Buffer>): void;
  resolveContent(
    data: object,
    key: string | number,
    callback?: Callback<string | Buffer>,
  ): Promise<string | Buffer> | undefined {
    return promiseOrCallback(this.#resolve(data as Fields, key), callback);
  }

  async #resolve(data: Fields, key: string | number): Promise<string | Buffer> {
    try {
      const value = data[key];
      const content = await readContent(value, String(key), this.access);
      // What could be read once must be there for the message itself.
      if (isFields(value)) data[key] = { ...value, content, path: undefined, href: undefined, encoding: undefined };
      else if (typeof value === "object" && value !== null) data[key] = content;
      return content;
    } catch (error) {
      throw toNodemailerError(error);
    }
  }

  /** Reads all content of the message into memory. */
  resolveAll(callback: Callback<SendMailOptions>): void {
    this.#resolveAll().then(
      () => callback(null, this.data),
      (error) => callback(error, undefined as never),
    );
  }

  async #resolveAll(): Promise<void> {
    const data = this.data as Fields;
    for (const key of ["text", "html", "watchHtml", "amp", "icalEvent", "raw"]) {
      if (data[key] !== undefined && data[key] !== null) await this.#resolve(data, key);
    }
    for (const list of [this.data.attachments, this.data.alternatives]) {
      for (const index of (list ?? []).keys()) await this.#resolve(list as unknown as Fields, index);
    }
  }

  /** The message as plain data: addresses parsed, content in memory; bytes as base64. */
  normalize(callback: Callback<SendMailOptions>): void {
    this.#normalize().then(
      (data) => callback(null, data),
      (error) => callback(toNodemailerError(error), undefined as never),
    );
  }

  async #normalize(): Promise<SendMailOptions> {
    await this.#resolveAll();
    const envelope = this.data.envelope ?? this.message.getEnvelope();
    const messageId = this.message.messageId();
    const data: Record<string, unknown> = { ...this.data, envelope, messageId };
    for (const [field] of ADDRESS_FIELDS) {
      if (data[field] === undefined || data[field] === null) continue;
      const entries = mailboxesOf(readAddresses(data[field], field, { strict: false }));
      const plain = entries.map(({ name, address }) => ({ address, name: name ?? "" }));
      data[field] = field === "from" || field === "sender" ? plain[0] : plain;
    }
    for (const key of ["text", "html", "watchHtml", "amp", "raw"]) data[key] = plainContent(data[key], "text");
    data["icalEvent"] = asObject(plainContent(data["icalEvent"], "bytes"));
    for (const key of ["attachments", "alternatives"]) {
      if (Array.isArray(data[key])) data[key] = data[key].map((one) => plainContent(one, "bytes"));
    }
    return Object.fromEntries(Object.entries(data).filter(([, value]) => value !== undefined)) as SendMailOptions;
  }

  /** @internal What must be known before the message can be compiled: images in html, parts that are ready made. */
  async prepare(): Promise<void> {
    const { attachments } = this.data;
    if (this.data.attachDataUrls === true && this.data.html) {
      const html = await this.#resolve(this.data as Fields, "html");
      const inlined = inlineDataUrls(html.toString());
      if (inlined.attachments.length > 0) {
        this.data.html = inlined.html;
        this.data.attachments = [...(attachments ?? []), ...inlined.attachments];
      }
    }
    await this.#openParts("attachments");
    await this.#openParts("alternatives");
  }

  async #openParts(name: "attachments" | "alternatives"): Promise<void> {
    const list = this.data[name];
    if (!(list ?? []).some((one) => isFields(one) && needsReading(one["raw"]))) return;
    const copy: Attachment[] = [];
    for (const [index, one] of (list ?? []).entries()) {
      const isReady = isFields(one) && needsReading(one["raw"]);
      const raw = isReady ? await openPart(one["raw"], `${name}[${index}].raw`, this.access) : undefined;
      copy.push(isReady ? { ...one, raw: raw as never } : one);
    }
    this.data[name] = copy as never;
  }

  /** @internal Whether `prepare` has anything to do. */
  get needsPreparing(): boolean {
    const { attachDataUrls, attachments, alternatives } = this.data;
    const isReady = (one: unknown): boolean => isFields(one) && needsReading(one["raw"]);
    return attachDataUrls === true || (attachments ?? []).some(isReady) || (alternatives ?? []).some(isReady);
  }

  /** The name of the program is not told to recipients, unless `xMailer` gives one. */
  setMailerHeader(): void {}

  /** Set when the message is compiled. */
  setPriorityHeaders(): void {}

  /** Set when the message is compiled. */
  setListHeaders(): void {}
}

function needsReading(raw: unknown): boolean {
  return typeof raw === "object" && raw !== null && !ArrayBuffer.isView(raw);
}

function withDefaults(data: SendMailOptions, defaults: SendMailOptions): SendMailOptions {
  const merged = data as Record<string, unknown>;
  for (const [key, value] of Object.entries(defaults)) {
    if (key === "headers") continue;
    if (!(key in merged)) merged[key] = value;
  }
  const { headers } = defaults;
  if (headers === undefined || headers === null || Array.isArray(headers)) return data;
  const own = data.headers;
  if (own === undefined || own === null) data.headers = { ...headers };
  else if (Array.isArray(own)) {
    const names = new Set(own.map(({ key }) => key.toLowerCase()));
    const added = Object.entries(headers).filter(([key]) => !names.has(key.toLowerCase()));
    data.headers = [...own, ...added.map(([key, value]) => ({ key, value: value as string }))];
  } else data.headers = { ...headers, ...own };
  return data;
}

function plainContent(value: unknown, kind: "text" | "bytes"): unknown {
  if (isFields(value)) {
    const { path: _path, href: _href, ...rest } = value;
    const inner = plainContent(value["content"], kind);
    const fields = isFields(inner) ? inner : { content: inner };
    return Object.fromEntries(Object.entries({ ...rest, ...fields }).filter(([, one]) => one !== undefined));
  }
  if (!ArrayBuffer.isView(value)) return value;
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  return kind === "text" ? bytes.toString("utf8") : { content: bytes.toString("base64"), encoding: "base64" };
}

function asObject(value: unknown): unknown {
  return typeof value === "string" ? { content: value } : value;
}
