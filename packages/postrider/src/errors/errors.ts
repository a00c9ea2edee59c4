/**
 * All error classes, and `isSmtpError`.
 *
 * Layer: errors, importable by all.
 *
 * `code` is a literal, so that `switch (error.code)` narrows; `outcome` says whether the message may have been delivered; `retry` says
 * whether a retry may succeed.
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

export {
  isError,
  quoteReply,
  SmtpError,
  type SmtpErrorCode,
  type SmtpOutcome,
  type SmtpPhase,
  type SmtpRetry,
} from "./base.js";
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

/** Whether a value is an error of Postrider, of this copy of the package or another; use it in place of `instanceof`. */
export function isSmtpError(error: unknown): error is AnySmtpError {
  return typeof error === "object" && error !== null && (error as Record<symbol, unknown>)[BRAND] === true;
}

/** The union of all concrete error classes, which `switch (error.code)` narrows. */
export type AnySmtpError =
  | SmtpConnectError
  | SmtpTlsError
  | SmtpTimeoutError
  | SmtpDisconnectedError
  | SmtpProtocolError
  | (SmtpReplyError & {
      /** A command without an error class of its own was refused. */
      readonly code: "reply";
    })
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
