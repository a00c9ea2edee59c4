/**
 * `GET /api/messages/wait`: the first message that fits a search, already there or to come.
 */
import type { Context } from "hono";
import { InboxClosedError, InboxTimeoutError } from "../errors.js";
import type { InboxMessage } from "../message.js";
import { problem } from "./api-problem.js";
import { searchFor } from "./search.js";
import type { WebContext } from "./web-context.js";

const DEFAULT_TIMEOUT_MS = 3000;
const MAX_TIMEOUT_MS = 600_000;

/** Undefined when the answer is a problem, which is then told. */
export async function waitForMessage(call: Context, { store }: WebContext): Promise<InboxMessage | Response> {
  const timeout = timeoutOf(call.req.query("timeout"));
  if (timeout === undefined)
    return problem(call, 400, `timeout: must be a number of milliseconds from 0 to ${MAX_TIMEOUT_MS}`);
  const fits = searchFor(call.req.query("q") ?? "");
  const predicate = ({ id }: InboxMessage): boolean => {
    const stored = store.find(id);
    return stored !== undefined && (fits === undefined || fits(stored));
  };
  try {
    return await store.waitFor(predicate, { timeout, signal: call.req.raw.signal });
  } catch (error) {
    if (error instanceof InboxTimeoutError || error instanceof InboxClosedError)
      return problem(call, 404, error.message);
    // The client has gone: nobody reads this.
    if (call.req.raw.signal.aborted) return problem(call, 404, "The request was aborted.");
    throw error;
  }
}

function timeoutOf(text: string | undefined): number | undefined {
  if (text === undefined) return DEFAULT_TIMEOUT_MS;
  const timeout = /^\d{1,7}$/.test(text) ? Number(text) : Number.NaN;
  return timeout <= MAX_TIMEOUT_MS ? timeout : undefined;
}
