/**
 * Every option of the public API with every wrong type: the error names the option, and nothing is written.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, beforeEach, describe, test } from "node:test";
import { type Outbox, openOutbox } from "../src/index.js";
import { type Ground, MAIL, sqliteGround } from "./support/ground.js";
import { ScriptedTransport } from "./support/transport.js";

const ID = "00000000-0000-7000-8000-000000000000";

class Strange {
  get value(): never {
    throw new Error("not to be read");
  }
}

/** What somebody may hand in by mistake, by what it is. */
const THINGS: Readonly<Record<string, unknown>> = {
  null: null,
  true: true,
  false: false,
  zero: 0,
  one: 1,
  half: 1.5,
  negative: -1,
  huge: 1e300,
  NaN: Number.NaN,
  infinity: Number.POSITIVE_INFINITY,
  bigint: 10n,
  symbol: Symbol("x"),
  function: () => 1,
  "empty string": "",
  string: "x",
  "string with NUL": "a\0b",
  "lone surrogate": "a\ud800",
  "long string": "x".repeat(5000),
  object: {},
  "object without prototype": Object.create(null),
  array: [],
  "array of null": [null],
  "array of objects": [{}],
  "array of numbers": [1],
  date: new Date(0),
  "invalid date": new Date(Number.NaN),
  map: new Map(),
  bytes: new Uint8Array(3),
  "boxed string": new String("x"),
  "boxed number": new Number(1),
  promise: Promise.resolve(1),
  "object of its class": new Strange(),
};

type Fits = (value: unknown) => boolean;
const whole =
  (min: number, max: number): Fits =>
  (value) =>
    Number.isInteger(value) && Number(value) >= min && Number(value) <= max;
const flag: Fits = (value) => typeof value === "boolean";
const text =
  (max: number, min = 1): Fits =>
  (value) =>
    typeof value === "string" && value.length <= max && value.length >= min && !/\0|\p{Surrogate}/u.test(value);
const date: Fits = (value) => Object.prototype.toString.call(value) === "[object Date]" && !Number.isNaN(Number(value));
const none: Fits = () => false;
/** Of the library: what it takes is for its own tests. */
const isObject: Fits = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const isArrayOf =
  (fits: Fits): Fits =>
  (value) =>
    Array.isArray(value) && value.every(fits);
const isEmptyObject: Fits = (value) => isObject(value) && Object.keys(value as object).length === 0;

/** By interface: each option, and what fits it. */
const OPTIONS: Readonly<Record<string, Readonly<Record<string, Fits>>>> = {
  OutboxOptions: {
    database: none,
    schema: (value) => value === "x",
    migrate: flag,
    prepare: flag,
    transport: none,
    maxSize: whole(1, 1024 ** 3),
    verp: none,
  },
  EnqueueOptions: {
    in: (value) => typeof value === "function",
    key: text(255),
    sendAt: date,
    expireAfter: whole(1, 365 * 86_400_000),
    onUnknown: none,
    priority: whole(-9, 9),
    tags: isEmptyObject,
  },
  DeliveryOptions: {
    sender: (value) => value === "",
    recipients: none,
    envelopeFromHeaders: flag,
    mailOptions: isArrayOf(none),
    rcptOptions: isArrayOf(none),
    dsn: isEmptyObject,
    requireTls: flag,
    dkim: none,
    deliverBy: none,
    holdFor: whole(1, 999_999_999),
    holdUntil: date,
    signal: none,
  },
  EnqueueAllOptions: { in: (value) => typeof value === "function", signal: none },
  WorkOptions: {
    batch: whole(1, 10_000),
    lease: whole(1000, 86_400_000),
    poll: whole(1, 86_400_000),
    wake: none,
    retryDelays: (value) => Array.isArray(value) && value.length > 0 && value.every(whole(0, 31 * 86_400_000)),
    rates: isArrayOf(none),
    signal: none,
  },
  Rate: { domain: text(255), messages: whole(1, 1_000_000), per: whole(1, 31 * 86_400_000) },
  OutboxFilter: {
    state: none,
    recipient: text(1000),
    domain: text(255),
    tag: isEmptyObject,
    key: text(255),
    before: date,
    after: date,
    order: none,
  },
  EventsOptions: { after: none, types: isArrayOf(none), follow: flag, signal: none },
  PurgeOptions: { before: date, events: flag, messages: flag },
};

/** Interfaces of this package whose options are not all listed above, or the other way. */
function declaredOptions(name: string, file: string): string[] {
  const source = readFileSync(new URL(`../../src/${file}`, import.meta.url), "utf8");
  const body = new RegExp(`export interface ${name}\\b[^{]*\\{([\\s\\S]*?)\\n\\}`).exec(source)?.[1] ?? "";
  return [...body.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, option = ""]) => option);
}

test("every option that the source declares is tried here", () => {
  const files: Readonly<Record<string, string>> = { Rate: "store/rates.ts", OutboxFilter: "types.ts" };
  for (const [name, options] of Object.entries(OPTIONS)) {
    if (name === "DeliveryOptions") continue;
    const declared = declaredOptions(name, files[name] ?? "options.ts");
    assert.deepEqual(declared.sort(), Object.keys(options).sort(), name);
  }
});

describe("what does not fit", () => {
  let ground: Ground;
  let outbox: Outbox;
  let base = 0;

  before(async () => {
    ground = await sqliteGround();
    const { database, schema } = ground;
    outbox = await openOutbox({ database, schema, transport: new ScriptedTransport() });
  });
  after(async () => {
    await outbox.close();
    await ground.close();
  });

  beforeEach(async () => {
    base = await written();
  });
  const nothingWritten = async (): Promise<void> => assert.equal(await written(), base);

  /** Tables that enqueue writes to. */
  async function written(): Promise<number> {
    let rows = 0;
    for (const table of ["message", "recipient", "content", "event", "suppression", "pause"]) {
      const [row] = await ground.functions.execute(`SELECT count(*) AS n FROM "${ground.schema}_${table}"`, []);
      rows += Number(row?.["n"]);
    }
    return rows;
  }

  async function refused(option: string, what: string, attempt: () => unknown): Promise<void> {
    let failure: unknown;
    try {
      await attempt();
    } catch (error) {
      failure = error;
    }
    const { code, option: named, field } = (failure ?? {}) as { code?: unknown; option?: unknown; field?: unknown };
    assert(code === "option" || code === "address" || code === "message", `${what}: ${String(failure)}`);
    const name = String(named ?? field);
    assert(
      name === option || name.startsWith(`${option}.`) || name.startsWith(`${option}[`),
      `${what} is said to be ${name}`,
    );
  }

  async function drain(iterable: AsyncIterable<unknown>): Promise<void> {
    for await (const _ of iterable) break;
  }

  const USES: Readonly<Record<string, (given: object) => unknown>> = {
    OutboxOptions: (given) => openOutbox({ database: ground.database, schema: ground.schema, ...given } as never),
    EnqueueOptions: (given) => outbox.enqueue(MAIL, given as never),
    DeliveryOptions: (given) => outbox.enqueue(MAIL, given as never),
    EnqueueAllOptions: (given) => drain(outbox.enqueueAll([], given as never)),
    WorkOptions: (given) => outbox.work(given as never),
    Rate: (given) => outbox.work({ rates: [{ messages: 1, per: 1, ...given }] } as never),
    OutboxFilter: (given) => drain(outbox.find(given as never)),
    EventsOptions: (given) => drain(outbox.events(given as never)),
    PurgeOptions: (given) => outbox.purge({ before: new Date(0), ...given } as never),
  };

  for (const [name, options] of Object.entries(OPTIONS)) {
    test(`in ${name} is an error that names the option, and nothing is written`, async () => {
      let tried = 0;
      for (const [option, fits] of Object.entries(options)) {
        for (const [what, thing] of Object.entries(THINGS)) {
          if (fits(thing)) continue;
          const path = name === "Rate" ? `rates[0].${option}` : option;
          await refused(path, `${name}.${option} as ${what}`, () => USES[name]?.({ [option]: thing }));
          tried += 1;
        }
      }
      assert(tried > 30);
      await nothingWritten();
    });

    test(`in place of ${name} itself is an error, and so is an option that does not exist`, async () => {
      await refused(name === "Rate" ? "rates[0].nonsense" : "nonsense", name, () => USES[name]?.({ nonsense: 1 }));
      await nothingWritten();
    });
  }

  test("as parameters of methods is an error that names them", async () => {
    const calls: Readonly<Record<string, readonly [string, (value: never) => unknown]>> = {
      "get id": ["id", (value) => outbox.get(value)],
      "deliver id": ["id", (value) => outbox.deliver(value)],
      "cancel id": ["id", (value) => outbox.cancel(value)],
      "retry id": ["id", (value) => outbox.retry(value)],
      "resolve id": ["id", (value) => outbox.resolve(value, "sent")],
      "resolve as": ["as", (value) => outbox.resolve(ID, value)],
      "suppress address": ["address", (value) => outbox.suppress(value)],
      "unsuppress address": ["address", (value) => outbox.unsuppress(value)],
    };
    for (const [what, [option, call]] of Object.entries(calls))
      for (const [kind, thing] of Object.entries(THINGS))
        await refused(option, `${what} as ${kind}`, () => call(thing as never));
    for (const [kind, thing] of Object.entries(THINGS)) {
      if (text(1000)(thing)) continue;
      await refused("reason", `pause reason as ${kind}`, () => outbox.pause(thing as never));
      await refused("reason", `suppress reason as ${kind}`, () => outbox.suppress("a@example.com", thing as never));
      await refused("recipient", `resolve recipient as ${kind}`, () => outbox.resolve(ID, "sent", thing as never));
    }
    await nothingWritten();
  });

  test("as a schema is an error, also what the databases keep for themselves", async () => {
    const { database } = ground;
    for (const schema of ["pg_mail", "sqlite", "sqlite_x", "A", "a-b", 'a"b', "1a", "x".repeat(41), "a;drop"])
      await refused("schema", schema, () => openOutbox({ database, schema }));
  });

  test("as a URL is an error, which does not repeat a password", async () => {
    const urls = [
      "",
      "mail.db",
      "file:",
      "file:%zz.db",
      "file:///%zz.db",
      "file://other/mail.db",
      "file:a?b",
      "mysql://u:secret@h/d",
    ];
    for (const database of urls) {
      await refused("database", database, () => openOutbox({ database }));
      await assert.rejects(openOutbox({ database }), (error: Error) => !error.message.includes("secret"));
    }
  });

  test("as a handle is an error, and so is one that was closed, which would end the process", async () => {
    const { default: Database } = await import("libsql");
    const memory = new Database(":memory:");
    await refused("database", "a database in memory", () => openOutbox({ database: memory }));
    memory.close();
    await refused("database", "a closed handle", () => openOutbox({ database: memory }));
    await assert.rejects(outbox.enqueue(MAIL, { in: memory }), { code: "transaction-over" });
    await nothingWritten();
  });

  test("in place of options is an error that says so", async () => {
    for (const thing of [null, 7, "x", [], true, Symbol("x")]) {
      for (const call of [
        () => openOutbox(thing as never),
        () => outbox.enqueue(MAIL, thing as never),
        () => drain(outbox.enqueueAll([], thing as never)),
        () => outbox.work(thing as never),
        () => outbox.purge(thing as never),
        () => drain(outbox.events(thing as never)),
        () => outbox.deliver(ID, thing as never),
      ])
        await refused("options", `${String(thing)} for ${call}`, call);
      await refused("filter", String(thing), () => drain(outbox.find(thing as never)));
    }
    await nothingWritten();
  });

  test("in place of a message or of requests is an error, and nothing is written", async () => {
    for (const [what, thing] of Object.entries(THINGS)) {
      await assert.rejects(
        () => outbox.enqueue(thing as never),
        (error: { code?: unknown }) => ["option", "message", "address"].includes(String(error.code)),
        what,
      );
    }
    for (const thing of [null, 7, {}, true])
      await refused("requests", String(thing), () => drain(outbox.enqueueAll(thing as never)));
    for (const thing of [null, 7, "x"])
      await refused("requests[0]", String(thing), () => drain(outbox.enqueueAll([thing] as never)));
    await nothingWritten();
  });
});
