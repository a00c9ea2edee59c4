/**
 * The messages that are kept, bounded in number and bytes, whether they were read, and who wants to hear of changes.
 */
import { InboxClosedError } from "../errors.js";
import type { InboxMessage } from "../message.js";
import { describeMessages } from "./describe-messages.js";
import { keptSize } from "./kept-size.js";
import { type InboxPredicate, timeoutOf, Waiters, type WaitOptions } from "./waiters.js";

/** One message with what the reader of the page has done with it. */
export interface StoredMessage {
  readonly message: InboxMessage;
  readonly read: boolean;
  /** Bytes of memory that it takes, raw and parsed. */
  readonly kept: number;
}

export type StoreChange =
  | { readonly type: "added"; readonly message: InboxMessage }
  | { readonly type: "removed"; readonly ids: readonly string[] }
  | { readonly type: "read"; readonly id: string; readonly read: boolean };

/** What must follow the store elsewhere, such as the files of a Maildir. */
export interface StoreMirror {
  remove(ids: readonly string[]): void;
  markRead(id: string, read: boolean): void;
}

interface StoreLimits {
  readonly maxMessages: number;
  readonly maxBytes: number;
}

export class MessageStore {
  readonly #limits: StoreLimits;
  readonly #mirror: StoreMirror | undefined;
  readonly #waiters: Waiters = new Waiters();
  readonly #listeners: Set<(change: StoreChange) => void> = new Set();
  /** By id, in the order of arrival. */
  readonly #entries: Map<string, StoredMessage> = new Map();
  #snapshot: readonly InboxMessage[] | undefined;
  #bytes = 0;
  #unread = 0;
  #closed = false;

  constructor(limits: StoreLimits, mirror?: StoreMirror) {
    this.#limits = limits;
    this.#mirror = mirror;
  }

  /** Oldest first; a snapshot, so that a loop over it is not disturbed by what arrives. */
  get messages(): readonly InboxMessage[] {
    this.#snapshot ??= Object.freeze(Array.from(this.#entries.values(), ({ message }) => message));
    return this.#snapshot;
  }

  get total(): number {
    return this.#entries.size;
  }

  get unread(): number {
    return this.#unread;
  }

  find(id: string): StoredMessage | undefined {
    return this.#entries.get(id);
  }

  isRead(id: string): boolean {
    return this.#entries.get(id)?.read ?? false;
  }

  add(message: InboxMessage, read = false): void {
    if (this.#closed) return;
    const kept = keptSize(message);
    this.#entries.set(message.id, { message, read, kept });
    this.#bytes += kept;
    if (!read) this.#unread += 1;
    this.#dropOldest();
    this.#snapshot = undefined;
    this.#tell({ type: "added", message });
    this.#waiters.offer(message);
  }

  markRead(id: string, read: boolean): void {
    const entry = this.#entries.get(id);
    if (entry === undefined || entry.read === read) return;
    this.#entries.set(id, { ...entry, read });
    this.#unread += read ? -1 : 1;
    this.#mirror?.markRead(id, read);
    this.#tell({ type: "read", id, read });
  }

  /** Forgets messages; ids that are not there are passed over. */
  remove(ids: readonly string[]): void {
    const gone = ids.filter((id) => this.#forget(id));
    if (gone.length === 0) return;
    this.#snapshot = undefined;
    this.#mirror?.remove(gone);
    this.#tell({ type: "removed", ids: gone });
  }

  clear(): void {
    this.remove([...this.#entries.keys()]);
  }

  /** Calls back after every change; returns what ends that. */
  listen(listener: (change: StoreChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Rejects those who wait. What has arrived stays readable. */
  close(): void {
    this.#closed = true;
    this.#waiters.failAll(new InboxClosedError());
  }

  async waitFor(predicate: InboxPredicate, options: WaitOptions = {}): Promise<InboxMessage> {
    timeoutOf(options);
    options.signal?.throwIfAborted();
    const present = this.messages.find(predicate);
    if (present !== undefined) return present;
    if (this.#closed) throw new InboxClosedError();
    return this.#waiters.wait(predicate, options, () => describeMessages(this.messages));
  }

  #forget(id: string): boolean {
    const entry = this.#entries.get(id);
    if (entry === undefined) return false;
    this.#entries.delete(id);
    this.#bytes -= entry.kept;
    if (!entry.read) this.#unread -= 1;
    return true;
  }

  #dropOldest(): void {
    const { maxMessages, maxBytes } = this.#limits;
    const dropped: string[] = [];
    for (const id of this.#entries.keys()) {
      // The newest stays, whatever it takes beyond its bytes: its client has heard 250.
      if (this.#entries.size === 1 || (this.#entries.size <= maxMessages && this.#bytes <= maxBytes)) break;
      this.#forget(id);
      dropped.push(id);
    }
    if (dropped.length === 0) return;
    this.#mirror?.remove(dropped);
    this.#tell({ type: "removed", ids: dropped });
  }

  #tell(change: StoreChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}
