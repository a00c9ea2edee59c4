/**
 * Everything that @postrider/outbox offers to importers.
 */
export type {
  DrizzleTransaction,
  KnexTransaction,
  KyselyTransaction,
  PrismaTransaction,
  TransactionInput,
} from "./database/caller-transaction.js";
export type { DialectName, Execute, Row } from "./database/dialect.js";
export { migrationSql } from "./database/migrations.js";
export type { CustomDatabase, DatabaseInput } from "./database/open-database.js";
export type { PGliteLike, PgClient, PgPool, PgQuery, PostgresJs } from "./database/postgres.js";
export type { SqliteHandle, Statement as SqliteStatement } from "./database/sqlite.js";
export type { OutboxWorker, WorkerStats } from "./delivery/worker.js";
export type { Enqueued } from "./enqueue.js";
export {
  DatabaseError,
  DiskFullError,
  DriverMissingError,
  KeyConflictError,
  NotFoundError,
  OutboxClosedError,
  OutboxError,
  type OutboxErrorCode,
  SchemaMissingError,
  SchemaNewerError,
  TransactionOverError,
  WrongStateError,
} from "./errors.js";
export type {
  EnqueueAllOptions,
  EnqueueOptions,
  EnqueueRequest,
  EventsOptions,
  OutboxOptions,
  PurgeOptions,
  UnknownPolicy,
  WorkOptions,
} from "./options.js";
export { type Outbox, openOutbox } from "./outbox.js";
export { type OutboxPageOptions, outboxPage } from "./page/page.js";
export type { MessageState, RecipientState } from "./states.js";
export type { Rate } from "./store/rates.js";
export type {
  OutboxEvent,
  OutboxEventType,
  OutboxFilter,
  OutboxMessage,
  OutboxPause,
  OutboxRecipient,
  OutboxReply,
  OutboxStats,
  OutboxTransport,
  ReplyCount,
  Suppression,
} from "./types.js";
export type { OutboxAttemptContext, OutboxClaimContext, OutboxEnqueueContext } from "./watch.js";
