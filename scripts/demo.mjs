// @ts-check
/**
 * `npm run demo`: installs, builds, starts the inbox, sends every example of the guide to it, and some mail by the command
 * `postrider`, and shows what arrived, the ten finest messages on top of the page. On a terminal it stays until Ctrl-C; without one, or with `--exit`, it ends: with status 0
 * when every example did its work. Ctrl-C before that ends it at once, with status 130.
 *
 * Layer: scripts.
 */

import { constants } from "node:os";
import { build } from "./build.mjs";
import { runCommands } from "./demo/commands.mjs";
import { raiseFinest, rankOf } from "./demo/finest.mjs";
import { openOn } from "./demo/open-on.mjs";
import { progress } from "./demo/progress.mjs";
import { openShop } from "./demo/shop.mjs";
import { pageGroup, summary } from "./demo/summary.mjs";
import { ensureInstalled } from "./ensure-installed.mjs";
import { guideBlocks } from "./guide/pages.mjs";
import { preparePrograms } from "./guide/prepare.mjs";
import { runProgram } from "./guide/run-program.mjs";
import { libraryModule } from "./workspace/built.mjs";
import { endPrograms } from "./workspace/run.mjs";
import { runMain } from "./workspace/run-main.mjs";

/** @typedef {import("./guide/stage.mjs").Stage} Stage */
/** @typedef {import("./guide/prepare.mjs").Prepared} Prepared */
/** @typedef {import("./demo/summary.mjs").Arrival} Arrival */
/** @typedef {import("./demo/summary.mjs").PageRun} PageRun */

/** What the guide prints; a reader's own program finds the inbox there too. */
const PORTS = { smtpPort: 1025, webPort: 8025 };

/** Columns, where no terminal tells. */
const DEFAULT_WIDTH = 120;

/** The stage may take so long to close after an interruption; in ms. */
const CLOSE_LIMIT = 1000;

/**
 * @param {boolean} stay
 * @returns {Promise<boolean>} Whether every example did its work.
 */
async function demo(stay) {
  /** @type {(() => unknown)[]} */
  const cleanups = [];
  const stopped = interruption();
  try {
    const ended = await Promise.race([present(cleanups), stopped]);
    if (typeof ended === "string") {
      endPrograms();
      return await leave(ended, cleanups);
    }
    if (stay) {
      console.log("It stays until you press Ctrl-C.");
      await stopped;
      // Nobody waits for what is slow to close, such as a browser's connection.
      await closed(cleanups);
      process.exit(ended ? 0 : 1);
    }
    return ended;
  } finally {
    await Promise.all(cleanups.map((cleanup) => cleanup()));
  }
}

/**
 * @param {(() => unknown)[]} cleanups Gets what must be undone in the end.
 * @returns {Promise<boolean>} Whether every example did its work.
 */
async function present(cleanups) {
  await ensureInstalled();
  // With the tests: the servers of the stage use their certificates.
  await build({ tests: true });
  const shop = await openShop();
  cleanups.push(() => shop.close());
  const stage = await openOn({ ...PORTS, outbox: shop.outbox }, (text) => console.log(text));
  cleanups.push(() => stage.close());
  console.log(`Page  ${stage.inbox.url}\nCompiling the examples`);
  const prepared = await preparePrograms(guideBlocks());
  cleanups.push(() => prepared.remove());
  prepared.addFiles(stage.files);
  const { arrivals, pages, problems } = await runAll(prepared, stage, shop);
  await raiseFinest(arrivals, stage.inbox);
  report(arrivals, pages, problems, stage);
  return problems.length === 0;
}

/**
 * Ends the process as the signal would have.
 * @param {"SIGINT" | "SIGTERM" | "SIGHUP"} signal
 * @param {readonly (() => unknown)[]} cleanups
 * @returns {Promise<never>}
 */
async function leave(signal, cleanups) {
  await closed(cleanups);
  console.log("");
  process.exit(128 + constants.signals[signal]);
}

/**
 * Resolves when all is closed, or the time for it is over.
 * @param {readonly (() => unknown)[]} cleanups
 */
async function closed(cleanups) {
  const all = Promise.allSettled(cleanups.map((cleanup) => cleanup()));
  await Promise.race([all, new Promise((resolve) => setTimeout(resolve, CLOSE_LIMIT))]);
}

/**
 * @param {Prepared} prepared
 * @param {Stage} stage
 * @param {import("./demo/shop.mjs").Shop} shop
 */
async function runAll({ programs }, stage, shop) {
  /** @type {Arrival[]} */
  const arrivals = [];
  /** @type {string[]} */
  const problems = [];
  /** @type {Map<string, PageRun>} */
  const pages = new Map();
  const note = (/** @type {string} */ page, /** @type {string} */ problem) => {
    const { examples, failed } = pages.get(page) ?? { examples: 0, failed: 0 };
    pages.set(page, { page, examples: examples + 1, failed: failed + (problem === "" ? 0 : 1) });
    if (problem !== "") problems.push(problem);
  };
  const shown = progress(programs.length, "examples");
  for (const program of programs) {
    shown.step(program.name);
    const { problem, arrived } = await runProgram(program, stage);
    note(pageGroup(program.block.page), problem);
    for (const { message, inbox } of arrived) {
      // The page shows one inbox; what came in by TLS is passed on to it.
      const shown = inbox === stage.inbox ? message : await passOn(message, stage);
      arrivals.push(arrival(program.block.page, message, shown));
    }
  }
  shown.end();
  for await (const { typed, arrived, problem } of runCommands(stage)) {
    note(typed, problem);
    arrivals.push(...arrived.map(({ message }) => arrival(typed, message, message)));
  }
  note("an order by the outbox", await shop.sell(stage));
  arrivals.push(...stage.arrivals().map(({ message }) => arrival("an order by the outbox", message, message)));
  return { arrivals, pages: [...pages.values()], problems };
}

/**
 * @param {string} page What sent it.
 * @param {import("./guide/stage.mjs").InboxMessage} message
 * @param {import("./guide/stage.mjs").InboxMessage} shown As it stands in the inbox of the page.
 * @returns {Arrival}
 */
function arrival(page, message, shown) {
  const { subject = "", from, envelope, size } = message;
  const to = envelope.recipients.join(", ");
  return { page, subject, from: from?.address ?? envelope.sender, to, size, rank: rankOf(message), shown };
}

/**
 * @param {import("./guide/stage.mjs").InboxMessage} message
 * @param {Stage} stage
 */
async function passOn(message, stage) {
  const { send } = await libraryModule();
  const { sender, recipients } = message.envelope;
  await send(message.raw, { hostname: "127.0.0.1", port: stage.inbox.smtpPort, sender, recipients });
  return stage.arrivals()[0]?.message ?? message;
}

/**
 * @param {readonly Arrival[]} arrivals
 * @param {readonly PageRun[]} pages
 * @param {readonly string[]} problems
 * @param {Stage} stage
 */
function report(arrivals, pages, problems, { inbox }) {
  // A terminal that does not know its width says 0.
  const width = process.stdout.columns > 0 ? process.stdout.columns : DEFAULT_WIDTH;
  console.log(`\n${summary(arrivals, pages, width)}\n`);
  const examples = pages.reduce((sum, one) => sum + one.examples, 0);
  console.log(`${examples} examples, ${arrivals.length} messages arrived, ${problems.length} examples failed`);
  console.log(`SMTP  127.0.0.1:${inbox.smtpPort}`);
  console.log(`Page  ${inbox.url}\n      ${inbox.url}outbox: one order with its mail`);
  for (const problem of problems) console.error(`\n${problem}`);
}

/** @returns {Promise<"SIGINT" | "SIGTERM" | "SIGHUP">} Settles when the user, or the system, asks for the end. */
function interruption() {
  return new Promise((resolve) => {
    for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"]))
      process.on(signal, () => resolve(signal));
  });
}

await runMain(import.meta.url, (words) => demo(process.stdout.isTTY === true && !words.includes("--exit")));
