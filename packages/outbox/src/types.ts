/**
 * What the outbox tells about messages, recipients and events.
 */
import type { DeliveryOptions, RawMessage, SendResult } from "postrider";
import type { MessageState, RecipientState } from "./states.js";

/** Anything that sends a raw message: SmtpPool, SmtpClient, or a provider's API behind the same method. */
export interface OutboxTransport {
  /** Rejects with an SmtpError, or with an error that has its `outcome` ("not-sent" or "unknown") and `retry`. */
  send(message: RawMessage, options: DeliveryOptions): Promise<SendResult>;
  /** Messages that it takes at once; a pool tells it. Default: 1. */
  readonly capacity?: number | undefined;
}

/** The server's reply, or the reason that the outbox gives. */
export interface OutboxReply {
  /** 0 when there is no reply, as with a lost connection. */
  readonly code: number;
  readonly enhancedCode: string | undefined;
  readonly message: string;
}

export interface OutboxRecipient {
  readonly address: string;
  readonly state: RecipientState;
  /** Attempts in which it was sent to the server. */
  readonly attempts: number;
  /** The last reply. */
  readonly reply?: OutboxReply | undefined;
  /** When it goes out next, while it waits. */
  readonly nextAt?: Date | undefined;
}

export interface OutboxMessage {
  readonly id: string;
  readonly key?: string | undefined;
  /** With its angle brackets; empty for a raw message that has none. */
  readonly messageId: string;
  readonly state: MessageState;
  /** The envelope's sender; `""` is the null sender. */
  readonly sender: string;
  readonly recipients: readonly OutboxRecipient[];
  /** Attempts that were spent; a fault of the transport spends none. */
  readonly attempt: number;
  readonly createdAt: Date;
  /** When it is due; while it is sent, when its lease ends. Undefined when it is finished or waits for a person. */
  readonly dueAt?: Date | undefined;
  readonly expiresAt: Date;
  /** Bytes of the composed message. */
  readonly size: number;
  readonly tags: Readonly<Record<string, string>>;
}

export const EVENT_TYPES = [
  "enqueued",
  "accepted",
  "deferred",
  "refused",
  "expired",
  "suppressed",
  "cancelled",
  "unknown",
  "bounced",
  "late",
  "paused",
  "resumed",
] as const;

export type OutboxEventType = (typeof EVENT_TYPES)[number];

export interface OutboxEvent {
  /** Its place among all events, for `after`. */
  readonly id: string;
  readonly at: Date;
  readonly type: OutboxEventType;
  /** The id of the message. */
  readonly message?: string | undefined;
  /** The recipient's address. */
  readonly recipient?: string | undefined;
  readonly reply?: OutboxReply | undefined;
  readonly attempt?: number | undefined;
  readonly reason?: string | undefined;
}

export interface Suppression {
  readonly address: string;
  readonly reason?: string | undefined;
  readonly at: Date;
}

export interface OutboxFilter {
  readonly state?: MessageState | undefined;
  /** An address; upper and lower case are the same. */
  readonly recipient?: string | undefined;
  /** The domain of a recipient. */
  readonly domain?: string | undefined;
  /** Every tag here must be the message's. */
  readonly tag?: Readonly<Record<string, string>> | undefined;
  readonly key?: string | undefined;
  /** Enqueued before. */
  readonly before?: Date | undefined;
  /** Enqueued at or after. */
  readonly after?: Date | undefined;
  /** Which comes first; default `"oldest"`. */
  readonly order?: "oldest" | "newest" | undefined;
}

export interface OutboxStats {
  /** Messages by state. */
  readonly messages: Readonly<Record<MessageState, number>>;
  /** Since when the oldest message that is due waits. */
  readonly oldestDue: Date | undefined;
  readonly paused: OutboxPause | undefined;
  /** Waiting recipients, and those in doubt, by domain; the hundred domains that have most. */
  readonly domains: readonly { readonly domain: string; readonly waiting: number; readonly unknown: number }[];
  /** The last replies to recipients that wait, failed or are in doubt; the twenty that most have. */
  readonly replies: readonly ReplyCount[];
}

export interface ReplyCount {
  /** 0 when there is no reply, as with a lost connection. */
  readonly code: number;
  readonly enhancedCode: string | undefined;
  readonly state: "waiting" | "unknown" | "refused" | "expired";
  readonly recipients: number;
  /** The text of one of them. */
  readonly example: string;
}

export interface OutboxPause {
  /** `"person"`: by `pause()`. `"fault"`: the transport failed, and one message probes it. `"credentials"`: a person must see to it. */
  readonly kind: "person" | "fault" | "credentials";
  readonly reason: string | undefined;
  readonly since: Date;
  /** When the next message probes. */
  readonly until: Date | undefined;
}
