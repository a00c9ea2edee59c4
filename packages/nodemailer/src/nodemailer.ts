/**
 * The names of nodemailer: `createTransport` and its like, and the types that programs import.
 *
 * Layer: nodemailer.
 */
import { JSONTransport } from "./json-transport.js";
import { Mail, type Transport } from "./mailer.js";
import { SendmailTransport } from "./sendmail-transport.js";
import { SESTransport } from "./ses-transport.js";
import { readOptions } from "./smtp-options.js";
import { SMTPPool } from "./smtp-pool.js";
import { SMTPTransport } from "./smtp-transport.js";
import { StreamTransport } from "./stream-transport.js";
import type { SendMailOptions, SmtpOptions, TransportOptions } from "./types.js";

export type { MailMessage } from "./mail-message.js";
export type { Mail, PluginFunction, Transport } from "./mailer.js";
export { createTestAccount, getTestMessageUrl, type TestAccount } from "./test-account.js";
export type {
  Address,
  Attachment,
  AttachmentLike,
  AuthOptions,
  DkimOptions as DKIMOptions,
  Envelope,
  Headers,
  IcalAttachment,
  ListHeaders,
  NodemailerError,
  SendMailOptions,
  SmtpOptions as SMTPTransportOptions,
  SmtpSentMessageInfo as SMTPSentMessageInfo,
  TransportOptions,
} from "./types.js";

export type SentMessageInfo = any;
export type Transporter<Info = any, Options = TransportOptions> = Mail<Info, Options>;

/** Defaults for every message: fields that a message lacks. */
type Defaults<Options> = SendMailOptions | Options;

/**
 * A transporter: over SMTP (options or a URL), with a pool (`pool: true`), as JSON, a stream, by sendmail, by SES, or by a transport of
 * the program's own.
 */
export function createTransport(
  transport: SMTPPool | SMTPPool.Options,
  defaults?: Defaults<SMTPPool.Options>,
): Transporter<SMTPPool.SentMessageInfo, SMTPPool.Options>;
export function createTransport(
  transport: SendmailTransport | SendmailTransport.Options,
  defaults?: Defaults<SendmailTransport.Options>,
): Transporter<SendmailTransport.SentMessageInfo, SendmailTransport.Options>;
export function createTransport(
  transport: StreamTransport | StreamTransport.Options,
  defaults?: Defaults<StreamTransport.Options>,
): Transporter<StreamTransport.SentMessageInfo, StreamTransport.Options>;
export function createTransport(
  transport: JSONTransport | JSONTransport.Options,
  defaults?: Defaults<JSONTransport.Options>,
): Transporter<JSONTransport.SentMessageInfo, JSONTransport.Options>;
export function createTransport(
  transport: SESTransport | SESTransport.Options,
  defaults?: Defaults<SESTransport.Options>,
): Transporter<SESTransport.SentMessageInfo, SESTransport.Options>;
export function createTransport(
  transport?: SMTPTransport | SMTPTransport.Options | string,
  defaults?: Defaults<SMTPTransport.Options>,
): Transporter<SMTPTransport.SentMessageInfo, SMTPTransport.Options>;
export function createTransport<Info>(
  transport: Transport<Info> | TransportOptions,
  defaults?: Defaults<TransportOptions>,
): Transporter<Info, TransportOptions>;
export function createTransport(transport: unknown = {}, defaults: unknown = {}): Transporter {
  if (isTransport(transport)) {
    const own = (transport as { options?: unknown }).options;
    return new Mail(transport, typeof own === "object" && own !== null ? own : {}, defaults);
  }
  const options = readOptions((transport ?? {}) as SmtpOptions | string);
  return new Mail(makeTransport(options as Kinds), options, defaults);
}

interface Kinds extends SmtpOptions {
  readonly streamTransport?: unknown;
  readonly jsonTransport?: unknown;
  readonly sendmail?: unknown;
  readonly SES?: unknown;
}

function makeTransport(options: Kinds): Transport {
  if (options.pool) return new SMTPPool(options) as Transport;
  if (options.sendmail) return new SendmailTransport(options as Partial<SendmailTransport.Options>) as Transport;
  if (options.streamTransport) return new StreamTransport(options as Partial<StreamTransport.Options>) as Transport;
  if (options.jsonTransport) return new JSONTransport(options as Partial<JSONTransport.Options>) as Transport;
  if (options.SES) return new SESTransport(options as unknown as SESTransport.Options) as Transport;
  return new SMTPTransport(options) as Transport;
}

function isTransport(value: unknown): value is Transport {
  return typeof value === "object" && value !== null && typeof (value as { send?: unknown }).send === "function";
}
