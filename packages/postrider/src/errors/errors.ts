/**
 * Every way in which Postrider says no: one class a failure, made once, never changed afterwards.
 *
 * Layer: root vocabulary, importable by all.
 *
 * `code` is a literal, so that `switch (error.code)` narrows; `outcome` says whether the message may have been delivered;
 * `retry` says what a program may do next.
 */
import { BRAND } from "./base.js";
import type {
  SmtpConnectError,
  SmtpDisconnectedError,
  SmtpProtocolError,
  SmtpTimeoutError,
  SmtpTlsError,
} from "./connection.js";
import type { AddressError, MessageError, OAuthTokenError, OptionError } from "./input.js";
import type {
  SmtpAuthenticationError,
  SmtpDataError,
  SmtpGreetingError,
  SmtpHelloError,
  SmtpNotSupportedError,
  SmtpPartialDeliveryError,
  SmtpRecipientRefusedError,
  SmtpRecipientsRefusedError,
  SmtpReplyError,
  SmtpSenderRefusedError,
} from "./reply.js";

export { SmtpError, type SmtpErrorCode, type SmtpOutcome, type SmtpPhase, type SmtpRetry } from "./base.js";
export {
  formatPeer,
  type Peer,
  SmtpConnectError,
  SmtpDisconnectedError,
  SmtpProtocolError,
  SmtpTimeoutError,
  SmtpTlsError,
} from "./connection.js";
export { AddressError, MessageError, OAuthTokenError, OptionError } from "./input.js";
export {
  type ReplyErrorDetails,
  SmtpAuthenticationError,
  SmtpDataError,
  SmtpGreetingError,
  SmtpHelloError,
  SmtpNotSupportedError,
  SmtpPartialDeliveryError,
  SmtpRecipientRefusedError,
  SmtpRecipientsRefusedError,
  SmtpReplyError,
  type SmtpReplyErrorCode,
  SmtpSenderRefusedError,
} from "./reply.js";
export { quoteReply } from "./text.js";

/** True for an error of this package, also when it was made by another copy of it. */
export function isSmtpError(error: unknown): error is AnySmtpError {
  return typeof error === "object" && error !== null && (error as Record<symbol, unknown>)[BRAND] === true;
}

/** The union of all concrete classes: what `switch (error.code)` narrows over. */
export type AnySmtpError =
  | SmtpConnectError
  | SmtpTlsError
  | SmtpTimeoutError
  | SmtpDisconnectedError
  | SmtpProtocolError
  | SmtpCommandReplyError
  | SmtpGreetingError
  | SmtpHelloError
  | SmtpAuthenticationError
  | OAuthTokenError
  | SmtpSenderRefusedError
  | SmtpRecipientRefusedError
  | SmtpDataError
  | SmtpRecipientsRefusedError
  | SmtpPartialDeliveryError
  | SmtpNotSupportedError
  | AddressError
  | MessageError
  | OptionError;

type SmtpCommandReplyError = SmtpReplyError & { readonly code: "reply" };
