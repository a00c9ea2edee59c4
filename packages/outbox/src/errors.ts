/**
 * Errors of the outbox: one class a failure, each with a literal code. Bad options, addresses and messages are the library's own
 * OptionError, AddressError and MessageError.
 */

export type OutboxErrorCode =
  | "driver-missing"
  | "schema-newer"
  | "schema-missing"
  | "database"
  | "disk-full"
  | "transaction-over"
  | "key-conflict"
  | "not-found"
  | "wrong-state"
  | "closed";

/** The base of all errors that the outbox makes. */
export abstract class OutboxError extends Error {
  /** What happened, for `switch`. */
  abstract readonly code: OutboxErrorCode;
  protected constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
  }
}

/** No package that can open the database is installed. */
export class DriverMissingError extends OutboxError {
  override readonly code = "driver-missing";
  /** The name of the class. */
  override get name(): "DriverMissingError" {
    return "DriverMissingError";
  }
  constructor(message: string) {
    super(message);
  }
}

/** The tables were made by a newer version of the outbox; this version changes nothing in them. */
export class SchemaNewerError extends OutboxError {
  override readonly code = "schema-newer";
  /** The name of the class. */
  override get name(): "SchemaNewerError" {
    return "SchemaNewerError";
  }
  constructor(found: number, known: number) {
    super(
      `The outbox's tables have version ${found}, and this package knows versions up to ${known}: update @postrider/outbox`,
    );
  }
}

/** The tables are not there, or are older than this version needs, and `migrate` is false. */
export class SchemaMissingError extends OutboxError {
  override readonly code = "schema-missing";
  /** The name of the class. */
  override get name(): "SchemaMissingError" {
    return "SchemaMissingError";
  }
  constructor(found: number, needed: number) {
    super(
      `The outbox's tables have version ${found}, and version ${needed} is needed: call migrate(), or run what migrationSql() returns`,
    );
  }
}

/** The database is away, or refused a statement. */
export class DatabaseError extends OutboxError {
  override readonly code: "database" | "disk-full" = "database";
  /** `"nothing"`: no change was made. `"unknown"`: the connection was lost while the change was committed. */
  readonly written: "nothing" | "unknown";
  /** The name of the class. */
  override get name(): string {
    return "DatabaseError";
  }
  constructor(written: "nothing" | "unknown", cause: unknown, message?: string) {
    const told = written === "nothing" ? "nothing was written" : "it is not known whether the change was written";
    super(`${message ?? "The database failed"}, ${told}: ${reasonOf(cause)}`, cause);
    this.written = written;
  }
}

/** The database has no disk space left; nothing was written. */
export class DiskFullError extends DatabaseError {
  override readonly code = "disk-full";
  /** The name of the class. */
  override get name(): "DiskFullError" {
    return "DiskFullError";
  }
  constructor(cause: unknown) {
    super("nothing", cause, "The database has no disk space left");
  }
}

/** The transaction given as `in` was committed or rolled back, or none was begun. */
export class TransactionOverError extends OutboxError {
  override readonly code = "transaction-over";
  /** The name of the class. */
  override get name(): "TransactionOverError" {
    return "TransactionOverError";
  }
  constructor(detail: string, cause?: unknown) {
    super(`The transaction given as "in" is not open, nothing was written: ${detail}`, cause);
  }
}

/** The key belongs to another message; nothing was written. */
export class KeyConflictError extends OutboxError {
  override readonly code = "key-conflict";
  /** The key that another message has. */
  readonly key: string;
  /** The message that has the key. */
  readonly id: string;
  /** The name of the class. */
  override get name(): "KeyConflictError" {
    return "KeyConflictError";
  }
  constructor(key: string, id: string) {
    super(`The key ${JSON.stringify(key)} belongs to another message (${id}), nothing was written`);
    this.key = key;
    this.id = id;
  }
}

/** There is no message with this id. */
export class NotFoundError extends OutboxError {
  override readonly code = "not-found";
  /** The name of the class. */
  override get name(): "NotFoundError" {
    return "NotFoundError";
  }
  constructor(id: string) {
    super(`No message has the id ${JSON.stringify(id)}`);
  }
}

/** The message is in a state in which this cannot be done. */
export class WrongStateError extends OutboxError {
  override readonly code = "wrong-state";
  /** The name of the class. */
  override get name(): "WrongStateError" {
    return "WrongStateError";
  }
  constructor(message: string) {
    super(message);
  }
}

/** The outbox was closed. */
export class OutboxClosedError extends OutboxError {
  override readonly code = "closed";
  /** The name of the class. */
  override get name(): "OutboxClosedError" {
    return "OutboxClosedError";
  }
  constructor() {
    super("The outbox is closed");
  }
}

const reasonOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));

/** The error class for what a driver rejected with. */
export function databaseError(cause: unknown, written: "nothing" | "unknown" = "nothing"): OutboxError {
  if (cause instanceof OutboxError) return cause;
  const { code, errcode } = (typeof cause === "object" && cause !== null ? cause : {}) as {
    code?: unknown;
    errcode?: unknown;
  };
  // SQLITE_FULL; 53100 disk_full of PostgreSQL.
  if (code === "SQLITE_FULL" || errcode === 13 || code === "53100") return new DiskFullError(cause);
  return new DatabaseError(written, cause);
}
