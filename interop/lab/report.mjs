// @ts-check
/**
 * What was tried against each server and how it went: a line each on the screen, a cell each in the table.
 *
 * Layer: interop.
 */

/** A server that cannot be had here: said, counted, and with CI=true a failure. */
export class Skip extends Error {}

/**
 * @typedef {object} Outcome
 * @property {string} server
 * @property {string} feature A row of the table.
 * @property {boolean} passed
 * @property {string} cell What the table says of it.
 */

/** What takes longer hangs; the longest takes 20 seconds on a machine that does nothing else. */
const CHECK_LIMIT_MS = 300_000;

/** How much of a failure is shown: an assertion about 300 KB shows them all. */
const MAX_MESSAGE = 1500;

export class Report {
  /** @type {Outcome[]} */
  #outcomes = [];
  /** @type {Map<string, string>} */
  #versions = new Map();
  #limit;

  /** @param {number} [limit] of one check, in milliseconds */
  constructor(limit = CHECK_LIMIT_MS) {
    this.#limit = limit;
  }
  /** @type {string[]} */
  #skipped = [];

  /**
   * Says which version of a server is tested from now on.
   * @param {string} server
   * @param {string} version
   */
  version(server, version) {
    this.#versions.set(server, version);
    console.log(`\n${server} ${version}`);
  }

  /**
   * Tries one thing. It fails when the function throws; a string that it returns stands in the table in place of "yes".
   * @param {string} server
   * @param {string} feature
   * @param {() => Promise<string | void>} attempt
   */
  async check(server, feature, attempt) {
    const start = performance.now();
    /** @type {Outcome} */
    let outcome;
    try {
      const cell = (await within(this.#limit, attempt())) ?? "yes";
      outcome = { server, feature, passed: true, cell };
    } catch (error) {
      outcome = { server, feature, passed: false, cell: "**FAILS**" };
      console.log(`FAIL  ${feature}\n${describe(error).replace(/^/gm, "        ")}`);
    }
    this.#outcomes.push(outcome);
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    const remark = outcome.cell === "yes" ? "" : `: ${outcome.cell}`;
    if (outcome.passed) console.log(`ok    ${feature}${remark} (${seconds} s)`);
  }

  /**
   * A whole server that did not start is one failure.
   * @param {string} server
   * @param {unknown} error
   */
  broken(server, error) {
    console.log(`\n${server}\nFAIL  it cannot be tested\n${describe(error).replace(/^/gm, "        ")}`);
    this.#outcomes.push({ server, feature: "starts", passed: false, cell: "**FAILS**" });
  }

  /**
   * @param {string} server
   * @param {string} reason
   */
  skip(server, reason) {
    this.#skipped.push(server);
    console.log(`\n${server}\nskip  ${reason}`);
  }

  /** @returns {readonly Outcome[]} */
  get outcomes() {
    return this.#outcomes;
  }

  /** @returns {ReadonlyMap<string, string>} */
  get versions() {
    return this.#versions;
  }

  /** @returns {readonly string[]} */
  get skipped() {
    return this.#skipped;
  }
}

/**
 * @template T
 * @param {number} limit
 * @param {Promise<T>} attempt
 * @returns {Promise<T>}
 */
async function within(limit, attempt) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it did not end within ${limit / 1000} s`)), limit);
  });
  try {
    return await Promise.race([attempt, /** @type {Promise<never>} */ (late)]);
  } finally {
    clearTimeout(timer);
  }
}

/** @param {unknown} error */
function describe(error) {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return text.length > MAX_MESSAGE ? `${text.slice(0, MAX_MESSAGE)}...` : text;
}
