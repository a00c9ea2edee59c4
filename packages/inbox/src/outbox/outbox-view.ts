/**
 * What the page needs of an outbox: the part of `Outbox` of @postrider/outbox that is shown and done in its tab. The inbox does not
 * depend on that package.
 */

/** An outbox of `@postrider/outbox`, as `openOutbox()` gives it. */
export interface InboxOutbox {
  find(filter?: {
    readonly state?: string | undefined;
    readonly recipient?: string | undefined;
    readonly order?: string | undefined;
  }): AsyncIterable<OutboxItem>;
  get(id: string): Promise<OutboxItem | undefined>;
  history(id: string): Promise<readonly object[]>;
  content(id: string, options: { readonly length?: number | undefined }): AsyncIterable<Uint8Array>;
  stats(): Promise<object>;
  retry(id: string): Promise<void>;
  cancel(id: string): Promise<boolean>;
  resolve(id: string, as: "resend" | "sent", recipient?: string): Promise<void>;
  pause(reason?: string): Promise<void>;
  resume(): Promise<void>;
}

/** A message of the outbox; the page shows the rest of it as it is. */
export interface OutboxItem {
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
