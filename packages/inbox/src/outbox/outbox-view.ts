/**
 * What the page needs of an outbox: the part of `Outbox` of @postrider/outbox that is shown and done in its tab. The inbox does not
 * depend on that package.
 */

/** An outbox of `@postrider/outbox`, as `openOutbox()` gives it. */
export interface InboxOutbox {
  /** Messages that fit the filter. */
  find(filter?: {
    /** Only messages in this state. */
    readonly state?: string | undefined;
    /** Only messages to this address. */
    readonly recipient?: string | undefined;
    /** Newest or oldest first. */
    readonly order?: string | undefined;
  }): AsyncIterable<OutboxItem>;
  /** One message. */
  get(id: string): Promise<OutboxItem | undefined>;
  /** The events of one message. */
  history(id: string): Promise<readonly object[]>;
  /** The bytes of one message. */
  content(
    id: string,
    options: {
      /** Bytes from the beginning. */
      readonly length?: number | undefined;
    },
  ): AsyncIterable<Uint8Array>;
  /** The outbox at a glance. */
  stats(): Promise<object>;
  /** Sends a message now. */
  retry(id: string): Promise<void>;
  /** Cancels a message; false when it was too late. */
  cancel(id: string): Promise<boolean>;
  /** Settles what is unknown. */
  resolve(id: string, as: "resend" | "sent", recipient?: string): Promise<void>;
  /** Stops all sending. */
  pause(reason?: string): Promise<void>;
  /** Goes on. */
  resume(): Promise<void>;
}

/** A message of the outbox; the page shows the rest of it as it is. */
export interface OutboxItem {
  /** Its id. */
  readonly id: string;
  /** With its angle brackets. */
  readonly messageId: string;
}

const METHODS = ["find", "get", "history", "content", "stats", "retry", "cancel", "resolve", "pause", "resume"];

export function isOutbox(value: unknown): value is InboxOutbox {
  return (
    typeof value === "object" &&
    value !== null &&
    METHODS.every((name) => typeof (value as Record<string, unknown>)[name] === "function")
  );
}
