// @ts-check
/**
 * A test reporter for logs: Node's own spec reporter, which sees only the top-level tests in which something failed, and the
 * summary. Thousands of lines that say "passed" hide the one that does not. Of a file that did not end in its time it also says
 * which tests were running.
 *
 * Layer: scripts.
 */

import { basename } from "node:path";
import { spec } from "node:test/reporters";

/** @typedef {{ type: string, data: any }} Event */

/** Tests that run for less than this are not what a file waits for; in ms. */
const LONG = 10_000;
const NONE_LONG = "no test ran for long; all of them take too long together, or have ended, but not what they opened";

/**
 * @param {AsyncIterable<Event>} source
 * @returns {AsyncGenerator<string>}
 */
async function* quietReporter(source) {
  const reporter = new spec();
  const writing = (async () => {
    for await (const event of withoutPassed(withReasons(source))) reporter.write(event);
    reporter.end();
  })();
  for await (const text of reporter) yield String(text);
  await writing;
}

/**
 * Adds to the failure of a file that did not end what it was doing: Node says no more than that its time was over.
 * @param {AsyncIterable<Event>} source
 * @param {() => number} [now] milliseconds
 * @returns {AsyncGenerator<Event>}
 */
export async function* withReasons(source, now = () => performance.now()) {
  /** @type {Map<string, Running>} */
  const running = new Map();
  for await (const event of source) {
    const { type, data } = event;
    const isFile = data?.nesting === 0 && data.name === data.file;
    const key = JSON.stringify([data?.file, data?.line, data?.column, data?.nesting, data?.name]);
    if (type === "test:dequeue" && !isFile) running.set(key, { key, name: data.name, file: data.file, since: now() });
    if (type === "test:complete") running.delete(key);
    yield event;
    if (type !== "test:fail" || !isFile || data.details?.error?.failureType !== "testTimeoutFailure") continue;
    const at = now();
    const found = runningOf(data.file, [...running.values()], at);
    for (const one of found) running.delete(one.key);
    const message = found.map(({ name, since }) => `"${name}" (${Math.round((at - since) / 1000)} s)`).join(", ");
    const reason = message === "" ? NONE_LONG : `running were ${message}`;
    yield { type: "test:diagnostic", data: { ...data, message: `${data.name} did not end: ${reason}` } };
  }
}

/** @typedef {{ key: string, name: string, file: string, since: number }} Running */

/**
 * Those of the file. With source maps a test is where `test()` was called, which may be a file that several share: then all that run for long.
 * @param {string} file
 * @param {readonly Running[]} running
 * @param {number} at
 */
function runningOf(file, running, at) {
  const stem = (/** @type {string} */ path) => basename(path).replace(/\.[^.]+$/, "");
  const own = running.filter((one) => stem(one.file) === stem(file));
  return own.length > 0 ? own : running.filter(({ since }) => at - since >= LONG);
}

/**
 * Holds the events of each top-level test back until its end, and lets them go when it, or a part of it, failed.
 * @param {AsyncIterable<Event>} source
 * @returns {AsyncGenerator<Event>}
 */
async function* withoutPassed(source) {
  /** @type {Event[]} */
  let held = [];
  for await (const event of source) {
    const top = event.data?.nesting === 0;
    if (event.type === "test:start" && top) held = [];
    if (event.type === "test:diagnostic" && top) yield event;
    else if (event.type.startsWith("test:std")) yield event;
    else held.push(event);
    if (top && (event.type === "test:pass" || event.type === "test:fail")) {
      if (held.some(({ type }) => type === "test:fail")) yield* held;
      held = [];
    }
  }
}

export { quietReporter as default };
