/**
 * Enqueues: checks, composes, and writes, in a transaction of the caller's or of the outbox's own.
 */
import { randomBytes } from "node:crypto";
import type { DeliveryOptions, MessageInput } from "postrider";
import { type CallerSession, callerSession, type TransactionInput } from "./database/caller-transaction.js";
import { type Database, noRows, type Session } from "./database/database.js";
import { DatabaseError, KeyConflictError } from "./errors.js";
import type { Composer } from "./message/compose.js";
import { checkEnqueueOptions, type EnqueueOptions, type EnqueueRequest, type EnqueueSettings } from "./options.js";
import { isPlain } from "./rules.js";
import {
  byKey,
  deleteMessages,
  deleteParts,
  findKey,
  insertMessages,
  insertPart,
  type NewMessage,
} from "./store/enqueue-rows.js";
import { watch } from "./watch.js";

/** What `enqueue` resolves with. */
export interface Enqueued {
  /** The id of the message in the outbox. */
  readonly id: string;
  /** False: the key was there already, with the same message. */
  readonly created: boolean;
}

type Result = PromiseSettledResult<Enqueued>;

interface Writing {
  readonly message: NewMessage;
  readonly done: (result: Enqueued) => void;
  readonly failed: (error: unknown) => void;
}

export interface EnqueuerOptions {
  readonly maxSize: number;
  readonly verp: string | undefined;
  /** Something was committed. */
  onCommit(): void;
}

/** Most messages of one transaction, and most bytes of content. */
const MAX_BATCH = 200;
const MAX_GATHER_MS = 20;
const MAX_BATCH_BYTES = 4 * 1024 * 1024;
/** What a recipient has in a statement. */
const RECIPIENT_BYTES = 200;

export class Enqueuer {
  readonly #database: Database;
  readonly #composer: Composer;
  readonly #options: EnqueuerOptions;
  #writing: Writing[] = [];
  #isWriting = false;
  /** Messages whose content is being made. */
  #composing = 0;
  #lastWriteMs = 0;

  constructor(database: Database, composer: Composer, options: EnqueuerOptions) {
    this.#database = database;
    this.#composer = composer;
    this.#options = options;
  }

  /** @throws OptionError, MessageError, AddressError, KeyConflictError, TransactionOverError, DatabaseError */
  enqueue(message: MessageInput, options: EnqueueOptions): Promise<Enqueued> {
    return watched(() => this.#enqueue(message, options));
  }

  async #enqueue(message: MessageInput, options: EnqueueOptions): Promise<Enqueued> {
    const settings = checkEnqueueOptions(options);
    if (settings.in !== undefined) {
      const session = callerSession(settings.in, this.#database.dialect);
      return this.#into(session, message, settings);
    }
    this.#composing += 1;
    const composed = this.#compose(this.#database.session, message, settings).finally(() => {
      this.#composing -= 1;
    });
    const ready = await composed;
    try {
      return await this.#write(ready);
    } catch (error) {
      await this.#forget(this.#database.session, ready, error);
      throw error;
    }
  }

  /** A session of the caller's, for several messages. @throws TransactionOverError */
  async sessionOf(transaction: TransactionInput): Promise<CallerSession> {
    const session = callerSession(transaction, this.#database.dialect);
    await session.requireOpen();
    return session;
  }

  /**
   * Several in the caller's transaction, which is open, in few statements. What comes behind the first that fails is not written.
   *
   * @returns a result for each, up to the first that failed
   */
  into(session: CallerSession, requests: readonly EnqueueRequest[]): Promise<readonly Result[]> {
    const write = async (): Promise<Result[]> => this.#writeInOrder(session, await this.#composeAll(session, requests));
    return told(requests.length, write());
  }

  /** The same in a transaction of the outbox's own. */
  together(requests: readonly EnqueueRequest[]): Promise<readonly Result[]> {
    return told(requests.length, this.#together(requests));
  }

  async #together(requests: readonly EnqueueRequest[]): Promise<readonly Result[]> {
    const { session } = this.#database;
    const composed = await this.#composeAll(session, requests);
    try {
      const results = await this.#database.transaction((own) => this.#writeInOrder(own, composed));
      this.#options.onCommit();
      return results;
    } catch (error) {
      for (const one of composed) if (one.status === "fulfilled") await this.#forget(session, one.value, error);
      throw error;
    }
  }

  #composeAll(session: Session, requests: readonly EnqueueRequest[]): Promise<PromiseSettledResult<NewMessage>[]> {
    return Promise.allSettled(
      requests.map(async ({ message, ...options }) => this.#compose(session, message, checkEnqueueOptions(options))),
    );
  }

  /** Up to the first that fails, which is the last result. */
  async #writeInOrder(session: Session, composed: readonly PromiseSettledResult<NewMessage>[]): Promise<Result[]> {
    const failure = composed.find((one) => one.status === "rejected");
    const end = failure === undefined ? composed.length : composed.indexOf(failure);
    const ready = composed.map((one) => (one.status === "fulfilled" ? one.value : undefined));
    const waiting = ready.slice(0, end).filter((one) => one !== undefined);
    const behind = ready.slice(end).filter((one) => one !== undefined);
    const ids = new Set<string>();
    const ordered = byKey(waiting);
    while (ordered.length > 0) for (const id of (await insertMessages(session, takeBatch(ordered))) ?? []) ids.add(id);
    const results: Result[] = [];
    for (const [index, message] of waiting.entries()) {
      try {
        results.push({ status: "fulfilled", value: await this.#resultOf(session, message, ids) });
      } catch (error) {
        if (!(error instanceof KeyConflictError)) throw error;
        await deleteMessages(session, [...waiting.slice(index + 1), ...behind]);
        return [...results, { status: "rejected", reason: error }];
      }
    }
    await deleteMessages(session, behind);
    return failure === undefined ? results : [...results, failure];
  }

  async #into(session: CallerSession, message: MessageInput, settings: EnqueueSettings): Promise<Enqueued> {
    let isOpen = false;
    const requireOpen = async (): Promise<void> => {
      if (!isOpen) await session.requireOpen();
      isOpen = true;
    };
    const ready = await this.#compose(session, message, settings, requireOpen);
    if (session.dialect.name === "sqlite") await requireOpen();
    let ids = await insertMessages(session, [ready], !isOpen);
    if (ids === undefined) {
      await requireOpen();
      ids = await insertMessages(session, [ready]);
    }
    return this.#resultOf(session, ready, ids ?? new Set());
  }

  async #compose(
    session: Session,
    message: MessageInput,
    settings: EnqueueSettings,
    beforeWriting?: () => Promise<void>,
  ): Promise<NewMessage> {
    const { delivery, requireTls, key } = settings;
    const id = newId();
    const options = this.#ownOptions(id, delivery);
    let written = 0;
    let writing: Promise<unknown> | undefined;
    let failure: unknown;
    const writePart = async (part: number, bytes: Uint8Array): Promise<void> => {
      if (failure !== undefined) throw failure;
      if (written === 0) await beforeWriting?.();
      written += 1;
      writing = insertPart(session, id, part, bytes);
      await writing;
    };
    try {
      const needsFingerprint = key !== undefined;
      const { maxSize } = this.#options;
      const composed = await this.#composer.compose({ message, options, maxSize, needsFingerprint, id, writePart });
      return {
        id,
        key,
        composed,
        fingerprint: composed.fingerprint,
        options: storedOptions(options, requireTls, composed.needsUtf8),
        tags: settings.tags,
        priority: settings.priority,
        onUnknown: settings.onUnknown,
        sendAt: settings.sendAt,
        lifetime: settings.lifetime,
      };
    } catch (error) {
      // An abort does not wait for a part that is being written, perhaps by another connection; none is begun behind it.
      failure = error;
      await writing?.catch(() => undefined);
      // Nobody has seen the parts: their message is not there.
      if (written > 0) await deleteParts(session, id).catch(() => undefined);
      throw error;
    }
  }

  /** The sender (VERP) and ENVID by which reports are matched. */
  #ownOptions(id: string, delivery: DeliveryOptions): DeliveryOptions {
    const { verp } = this.#options;
    const at = verp?.lastIndexOf("@") ?? -1;
    const sender =
      verp === undefined || delivery.sender !== undefined
        ? {}
        : { sender: `${verp.slice(0, at)}+${id}${verp.slice(at)}` };
    const { dsn } = delivery;
    const isAsked = isPlain(dsn) && dsn.envelopeId === undefined;
    return { ...delivery, ...sender, ...(isAsked ? { dsn: { ...dsn, envelopeId: id } } : {}) };
  }

  /** PERF: what comes in while a transaction is under way is written by the next one, together. */
  #write(message: NewMessage): Promise<Enqueued> {
    return new Promise((done, failed) => {
      this.#writing.push({ message, done, failed });
      if (!this.#isWriting) void this.#writeAll();
    });
  }

  async #writeAll(): Promise<void> {
    this.#isWriting = true;
    while (this.#writing.length > 0) {
      await this.#gather();
      const messages = takeBatch(this.#writing.map(({ message }) => message));
      await this.#writeBatch(this.#writing.splice(0, messages.length));
    }
    this.#isWriting = false;
  }

  /** Waits for those that are being composed, at most as long as the last transaction took. */
  async #gather(): Promise<void> {
    const end = performance.now() + Math.min(MAX_GATHER_MS, this.#lastWriteMs);
    do await new Promise((resolve) => setImmediate(resolve));
    while (this.#composing > 0 && this.#writing.length < MAX_BATCH && performance.now() < end);
  }

  async #writeBatch(batch: readonly Writing[]): Promise<void> {
    const start = performance.now();
    try {
      const results = await this.#database.atomic(async (session) => {
        const messages = batch.map(({ message }) => message);
        const ids = (await insertMessages(session, messages)) ?? new Set();
        const all: PromiseSettledResult<Enqueued>[] = [];
        for (const { message } of batch) {
          // A key that conflicts is the failure of one message.
          const [result] = await Promise.allSettled([this.#resultOf(session, message, ids)]);
          all.push(result);
        }
        return all;
      });
      for (const [index, { done, failed }] of batch.entries()) {
        const result = results[index];
        if (result?.status === "fulfilled") done(result.value);
        else failed(result?.reason);
      }
      this.#options.onCommit();
    } catch (error) {
      for (const { failed } of batch) failed(error);
    } finally {
      this.#lastWriteMs = performance.now() - start;
    }
  }

  async #resultOf(session: Session, message: NewMessage, ids: ReadonlySet<string>): Promise<Enqueued> {
    if (ids.has(message.id)) return { id: message.id, created: true };
    const { key } = message;
    await this.#forget(session, message);
    const owner = key === undefined ? undefined : await findKey(session, key);
    // It was written, or its key is there: only a statement whose rows are kept back tells neither.
    if (key === undefined || owner === undefined) throw noRows(session.option);
    if (owner.fingerprint !== message.fingerprint) throw new KeyConflictError(key, owner.id);
    return { id: owner.id, created: false };
  }

  /** Removes the parts of a message that was not written; when that is not known, they are left to `purge`. */
  async #forget(session: Session, { id, composed }: NewMessage, error?: unknown): Promise<void> {
    if (error instanceof DatabaseError && error.written === "unknown") return;
    if (composed.head === undefined) await deleteParts(session, id).catch(() => undefined);
  }
}

/**
 * Takes messages from the front. Two messages with one key are written one after the other: one INSERT would not see the first of
 * them.
 */
function takeBatch(waiting: NewMessage[]): NewMessage[] {
  const keys = new Set<string>();
  let size = 0;
  const end = waiting.findIndex(({ key, composed }, index) => {
    size += (composed.head?.length ?? 0) + composed.recipients.length * RECIPIENT_BYTES;
    const isFull = index === MAX_BATCH || (index > 0 && size > MAX_BATCH_BYTES) || (key !== undefined && keys.has(key));
    if (key !== undefined) keys.add(key);
    return isFull;
  });
  return waiting.splice(0, end < 0 ? waiting.length : end);
}

/** What every attempt is sent with; the sender and the recipients have columns and rows of their own. */
function storedOptions(delivery: DeliveryOptions, requireTls: boolean | undefined, needsUtf8: boolean): string {
  const { sender: _sender, recipients: _recipients, signal: _signal, envelopeFromHeaders: _read, ...rest } = delivery;
  return JSON.stringify({
    ...rest,
    ...(requireTls === true ? { requireTls } : {}),
    ...(needsUtf8 ? { needsUtf8 } : {}),
  });
}

/** Tells each message to the channel; what comes behind the first that failed was not written because of it. */
async function told(count: number, writing: Promise<readonly Result[]>): Promise<readonly Result[]> {
  const one = async (index: number): Promise<Enqueued> => {
    const results = await writing;
    return unwrapped((results[index] ?? results.at(-1)) as Result);
  };
  await Promise.allSettled(Array.from({ length: count }, (_, index) => watched(() => one(index))));
  return writing;
}

function unwrapped<T>(result: PromiseSettledResult<T>): T {
  if (result.status === "rejected") throw result.reason;
  return result.value;
}

const watched = (run: () => Promise<Enqueued>): Promise<Enqueued> =>
  watch(
    "enqueue",
    () => ({}),
    async (context) => {
      const result = await run();
      if (context !== undefined) Object.assign(context, result);
      return result;
    },
  );

/** A UUID of version 7 (RFC 9562): ids that are made later sort later, which keeps indexes small. */
function newId(): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(Date.now(), 0, 6);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
