/**
 * The states of a recipient as one table, and the state of a message, which is derived from its recipients.
 *
 * Every change of a recipient's state in the database goes along this table. docs/outbox-states.md is made from it.
 */

/** What has become of one recipient. */
export type RecipientState =
  /** The recipient waits until the message is due. */
  | "waiting"
  /** A worker holds a lease on the message; the tables store this as "waiting" with a lease. */
  | "sending"
  /** The server accepted the message for this recipient. */
  | "accepted"
  /** The server refused permanently, or the message cannot be sent as it is. */
  | "refused"
  /** `expireAfter` has passed without a delivery; the last reply is kept. */
  | "expired"
  /** The address is on the suppression list. */
  | "suppressed"
  /** `cancel()` was called before a worker took the message. */
  | "cancelled"
  /** The message may or may not have been delivered; a person decides. */
  | "unknown"
  /** The server accepted the message, and a later bounce report says that the delivery failed. */
  | "bounced";

/** What happens to a recipient. */
export type RecipientEvent =
  /** A worker takes the message. */
  | "claim"
  /** The server accepted the message, or the policy "assume-sent" or a person declares it sent. */
  | "accept"
  /** The server replied 5yz, or the message itself is invalid. */
  | "refuse"
  /** The server replied 4yz, the connection broke, the transport failed, or the outcome is unknown and the policy is "resend". */
  | "defer"
  /** `expireAfter` has passed. */
  | "expire"
  /** The address is on the suppression list. */
  | "suppress"
  /** `cancel()` was called before a worker took the message. */
  | "cancel"
  /** The connection or the process was lost after the end of the content; the policy is "hold", or "resend" was used up. */
  | "doubt"
  /** `retry()` was called, or `resolve()` with "resend". */
  | "again"
  /** A bounce report says that the delivery failed. */
  | "bounce";

/** What follows what. An event that a state does not list is not possible in it. */
export const RECIPIENT_TRANSITIONS: Readonly<
  Record<RecipientState, Readonly<Partial<Record<RecipientEvent, RecipientState>>>>
> = {
  waiting: { claim: "sending", cancel: "cancelled", again: "waiting" },
  sending: {
    accept: "accepted",
    refuse: "refused",
    defer: "waiting",
    expire: "expired",
    suppress: "suppressed",
    doubt: "unknown",
  },
  accepted: { bounce: "bounced" },
  refused: { again: "waiting" },
  expired: { again: "waiting" },
  suppressed: { again: "waiting" },
  cancelled: {},
  unknown: { accept: "accepted", again: "waiting" },
  bounced: {},
};

/** What has become of a message, derived from its recipients. */
export type MessageState =
  | "waiting"
  | "sending"
  | "delivered"
  | "partly-delivered"
  | "failed"
  | "unknown"
  | "cancelled";

export const MESSAGE_STATES: readonly MessageState[] = [
  "waiting",
  "sending",
  "delivered",
  "partly-delivered",
  "failed",
  "unknown",
  "cancelled",
];

/** The rule in words of code; the database derives the same by `DERIVED_STATE`. */
export function messageState(recipients: readonly RecipientState[]): MessageState {
  if (recipients.includes("sending")) return "sending";
  if (recipients.includes("waiting")) return "waiting";
  if (recipients.includes("unknown")) return "unknown";
  const accepted = recipients.filter((state) => state === "accepted").length;
  if (accepted > 0) return accepted === recipients.length ? "delivered" : "partly-delivered";
  return recipients.every((state) => state === "cancelled") ? "cancelled" : "failed";
}

/** The same rule as an SQL expression over the rows `r` of a message's recipients. */
export const DERIVED_STATE = `CASE
  WHEN count(*) FILTER (WHERE r.state = 'waiting') > 0 THEN 'waiting'
  WHEN count(*) FILTER (WHERE r.state = 'unknown') > 0 THEN 'unknown'
  WHEN count(*) FILTER (WHERE r.state = 'accepted') = count(*) THEN 'delivered'
  WHEN count(*) FILTER (WHERE r.state = 'accepted') > 0 THEN 'partly-delivered'
  WHEN count(*) FILTER (WHERE r.state = 'cancelled') = count(*) THEN 'cancelled'
  ELSE 'failed' END`;
