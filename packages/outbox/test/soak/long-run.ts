/**
 * Workers, a producer, the connections of the relay and of the database are killed at random, and workers sleep past their lease. At the end every mail that was promised
 * has arrived; what arrived twice was said to be unknown; and the events tell what the tables tell.
 *
 * `node long-run.js DATABASE SECONDS`
 */
import { type ChildProcess, spawn } from "node:child_process";
import { createServer, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { ServedConnection } from "@postrider/inbox/session";
import { openOutbox } from "../../src/index.js";
import { RECIPIENT_TRANSITIONS } from "../../src/states.js";

const [database = "", seconds = "60"] = process.argv.slice(2);
const CHILD = fileURLToPath(new URL("child.js", import.meta.url));
const WORKERS = 3;
/** Longer than the lease of a worker. */
const SLEEP_MS = 2500;
/** Of one worker. */
const IN_FLIGHT = 8;

/** How often each Message-ID arrived. */
const arrived = new Map<string, number>();
const sockets = new Set<Socket>();
const relay = createServer((socket) => {
  sockets.add(socket);
  socket.once("close", () => sockets.delete(socket));
  let content: Uint8Array[] = [];
  new ServedConnection(socket, {
    take: (step) => {
      if (step.step === "piece") content.push(step.bytes);
      if (step.step !== "content") return undefined;
      const id = /^Message-ID: (.*)\r$/m.exec(Buffer.concat(content).toString("latin1"))?.[1] ?? "?";
      content = [];
      arrived.set(id, (arrived.get(id) ?? 0) + 1);
      return delay(Math.random() * 10, undefined);
    },
  });
});
await new Promise<void>((resolve) => relay.listen(0, "127.0.0.1", () => resolve()));
const { port } = relay.address() as { port: number };

const promised = new Set<number>();
const children = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of children) child.kill("SIGKILL");
});

function start(role: "worker" | "producer"): ChildProcess {
  const from = role === "producer" ? [String(Math.max(-1, ...promised) + 1)] : [];
  const child = spawn(process.execPath, [CHILD, role, database, String(port), ...from], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let rest = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) promised.add(Number(line));
  });
  children.add(child);
  child.once("exit", () => children.delete(child));
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once("close", resolve));
  child.kill("SIGKILL");
  await ended;
}

const outbox = await openOutbox({ database });
const workers = Array.from({ length: WORKERS }, () => start("worker"));
let producer = start("producer");
const kills = { worker: 0, sleeper: 0, producer: 0, relay: 0, database: 0 };
const end = performance.now() + Number(seconds) * 1000;
while (performance.now() < end) {
  await delay(150 + Math.random() * 700);
  const dice = Math.random();
  if (dice < 0.45) {
    const index = Math.floor(Math.random() * WORKERS);
    const victim = workers[index];
    if (victim !== undefined) await kill(victim);
    workers[index] = start("worker");
    kills.worker += 1;
  } else if (dice < 0.58) {
    // It wakes up behind its lease, and must change nothing then.
    const sleeper = workers[Math.floor(Math.random() * WORKERS)];
    sleeper?.kill("SIGSTOP");
    setTimeout(() => sleeper?.kill("SIGCONT"), SLEEP_MS);
    kills.sleeper += 1;
  } else if (dice < 0.7) {
    await kill(producer);
    producer = start("producer");
    kills.producer += 1;
  } else if (dice < 0.85) {
    for (const socket of sockets) socket.destroy();
    kills.relay += 1;
  } else if (outbox.dialect === "postgres") {
    await killBackends();
    kills.database += 1;
  }
}

async function killBackends(): Promise<void> {
  const { openPostgres } = await import("../../src/database/postgres.js");
  const connection = await openPostgres(database);
  // This statement may end its own connection too.
  await connection
    .execute(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()",
      [],
    )
    .catch(() => undefined);
  await connection.close();
}

await kill(producer);
console.log(`Promised ${promised.size}, kills ${JSON.stringify(kills)}; now all that is left goes out`);

// A person decides about what is in doubt: it goes again.
const patience = performance.now() + 120_000;
for (;;) {
  const { messages, paused } = await outbox.stats();
  for await (const { id } of outbox.find({ state: "unknown" })) await outbox.resolve(id, "resend");
  if (paused?.kind === "credentials") throw new Error(`paused: ${paused.reason}`);
  if (messages.waiting + messages.sending + messages.unknown === 0) break;
  if (performance.now() > patience) throw new Error(`not everything goes out: ${JSON.stringify(messages)}`);
  await delay(200);
}
for (const worker of workers) await kill(worker);

const doubtful = new Set<string>();
const told = new Map<string, string>();
const FROM_EVENT: Readonly<Record<string, string>> = { deferred: "waiting", unknown: "unknown" };
let last = 0;
for await (const event of outbox.events()) {
  if (Number(event.id) !== last + 1) throw new Error(`event ${event.id} comes after ${last}`);
  last += 1;
  if (event.type === "unknown" && event.message !== undefined) doubtful.add(event.message);
  if (event.message !== undefined && event.recipient !== undefined)
    told.set(event.message, FROM_EVENT[event.type] ?? event.type);
}
let lost = 0;
let doubled = 0;
let untold = 0;
let wrong = 0;
const keys = new Set<string>();
for await (const { id, key, messageId, state, recipients } of outbox.find()) {
  keys.add(key ?? "");
  const times = arrived.get(messageId) ?? 0;
  if (state !== "delivered" || times === 0) lost += 1;
  if (times > 1) doubled += 1;
  if (times > 1 && !doubtful.has(id)) untold += 1;
  const own = recipients[0]?.state ?? "";
  if (!(own in RECIPIENT_TRANSITIONS) || told.get(id) !== own) wrong += 1;
}
const missing = [...promised].filter((n) => !keys.has(`m:${n}`)).length;
const most = (kills.worker + kills.sleeper + (kills.relay + kills.database) * WORKERS) * IN_FLIGHT;
console.log(
  `${keys.size} mails, ${last} events: ${missing + lost} lost, ${doubled} doubled (at most ${most}), ${untold} of them in silence, ${wrong} told otherwise by events`,
);
await outbox.close();
for (const socket of sockets) socket.destroy();
await new Promise<void>((resolve) => relay.close(() => resolve()));
if (missing + lost + untold + wrong > 0 || doubled > most) process.exitCode = 1;
