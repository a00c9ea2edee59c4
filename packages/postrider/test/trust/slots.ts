/**
 * Which declarations of the public API take strings, and which only give them.
 */
import { COMMAND_SLOTS } from "./command-slots.js";
import { CONNECTION_SLOTS } from "./connection-slots.js";
import { HELPER_SLOTS } from "./helper-slots.js";
import { MESSAGE_SLOTS } from "./message-slots.js";
import { NEWSLETTER_SLOTS } from "./newsletter-slots.js";
import { PART_SLOTS } from "./part-slots.js";
import type { Slots } from "./probe.js";

export const SLOTS: Slots = {
  ...MESSAGE_SLOTS,
  ...PART_SLOTS,
  ...NEWSLETTER_SLOTS,
  ...CONNECTION_SLOTS,
  ...COMMAND_SLOTS,
  ...HELPER_SLOTS,
};

/** Types that callers fill in and that index.ts does not name. */
export const FURTHER: readonly string[] = [];

/** What an alias stands for: when it changes, so may the strings that it lets in. */
export const ALIASES: Readonly<Record<string, string>> = {
  AccessToken: "string | ((request?: AccessTokenRequest) => string | Promise<string>)",
  Authenticate: "(exchange: LoginExchange) => unknown",
  AddedContent: "ContentInput | MimePart | Attachment",
  AddressInput: "string | MailboxInput | GroupInput",
  AddressesInput: "AddressInput | readonly AddressInput[]",
  AutoSubmitted: '"auto-generated" | "auto-replied" | "auto-notified" | "no"',
  BytesLike: "ArrayBufferView | ArrayBuffer | SharedArrayBuffer",
  CalendarMethod: '| "PUBLISH" | "REQUEST" | "REPLY" | "ADD" | "CANCEL" | "REFRESH" | "COUNTER" | "DECLINECOUNTER"',
  Canonicalization: '"relaxed" | "simple"',
  CanonicalizationPair: `\`\${Canonicalization}/\${Canonicalization}\``,
  ContentInput: "OpenedContent | ContentOpener",
  ContentStream: "ByteStream | AsyncIterable<BytesLike | string> | Iterable<BytesLike>",
  DataUriAttachmentOptions: 'Omit<Attachment, "content">',
  Disposition: '"attachment" | "inline"',
  DkimAlgorithm: '"rsa-sha256" | "ed25519-sha256"',
  DkimKey:
    "| string | Uint8Array | { readonly type: string; readonly extractable: boolean; readonly algorithm: { readonly name: string; }; readonly usages: readonly string[]; }",
  FileAttachmentOptions: 'Omit<Attachment, "content">',
  GivenSocket: "Duplex | WorkerSocket",
  HeaderValue: "string | readonly string[] | undefined",
  HeadersInput: "{ readonly [name: string]: HeaderValue } | Iterable<readonly [string, HeaderValue]>",
  ListUrl: "string | URL | CommentedUrl",
  ListUrls: "ListUrl | readonly ListUrl[]",
  MessageInput: "MimePart | MessageFields | RawMessage",
  Notify: '"never" | readonly ("success" | "failure" | "delay")[]',
  OpenedContent: "string | BytesLike | BlobLike | ResponseLike | ContentStream",
  Priority: '"high" | "normal" | "low"',
  RawMessage: "string | BytesLike | BlobLike | ResponseLike | ByteStream | AsyncIterable<BytesLike>",
  SendOptions: "ConnectionOptions & DeliveryOptions",
  StreamSource: "GivenSocket | (() => GivenSocket | Promise<GivenSocket>)",
  TlsOptions:
    'Pick< NodeTlsOptions, | "ca" | "cert" | "key" | "passphrase" | "pfx" | "crl" | "ciphers" | "sigalgs" | "ecdhCurve" | "minVersion" | "maxVersion" | "rejectUnauthorized" | "checkServerIdentity" | "servername" | "ALPNProtocols" | "secureContext" | "session" >',
  TransferEncoding: '"7bit" | "8bit" | "quoted-printable" | "base64"',
};

/** What the library gives and nobody gives to it, and objects of the platform. */
export const OUTPUTS: ReadonlySet<string> = new Set([
  "AnySmtpError",
  "BlobLike",
  "ByteChunk",
  "ByteReader",
  "ByteStream",
  "CommandContext",
  "ConnectContext",
  "Entity",
  "FailedOutcome",
  "InlinedImages",
  "PoolStats",
  "ResponseLike",
  "SendContext",
  "SendOutcome",
  "SendResult",
  "SentEnvelope",
  "SentOutcome",
  "SmtpErrorCode",
  "SmtpOutcome",
  "SmtpPhase",
  "SmtpReply",
  "SmtpReplyErrorCode",
  "SmtpRetry",
  "TlsInfo",
  "TraceEvent",
  "TracedClose",
  "TracedConnect",
  "TracedContent",
  "TracedLine",
  "TracedSecure",
  "WorkerSocket",
]);
