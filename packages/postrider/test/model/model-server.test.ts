/**
 * The server of the model itself: what the random dialogues rest on.
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { openModelConnection } from "./model-server.js";
import type { Offer, Plan } from "./plan.js";
import type { TemperName } from "./temper.js";
import { VirtualClock } from "./virtual-clock.js";
import { World } from "./world.js";

const MESSAGE = { content: "small", recipients: 1, isDead: false, after: 0, abortAfter: undefined } as const;

/** m0 is taken, m1 is dead. */
const PLAN: Plan = {
  sender: "client",
  messages: [MESSAGE, { ...MESSAGE, isDead: true }],
  faults: [],
  offers: ["chunking"],
  tempers: [],
  mixed: [],
  strategy: "failover",
  maxConnections: 1,
  maxMessagesPerConnection: 1000,
  maxInFlight: 16,
  rateLimit: undefined,
  isSlow: false,
  isLenient: false,
  close: undefined,
};

const envelope = (id: string): string => `MAIL FROM:<${id}@s.example>\r\nRCPT TO:<${id}.0@r.example>\r\n`;
const CONTENT = "Subject: m0\r\n\r\nhello\r\n";

interface Said {
  /** Codes of the replies behind the greeting and that to EHLO, `"end"` where the server hung up. */
  readonly codes: string;
  readonly world: World;
  readonly milliseconds: number;
}

/** Writes each text when nothing moves any more. */
async function talk(temper: TemperName, texts: readonly string[], offer: Offer = "chunking"): Promise<Said> {
  using clock = new VirtualClock();
  const world = new World(PLAN, clock);
  for (const id of ["m0", "m1"]) world.contents.set(id, CONTENT.replace("m0", id));
  const stream = openModelConnection(world, offer, temper);
  const codes: string[] = [];
  stream.on("data", (bytes: Buffer) => codes.push(...(bytes.toString("latin1").match(/^\d{3}(?= )/gm) ?? [])));
  stream.on("end", () => codes.push("end"));
  let start = 0;
  for (const text of ["EHLO me\r\n", ...texts]) {
    start = clock.now;
    stream.write(Buffer.from(text));
    await world.drive(new Promise(() => undefined));
  }
  const milliseconds = clock.now - start;
  stream.destroy();
  return { codes: codes.slice(2).join(" "), world, milliseconds };
}

const group = `${envelope("m0")}DATA\r\n`;
const dot = `${CONTENT}.\r\n`;
const long = (bytes: number): string => `${"RSET ".padEnd(98, "x")}\r\n`.repeat(bytes / 100);

test("an easy server takes a group behind the final dot", async () => {
  const { codes, world } = await talk("easy", [group, `${dot}${group}`]);
  assert.equal(codes, "250 250 354 250 250 250 354");
  assert.deepEqual(world.taken, [{ id: "m0", recipients: ["m0.0@r.example"] }]);
});

test("a server that refuses what stands behind the dot answers each line 503, runs none, and takes the next group", async () => {
  const { codes, world } = await talk("refuses behind", [group, `${dot}${group}`, group]);
  assert.equal(codes, "250 250 354 250 503 503 503 250 250 354");
  assert.equal(world.taken.length, 1);
});

test("it hangs up without a verdict when more than 8 kB stand there, and has the message", async () => {
  const { codes, world } = await talk("refuses behind", [group, `${dot}${long(8300)}`]);
  assert.equal(codes, "250 250 354 end");
  assert.equal(world.taken.length, 1);
});

test("a server that swallows what stands behind the dot says nothing to it, QUIT included", async () => {
  const { codes, world } = await talk("swallows behind", [
    group,
    `${dot}${group}`,
    group,
    `${dot}QUIT\r\n`,
    "QUIT\r\n",
  ]);
  assert.equal(codes, "250 250 354 250 250 250 354 250 221 end");
  assert.equal(world.taken.length, 2);
});

test("it swallows 4096 bytes, and runs what is left of the line", async () => {
  const { codes } = await talk("swallows behind", [group, `${dot}${long(4200)}`]);
  assert.equal(codes, "250 250 354 250 500 250", "the end of a RSET, then a whole one");
});

test("a server that counts errors says 421 to the command behind the last one, and forgets them with a message", async () => {
  const dead = `${envelope("m1")}RSET\r\n`;
  const alone = await talk("counts errors", [dead.repeat(4)]);
  assert.equal(alone.codes, "250 550 250 250 550 250 250 550 421 end");
  const between = await talk("counts errors", [dead.repeat(2), group, dot, dead.repeat(2), "RSET\r\n"]);
  assert.equal(between.codes.includes("421"), false);
});

test("a BDAT without recipients is one of these errors", async () => {
  const { codes } = await talk("counts errors", [
    `${envelope("m1")}BDAT 3 LAST\r\nabcRSET\r\n${envelope("m1")}RSET\r\n`,
  ]);
  assert.equal(codes, "250 550 503 250 250 550 421 end");
});

test("a server that runs chunks takes the octets of a BDAT without recipients for commands, and says what came in so", async () => {
  const smuggled = "MAIL FROM:<smuggled@s.example>\r\n";
  const bad = await talk("runs chunks", [`${envelope("m1")}BDAT ${smuggled.length} LAST\r\n${smuggled}`]);
  assert.match(bad.world.violations.join(), /smuggled: MAIL FROM/);
  const good = await talk("runs chunks", [`${envelope("m0")}BDAT ${CONTENT.length} LAST\r\n${CONTENT}`]);
  assert.equal(good.codes, "250 250 250");
  assert.deepEqual(good.world.violations, []);
});

test("a server that is slow in groups takes 40 ms for each reply but the first, and none for single commands", async () => {
  const grouped = await talk("slow in groups", [group]);
  assert.equal(grouped.codes, "250 250 354");
  assert.equal(grouped.milliseconds, 80);
  const single = await talk("slow in groups", ["RSET\r\n", "RSET\r\n"]);
  assert.equal(single.milliseconds, 0);
});
