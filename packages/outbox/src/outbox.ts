/**
 * The outbox: mail that a database remembers.
 */
import { isSmtpError, type MessageInput, OptionError, type RawMessage } from "postrider";
import type { Database } from "./database/database.js";
import type { DialectName } from "./database/dialect.js";
import { migrate, requireSchema } from "./database/migrations.js";
import { openDatabase } from "./database/open-database.js";
import { Deliverer } from "./delivery/deliver.js";
import { OutboxWorker } from "./delivery/worker.js";
import { type Enqueued, Enqueuer } from "./enqueue.js";
import { enqueueAll } from "./enqueue-all.js";
import { databaseError, NotFoundError, OutboxClosedError, WrongStateError } from "./errors.js";
import { followEvents } from "./follow-events.js";
import { Composer } from "./message/compose.js";
import { collectReport, readReport } from "./message/report.js";
import {
  checkContentOptions,
  checkEnqueueAllOptions,
  checkEventsOptions,
  checkFilter,
  checkId,
  checkOutboxOptions,
  checkPurgeOptions,
  checkReason,
  checkSignalOption,
  checkWorkOptions,
  type EnqueueAllOptions,
  type EnqueueOptions,
  type EnqueueRequest,
  type EventsOptions,
  type OutboxOptions,
  type OutboxSettings,
  type PurgeOptions,
  type WorkOptions,
} from "./options.js";
import { address as addressRule } from "./rules.js";
import {
  addSuppression,
  bounceMessage,
  cancelMessage,
  removeSuppression,
  resolveMessage,
  retryMessage,
} from "./store/decide.js";
import { countParts, readBeginning, readContent, readHistory, readReplies } from "./store/look.js";
import { pauseByPerson, resume } from "./store/pause.js";
import { purge } from "./store/purge.js";
import { findMessages, getMessages, readStats, readSuppressions } from "./store/read.js";
import { placeEvents } from "./store/write-events.js";
import type { OutboxEvent, OutboxFilter, OutboxMessage, OutboxStats, OutboxTransport, Suppression } from "./types.js";

/**
 * Opens the outbox in a database, and makes its tables unless `migrate` is false.
 *
 * @example
 * const outbox = await openOutbox({ database: "file:mail.db", transport: new SmtpPool({ hostname: "127.0.0.1", port: 1025 }) });
 * await outbox.enqueue({ from: "shop@example.org", to: "alice@example.com", subject: "Thank you", text: "It is on its way." });
 *
 * @throws OptionError, DriverMissingError, SchemaNewerError, SchemaMissingError, DatabaseError
 */
export async function openOutbox(options: OutboxOptions): Promise<Outbox> {
  const settings = checkOutboxOptions(options);
  const database = await openDatabase(settings.database, settings.schema, settings.prepare).catch((error: unknown) => {
    // A driver that cannot open a file has errors of its own.
    throw isSmtpError(error) ? error : databaseError(error);
  });
  const outbox = new Outbox(database, settings);
  try {
    if (settings.migrate) await outbox.migrate();
    else await requireSchema(database);
  } catch (error) {
    await database.close();
    throw error;
  }
  return outbox;
}

/** Made by `openOutbox()`. */
export class Outbox implements AsyncDisposable {
  readonly #database: Database;
  readonly #settings: OutboxSettings;
  readonly #composer: Composer = new Composer();
  readonly #enqueuer: Enqueuer;
  readonly #workers = new Set<OutboxWorker>();
  readonly #calls = new Set<Promise<unknown>>();
  readonly #closing = new AbortController();
  readonly #deliverer: Deliverer;

  /** @internal */
  constructor(database: Database, settings: OutboxSettings) {
    this.#database = database;
    this.#settings = settings;
    this.#deliverer = new Deliverer(database, checkWorkOptions({}));
    const { maxSize, verp } = settings;
    this.#enqueuer = new Enqueuer(database, this.#composer, { maxSize, verp, onCommit: () => this.#wake() });
  }

  /** The SQL of the database. */
  get dialect(): DialectName {
    return this.#database.dialect.name;
  }

  /**
   * Composes the message and writes it: from then on it is owed. With `in` it is owed when that transaction is committed.
   *
   * @throws OptionError, MessageError, AddressError that names the field; nothing was written
   * @throws KeyConflictError when the key belongs to another message
   * @throws TransactionOverError, DiskFullError, DatabaseError
   */
  async enqueue(message: MessageInput, options: EnqueueOptions = {}): Promise<Enqueued> {
    this.#requireOpen();
    return this.#during(this.#enqueuer.enqueue(message, options));
  }

  /**
   * Enqueues many messages, a few at a time, and yields a result for each, in order. The first that fails ends it with its error;
   * those before it stay enqueued, or with `in` are the transaction's.
   */
  async *enqueueAll(
    requests: Iterable<EnqueueRequest> | AsyncIterable<EnqueueRequest>,
    options: EnqueueAllOptions = {},
  ): AsyncGenerator<Enqueued, void, undefined> {
    this.#requireOpen();
    const { in: transaction, signal } = checkEnqueueAllOptions(options);
    const session = transaction === undefined ? undefined : await this.#enqueuer.sessionOf(transaction);
    yield* enqueueAll(this.#enqueuer, requests, session, signal);
  }

  /**
   * Begins to deliver what is due. Any number of workers may run, in any number of processes.
   *
   * @throws OptionError when the outbox has no transport
   */
  work(options: WorkOptions = {}): OutboxWorker {
    this.#requireOpen();
    const transport = this.#transport("work()");
    const worker = new OutboxWorker(this.#database, transport, checkWorkOptions(options));
    this.#workers.add(worker);
    void worker.ended.then(() => this.#workers.delete(worker));
    return worker;
  }

  /**
   * One attempt now, for programs that schedule by another queue. Who calls while another holds the message gets it as it stands; so does
   * who calls during a pause, unless a probe is due, which this message then is.
   *
   * @throws NotFoundError, OptionError
   */
  async deliver(
    id: string,
    options: {
      /** Aborted before the attempt begins, the call rejects with its reason; an attempt that has begun is settled. */
      readonly signal?: AbortSignal | undefined;
    } = {},
  ): Promise<OutboxMessage> {
    this.#requireOpen();
    checkId(id);
    const signal = checkSignalOption(options);
    const transport = this.#transport("deliver()");
    signal?.throwIfAborted();
    return this.#during(this.#deliverer.deliver(id, transport).then(() => this.#existing(id)));
  }

  /** Undefined: there is none. */
  async get(id: string): Promise<OutboxMessage | undefined> {
    this.#requireOpen();
    const [message] = await getMessages(this.#database.session, [checkId(id)]);
    return message;
  }

  /** Messages that fit, oldest first unless `order` says otherwise; without a filter all. */
  find(filter: OutboxFilter = {}): AsyncIterable<OutboxMessage> {
    this.#requireOpen();
    return findMessages(this.#database.session, checkFilter(filter));
  }

  /** The events of one message, oldest first. @throws OptionError */
  async history(id: string): Promise<readonly OutboxEvent[]> {
    this.#requireOpen();
    checkId(id);
    await placeEvents(this.#database);
    return readHistory(this.#database.session, id);
  }

  /**
   * The message as it is sent, without what DKIM adds.
   *
   * @throws NotFoundError; WrongStateError when its content was purged; OptionError
   */
  async *content(
    id: string,
    options: {
      /** Only the first bytes, 1 MiB at most; default: all. */
      readonly length?: number | undefined;
    } = {},
  ): AsyncGenerator<Uint8Array, void, undefined> {
    this.#requireOpen();
    const length = checkContentOptions(options);
    const { session } = this.#database;
    const parts = await countParts(session, checkId(id));
    if (parts === undefined) throw new NotFoundError(id);
    if (parts === 0) throw new WrongStateError("The content of the message was purged");
    if (length === undefined) yield* readContent(session, id, parts);
    else yield await readBeginning(session, id, length);
  }

  /** What happened, in order, each event once and none left out. Keep the `id` of the last one to go on there. */
  events(options: EventsOptions = {}): AsyncIterable<OutboxEvent> {
    this.#requireOpen();
    return followEvents(this.#database, checkEventsOptions(options), this.#closing.signal);
  }

  /** Takes back what was not sent yet. False: it is being sent, or has its outcome. */
  async cancel(id: string): Promise<boolean> {
    this.#requireOpen();
    checkId(id);
    const done = await this.#database.transaction((session) => cancelMessage(session, id));
    if (!done) await this.#existing(id);
    return done;
  }

  /**
   * Makes the message due now. Recipients that were refused, have expired or were suppressed are tried again too.
   *
   * @throws NotFoundError; WrongStateError when it is being sent, its content was purged, or no recipient can be tried again
   */
  async retry(id: string): Promise<void> {
    this.#requireOpen();
    checkId(id);
    const done = await this.#database.transaction((session) => retryMessage(session, id));
    if (done === "missing") throw new NotFoundError(id);
    if (done === "sending") throw new WrongStateError("The message is being sent");
    if (done === "purged") throw new WrongStateError("The content of the message was purged");
    if (done === "nothing") throw new WrongStateError("No recipient of the message can be tried again");
    this.#wake();
  }

  /**
   * Decides about recipients whose outcome is unknown.
   *
   * @param recipient only this one; default: all that are in doubt
   * @throws NotFoundError; WrongStateError when none is in doubt, or the content was purged
   */
  async resolve(id: string, as: "resend" | "sent", recipient?: string): Promise<void> {
    this.#requireOpen();
    checkId(id);
    if (as !== "resend" && as !== "sent") throw new OptionError("as", 'must be "resend" or "sent"');
    const one = recipient === undefined ? undefined : addressRule(recipient, "recipient");
    const done = await this.#database.transaction((session) => resolveMessage(session, id, as, one));
    if (done === "missing") throw new NotFoundError(id);
    if (done === "purged") throw new WrongStateError("The content of the message was purged");
    if (done === "nothing") throw new WrongStateError("No such recipient of the message has an unknown outcome");
    this.#wake();
  }

  /** Nothing is sent to the address any more; what waits for it becomes "suppressed" when it is due. */
  async suppress(address: string, reason?: string): Promise<void> {
    this.#requireOpen();
    await addSuppression(this.#database.session, addressRule(address, "address"), checkReason(reason));
  }

  /** Takes an address off the list, if it is on it. */
  async unsuppress(address: string): Promise<void> {
    this.#requireOpen();
    await removeSuppression(this.#database.session, addressRule(address, "address"));
  }

  /** The addresses that get no mail. */
  suppressions(): AsyncIterable<Suppression> {
    this.#requireOpen();
    return readSuppressions(this.#database.session);
  }

  /**
   * Takes a delivery report (RFC 3464) that arrived. The recipients that it says have failed become "bounced", if they were accepted.
   *
   * @returns the message that it is about; undefined when it is no report, or no message is known for it
   * @throws MessageError
   */
  async bounce(report: RawMessage): Promise<OutboxMessage | undefined> {
    this.#requireOpen();
    const read = readReport(await collectReport(report), this.#settings.verp);
    if (read === undefined) return undefined;
    const id = await this.#database.transaction((session) => bounceMessage(session, read.about, read.failed));
    return id === undefined ? undefined : this.#existing(id);
  }

  /** Stops every worker on every machine from taking messages, until `resume()`. */
  async pause(reason?: string): Promise<void> {
    this.#requireOpen();
    const checked = checkReason(reason);
    await this.#database.transaction((session) => pauseByPerson(session, checked));
  }

  /** Ends every pause. */
  async resume(): Promise<void> {
    this.#requireOpen();
    await this.#database.transaction((session) => resume(session, "resume() was called"));
    this.#wake();
  }

  /** Messages by state, pauses, and what waits by domain. */
  async stats(): Promise<OutboxStats> {
    this.#requireOpen();
    const [stats, replies] = await Promise.all([readStats(this.#database), readReplies(this.#database.session)]);
    return { ...stats, replies };
  }

  /**
   * Removes the content of finished messages that were enqueued before a time; their outcome stays, unless more is asked for. Content
   * is removed a few hundred messages at a time.
   *
   * @returns how many messages lost their content
   * @throws OptionError
   */
  async purge(options: PurgeOptions): Promise<number> {
    this.#requireOpen();
    const checked = checkPurgeOptions(options);
    // What has no place yet would be in the way of the last one's.
    await placeEvents(this.#database);
    return purge(this.#database, checked);
  }

  /** Makes or updates the tables. Several processes may do so at once. @throws SchemaNewerError */
  async migrate(): Promise<void> {
    this.#requireOpen();
    await migrate(this.#database);
  }

  /** Stops the workers, settles what is under way, and closes the connections that the outbox has opened. The transport stays open. */
  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    await Promise.allSettled([...this.#calls, ...[...this.#workers].map((worker) => worker.stop())]);
    this.#composer.close();
    await this.#database.close();
  }

  /** As `close()`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** A call that `close()` waits for. */
  #during<T>(call: Promise<T>): Promise<T> {
    this.#calls.add(call);
    const done = (): boolean => this.#calls.delete(call);
    call.then(done, done);
    return call;
  }

  #wake(): void {
    for (const worker of this.#workers) worker.wake();
  }

  #requireOpen(): void {
    if (this.#closing.signal.aborted) throw new OutboxClosedError();
  }

  #transport(what: string): OutboxTransport {
    const { transport } = this.#settings;
    if (transport === undefined) throw new OptionError("transport", `must be given to openOutbox for ${what}`);
    return transport;
  }

  async #existing(id: string): Promise<OutboxMessage> {
    const [message] = await getMessages(this.#database.session, [id]);
    if (message === undefined) throw new NotFoundError(id);
    return message;
  }
}
