/**
 * The random-order model: random dialogues with servers that refuse, break off, fall silent and lie, at any reply. Every
 * message ends exactly once, what the caller is told is true, and no reply is paired with another message.
 *
 * `MODEL_RUNS` sets the number of dialogues, `POSTRIDER_SEED` and `MODEL_PATH` play one again.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fc, SEED } from "../support/property.js";
import { type Plan, type PlannedMessage, plans } from "./plan.js";
import { play } from "./play.js";
import { checkDialogue } from "./verdicts.js";
import { VirtualClock } from "./virtual-clock.js";

const RUNS = Number(process.env["MODEL_RUNS"] ?? 10_000);

test(`${RUNS} random dialogues: every message ends once, as it was`, { timeout: 3_600_000 }, async (context) => {
  const counts = new Map<string, number>();
  const count = (what: string, by = 1): Map<string, number> => counts.set(what, (counts.get(what) ?? 0) + by);
  const unhandled: unknown[] = [];
  const watch = (reason: unknown): number => unhandled.push(reason);
  process.on("unhandledRejection", watch);
  using clock = new VirtualClock();
  try {
    await fc.assert(
      fc.asyncProperty(plans, async (plan) => {
        clock.clear();
        unhandled.length = 0;
        const played = await play(plan, clock);
        for (const outcome of checkDialogue(played)) count(outcome);
        assert.deepEqual(unhandled, [], "no rejection is unhandled");
        count("dialogues");
        count("connections", played.world.connections);
        count("replies", played.world.replies);
        count("faults", played.world.faults);
      }),
      {
        numRuns: RUNS,
        includeErrorInReport: true,
        ...(process.env["MODEL_PATH"] === undefined ? {} : { path: process.env["MODEL_PATH"] }),
      },
    );
  } finally {
    process.off("unhandledRejection", watch);
    context.diagnostic(`seed ${SEED}: ${[...counts].map(([what, number]) => `${number} ${what}`).join(", ")}`);
  }
});

const small: PlannedMessage = { content: "small", recipients: 1, isDead: false, after: 0, abortAfter: undefined };

const calm: Plan = {
  sender: "sendAll",
  messages: [],
  faults: [],
  offers: ["chunking"],
  tempers: [],
  mixed: [],
  strategy: "failover",
  maxConnections: 2,
  maxMessagesPerConnection: 1000,
  maxInFlight: 3,
  rateLimit: undefined,
  isSlow: false,
  isLenient: false,
  close: undefined,
};

/** Dialogues that broke a rule once, by what it was. */
const FOUND: Readonly<Record<string, Plan>> = {
  "a message that is asked again counts against the rate though its refusal came before its write was over": {
    ...calm,
    messages: [
      { ...small, recipients: 2 },
      { ...small, recipients: 2 },
      { ...small, content: "long stream", recipients: 3 },
      { ...small, after: 1 },
      { ...small, content: "short stream" },
    ],
    faults: [{ at: 19, does: "answer and goodbye" }],
    rateLimit: { messages: 2, per: 500 },
  },
};

for (const [what, plan] of Object.entries(FOUND)) {
  test(what, async () => {
    using clock = new VirtualClock();
    checkDialogue(await play(plan, clock));
  });
}
