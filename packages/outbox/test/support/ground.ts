/**
 * Databases for tests: a real one, with a clock that the test moves.
 */
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach } from "node:test";
import { createDialect, type Execute } from "../../src/database/dialect.js";
import type { CustomDatabase } from "../../src/database/open-database.js";
import { openSqlite } from "../../src/database/sqlite.js";
import { type Outbox, type OutboxOptions, openOutbox, type TransactionInput } from "../../src/index.js";
import { ScriptedTransport } from "./transport.js";

export const MAIL = {
  from: "shop@example.org",
  to: "alice@example.com",
  subject: "Thank you",
  text: "It is on its way.",
};

/** A transaction of the caller's, on a connection of its own. */
export interface CallerConnection {
  begin(): Promise<void>;
  commit(): Promise<void>;
  rollback(): Promise<void>;
  readonly transaction: TransactionInput;
  close(): Promise<void>;
}

/** One empty database. */
export interface Ground {
  readonly schema: string;
  /** For `openOutbox`, as a program would give it. */
  readonly database: OutboxOptions["database"];
  /** The same, by functions. */
  readonly functions: CustomDatabase;
  caller(): Promise<CallerConnection>;
  close(): Promise<void>;
}

export type OpenGround = () => Promise<Ground>;

/** The time of the database, set by the test. */
export class Clock {
  #now = Date.UTC(2026, 0, 1);
  #underWay = 0;
  get now(): number {
    return this.#now;
  }
  advance(ms: number): void {
    this.#now += ms;
  }
  /** Statements and transactions that have begun by this clock, and not ended. */
  get underWay(): number {
    return this.#underWay;
  }
  /** The database with this clock in place of its own. */
  in(functions: CustomDatabase, schema: string): CustomDatabase {
    const { now } = createDialect(functions.dialect, schema);
    const fixed =
      (execute: Execute): Execute =>
      (text, values) =>
        this.#counted(execute(text.replaceAll(now, `(${this.#now} + 0)`), values));
    return {
      dialect: functions.dialect,
      execute: fixed(functions.execute),
      transaction: (run) => this.#counted(functions.transaction((execute) => run(fixed(execute)))),
    };
  }

  async #counted<Result>(running: Promise<Result>): Promise<Result> {
    this.#underWay += 1;
    try {
      return await running;
    } finally {
      this.#underWay -= 1;
    }
  }
}

/** An outbox on a ground, with a clock. */
export async function openOn(ground: Ground, clock: Clock, options: Partial<OutboxOptions> = {}): Promise<Outbox> {
  const { schema, functions } = ground;
  return openOutbox({ database: clock.in(functions, schema), schema, ...options });
}

/** What each test of a suite begins with. */
export interface Stage {
  readonly ground: Ground;
  readonly clock: Clock;
  readonly transport: ScriptedTransport;
  readonly outbox: Outbox;
}

/** Every test of this `describe` has a database, a clock, a transport and an outbox of its own. */
export function stageForEach(open: OpenGround, take: (stage: Stage) => void): void {
  let stage: Stage;
  beforeEach(async () => {
    const ground = await open();
    const clock = new Clock();
    const transport = new ScriptedTransport();
    stage = { ground, clock, transport, outbox: await openOn(ground, clock, { transport }) };
    take(stage);
  });
  afterEach(async () => {
    await stage.outbox.close();
    await stage.ground.close();
  });
}

/** A file of SQLite in a folder of its own. */
export const sqliteGround: OpenGround = async () => {
  const folder = mkdtempSync(join(tmpdir(), "postrider-outbox-"));
  const file = join(folder, "mail.db");
  const own = await openSqlite(file);
  const schema = `t${randomBytes(4).toString("hex")}`;
  return {
    schema,
    database: `file:${file}`,
    functions: {
      dialect: "sqlite",
      execute: (text, values) => own.execute(text, values),
      transaction: (run) => own.transaction(run),
    },
    caller: async () => {
      const handle = await openHandle(file);
      const begin = async (): Promise<void> => {
        // The outbox's own connection may hold the lock for a moment.
        for (;;) {
          try {
            handle.exec("BEGIN IMMEDIATE");
            return;
          } catch {
            await new Promise((resolve) => setImmediate(resolve));
          }
        }
      };
      return {
        begin,
        commit: async () => void handle.exec("COMMIT"),
        rollback: async () => void handle.exec("ROLLBACK"),
        transaction: handle,
        close: async () => void handle.close?.(),
      };
    },
    close: async () => {
      await own.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

interface Handle {
  prepare(text: string): { all(...values: unknown[]): unknown[]; run(...values: unknown[]): unknown };
  exec(text: string): unknown;
  close?(): unknown;
}

/** As a program opens its own database. */
async function openHandle(file: string): Promise<Handle> {
  const builtIn = process.getBuiltinModule?.("node:sqlite" as "node:fs") as unknown as
    | { DatabaseSync?: new (file: string) => Handle }
    | undefined;
  if (builtIn?.DatabaseSync !== undefined) return new builtIn.DatabaseSync(file);
  const { default: Database } = await import("libsql");
  return new Database(file) as unknown as Handle;
}
