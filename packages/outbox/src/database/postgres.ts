/**
 * PostgreSQL by pg or postgres (postgres.js), and PGlite for tests.
 */
import { createHash } from "node:crypto";
import { DriverMissingError, databaseError } from "../errors.js";
import type { Connector } from "./database.js";
import type { Execute, Row } from "./dialect.js";
import { importDriver } from "./import-driver.js";

/** A statement that the server keeps by its name. */
export interface PgQuery {
  /** The name of the prepared statement. */
  readonly name: string;
  /** The statement. */
  readonly text: string;
  /** The values of `$1` and so on. */
  readonly values: unknown[];
}

/** A client of pg, in or out of a pool; a transaction of PGlite has the same method. */
export interface PgClient {
  /** Runs one statement. */
  query(
    text: string | PgQuery,
    values?: unknown[],
  ): Promise<{
    /** The rows that it returns. */
    readonly rows: readonly Row[];
  }>;
  /** Gives the client back to its pool; with an error or true it is closed. */
  release?(error?: Error | boolean): void;
  /** Adds a listener. */
  on?(event: "error", listener: (error: Error) => void): unknown;
  /** Removes a listener. */
  off?(event: "error", listener: (error: Error) => void): unknown;
}

/** A pool of the package pg. */
export interface PgPool extends PgClient {
  /** Takes a client out of the pool. */
  connect(): Promise<PgClient>;
  /** Closes all clients. */
  end(): Promise<void>;
}

/** `postgres()` of postgres.js, or the `sql` of its `begin`. */
export interface PostgresJs {
  /** Runs one statement with `$1` and so on for values. */
  unsafe(
    text: string,
    values?: unknown[],
    options?: {
      /** Keeps the statement prepared. */
      prepare?: boolean;
    },
  ): Promise<readonly Row[]>;
  /** Commits when `run` fulfils, rolls back when it rejects. */
  begin?: {
    /** With the database's own isolation level. */
    <T>(run: (sql: PostgresJs) => Promise<T>): Promise<T>;
    /** With options, such as `"isolation level read committed"`. */
    <T>(options: string, run: (sql: PostgresJs) => Promise<T>): Promise<T>;
  };
  /** Closes all connections. */
  end?(options?: {
    /** Seconds for what is under way. */
    timeout?: number;
  }): Promise<void>;
  /** Subscribes to a channel of NOTIFY. */
  listen?(
    channel: string,
    heard: () => void,
  ): Promise<{
    /** Ends the subscription. */
    unlisten(): Promise<void>;
  }>;
}

/** PGlite: PostgreSQL in the process, for tests. */
export interface PGliteLike {
  /** Runs one statement. */
  query(
    text: string,
    values?: unknown[],
  ): Promise<{
    /** The rows that it returns. */
    readonly rows: readonly Row[];
  }>;
  /** Commits when `run` fulfils, rolls back when it rejects. */
  transaction<T>(run: (tx: PgClient) => Promise<T>): Promise<T>;
}

/** Who waited for a lock must see what its holder has committed, whatever the database's default is. */
const ISOLATION = "ISOLATION LEVEL READ COMMITTED";

/** @throws DriverMissingError */
export async function openPostgres(url: string, prepares = false): Promise<Connector> {
  const pg = await importDriver<{ Pool?: new (options: object) => PgPool }>("pg");
  if (pg?.Pool !== undefined) {
    const pool = new pg.Pool({ connectionString: url, max: 10 });
    // A connection that breaks while it is idle is replaced by the pool.
    pool.on?.("error", () => undefined);
    return { ...pgConnector(pool, prepares), close: () => pool.end() };
  }
  const postgres = await importDriver<(url: string, options: object) => PostgresJs>("postgres");
  if (typeof postgres !== "function")
    throw new DriverMissingError("PostgreSQL needs the package pg or postgres: npm install pg");
  const sql = postgres(url, { max: 10, onnotice: () => undefined });
  return { ...postgresJsConnector(sql), close: async () => sql.end?.({ timeout: 5 }) };
}

/** @param prepares whether the server may keep statements by name; one name for one text, on every connection */
export function pgExecute(client: Pick<PgClient, "query">, prepares = false): Execute {
  return async (text, values) => {
    const given = values.map(bound);
    const name = prepares && /^(?:WITH|SELECT|UPDATE|INSERT|DELETE)\b/.test(text) ? nameOf(text) : undefined;
    return (await (name === undefined ? client.query(text, given) : client.query({ name, text, values: given }))).rows;
  };
}

const names = new Map<string, string>();

function nameOf(text: string): string {
  let name = names.get(text);
  if (name === undefined) {
    name = `postrider_${createHash("sha256").update(text).digest("hex").slice(0, 24)}`;
    names.set(text, name);
  }
  return name;
}

/** The caller's pool is not closed. */
export function pgConnector(pool: PgPool, prepares = false): Connector {
  return {
    execute: pgExecute(pool, prepares),
    close: async () => undefined,
    listen: async (channel, heard, lost) => {
      const client = await pool.connect();
      const onError = (): void => lost();
      const events = client as unknown as NodeJS.EventEmitter;
      events.on("error", onError).on("end", onError).on("notification", heard);
      const stop = async (): Promise<void> => {
        events.off("end", onError).off("notification", heard);
        // Closed, not given back: it listens.
        client.release?.(true);
      };
      try {
        await client.query(`LISTEN "${channel}"`);
        return stop;
      } catch (error) {
        await stop();
        throw error;
      }
    },
    transaction: async (run) => {
      const client = await pool.connect();
      let broken: Error | undefined;
      // QUIRK: a connection that breaks between two statements is an "error" event, which ends the process when nobody listens.
      const onError = (error: Error): void => {
        broken = error;
      };
      client.on?.("error", onError);
      try {
        await client.query(`BEGIN ${ISOLATION}`);
        const result = await run(pgExecute(client, prepares));
        await client.query("COMMIT");
        return result;
      } catch (error) {
        await client.query("ROLLBACK").catch((failure: Error) => {
          broken = failure;
        });
        throw error;
      } finally {
        client.off?.("error", onError);
        client.release?.(broken);
      }
    },
  };
}

export function postgresJsExecute(sql: PostgresJs): Execute {
  return async (text, values) => [...(await sql.unsafe(text, values.map(bound), { prepare: true }))];
}

export function postgresJsConnector(sql: PostgresJs): Connector {
  return {
    execute: postgresJsExecute(sql),
    close: async () => undefined,
    // It listens again by itself when the connection broke.
    listen: async (channel, heard) => {
      if (sql.listen === undefined) throw new Error("this sql of postgres.js cannot listen");
      const { unlisten } = await sql.listen(channel, heard);
      return () => unlisten();
    },
    transaction: (run) => {
      if (sql.begin === undefined) throw databaseError(new Error("this sql of postgres.js is a transaction"));
      return sql.begin(ISOLATION, (tx) => run(postgresJsExecute(tx)));
    },
  };
}

export function pgliteConnector(database: PGliteLike): Connector {
  return {
    execute: pgExecute(database as PgClient),
    close: async () => undefined,
    transaction: (run) => database.transaction((tx) => run(pgExecute(tx))),
  };
}

/** QUIRK: pg writes a Uint8Array that is no Buffer as JSON in old versions, and postgres.js takes no undefined. */
function bound(value: unknown): unknown {
  if (value === undefined) return null;
  return ArrayBuffer.isView(value) ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : value;
}
