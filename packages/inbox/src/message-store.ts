/**
 * The messages that are kept, bounded in number and bytes, and those who wait for one.
 */
import { InboxClosedError, InboxOptionError, InboxTimeoutError } from "./errors.js";
import type { InboxMessage } from "./message.js";

/** How long `waitFor` waits, in milliseconds, unless told otherwise. */
const DEFAULT_TIMEOUT_MS = 5000;
/** The longest delay a timer takes; setTimeout turns anything above it into 1 ms. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;
const MAX_LISTED = 10;

export type InboxPredicate = (message: InboxMessage) => boolean;

export interface WaitOptions {
  /** Milliseconds; default 5000. */
  readonly timeout?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

interface Waiter {
  readonly offer: (message: InboxMessage) => void;
  readonly fail: (reason: unknown) => void;
}

export class MessageStore {
  readonly #limits: { readonly maxMessages: number; readonly maxBytes: number };
  readonly #waiters = new Set<Waiter>();
  #messages: InboxMessage[] = [];
  #snapshot: readonly InboxMessage[] | undefined;
  #bytes = 0;
  #closed = false;

  constructor(limits: { readonly maxMessages: number; readonly maxBytes: number }) {
    this.#limits = limits;
  }

  /** Oldest first; a snapshot, so that a loop over it is not disturbed by what arrives. */
  get messages(): readonly InboxMessage[] {
    this.#snapshot ??= Object.freeze([...this.#messages]);
    return this.#snapshot;
  }

  find(id: string): InboxMessage | undefined {
    return this.#messages.find((message) => message.id === id);
  }

  add(message: InboxMessage): void {
    if (this.#closed) return;
    this.#messages.push(message);
    this.#bytes += message.size;
    this.#dropOldest();
    this.#snapshot = undefined;
    for (const waiter of [...this.#waiters]) waiter.offer(message);
  }

  clear(): void {
    this.#messages = [];
    this.#snapshot = undefined;
    this.#bytes = 0;
  }

  /** Rejects those who wait. What has arrived stays readable. */
  close(): void {
    this.#closed = true;
    for (const waiter of [...this.#waiters]) waiter.fail(new InboxClosedError());
  }

  async waitFor(predicate: InboxPredicate, options: WaitOptions = {}): Promise<InboxMessage> {
    const timeout = options.timeout ?? DEFAULT_TIMEOUT_MS;
    if (!(timeout >= 0)) throw new InboxOptionError("timeout", "must be a number of milliseconds, 0 or more");
    options.signal?.throwIfAborted();
    const present = this.#messages.find(predicate);
    if (present !== undefined) return present;
    if (this.#closed) throw new InboxClosedError();
    return this.#wait(predicate, timeout, options.signal);
  }

  #wait(predicate: InboxPredicate, timeout: number, signal: AbortSignal | undefined): Promise<InboxMessage> {
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", onAbort);
        this.#waiters.delete(waiter);
      };
      const waiter: Waiter = {
        offer: (message) => {
          try {
            if (!predicate(message)) return;
          } catch (error) {
            return waiter.fail(error);
          }
          settle();
          resolve(message);
        },
        fail: (reason) => {
          settle();
          reject(reason);
        },
      };
      const onAbort = (): void => waiter.fail(signal?.reason);
      const onTimeout = (): void => waiter.fail(new InboxTimeoutError(timeout, describe(this.#messages)));
      const timer = setTimeout(onTimeout, Math.min(timeout, MAX_TIMEOUT_MS));
      signal?.addEventListener("abort", onAbort, { once: true });
      this.#waiters.add(waiter);
    });
  }

  #dropOldest(): void {
    let drop = 0;
    let bytes = this.#bytes;
    while (this.#messages.length - drop > this.#limits.maxMessages || bytes > this.#limits.maxBytes) {
      bytes -= this.#messages[drop]?.size ?? 0;
      drop += 1;
    }
    this.#bytes = bytes;
    // PERF: one splice a message; at the limit that moves maxMessages references, far below what parsing costs.
    if (drop > 0) this.#messages.splice(0, drop);
  }
}

function describe(messages: readonly InboxMessage[]): string {
  if (messages.length === 0) return "The inbox is empty.";
  const lines = messages.slice(-MAX_LISTED).map((message) => {
    const { sender, recipients } = message.envelope;
    return `  ${JSON.stringify(message.subject ?? "(no subject)")} from <${sender}> to ${recipients.map((address) => `<${address}>`).join(", ")}`;
  });
  const head =
    lines.length < messages.length
      ? `The inbox holds ${messages.length} messages, the last ${MAX_LISTED}:`
      : "The inbox holds:";
  return [head, ...lines].join("\n");
}
