/**
 * The two ways in which a method tells its result, by one rule.
 *
 * Layer: nodemailer.
 */
import type { Callback } from "./types.js";

/** The promise itself; with a callback it tells that one instead, and there is nothing to return. */
export function promiseOrCallback<Value>(
  promise: Promise<Value>,
  callback: Callback<Value> | undefined,
): Promise<Value> | undefined {
  if (callback === undefined) return promise;
  promise.then(
    (value) => callback(null, value),
    (error) => callback(error, undefined as never),
  );
  return undefined;
}
