/**
 * Messages as JSON, and nothing sent.
 *
 * Layer: nodemailer.
 */
import { EventEmitter } from "node:events";
import { toNodemailerError } from "./errors.js";
import { type CompleteLogger, getLogger } from "./logger.js";
import type { MailMessage } from "./mail-message.js";
import type { Callback, SendMailOptions, SentMessageInfoBase, TransportOptions } from "./types.js";
import { VERSION } from "./version.js";

export declare namespace JSONTransport {
  export interface Options extends Omit<SendMailOptions, "dkim" | "normalizeHeaderKey">, TransportOptions {
    jsonTransport: true;
    skipEncoding?: boolean | undefined;
  }
  export type MailOptions = SendMailOptions;
  export interface SentMessageInfo extends SentMessageInfoBase {
    /** The JSON; with `skipEncoding` the object itself. */
    message: string;
    accepted: string[];
    rejected: string[];
    pending: string[];
    response: string;
  }
}

export class JSONTransport extends EventEmitter {
  options: Partial<JSONTransport.Options>;
  readonly name: string = "JSONTransport";
  readonly version: string = VERSION;
  mailer: any;
  logger: CompleteLogger;

  constructor(options: Partial<JSONTransport.Options> = {}) {
    super();
    this.options = options;
    this.logger = getLogger({ component: "json-transport", ...options });
  }

  send(mail: MailMessage<JSONTransport.SentMessageInfo>, callback: Callback<JSONTransport.SentMessageInfo>): void {
    mail.normalize((error, data) => {
      if (error) return callback(toNodemailerError(error), undefined as never);
      const { envelope, ...shown } = data as Record<string, unknown>;
      const given = mail.message.getEnvelope();
      callback(null, {
        envelope: given,
        messageId: mail.message.messageId(),
        accepted: [...given.to],
        rejected: [],
        pending: [],
        response: "",
        message: this.options.skipEncoding === true ? (shown as unknown as string) : JSON.stringify(shown),
      });
    });
  }
}
