/**
 * The messages that are kept, bounded in number and bytes, whether they were read, and who wants to hear of changes.
 */
import { InboxClosedError } from "../errors.js";
import type { InboxMessage } from "../message.js";
import { describeMessages } from "./describe-messages.js";
import { keptSize } from "./kept-size.js";
import { checkPredicate, type InboxPredicate, timeoutOf, Waiters, type WaitOptions } from "./waiters.js";

/** One message with what the reader of the page has done with it. */
export interface StoredMessage {
  readonly message: InboxMessage;
  readonly read: boolean;
  /** Bytes of memory that it takes, raw and parsed. */
  readonly kept: number;
  /** Goes up with every message that arrives. */
  readonly order: number;
}

export type StoreChange =
  | { readonly type: "added"; readonly message: InboxMessage }
  | { readonly type: "removed"; readonly ids: readonly string[] }
  | { readonly type: "read"; readonly id: string; readonly read: boolean }
  /** Deleted messages are back, or many were marked at once: the list is another one. */
  | { readonly type: "changed"; readonly ids: readonly string[] };

/** What must follow the store elsewhere, such as the files of a Maildir. */
export interface StoreMirror {
  remove(ids: readonly string[]): void;
  /** Deleted, but may be brought back while the inbox runs. */
  discard(ids: readonly string[]): void;
  restore(ids: readonly string[]): void;
  markRead(id: string, read: boolean): void;
}

interface StoreLimits {
  readonly maxMessages: number;
  readonly maxBytes: number;
}

/** More changes than this at once are told as one: ask for the list again. */
const MANY = 50;

export class MessageStore {
  readonly #limits: StoreLimits;
  readonly #mirror: StoreMirror | undefined;
  readonly #waiters: Waiters = new Waiters();
  readonly #listeners: Set<(change: StoreChange) => void> = new Set();
  /** By id, in the order of arrival. */
  readonly #entries: Map<string, StoredMessage> = new Map();
  #snapshot: readonly InboxMessage[] | undefined;
  /** What was deleted last, to be brought back; it counts against the limit of bytes, and is the first to go. */
  #discarded: readonly StoredMessage[] = [];
  #bytes = 0;
  #order = 0;
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
    this.#order += 1;
    this.#entries.set(message.id, { message, read, kept, order: this.#order });
    this.#bytes += kept;
    if (!read) this.#unread += 1;
    const dropped = this.#dropOldest();
    this.#snapshot = undefined;
    this.#tell({ type: "added", message });
    // Later than what they make room for: a page that shows one of them and hears this first goes on to an old message, not to the new one.
    this.#tellRemoved(dropped);
    this.#waiters.offer(message);
  }

  markRead(id: string, read: boolean): void {
    if (this.#setRead(id, read)) this.#tell({ type: "read", id, read });
  }

  /** Marks several; one by one for few, as one change for many. */
  markAllRead(ids: readonly string[], read: boolean): void {
    const changed = ids.filter((id) => this.#entries.has(id) && this.isRead(id) !== read);
    if (changed.length <= MANY) for (const id of changed) this.markRead(id, read);
    else {
      for (const id of changed) this.#setRead(id, read);
      this.#tell({ type: "changed", ids: changed });
    }
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
    this.#emptyBin();
    this.remove([...this.#entries.keys()]);
  }

  /** Deletes messages so that `restore` brings them back, until the next ones are deleted or their memory is needed. */
  discard(ids: readonly string[]): void {
    const entries = [...new Set(ids)].flatMap((id) => this.#entries.get(id) ?? []);
    if (entries.length === 0) return;
    this.#emptyBin();
    for (const { message } of entries) this.#forget(message.id);
    this.#snapshot = undefined;
    this.#discarded = entries;
    this.#bytes += sumOf(entries);
    const gone = entries.map(({ message }) => message.id);
    this.#mirror?.discard(gone);
    this.#tell({ type: "removed", ids: gone });
  }

  /** Brings back what was deleted last, in its place; returns the ids, none when there is nothing to bring back. */
  restore(): readonly string[] {
    const back = this.#discarded;
    if (back.length === 0 || this.#closed) return [];
    this.#discarded = [];
    const entries = [...this.#entries.values(), ...back].sort((left, right) => left.order - right.order);
    this.#entries.clear();
    for (const entry of entries) this.#entries.set(entry.message.id, entry);
    this.#unread += back.filter(({ read }) => !read).length;
    this.#snapshot = undefined;
    const ids = back.map(({ message }) => message.id);
    this.#mirror?.restore(ids);
    const dropped = this.#dropOldest();
    this.#tell({ type: "changed", ids });
    this.#tellRemoved(dropped);
    return ids;
  }

  /** Calls back after every change; returns what ends that. */
  listen(listener: (change: StoreChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Rejects those who wait; deleted messages cannot be brought back any more. What has arrived stays readable. */
  close(): void {
    this.#closed = true;
    this.#emptyBin();
    this.#waiters.failAll(new InboxClosedError());
  }

  async waitFor(predicate: InboxPredicate, options: WaitOptions = {}): Promise<InboxMessage> {
    checkPredicate(predicate);
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

  #setRead(id: string, read: boolean): boolean {
    const entry = this.#entries.get(id);
    if (entry === undefined || entry.read === read) return false;
    this.#entries.set(id, { ...entry, read });
    this.#unread += read ? -1 : 1;
    this.#mirror?.markRead(id, read);
    return true;
  }

  #emptyBin(): void {
    const gone = this.#discarded;
    this.#discarded = [];
    this.#bytes -= sumOf(gone);
    if (gone.length > 0) this.#mirror?.remove(gone.map(({ message }) => message.id));
  }

  /** @returns the ids of those that had to make room. */
  #dropOldest(): readonly string[] {
    const { maxMessages, maxBytes } = this.#limits;
    if (this.#bytes > maxBytes) this.#emptyBin();
    const dropped: string[] = [];
    for (const id of this.#entries.keys()) {
      // The newest stays, whatever it takes beyond its bytes: its client has heard 250.
      if (this.#entries.size === 1 || (this.#entries.size <= maxMessages && this.#bytes <= maxBytes)) break;
      this.#forget(id);
      dropped.push(id);
    }
    if (dropped.length > 0) this.#mirror?.remove(dropped);
    return dropped;
  }

  #tellRemoved(ids: readonly string[]): void {
    if (ids.length > 0) this.#tell({ type: "removed", ids });
  }

  #tell(change: StoreChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}

function sumOf(entries: readonly StoredMessage[]): number {
  return entries.reduce((sum, { kept }) => sum + kept, 0);
}
