// @ts-check
/**
 * A test reporter for logs: Node's own spec reporter, which sees only the top-level tests in which something failed, and the
 * summary. Thousands of lines that say "passed" hide the one that does not.
 *
 * Layer: scripts.
 */

import { spec } from "node:test/reporters";

/** @typedef {{ type: string, data: any }} Event */

/**
 * @param {AsyncIterable<Event>} source
 * @returns {AsyncGenerator<string>}
 */
async function* quietReporter(source) {
  const reporter = new spec();
  const writing = (async () => {
    for await (const event of withoutPassed(source)) reporter.write(event);
    reporter.end();
  })();
  for await (const text of reporter) yield String(text);
  await writing;
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
