/**
 * The shapes that programs written for nodemailer are typed against: messages, options of transports, results.
 *
 * Layer: nodemailer. Names are those that nodemailer documents; what each of them does here is in docs/nodemailer-drop-in.md.
 */
import type { Duplex, Readable } from "node:stream";
import type { ConnectionOptions as TlsConnectionOptions } from "node:tls";
import type { SmtpOutcome, SmtpRetry } from "postrider";
import type { Logger } from "./logger.js";

/** One mailbox. */
export interface Address {
  name?: string | undefined;
  address: string;
}

/** A named group of mailboxes. */
export interface AddressGroup {
  name: string;
  group: Address[];
}

/** Text with one or more addresses, an object, or a list of these. */
export type AddressInput = string | Address | AddressGroup | readonly (string | Address | AddressGroup)[];

/** Header fields: an object, or a list of keys and values. `prepared` values are written as they are. */
export type Headers =
  | { [key: string]: HeaderValue }
  | Array<{ key: string; value: string | number | Date | { prepared: boolean; value: string } }>;

type HeaderValue =
  | string
  | number
  | boolean
  | Date
  | null
  | undefined
  | readonly string[]
  | { prepared: boolean; value: string; foldLines?: boolean };

export type ListHeader = string | { url: string; comment?: string | undefined };

/** Keys become `List-Key`; a list of lists gives one field for each inner list. */
export interface ListHeaders {
  [key: string]: ListHeader | readonly (ListHeader | readonly ListHeader[])[] | undefined;
}

export type TextEncoding = "quoted-printable" | "base64";

/** A URL of `node:url` or of the platform. */
export type UrlLike = { href: string };

/** Where content comes from: memory, a stream, a file (`path`), or a URL (`href`). */
export interface AttachmentLike {
  content?: string | Uint8Array | Readable | undefined;
  path?: string | UrlLike | false | undefined;
  href?: string | false | undefined;
  /** Fields of the HTTP request for `href`. */
  httpHeaders?: { [name: string]: string | string[] | number | undefined } | undefined;
  /** What a string in `content` is in, such as `"base64"`; default UTF-8. */
  encoding?: string | undefined;
  contentType?: string | undefined;
  filename?: string | false | undefined;
  contentTransferEncoding?: "7bit" | "base64" | "quoted-printable" | (string & {}) | false | undefined;
  headers?: Headers | undefined;
  /** The whole part with its header, ready made. */
  raw?: string | Uint8Array | Readable | AttachmentLike | undefined;
}

export interface Attachment extends AttachmentLike {
  cid?: string | undefined;
  contentDisposition?: "attachment" | "inline" | (string & {}) | false | undefined;
}

export type AmpAttachment = AttachmentLike;

export interface IcalAttachment extends AttachmentLike {
  method?: string | undefined;
}

export type TextInput = string | Uint8Array | Readable | AttachmentLike;

/** The envelope in place of the one that the header gives. */
export interface Envelope {
  from?: string | Address | false | undefined;
  to?: AddressInput | undefined;
  cc?: AddressInput | undefined;
  bcc?: AddressInput | undefined;
  [key: string]: unknown;
}

/** What a message really went out with. */
export interface SentEnvelope {
  from: string | false;
  to: string[];
}

export interface DsnOptions {
  id?: string | undefined;
  envid?: string | undefined;
  return?: string | undefined;
  ret?: string | undefined;
  notify?: string | readonly string[] | undefined;
  recipient?: string | undefined;
  orcpt?: string | undefined;
}

export interface DkimKey {
  domainName: string;
  keySelector: string;
  privateKey: string | Uint8Array | { key: string; passphrase: string };
}

export interface DkimOptions extends Partial<DkimKey> {
  keys?: DkimKey[] | undefined;
  hashAlgo?: string | undefined;
  headerFieldNames?: string | undefined;
  skipFields?: string | undefined;
  cacheDir?: string | false | undefined;
  cacheTreshold?: number | undefined;
}

/** What `sendMail` takes. */
export interface SendMailOptions {
  from?: AddressInput | undefined;
  sender?: AddressInput | undefined;
  to?: AddressInput | undefined;
  cc?: AddressInput | undefined;
  bcc?: AddressInput | undefined;
  replyTo?: AddressInput | undefined;
  inReplyTo?: string | Address | undefined;
  references?: string | string[] | undefined;
  subject?: string | undefined;
  text?: TextInput | undefined;
  html?: TextInput | undefined;
  watchHtml?: TextInput | undefined;
  amp?: string | Uint8Array | Readable | AmpAttachment | undefined;
  icalEvent?: string | Uint8Array | Readable | IcalAttachment | undefined;
  headers?: Headers | undefined;
  list?: ListHeaders | undefined;
  attachments?: Attachment[] | undefined;
  alternatives?: Attachment[] | undefined;
  envelope?: Envelope | SentEnvelope | undefined;
  messageId?: string | undefined;
  date?: Date | string | undefined;
  encoding?: string | undefined;
  raw?: string | Uint8Array | Readable | AttachmentLike | undefined;
  textEncoding?: TextEncoding | "Q" | "B" | undefined;
  disableUrlAccess?: boolean | undefined;
  disableFileAccess?: boolean | undefined;
  dkim?: DkimOptions | undefined;
  dsn?: DsnOptions | undefined;
  auth?: AuthOptions | undefined;
  /** Accepted and without effect: names of fields keep the letters that they are given in. */
  normalizeHeaderKey?(key: string): string;
  priority?: "high" | "normal" | "low" | undefined;
  attachDataUrls?: boolean | undefined;
  xMailer?: false | string | undefined;
  signal?: AbortSignal | undefined;
  /** Fields of a request to SES, for its transport. */
  ses?: { [key: string]: unknown } | undefined;
}

export interface OAuth2Token {
  user: string;
  accessToken: string;
  /** Milliseconds since 1970; 0 when unknown. */
  expires: number;
}

export type ProvisionCallback = (
  user: string,
  renew: boolean,
  callback: (error: Error | null, accessToken?: string, expires?: number) => void,
) => void;

export interface AuthOptions {
  type?: string | undefined;
  user?: string | undefined;
  pass?: string | undefined;
  credentials?: { user?: string | undefined; pass?: string | undefined } | undefined;
  method?: string | undefined;
  clientId?: string | undefined;
  clientSecret?: string | undefined;
  refreshToken?: string | undefined;
  accessUrl?: string | undefined;
  accessToken?: string | undefined;
  privateKey?: string | { key: string; passphrase: string } | undefined;
  serviceClient?: string | undefined;
  scope?: string | undefined;
  /** When `accessToken` ends, in milliseconds since 1970. */
  expires?: number | undefined;
  /** Seconds for which a token of a service account is asked. */
  timeout?: number | undefined;
  provisionCallback?: ProvisionCallback | undefined;
  /** For a mechanism of the program's own. */
  options?: any;
}

/** The reply to a command of a `customAuth` handler. */
export interface CustomAuthResponse {
  command: string;
  /** Code and text. */
  response: string;
  /** The code. */
  status: number;
  /** The enhanced code, if there is one. */
  code?: string | undefined;
  /** The text behind the codes. */
  text: string;
}

export type CustomAuthCallback = (error: Error | null, response: CustomAuthResponse) => void;

/** What a `customAuth` handler is handed. */
export interface CustomAuthContext {
  auth: AuthOptions & { credentials: { user: string; pass: string; options?: any } };
  method: string;
  extensions: string[];
  authMethods: string[];
  /** The SIZE that the server announces. */
  maxAllowedSize: number | false;
  /** Sends AUTH, or the response to a challenge. */
  sendCommand(command: string): Promise<CustomAuthResponse>;
  sendCommand(command: string, done: CustomAuthCallback): void;
  resolve(): void;
  reject(error: Error | string): void;
}

/** A mechanism of AUTH: it settles by its promise, or by `resolve` and `reject`. */
export type CustomAuthHandler = (context: CustomAuthContext) => unknown;

export type SocketCallback = (
  error: Error | null,
  socketOptions?: { connection?: Duplex | undefined; secured?: boolean | undefined; [key: string]: unknown } | false,
) => void;

/** Options that every transport takes. */
export interface TransportOptions {
  component?: string | undefined;
  logger?: Logger | boolean | undefined;
  dkim?: DkimOptions | undefined;
  proxy?: string | undefined;
  disableFileAccess?: boolean | undefined;
  disableUrlAccess?: boolean | undefined;
  attachDataUrls?: boolean | undefined;
  normalizeHeaderKey?(key: string): string;
  maxRecipients?: number | undefined;
  /** Errors wherever postrider has them: no loose addresses, and no files or URLs that data names. Default false. */
  strict?: boolean | undefined;
}

/** Options of a connection to an SMTP server. */
export interface SmtpOptions extends Omit<SendMailOptions, "auth">, TransportOptionsOfSmtp {
  auth?: AuthOptions | undefined;
}

interface TransportOptionsOfSmtp extends Omit<TransportOptions, "normalizeHeaderKey"> {
  url?: string | undefined;
  service?: string | undefined;
  host?: string | undefined;
  port?: number | string | undefined;
  secure?: boolean | undefined;
  secured?: boolean | undefined;
  ignoreTLS?: boolean | undefined;
  requireTLS?: boolean | undefined;
  opportunisticTLS?: boolean | undefined;
  name?: string | undefined;
  localAddress?: string | undefined;
  connectionTimeout?: number | undefined;
  greetingTimeout?: number | undefined;
  socketTimeout?: number | undefined;
  dnsTimeout?: number | undefined;
  debug?: boolean | undefined;
  transactionLog?: boolean | undefined;
  authMethod?: string | undefined;
  /** Mechanisms of the program's own, by name. */
  customAuth?: { [method: string]: CustomAuthHandler } | undefined;
  forceAuth?: boolean | undefined;
  /** Credentials in clear text to another machine; default false. */
  allowPlaintextAuth?: boolean | undefined;
  tls?: TlsConnectionOptions | undefined;
  socket?: Duplex | undefined;
  connection?: Duplex | undefined;
  getSocket?(options: SmtpOptions, callback: SocketCallback): void;
  lmtp?: boolean | undefined;
  pool?: boolean | undefined;
  maxConnections?: number | undefined;
  maxMessages?: number | undefined;
  rateLimit?: number | undefined;
  rateDelta?: number | undefined;
}

/** What every transport tells of a message that it took. */
export interface SentMessageInfoBase {
  envelope: SentEnvelope;
  messageId: string;
}

/** What an SMTP server said. */
export interface SmtpSentMessageInfo extends SentMessageInfoBase {
  accepted: string[];
  rejected: string[];
  rejectedErrors?: NodemailerError[];
  pending: string[];
  /** The reply after the content: code and text. */
  response: string;
  /** The extensions of the server, as it lists them. */
  ehlo?: string[];
  /** Milliseconds from MAIL to the last reply to the envelope. */
  envelopeTime: number;
  /** Milliseconds for the content and the reply to it. */
  messageTime: number;
  /** Bytes of the message. */
  messageSize: number;
}

/** An error with nodemailer's words for it, and postrider's beside them. */
export interface NodemailerError extends Error {
  code?: string;
  command?: string;
  response?: string;
  responseCode?: number;
  /** Whether the same message would be refused again. */
  permanent?: boolean;
  recipient?: string;
  rejected?: string[];
  rejectedErrors?: NodemailerError[];
  originalCode?: string;
  errno?: number;
  syscall?: string;
  /** `"unknown"`: the server may have the message. */
  outcome?: SmtpOutcome;
  /** `"never"`, `"later"` or `"reconnect"`. */
  retry?: SmtpRetry;
}

export type Callback<Value> = (error: NodemailerError | null, value: Value) => void;
