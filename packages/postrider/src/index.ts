/**
 * Postrider: an SMTP client. Everything public, and nothing else.
 *
 * Layer: root.
 */

export { formatAddress } from "./address/format.js";
export type { AddressesInput, AddressInput, GroupInput, MailboxInput } from "./address/input.js";
export type { Group, Mailbox } from "./address/mailbox.js";
export { parseAddressList } from "./address/parser.js";
export { SmtpClient } from "./client.js";
export { outcomeOf } from "./connection/call-edge.js";
export type { CommandOptions } from "./connection/commands.js";
export type { Canonicalization, CanonicalizationPair } from "./dkim/canonicalization.js";
export { DkimSigner } from "./dkim/dkim-signer.js";
export type { DkimSignerOptions } from "./dkim/dkim-signer-options.js";
export { dkimDnsRecord } from "./dkim/dns-record.js";
export type { DkimAlgorithm, DkimKey } from "./dkim/keys.js";
export type {
  SmtpErrorCode,
  SmtpOutcome,
  SmtpPhase,
  SmtpReplyErrorCode,
  SmtpRetry,
} from "./errors/errors.js";
export {
  AddressError,
  type AnySmtpError,
  isSmtpError,
  MessageError,
  OAuthTokenError,
  OptionError,
  SmtpAuthenticationError,
  SmtpConnectError,
  SmtpDataError,
  SmtpDisconnectedError,
  SmtpError,
  SmtpGreetingError,
  SmtpHelloError,
  SmtpNotSupportedError,
  SmtpPartialDeliveryError,
  SmtpProtocolError,
  SmtpRecipientRefusedError,
  SmtpRecipientsRefusedError,
  SmtpReplyError,
  SmtpSenderRefusedError,
  SmtpTimeoutError,
  SmtpTlsError,
} from "./errors/errors.js";
export type { BlobLike, ByteChunk, ByteReader, ByteStream, BytesLike, ResponseLike } from "./given/values.js";
export type { Attachment, ContentOptions, Disposition } from "./message/attachment.js";
export { type DataUriAttachmentOptions, dataUriAttachment } from "./message/attachment.js";
export type { AddedContent, MessageBytesOptions, MessageFields, TextContent } from "./message/email-message.js";
export { EmailMessage } from "./message/email-message.js";
export type { ContentInput, ContentOpener, ContentStream, OpenedContent } from "./message/encoding/content-input.js";
export type { TransferEncoding } from "./message/encoding/transfer-encoding.js";
export type { Entity } from "./message/entity.js";
export type { Calendar, CalendarMethod } from "./message/fields/calendar.js";
export type { AutoSubmitted, Priority } from "./message/fields/field-types.js";
export type { CommentedUrl, ListFields, ListId, ListUrl, ListUrls } from "./message/fields/list-fields.js";
export { type FileAttachmentOptions, fileAttachment } from "./message/files/file-attachment.js";
export { MessageHeaders } from "./message/header/headers.js";
export { parseHeaders } from "./message/header/parse.js";
export { type InlinedImages, type InlineImagesOptions, inlineImages } from "./message/html/inline-images.js";
export { MimeMultipart, MimePart, type MimePartOptions, MimeText } from "./message/mime-part.js";
export type { HeadersInput, HeaderValue } from "./message/plain-data.js";
export { oauth2 } from "./oauth/oauth2.js";
export type { OAuth2Options } from "./oauth/oauth2-options.js";
export type {
  AttemptOptions,
  ConnectionOptions,
  ConnectOptions,
  StepTimeouts,
  TracedClose,
  TracedConnect,
  TracedContent,
  TracedLine,
  TracedSecure,
  TraceEvent,
} from "./options/connection-options.js";
export type {
  AccessToken,
  AccessTokenRequest,
  AuthCredentials,
  Authenticate,
  LoginExchange,
} from "./options/credentials.js";
export type { DeliverBy, DeliveryOptions, DsnOptions, Notify, Recipient } from "./options/delivery-options.js";
export type { PoolCloseOptions, PoolOptions, RateLimit, SendOptions } from "./options/pool-options.js";
export type { GivenSocket, StreamSource, WorkerSocket } from "./options/target.js";
export type { TlsOptions } from "./options/tls-options.js";
export type { PoolStats } from "./pool/relay.js";
export type { FailedOutcome, SendAllOptions, SendOutcome, SendRequest, SentOutcome } from "./pool/send-all.js";
export { SmtpPool } from "./pool/smtp-pool.js";
export type { SmtpReply } from "./reply.js";
export type { SendResult, SentEnvelope } from "./result.js";
export { send } from "./send.js";
export type { MessageInput } from "./submission/prepare.js";
export type { RawMessage } from "./submission/raw-message.js";
export type { TlsInfo } from "./transport/transport.js";
export type { CommandContext, ConnectContext, SendContext } from "./watch.js";
