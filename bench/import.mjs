// @ts-check
/**
 * What `import "postrider"` costs over `import "node:tls"`, which every SMTP client pays sooner or later; and, because the library
 * loads the second half of itself on the first connection, what a first connection costs over Node's own. Each program runs in a
 * process of its own, turn about, and the fastest run of each counts: what else runs on the machine only ever adds.
 *
 * Run: npm run bench -- import
 */

import { execFileSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The budget, in ms. */
export const IMPORT_BUDGET = 15;

/** The same on a slower machine: the budget and `node:tls` together are four times `node:tls` where 15 ms was agreed on. */
const MOST_TIMES_BASE = 4;

const ROUNDS = 15;
const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");

/** Nothing listens there. */
const NOWHERE = '{ host: "127.0.0.1", hostname: "127.0.0.1", port: 1 }';
const MESSAGE = '{ from: "ann@example.org", to: "bob@example.org", subject: "Hi", text: "Hello" }';

const PROGRAMS = {
  base: 'await import("node:tls");',
  library: 'await import("postrider");',
};
const CONNECTING = {
  base: `const { connect } = await import("node:tls"); await new Promise((resolve) => connect(${NOWHERE}).on("error", resolve));`,
  library: `const { send } = await import("postrider"); await send(${MESSAGE}, ${NOWHERE.replace(/host: [^,]*, /, "")}).catch(() => undefined);`,
};

/**
 * Milliseconds, the fastest run of each.
 * @typedef {object} ImportCost
 * @property {Sample} base
 * @property {Sample} library
 */

/**
 * @typedef {object} Sample
 * @property {number} time
 * @property {number} processor What the process used of the processors: nearly the same on a machine that is busy with other things.
 */

/** @returns {ImportCost} */
export function measureImport() {
  return measure(PROGRAMS);
}

/** @param {ImportCost} cost */
export function overBase({ base, library }) {
  return { time: library.time - base.time, processor: library.processor - base.processor };
}

/**
 * By the time of the processors: a busy machine is not over budget.
 * @param {ImportCost} cost
 */
export function isOverBudget(cost) {
  const { base, library } = cost;
  return overBase(cost).processor > IMPORT_BUDGET && library.processor > MOST_TIMES_BASE * base.processor;
}

/**
 * Two measurements at different times are together closer to the truth than one.
 * @param {ImportCost} left
 * @param {ImportCost} right
 * @returns {ImportCost}
 */
export function fastest(left, right) {
  return { base: least(left.base, right.base), library: least(left.library, right.library) };
}

/**
 * @param {{ base: string, library: string }} programs
 * @returns {ImportCost}
 */
function measure(programs) {
  let cost = { base: run(programs.base), library: run(programs.library) };
  for (let round = 1; round < ROUNDS; round += 1) {
    cost = fastest(cost, { base: run(programs.base), library: run(programs.library) });
  }
  return cost;
}

/**
 * @param {Sample} left
 * @param {Sample} right
 * @returns {Sample}
 */
function least(left, right) {
  return { time: Math.min(left.time, right.time), processor: Math.min(left.processor, right.processor) };
}

/**
 * @param {string} program
 * @returns {Sample}
 */
function run(program) {
  const timed = `const before = process.cpuUsage(), start = performance.now();
    ${program}
    const time = performance.now() - start, { user, system } = process.cpuUsage(before);
    console.log(JSON.stringify({ time, processor: (user + system) / 1000 }));`;
  return JSON.parse(
    execFileSync(process.execPath, ["--input-type=module", "-e", timed], { cwd: ROOT, encoding: "utf8" }),
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const rows = /** @type {const} */ ([
    ["import", measure(PROGRAMS)],
    ["import, and a connection that is refused", measure(CONNECTING)],
  ]);
  const text = (/** @type {Sample} */ { time, processor }) =>
    `${time.toFixed(1).padStart(5)} ms   ${processor.toFixed(1).padStart(5)} ms`;
  for (const [what, cost] of rows) {
    console.log(`${what}:`.padEnd(15) + (what === "import" ? " time    processor" : ""));
    console.log(`  node:tls     ${text(cost.base)}`);
    console.log(`  postrider    ${text(cost.library)}`);
    console.log(`  difference   ${text(overBase(cost))}${what === "import" ? `   budget: ${IMPORT_BUDGET} ms` : ""}`);
  }
}
