/**
 * Options of the outbox: one table of rules for each group, applied before anything is written.
 */
import type { DeliveryOptions, MessageInput } from "postrider";
import type { TransactionInput } from "./database/caller-transaction.js";
import { checkSchema, DEFAULT_SCHEMA } from "./database/migrations.js";
import type { DatabaseInput } from "./database/open-database.js";
import { address, date, fail, flag, oneOf, type Rule, readWith, signal, tags, text, whole } from "./rules.js";
import { MESSAGE_STATES } from "./states.js";
import { domainKey } from "./store/lookup.js";
import type { Rate } from "./store/rates.js";
import { EVENT_TYPES, type OutboxEventType, type OutboxFilter, type OutboxTransport } from "./types.js";

/** Where the outbox lies, how it delivers, and how long it tries. */
export interface OutboxOptions {
  /**
   * `"file:mail.db"` (SQLite), `"postgres://..."`, a `pg.Pool`, a `sql` of postgres.js, a handle of node:sqlite, better-sqlite3 or
   * libsql (it names the file), PGlite (for tests), or `{ dialect, execute, transaction }`.
   */
  readonly database: string | URL | DatabaseInput;
  /** The schema in PostgreSQL, the prefix of the tables in SQLite; default `"postrider"`. */
  readonly schema?: string | undefined;
  /** Default true: makes or updates the tables. Several processes may start at once. */
  readonly migrate?: boolean | undefined;
  /**
   * Default false. True: statements by pg are prepared by name, also those in your transactions, which takes a third of the database's
   * work from `enqueue`. Not behind a pooler that gives each transaction another connection, unless it knows prepared statements.
   * postgres.js prepares unless its own option says otherwise.
   */
  readonly prepare?: boolean | undefined;
  /** What sends: SmtpPool, SmtpClient, or anything with the same `send`. Needed by `work()` and `deliver()`. */
  readonly transport?: OutboxTransport | undefined;
  /** Bytes of one composed message; default 32 MiB. */
  readonly maxSize?: number | undefined;
  /** `"bounces@example.org"`: a message without a sender of its own leaves as `bounces+ID@example.org`, so that its reports name it. */
  readonly verp?: string | undefined;
}

/** What the policy is when an attempt may have been delivered or not. */
export type UnknownPolicy = "resend" | "hold" | "assume-sent";

/** Options of one message: those of its delivery, and those of the outbox. */
export interface EnqueueOptions extends Omit<DeliveryOptions, "priority" | "dkim"> {
  /** The caller's transaction: rolled back, nothing is left. */
  readonly in?: TransactionInput | undefined;
  /** At most 255 characters. The same key and message again gives the first one's id. */
  readonly key?: string | undefined;
  /** Not before; default: now. */
  readonly sendAt?: Date | undefined;
  /** Ms from `sendAt`, or from now; default two days. */
  readonly expireAfter?: number | undefined;
  /** Default `"resend"`: once more, with the same Message-ID. `"hold"`: a person decides. `"assume-sent"`: counts as accepted. */
  readonly onUnknown?: UnknownPolicy | undefined;
  /** -9 to 9, default 0: what is due goes by priority, then by age. It is not passed on to the server. */
  readonly priority?: number | undefined;
  /** Up to 50, of names up to 100 and values up to 1000 characters. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

/** One message of `enqueueAll`. */
export interface EnqueueRequest extends Omit<EnqueueOptions, "in" | "signal"> {
  /** The message, as `enqueue` takes it. */
  readonly message: MessageInput;
}

/** Options of `enqueueAll`. */
export interface EnqueueAllOptions {
  /** The caller's transaction, for all of them. */
  readonly in?: TransactionInput | undefined;
  /** Takes no more from `requests`, and rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/** How a worker takes messages. */
export interface WorkOptions {
  /** Most messages that this worker holds; default: twice the transport's `capacity`, as it is at the time, or 1. */
  readonly batch?: number | undefined;
  /** Ms after which the messages of a worker that died go on elsewhere; default 60 000. */
  readonly lease?: number | undefined;
  /** Ms between two looks for due messages; default 250. */
  readonly poll?: number | undefined;
  /**
   * `"notify"` (PostgreSQL by pg or postgres.js): what is enqueued wakes the worker by NOTIFY, which serialises the commits of those
   * who enqueue. Default `"poll"`.
   */
  readonly wake?: "poll" | "notify" | undefined;
  /** Ms until the next attempt, by the number of temporary failures; the last one repeats. Each is varied by 20 %. */
  readonly retryDelays?: readonly number[] | undefined;
  /** Limits over all workers of all machines. */
  readonly rates?: readonly Rate[] | undefined;
  /** Stops the worker, as `stop()` does. */
  readonly signal?: AbortSignal | undefined;
}

const transport: Rule<OutboxTransport> = (value, option) =>
  typeof (value as { send?: unknown } | null)?.send === "function"
    ? (value as OutboxTransport)
    : fail(option, "must have send(message, options): an SmtpPool, an SmtpClient, or an object of your own");

const rates: Rule<readonly Rate[]> = (value, option) => {
  if (!Array.isArray(value)) return fail(option, "must be an array");
  return value.map((one: unknown, index) => {
    const at = `${option}[${index}]`;
    const read = readWith(one, RATE_RULES, at);
    if (read.messages === undefined) return fail(`${at}.messages`, "must be given");
    if (read.per === undefined) return fail(`${at}.per`, "must be given");
    return {
      domain: read.domain === undefined ? undefined : domainKey(read.domain),
      messages: read.messages,
      per: read.per,
    };
  });
};

const DAY = 86_400_000;
const RATE_RULES = { domain: text(255), messages: whole(1, 1_000_000), per: whole(1, 31 * DAY) };

const retryDelays: Rule<readonly number[]> = (value, option) => {
  if (!Array.isArray(value) || value.length === 0) return fail(option, "must be an array of at least one number");
  return value.map((one: unknown, index) => whole(0, 31 * DAY)(one, `${option}[${index}]`));
};

const OUTBOX_RULES = {
  database: (value: unknown) => value,
  schema: (value: unknown) => checkSchema(value),
  migrate: flag,
  prepare: flag,
  transport,
  maxSize: whole(1, 1024 ** 3),
  verp: address,
};

export interface OutboxSettings {
  readonly database: unknown;
  readonly schema: string;
  readonly migrate: boolean;
  readonly prepare: boolean;
  readonly transport: OutboxTransport | undefined;
  readonly maxSize: number;
  readonly verp: string | undefined;
}

/** @throws OptionError that names the option */
export function checkOutboxOptions(options: OutboxOptions): OutboxSettings {
  const read = readWith(options, OUTBOX_RULES, "options");
  if (read.database === undefined) fail("database", "must be given");
  return {
    database: read.database,
    schema: read.schema ?? DEFAULT_SCHEMA,
    migrate: read.migrate ?? true,
    prepare: read.prepare ?? false,
    transport: read.transport,
    maxSize: read.maxSize ?? 32 * 1024 * 1024,
    verp: read.verp,
  };
}

const as = (value: unknown): unknown => value;

/** A time of which the lifetime can be counted on. */
const LAST_TIME = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** The library checks its own ones, on the way to the rehearsal. */
const ENQUEUE_RULES = {
  sender: as,
  recipients: as,
  envelopeFromHeaders: as,
  mailOptions: as,
  rcptOptions: as,
  dsn: as,
  requireTls: flag,
  // SECURITY: a private key is not written to the database.
  dkim: (_value: unknown, option: string): undefined =>
    fail(option, "must be set on the transport, which signs at each attempt; keys are not stored"),
  deliverBy: as,
  holdFor: as,
  holdUntil: as,
  signal,
  in: as,
  key: text(255),
  sendAt: (value: unknown, option: string) => {
    const time = date(value, option);
    return time <= LAST_TIME ? time : fail(option, "must be before the year 10000");
  },
  expireAfter: whole(1, 365 * DAY),
  onUnknown: oneOf("resend", "hold", "assume-sent"),
  priority: whole(-9, 9),
  tags,
};

export interface EnqueueSettings {
  readonly delivery: DeliveryOptions;
  readonly requireTls: boolean | undefined;
  readonly in: TransactionInput | undefined;
  readonly key: string | undefined;
  readonly sendAt: number | undefined;
  readonly lifetime: number;
  readonly onUnknown: UnknownPolicy;
  readonly priority: number;
  readonly tags: Readonly<Record<string, string>>;
}

/** @throws OptionError that names the option */
export function checkEnqueueOptions(options: EnqueueOptions): EnqueueSettings {
  const read = readWith(options, ENQUEUE_RULES, "options");
  const { requireTls, in: transaction, key, sendAt, expireAfter, onUnknown, priority, tags: given, ...delivery } = read;
  return {
    delivery: { ...delivery } as DeliveryOptions,
    requireTls,
    in: transaction as TransactionInput | undefined,
    key,
    sendAt,
    lifetime: expireAfter ?? 2 * DAY,
    onUnknown: onUnknown ?? "resend",
    priority: priority ?? 0,
    tags: given ?? {},
  };
}

/** @throws OptionError that names the option */
export function checkEnqueueAllOptions(options: EnqueueAllOptions): EnqueueAllOptions {
  const read = readWith(options, { in: as, signal }, "options");
  return { in: read.in as TransactionInput | undefined, signal: read.signal };
}

/** @throws OptionError that names the option */
export function checkSignalOption(options: { readonly signal?: AbortSignal | undefined }): AbortSignal | undefined {
  return readWith(options, { signal }, "options").signal;
}

/** @throws OptionError for what is no list of requests */
export function checkRequests(
  requests: Iterable<EnqueueRequest> | AsyncIterable<EnqueueRequest>,
): Iterable<EnqueueRequest> | AsyncIterable<EnqueueRequest> {
  const isList =
    typeof requests === "object" &&
    requests !== null &&
    (Symbol.iterator in requests || Symbol.asyncIterator in requests);
  return isList ? requests : fail("requests", "must be an array, or another iterable, of { message, ...options }");
}

/** @throws OptionError that names the request by its place */
export function checkRequest(request: EnqueueRequest, index: number): EnqueueRequest {
  return typeof request === "object" && request !== null && "message" in request
    ? request
    : fail(`requests[${index}]`, "must be { message, ...options }");
}

const MINUTE = 60_000;
const RETRY_DELAYS: readonly number[] = [1, 5, 15, 60, 180, 360].map((minutes) => minutes * MINUTE);

const WORK_RULES = {
  batch: whole(1, 10_000),
  lease: whole(1000, DAY),
  poll: whole(1, DAY),
  wake: oneOf("poll", "notify"),
  retryDelays,
  rates,
  signal,
};

export interface WorkSettings {
  /** Undefined: what the transport says at the time. */
  readonly batch: number | undefined;
  readonly lease: number;
  readonly poll: number;
  readonly wake: "poll" | "notify";
  readonly retryDelays: readonly number[];
  readonly rates: readonly Rate[];
  readonly signal: AbortSignal | undefined;
}

/** @throws OptionError that names the option */
export function checkWorkOptions(options: WorkOptions): WorkSettings {
  const read = readWith(options, WORK_RULES, "options");
  return {
    batch: read.batch,
    lease: read.lease ?? MINUTE,
    poll: read.poll ?? 250,
    wake: read.wake ?? "poll",
    retryDelays: read.retryDelays ?? RETRY_DELAYS,
    rates: read.rates ?? [],
    signal: read.signal,
  };
}

const FILTER_RULES = {
  state: oneOf(...MESSAGE_STATES),
  recipient: address,
  domain: text(255),
  tag: tags,
  key: text(255),
  before: (value: unknown, option: string) => new Date(date(value, option)),
  after: (value: unknown, option: string) => new Date(date(value, option)),
  order: oneOf("oldest", "newest"),
};

/** @throws OptionError that names the option */
export function checkFilter(filter: OutboxFilter): OutboxFilter {
  return readWith(filter, FILTER_RULES, "filter");
}

/** Which events, and whether to wait for further ones. */
export interface EventsOptions {
  /** The id of the last event that was seen; default: from the first. */
  readonly after?: string | undefined;
  /** Default: all. */
  readonly types?: readonly OutboxEventType[] | undefined;
  /** Goes on with what happens; ended by `signal` or by leaving the loop. Default false. */
  readonly follow?: boolean | undefined;
  /** Ends the loop. */
  readonly signal?: AbortSignal | undefined;
}

const EVENTS_RULES = {
  after: (value: unknown, option: string) =>
    typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : fail(option, "must be the id of an event"),
  types: (value: unknown, option: string) =>
    Array.isArray(value)
      ? value.map((one: unknown, index) => oneOf(...EVENT_TYPES)(one, `${option}[${index}]`))
      : fail(option, "must be an array"),
  follow: flag,
  signal,
};

export function checkEventsOptions(options: EventsOptions): {
  readonly after: number | undefined;
  readonly types: readonly OutboxEventType[] | undefined;
  readonly follow: boolean | undefined;
  readonly signal: AbortSignal | undefined;
} {
  return readWith(options, EVENTS_RULES, "options");
}

/** @throws OptionError */
export function checkId(id: unknown): string {
  return typeof id === "string" && /^[0-9a-f-]{36}$/.test(id) ? id : fail("id", "must be the id of a message");
}

/** A reason for people. */
export const checkReason = (reason: unknown): string | undefined =>
  reason === undefined ? undefined : text(1000)(reason, "reason");

/** What `purge` removes. */
export interface PurgeOptions {
  /** What was enqueued, or happened, before this time. */
  readonly before: Date;
  /** Also removes the events of that time, for readers that are behind them. Default false. */
  readonly events?: boolean | undefined;
  /** Also removes finished messages whole, with their outcome and their key. Default false. */
  readonly messages?: boolean | undefined;
}

const PURGE_RULES = { before: date, events: flag, messages: flag };

/** @throws OptionError that names the option */
export function checkPurgeOptions(options: PurgeOptions): { before: number; events: boolean; messages: boolean } {
  const { before, events = false, messages = false } = readWith(options, PURGE_RULES, "options");
  return { before: before ?? fail("before", "must be given"), events, messages };
}

/** How many bytes of the content; undefined: all. @throws OptionError */
export function checkContentOptions(options: { readonly length?: number | undefined }): number | undefined {
  return readWith(options, { length: whole(1, 1024 * 1024) }, "options").length;
}
