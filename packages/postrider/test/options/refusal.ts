/**
 * How tests say that an option is refused.
 */
import assert from "node:assert/strict";
import { OptionError } from "../../src/errors/errors.js";
import { connectionOptions } from "../../src/options/connection-options.js";

/** Runs `check` and returns the OptionError it throws, which must name `option`. */
export function refusal(option: string, check: () => unknown, rule: RegExp = /./): OptionError {
  let thrown: unknown;
  assert.throws(check, (error) => {
    thrown = error;
    return true;
  });
  assert.ok(thrown instanceof OptionError, `${String(thrown)} is no OptionError`);
  assert.equal(thrown.option, option, thrown.message);
  assert.match(thrown.message, rule);
  assert.equal(thrown.phase, "input");
  return thrown;
}

export function refused(option: string, options: Record<string, unknown>, rule?: RegExp): OptionError {
  return refusal(option, () => connectionOptions(options as never), rule);
}
