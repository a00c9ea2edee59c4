/**
 * Messages as bytes or streams, and nothing sent.
 *
 * Layer: nodemailer.
 */
import { Buffer } from "node:buffer";
import { EventEmitter } from "node:events";
import type { Readable } from "node:stream";
import { toNodemailerError } from "./errors.js";
import { type CompleteLogger, getLogger } from "./logger.js";
import type { MailMessage } from "./mail-message.js";
import { inNewlines } from "./newlines.js";
import type { Callback, SendMailOptions, SentMessageInfoBase, TransportOptions } from "./types.js";
import { VERSION } from "./version.js";

export declare namespace StreamTransport {
  export interface Options extends Omit<SendMailOptions, "dkim" | "normalizeHeaderKey">, TransportOptions {
    streamTransport: true;
    buffer?: boolean | undefined;
    newline?: string | undefined;
  }
  export type MailOptions = SendMailOptions;
  export interface SentMessageInfo extends SentMessageInfoBase {
    message: Buffer | Readable;
    accepted: string[];
    rejected: string[];
    pending: string[];
    response: string;
  }
}

export class StreamTransport extends EventEmitter {
  options: Omit<StreamTransport.Options, "streamTransport">;
  readonly name: string = "StreamTransport";
  readonly version: string = VERSION;
  mailer: any;
  logger: CompleteLogger;

  constructor(options: Partial<StreamTransport.Options> = {}) {
    super();
    this.options = options;
    this.logger = getLogger({ component: "stream-transport", ...options });
  }

  send(mail: MailMessage<StreamTransport.SentMessageInfo>, callback: Callback<StreamTransport.SentMessageInfo>): void {
    this.#send(mail).then(
      (info) => callback(null, info),
      (error) => callback(toNodemailerError(error), undefined as never),
    );
  }

  async #send({ message, data }: MailMessage): Promise<StreamTransport.SentMessageInfo> {
    const { buffer, newline } = this.options;
    // Whoever reads the bytes is to see whom they would go to.
    message.keepBcc = true;
    const envelope =
      data.envelope === undefined || data.envelope === null
        ? message.getEnvelope()
        : (message.givenEnvelope ?? message.getEnvelope());
    const messageId = message.messageId();
    const stream = inNewlines(message.createReadStream(), newline);
    const taken = buffer === true ? await collect(stream) : stream;
    const told = { accepted: [...envelope.to], rejected: [], pending: [], response: "" };
    return { ...told, envelope, messageId, message: taken };
  }
}

async function collect(stream: Readable): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(Buffer.from(piece as Uint8Array));
  return Buffer.concat(pieces);
}
