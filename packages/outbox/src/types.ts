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
  /** Such as `"5.1.1"`, when there is one. */
  readonly enhancedCode: string | undefined;
  /** The text of the reply, or the reason. */
  readonly message: string;
}

/** One recipient of a message. */
export interface OutboxRecipient {
  /** The address, as in the envelope. */
  readonly address: string;
  /** What became of it. */
  readonly state: RecipientState;
  /** Attempts in which it was sent to the server. */
  readonly attempts: number;
  /** The last reply. */
  readonly reply?: OutboxReply | undefined;
  /** When it goes out next, while it waits. */
  readonly nextAt?: Date | undefined;
}

/** A message as the outbox has it, without its content. */
export interface OutboxMessage {
  /** Its id. */
  readonly id: string;
  /** The key that it was given. */
  readonly key?: string | undefined;
  /** With its angle brackets; empty for a raw message that has none. */
  readonly messageId: string;
  /** What becomes of it; that of its recipients together. */
  readonly state: MessageState;
  /** The envelope's sender; `""` is the null sender. */
  readonly sender: string;
  /** Its recipients, in the order of the envelope. */
  readonly recipients: readonly OutboxRecipient[];
  /** Attempts that were spent; a fault of the transport spends none. */
  readonly attempt: number;
  /** When it was enqueued. */
  readonly createdAt: Date;
  /** When it is due; while it is sent, when its lease ends. Undefined when it is finished or waits for a person. */
  readonly dueAt?: Date | undefined;
  /** Until when it is tried. */
  readonly expiresAt: Date;
  /** Bytes of the composed message. */
  readonly size: number;
  /** The tags that it was given. */
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

/** What may happen to a message, a recipient, or the outbox. */
export type OutboxEventType = (typeof EVENT_TYPES)[number];

/** One change of a message, a recipient, or the outbox itself. */
export interface OutboxEvent {
  /** Its place among all events, for `after`. */
  readonly id: string;
  /** When it happened. */
  readonly at: Date;
  /** What happened. */
  readonly type: OutboxEventType;
  /** The id of the message. */
  readonly message?: string | undefined;
  /** The recipient's address. */
  readonly recipient?: string | undefined;
  /** The server's reply, or the reason. */
  readonly reply?: OutboxReply | undefined;
  /** The attempt, from 1. */
  readonly attempt?: number | undefined;
  /** Why, in words, where there is no reply. */
  readonly reason?: string | undefined;
}

/** An address that gets no mail. */
export interface Suppression {
  /** The address. */
  readonly address: string;
  /** Why, in words. */
  readonly reason?: string | undefined;
  /** Since when. */
  readonly at: Date;
}

/** Which messages: all that fit every member that is given. */
export interface OutboxFilter {
  /** Only messages in this state. */
  readonly state?: MessageState | undefined;
  /** An address; upper and lower case are the same. */
  readonly recipient?: string | undefined;
  /** The domain of a recipient. */
  readonly domain?: string | undefined;
  /** Every tag here must be the message's. */
  readonly tag?: Readonly<Record<string, string>> | undefined;
  /** Only the message with this key. */
  readonly key?: string | undefined;
  /** Enqueued before. */
  readonly before?: Date | undefined;
  /** Enqueued at or after. */
  readonly after?: Date | undefined;
  /** Which comes first; default `"oldest"`. */
  readonly order?: "oldest" | "newest" | undefined;
}

/** The outbox at a glance. */
export interface OutboxStats {
  /** Messages by state. */
  readonly messages: Readonly<Record<MessageState, number>>;
  /** Since when the oldest message that is due waits. */
  readonly oldestDue: Date | undefined;
  /** Undefined unless nothing is sent. */
  readonly paused: OutboxPause | undefined;
  /** Waiting recipients, and those in doubt, by domain; the hundred domains that have most. */
  readonly domains: readonly {
    /** The domain, in lower case. */
    readonly domain: string;
    /** Recipients that wait. */
    readonly waiting: number;
    /** Recipients of which nobody knows whether they got it. */
    readonly unknown: number;
  }[];
  /** The last replies to recipients that wait, failed or are in doubt, of the newest 2,500 messages in each such state; the twenty that most have. */
  readonly replies: readonly ReplyCount[];
}

/** How many recipients got one reply. */
export interface ReplyCount {
  /** 0 when there is no reply, as with a lost connection. */
  readonly code: number;
  /** Such as `"5.1.1"`, when there is one. */
  readonly enhancedCode: string | undefined;
  /** What became of these recipients. */
  readonly state: "waiting" | "unknown" | "refused" | "expired";
  /** How many. */
  readonly recipients: number;
  /** The text of one of them. */
  readonly example: string;
}

/** Why nothing is sent. */
export interface OutboxPause {
  /** `"person"`: by `pause()`. `"fault"`: the transport failed, and one message probes it. `"credentials"`: a person must see to it. */
  readonly kind: "person" | "fault" | "credentials";
  /** Why, in words. */
  readonly reason: string | undefined;
  /** When it began. */
  readonly since: Date;
  /** When the next message probes. */
  readonly until: Date | undefined;
}
