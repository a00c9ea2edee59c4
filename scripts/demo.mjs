// @ts-check
/**
 * `npm run demo`: installs, builds, starts the inbox, sends every example of the guide to it, and some mail by the command
 * `postrider`, and shows what arrived. On a
 * terminal it stays until Ctrl-C; without one, or with `--exit`, it ends: with status 0 when every example did its work.
 *
 * Layer: scripts.
 */

import { build } from "./build.mjs";
import { arrivalTable } from "./demo/arrival-table.mjs";
import { runCommands } from "./demo/commands.mjs";
import { openOn } from "./demo/open-on.mjs";
import { ensureInstalled } from "./ensure-installed.mjs";
import { guideBlocks } from "./guide/pages.mjs";
import { preparePrograms } from "./guide/prepare.mjs";
import { runProgram } from "./guide/run-program.mjs";
import { libraryModule } from "./workspace/built.mjs";
import { runMain } from "./workspace/run-main.mjs";

/** @typedef {import("./guide/stage.mjs").Stage} Stage */
/** @typedef {import("./guide/prepare.mjs").Prepared} Prepared */
/** @typedef {import("./demo/arrival-table.mjs").Arrival} Arrival */

/** What the guide prints; a reader's own program finds the inbox there too. */
const PORTS = { smtpPort: 1025, webPort: 8025 };

/** Columns, where no terminal tells. */
const DEFAULT_WIDTH = 120;

/**
 * @param {boolean} stay
 * @returns {Promise<boolean>} Whether every example did its work.
 */
async function demo(stay) {
  await ensureInstalled();
  // With the tests: the servers of the stage use their certificates.
  await build({ tests: true });
  const stage = await openOn(PORTS, (text) => console.log(text));
  const interrupted = stay ? interruption() : undefined;
  try {
    const prepared = await preparePrograms(guideBlocks());
    prepared.addFiles(stage.files);
    const { arrivals, problems } = await runAll(prepared, stage).finally(() => prepared.remove());
    report(arrivals, problems, prepared.programs.length, stage);
    if (interrupted !== undefined) {
      console.log("It stays until you press Ctrl-C.");
      await interrupted;
    }
    return problems.length === 0;
  } finally {
    await stage.close();
  }
}

/**
 * @param {Prepared} prepared
 * @param {Stage} stage
 */
async function runAll({ programs }, stage) {
  /** @type {Arrival[]} */
  const arrivals = [];
  /** @type {string[]} */
  const problems = [];
  for (const program of programs) {
    const { problem, arrived } = await runProgram(program, stage);
    if (problem !== "") problems.push(problem);
    for (const { message, inbox } of arrived) {
      arrivals.push(arrival(program.block.page, message));
      // The page shows one inbox; what came in by TLS is passed on to it.
      if (inbox !== stage.inbox) await passOn(message, stage);
    }
  }
  for await (const { typed, arrived, problem } of runCommands(stage)) {
    if (problem !== "") problems.push(problem);
    arrivals.push(...arrived.map(({ message }) => arrival(typed, message)));
  }
  return { arrivals, problems };
}

/**
 * @param {string} page What sent it.
 * @param {import("./guide/stage.mjs").InboxMessage} message
 * @returns {Arrival}
 */
function arrival(page, { subject = "", from, envelope, size }) {
  return { page, subject, from: from?.address ?? envelope.sender, to: envelope.recipients.join(", "), size };
}

/**
 * @param {import("./guide/stage.mjs").InboxMessage} message
 * @param {Stage} stage
 */
async function passOn(message, stage) {
  const { send } = await libraryModule();
  const { sender, recipients } = message.envelope;
  await send(message.raw, { hostname: "127.0.0.1", port: stage.inbox.smtpPort, sender, recipients });
  stage.arrivals();
}

/**
 * @param {readonly Arrival[]} arrivals
 * @param {readonly string[]} problems
 * @param {number} examples
 * @param {Stage} stage
 */
function report(arrivals, problems, examples, { inbox }) {
  // A terminal that does not know its width says 0.
  const width = process.stdout.columns > 0 ? process.stdout.columns : DEFAULT_WIDTH;
  console.log(`\n${arrivalTable(arrivals, width)}\n`);
  console.log(`${examples} examples, ${arrivals.length} messages arrived, ${problems.length} examples failed`);
  console.log(`SMTP  127.0.0.1:${inbox.smtpPort}`);
  console.log(`Page  ${inbox.url}`);
  for (const problem of problems) console.error(`\n${problem}`);
}

/** Settles when the user, or the system, asks for the end. */
function interruption() {
  return new Promise((resolve) => {
    for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) process.once(signal, resolve);
  });
}

await runMain(import.meta.url, (words) => demo(process.stdout.isTTY === true && !words.includes("--exit")));
