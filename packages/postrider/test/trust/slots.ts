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
export const FURTHER: readonly string[] = ["address/input.ts#MailboxInput", "address/input.ts#GroupInput"];

/** What an alias stands for: when it changes, so may the strings that it lets in. */
export const ALIASES: Readonly<Record<string, string>> = {
  AccessToken: "string | ((request?: AccessTokenRequest) => string | Promise<string>)",
  AddressInput: "string | MailboxInput | GroupInput",
  AddressesInput: "AddressInput | readonly AddressInput[]",
  AutoSubmitted: '"auto-generated" | "auto-replied" | "auto-notified" | "no"',
  BytesLike: "ArrayBufferView | ArrayBuffer | SharedArrayBuffer",
  CalendarMethod: '| "PUBLISH" | "REQUEST" | "REPLY" | "ADD" | "CANCEL" | "REFRESH" | "COUNTER" | "DECLINECOUNTER"',
  CanonicalizationPair: `\`\${Canonicalization}/\${Canonicalization}\``,
  DataUriAttachmentOptions: 'Omit<Attachment, "content">',
  Disposition: '"attachment" | "inline"',
  DkimAlgorithm: '"rsa-sha256" | "ed25519-sha256"',
  FileAttachmentOptions: 'Omit<Attachment, "content">',
  ListUrl: "string | URL | { readonly url: string | URL; readonly comment?: string | undefined }",
  ListUrls: "ListUrl | readonly ListUrl[]",
  MessageInput: "MimePart | MessageFields | RawMessage",
  Notify: '"never" | readonly ("success" | "failure" | "delay")[]',
  Priority: '"high" | "normal" | "low"',
  RawMessage: "string | BytesLike | BlobLike | ResponseLike | ByteStream | AsyncIterable<BytesLike>",
  SendOptions: "ConnectionOptions & DeliveryOptions",
  TlsOptions:
    'Pick< NodeTlsOptions, | "ca" | "cert" | "key" | "passphrase" | "pfx" | "crl" | "ciphers" | "sigalgs" | "ecdhCurve" | "minVersion" | "maxVersion" | "rejectUnauthorized" | "checkServerIdentity" | "servername" | "ALPNProtocols" | "secureContext" | "session" >',
};

/** What the library gives and nobody gives to it, and objects of the platform. */
export const OUTPUTS: ReadonlySet<string> = new Set([
  "AnySmtpError",
  "BlobLike",
  "ByteStream",
  "CommandContext",
  "ConnectContext",
  "InlinedImages",
  "Peer",
  "PoolStats",
  "ReplyErrorDetails",
  "ResponseLike",
  "SendContext",
  "SendOutcome",
  "SendResult",
  "ServerAttributes",
  "SmtpErrorCode",
  "SmtpOutcome",
  "SmtpPhase",
  "SmtpReply",
  "SmtpReplyErrorCode",
  "SmtpRetry",
  "TlsInfo",
  "TraceEvent",
  "WebCryptoKey",
]);
