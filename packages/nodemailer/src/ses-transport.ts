/**
 * Messages through Amazon SES (API version 2), by the client that the program brings.
 *
 * Layer: nodemailer.
 */
import { Buffer } from "node:buffer";
import { EventEmitter } from "node:events";
import { mailError, toNodemailerError } from "./errors.js";
import { type CompleteLogger, getLogger } from "./logger.js";
import type { MailMessage } from "./mail-message.js";
import { promiseOrCallback } from "./promise-or-callback.js";
import type { Callback, NodemailerError, SendMailOptions, SentMessageInfoBase, TransportOptions } from "./types.js";
import { VERSION } from "./version.js";

/** `SESv2Client`, as far as it is used. */
interface SesClient {
  send(command: unknown, options?: unknown): Promise<{ MessageId?: string | undefined }>;
  config?: { region?: string | (() => Promise<string>) | undefined } | undefined;
}

export declare namespace SESTransport {
  export interface Options extends Omit<SendMailOptions, "dkim" | "normalizeHeaderKey">, TransportOptions {
    SES: {
      sesClient: SesClient;
      SendEmailCommand: new (input: any) => unknown;
    };
  }
  export interface MailSesOptions {
    [key: string]: unknown;
  }
  export interface MailOptions extends SendMailOptions {
    ses?: MailSesOptions | undefined;
  }
  export interface SentMessageInfo extends SentMessageInfoBase {
    response: string;
    accepted: string[];
    rejected: string[];
    pending: string[];
    raw: Buffer;
  }
}

export class SESTransport extends EventEmitter {
  options: SESTransport.Options;
  readonly name: string = "SESTransport";
  readonly version: string = VERSION;
  ses: SESTransport.Options["SES"];
  mailer: any;
  logger: CompleteLogger;

  constructor(options: SESTransport.Options) {
    super();
    this.options = options;
    this.ses = options.SES;
    this.logger = getLogger({ component: "ses-transport", ...options });
  }

  getRegion(callback: (error: Error | null, region: string | undefined) => void): void {
    this.#region().then(
      (region) => callback(null, region),
      (error) => callback(error, undefined),
    );
  }

  send(mail: MailMessage<SESTransport.SentMessageInfo>, callback: Callback<SESTransport.SentMessageInfo>): void {
    this.#send(mail).then(
      (info) => callback(null, info),
      (error: unknown) => callback(sesError(error), undefined as never),
    );
  }

  verify(): Promise<true>;
  verify(callback: Callback<true>): void;
  verify(callback?: Callback<true>): Promise<true> | undefined {
    return promiseOrCallback(this.#verify(), callback);
  }

  async #send({ message, data }: MailMessage): Promise<SESTransport.SentMessageInfo> {
    const envelope = message.getEnvelope();
    if (envelope.to.length === 0)
      throw mailError("EENVELOPE", "to: the message has no recipients", { command: "API", outcome: "not-sent" });
    message.messageId();
    // Recipients whom the others do not see are in the destination only.
    const raw = await message.build();
    const answer = await this.#ask({
      Content: { Raw: { Data: raw } },
      FromEmailAddress: message.givenEnvelope === undefined ? sender(message) : envelope.from || undefined,
      Destination: { ToAddresses: envelope.to },
      ...data.ses,
    });
    const id = answer.MessageId ?? "";
    const region = await this.#region();
    const domain = region === undefined || region === "us-east-1" ? "email" : region;
    const messageId = id.includes("@") ? `<${id}>` : `<${id}@${domain}.amazonses.com>`;
    return { envelope, messageId, response: id, accepted: [...envelope.to], rejected: [], pending: [], raw };
  }

  /** SES refuses a message that has no sender of yours: whoever hears that has been let in. */
  async #verify(): Promise<true> {
    try {
      await this.#ask({
        Content: { Raw: { Data: Buffer.from("From: <invalid@invalid>\r\nTo: <invalid@invalid>\r\n\r\nInvalid") } },
        FromEmailAddress: "invalid@invalid",
        Destination: { ToAddresses: ["invalid@invalid"] },
      });
    } catch (error) {
      const { name, code, Code } = error as { name?: string; code?: string; Code?: string };
      const known = [name, code, Code].some((one) =>
        /^(?:InvalidParameterValue|MessageRejected|BadRequestException|NotFoundException)/.test(one ?? ""),
      );
      if (!known) throw sesError(error);
    }
    return true;
  }

  #ask(input: object): Promise<{ MessageId?: string | undefined }> {
    const { sesClient, SendEmailCommand } = this.ses ?? {};
    if (typeof sesClient?.send !== "function" || typeof SendEmailCommand !== "function") {
      throw mailError(
        "ECONFIG",
        "SES: must be { sesClient: new SESv2Client(...), SendEmailCommand } of @aws-sdk/client-sesv2",
      );
    }
    return sesClient.send(new SendEmailCommand(input));
  }

  async #region(): Promise<string | undefined> {
    const region = this.ses?.sesClient?.config?.region;
    return typeof region === "function" ? region() : region;
  }
}

/** With its name, as SES shows it; without where the name is not ASCII, which SES does not take here. */
function sender(message: MailMessage["message"]): string | undefined {
  const header = message.getHeader("From");
  if (header !== undefined && !/[^\x20-\x7e]/.test(header)) return header;
  return message.getEnvelope().from || undefined;
}

function sesError(error: unknown): NodemailerError {
  const made = toNodemailerError(error);
  made.code ??= "ESES";
  return made;
}
