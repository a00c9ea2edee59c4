/**
 * Plays one plan: sends its messages through a client, a pool or sendAll, and says what became of each.
 */
import { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";
import { SmtpClient, SmtpPool } from "../../src/index.js";
import type { ConnectionOptions } from "../../src/options/connection-options.js";
import type { PoolOptions } from "../../src/options/pool-options.js";
import type { SendResult } from "../../src/result.js";
import { openModelConnection } from "./model-server.js";
import type { Plan, PlannedMessage } from "./plan.js";
import type { VirtualClock } from "./virtual-clock.js";
import { World } from "./world.js";

/** What a caller was told, each time it was told something. */
export type Ending =
  | { readonly kind: "result"; readonly result: SendResult }
  | { readonly kind: "error"; readonly error: unknown };

export interface Played {
  readonly world: World;
  /** By message. */
  readonly endings: readonly (readonly Ending[])[];
  /** Virtual time until the last message had its end. */
  readonly milliseconds: number;
  /** What did not come to an end, or was left behind. */
  readonly left: readonly string[];
  readonly stats: SmtpPool["stats"] | undefined;
}

/** Why a send was aborted. */
export const ABORTED: Error = new Error("aborted by the plan");
/** Why a stream gave no more. */
export const BROKEN: Error = new Error("the stream broke");

const FILLER = Buffer.from(`${"x".repeat(70)}\r\n`.repeat(600));

export async function play(plan: Plan, clock: VirtualClock): Promise<Played> {
  const world = new World(plan, clock);
  const endings: Ending[][] = plan.messages.map(() => []);
  const stage = plan.sender === "client" ? clientStage(plan, world) : poolStage(plan, world);
  const left: string[] = [];
  const start = clock.now;
  const all = stage.run(endings);
  if (!(await world.drive(all))) left.push("a message without an end");
  const milliseconds = clock.now - start;
  if (!(await world.drive(stage.close()))) left.push("a close() that never resolves");
  // What close() began: a FIN, a stream that is let go.
  if (world.open > 0) await world.drive(new Promise<void>((done) => world.later(20, done)));
  if (world.open > 0) left.push(`${world.open} open connections`);
  if (clock.pending > 0) left.push(`${clock.pending} timers`);
  return { world, endings, milliseconds, left, stats: stage.stats?.() };
}

interface Stage {
  run(endings: Ending[][]): Promise<unknown>;
  close(): Promise<unknown>;
  stats?(): SmtpPool["stats"];
}

const LIMITS = {
  timeout: 60_000,
  deliveryTimeout: 600_000,
  localHostname: "client.example",
  startTls: false,
  ...(process.env["MODEL_TRACE"] === undefined ? {} : { trace: console.error }),
} as const;

function clientStage(plan: Plan, world: World): Stage {
  const client = new SmtpClient({
    ...LIMITS,
    maxInFlight: plan.maxInFlight,
    socket: opener(plan, world, 0),
  });
  return {
    run: async (endings) => {
      await client.connect().catch(() => undefined);
      const early = plan.close;
      if (early !== undefined) {
        world.later(early.after, () => (early.force ? client.close() : void client.quit().catch(() => undefined)));
      }
      await Promise.all(plan.messages.map((message, index) => sendOne(client, world, message, index, endings)));
    },
    close: async () => {
      await client.quit().catch(() => undefined);
      client.close();
    },
  };
}

function poolStage(plan: Plan, world: World): Stage {
  const pool = new SmtpPool(poolOptions(plan, world));
  const early = plan.close;
  if (plan.rateLimit === undefined) world.beforeJump = (milliseconds) => checkWaiting(pool, world, milliseconds);
  return {
    run: async (endings) => {
      const run =
        plan.sender === "pool"
          ? Promise.all(plan.messages.map((message, index) => sendOne(pool, world, message, index, endings)))
          : sendTogether(pool, plan, world, endings);
      if (early !== undefined) world.later(early.after, () => void pool.close({ force: early.force }));
      await run;
    },
    close: () => pool.close(),
    stats: () => pool.stats,
  };
}

/** The longest rest of a server after failures, and how long a connection may take to leave. */
const LONGEST_REST = 30_000;
const LONGEST_FAREWELL = 2000;

/** Nothing moves for a while: then no message waits with a connection at rest, or with a place free and a server awake. */
function checkWaiting({ stats }: SmtpPool, world: World, milliseconds: number): void {
  const { plan, opening, cleaning, open, troubledAt, now } = world;
  // What is being opened is about to take it. An idle connection that leaves is gone soon.
  if (stats.queued === 0 || opening > 0 || milliseconds <= LONGEST_FAREWELL) return;
  const hasPlace = open < plan.maxConnections;
  const isAwake = plan.offers.some((_, server) => now - (troubledAt.get(server) ?? -Infinity) > LONGEST_REST);
  if (stats.idle > cleaning || (hasPlace && (isAwake || milliseconds > LONGEST_REST)))
    world.violations.push(`${stats.queued} messages wait for ${milliseconds} ms: ${JSON.stringify(stats)}`);
}

/** Opens connections to one server, or to several behind its name. */
function opener(plan: Plan, world: World, server: number): () => Duplex {
  const offers = [plan.offers[server] ?? "nothing", ...plan.mixed];
  let count = 0;
  return () => openModelConnection(world, offers[count++ % offers.length] ?? "nothing", plan.tempers[server], server);
}

function poolOptions(plan: Plan, world: World): ConnectionOptions & PoolOptions {
  const { strategy, maxConnections, maxMessagesPerConnection, rateLimit, maxInFlight } = plan;
  return {
    ...LIMITS,
    maxInFlight,
    servers: plan.offers.map((_, server) => ({ socket: opener(plan, world, server) })),
    strategy,
    maxConnections,
    maxMessagesPerConnection,
    rateLimit,
  };
}

async function sendOne(
  sender: SmtpClient | SmtpPool,
  world: World,
  planned: PlannedMessage,
  index: number,
  endings: Ending[][],
): Promise<void> {
  await new Promise<void>((resolve) => world.later(planned.after, resolve));
  const { message, ...delivery } = request(planned, index, world);
  const { abortAfter } = planned;
  const controller = new AbortController();
  if (abortAfter !== undefined) world.later(abortAfter, () => controller.abort(ABORTED));
  const note = (ending: Ending): void => {
    world.moved();
    endings[index]?.push(ending);
  };
  await sender.send(message, { ...delivery, signal: controller.signal }).then(
    (result) => note({ kind: "result", result }),
    (error: unknown) => note({ kind: "error", error }),
  );
}

async function sendTogether(pool: SmtpPool, plan: Plan, world: World, endings: Ending[][]): Promise<void> {
  async function* requests() {
    for (const [index, planned] of plan.messages.entries()) {
      if (planned.after > 0) await new Promise<void>((resolve) => world.later(planned.after, resolve));
      yield request(planned, index, world);
    }
  }
  for await (const { index, result, error } of pool.sendAll(requests(), { concurrency: plan.maxInFlight * 2 })) {
    world.moved();
    endings[index]?.push(result === undefined ? { kind: "error", error } : { kind: "result", result });
  }
}

const BODIES: Partial<Record<PlannedMessage["content"], string>> = {
  dots: ".\r\n..\r\n.dot\r\n",
  commands: "RSET\r\nMAIL FROM:<smuggled@s.example>\r\nRCPT TO:<smuggled.0@r.example>\r\nQUIT\r\n",
};

/** Its sender, its recipients and its subject name the message. */
function request(planned: PlannedMessage, index: number, world: World) {
  const id = `m${index}`;
  const { content, recipients } = planned;
  const head = Buffer.from(`Subject: ${id}\r\n\r\n${BODIES[content] ?? "hello\r\n"}`);
  const isLong = content === "long stream" || content === "broken stream";
  world.contents.set(id, isLong ? Buffer.concat([head, FILLER, FILLER]).toString("latin1") : head.toString("latin1"));
  return {
    message: content === "bytes" ? head : content.endsWith("stream") ? stream(head, content) : head.toString("latin1"),
    sender: `${id}@s.example`,
    recipients: Array.from({ length: recipients }, (_, recipient) => `${id}.${recipient}@r.example`),
  };
}

async function* stream(head: Uint8Array, content: PlannedMessage["content"]): AsyncGenerator<Uint8Array> {
  yield head.subarray(0, 5);
  yield head.subarray(5);
  if (content === "short stream") return;
  yield FILLER;
  await Promise.resolve();
  yield FILLER;
  if (content === "broken stream") throw BROKEN;
}
