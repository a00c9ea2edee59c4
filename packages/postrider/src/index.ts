export type { Peer, SmtpErrorCode, SmtpOutcome, SmtpPhase, SmtpReplyErrorCode, SmtpRetry } from "./errors.js";
export {
  AddressError,
  type AnySmtpError,
  isSmtpError,
  MessageError,
  OptionError,
  SmtpAuthenticationError,
  SmtpConnectError,
  SmtpDataError,
  SmtpDisconnectedError,
  SmtpError,
  SmtpGreetingError,
  SmtpHelloError,
  SmtpNotSupportedError,
  SmtpProtocolError,
  SmtpRecipientRefusedError,
  SmtpRecipientsRefusedError,
  SmtpReplyError,
  SmtpSenderRefusedError,
  SmtpTimeoutError,
  SmtpTlsError,
} from "./errors.js";
export type {
  AccessToken,
  AccessTokenRequest,
  ConnectionOptions,
  DeliveryOptions,
  Notify,
  Recipient,
  SendOptions,
  TlsOptions,
  TraceEvent,
} from "./options.js";
export type { SmtpReply } from "./reply.js";
export type { SendResult } from "./result.js";
