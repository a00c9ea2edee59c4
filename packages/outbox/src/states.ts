/**
 * The states of a recipient as one table, and the state of a message, which is derived from its recipients.
 *
 * Every change of a recipient's state in the database goes along this table. docs/outbox-states.md is made from it.
 */

/** What has become of one recipient. */
export type RecipientState =
  /** Goes out when the message is due. */
  | "waiting"
  /** A worker holds the message under a lease; in the tables this is "waiting" and a lease. */
  | "sending"
  /** The server took responsibility. */
  | "accepted"
  /** The server refused for good, or the message cannot be sent as it is. */
  | "refused"
  /** The time of `expireAfter` is over; the last reply is kept. */
  | "expired"
  /** The address is on the list of suppressions. */
  | "suppressed"
  /** Taken back before it went out. */
  | "cancelled"
  /** It may have gone out or not, and a person decides. */
  | "unknown"
  /** It was accepted, and a report said later that it could not be delivered. */
  | "bounced";

/** What happens to a recipient. */
export type RecipientEvent =
  /** A worker takes the message. */
  | "claim"
  /** The server took it; or the policy "assume-sent", or a person, says so. */
  | "accept"
  /** A reply of 5yz, or a fault of the message itself. */
  | "refuse"
  /** A reply of 4yz, a broken connection, a fault of the transport, or the policy "resend". */
  | "defer"
  /** Its time is over. */
  | "expire"
  /** Its address is suppressed. */
  | "suppress"
  /** `cancel()` came before a worker. */
  | "cancel"
  /** The connection or the process was lost after the end of the content, and the policy waits for a person. */
  | "doubt"
  /** `retry()`, or `resolve()` as "resend". */
  | "again"
  /** A report of a failed delivery. */
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
