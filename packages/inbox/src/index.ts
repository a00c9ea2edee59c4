export {
  InboxClosedError,
  InboxError,
  type InboxErrorCode,
  InboxListenError,
  InboxOptionError,
  InboxRequestError,
  InboxTimeoutError,
} from "./errors.js";
export { type Inbox, startInbox } from "./inbox.js";
export type { InboxHeader, InboxHeaders } from "./inbox-headers.js";
export type { InboxAddress, InboxAttachment, InboxEnvelope, InboxMessage } from "./message.js";
export type { InboxCredentials, InboxOptions, InboxRelease, InboxTls, InboxTlsMode } from "./options.js";
export type { InboxOutbox, OutboxItem } from "./outbox/outbox-view.js";
export { type ConnectInboxOptions, connectInbox, type RemoteInbox } from "./remote/connect-inbox.js";
export type { DropPhase, InboxRule, InboxRules, RefuseMatch, RuleOptions, RulePattern } from "./smtp/rules.js";
export type { WaitOptions } from "./store/waiters.js";
export { assertNotSent, assertSent, type RemoteMail, type SentMail } from "./testing/assert-sent.js";
export type { MessageExpectation, TextExpectation } from "./testing/expectation.js";
export { type InboxMatchers, inboxMatchers, type MatcherResult } from "./testing/inbox-matchers.js";
export type {
  ApiAddress,
  ApiAttachment,
  ApiBox,
  ApiBoxes,
  ApiCheck,
  ApiCheckItem,
  ApiCheckLevel,
  ApiChecks,
  ApiCounts,
  ApiEvents,
  ApiInbox,
  ApiLink,
  ApiLinkAnswer,
  ApiLinkAnswers,
  ApiList,
  ApiMessage,
  ApiReply,
  ApiSpam,
  ApiSpamRule,
  ApiSummary,
  ApiWebhook,
} from "./web/api-types.js";
