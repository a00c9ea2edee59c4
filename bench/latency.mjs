// @ts-check
/**
 * One connection to a server that is far off: what counts is how much is on its way at once.
 *
 * Run: npm run bench -- latency
 */

import { nodeContender } from "./lab/contenders.mjs";
import { runSendBenchmark } from "./lab/send-benchmark.mjs";
import { runIfMain } from "./lab/settings.mjs";
import { moveAway } from "./servers/distant.mjs";
import { startPostfix } from "./servers/postfix.mjs";

const DELAY_MS = 25;
const HEAT = "50 ms round trip";
const WITH_CHUNKING = "postrider";
const WIDE = "postrider, maxInFlight: 64";
const WITHOUT = "postrider, chunking: never";

/** @type {import("./lab/send-benchmark.mjs").SendBenchmark} */
const BENCHMARK = {
  name: "latency",
  title: "One connection, 50 ms away, 1 kB messages",
  method: `Messages a second over one connection to a real Postfix (PIPELINING and CHUNKING, discard transport) behind a proxy that holds every byte back for ${DELAY_MS} ms each way.`,
  start: async () => moveAway(await startPostfix(), DELAY_MS),
  heats: () => [
    {
      name: HEAT,
      // Every library sends few enough messages here to be asked for a longer time.
      job: { kind: "raw", duration: 3000 },
      contenders: [
        nodeContender(WITH_CHUNKING, { program: "postrider", job: { chunking: "auto" } }),
        nodeContender(WIDE, { program: "postrider", job: { chunking: "auto", maxInFlight: 64, concurrency: 256 } }),
        nodeContender(WITHOUT, { program: "postrider", job: { chunking: "never" } }),
        nodeContender("nodemailer", { job: { concurrency: 4 } }),
      ],
    },
  ],
  goals: [
    { heat: HEAT, contender: WITH_CHUNKING, against: "nodemailer", atLeast: 35 },
    { heat: HEAT, contender: WIDE, against: "nodemailer", atLeast: 35 },
    { heat: HEAT, contender: WITHOUT, against: "nodemailer", atLeast: 1.8 },
  ],
};

await runIfMain(import.meta.url, (settings) => runSendBenchmark(BENCHMARK, settings));
