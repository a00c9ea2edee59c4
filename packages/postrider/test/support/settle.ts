/**
 * What every acceptance test asserts beside its own point: promises settle, nothing is left behind, closed means closed.
 *
 * Tests run through `acceptance`, which fails one that leaves a rejection unhandled, or a timer or socket alive.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { SmtpClient } from "../../src/index.js";
import type { ScriptedConnection } from "./scripted-connection.js";
import { onWorkers } from "./transports.js";

/** A test may not take longer; it hangs then. */
const CASE_TIMEOUT_MS = 15_000;
/** How long what a case left may take to go: closing a socket takes some turns of the event loop. */
const GRACE_MS = 3000;
const POLL_MS = 5;

/** What keeps a process alive and could be ours. */
const WATCHED = new Set([
  "Timeout",
  "Immediate",
  "TCPSocketWrap",
  "TCPServerWrap",
  "PipeWrap",
  "PipeServerWrap",
  "TLSWrap",
  "TCPConnectWrap",
  "PipeConnectWrap",
  "GetAddrInfoReqWrap",
]);

/** As `acceptance`, for what the sockets API of Cloudflare Workers has not. */
export const nodeAcceptance: typeof acceptance = (name, body) => {
  if (!onWorkers) acceptance(name, body);
};

/** A test that also fails when it leaves anything behind. */
export function acceptance(name: string, body: () => Promise<void>): void {
  test(name, { timeout: CASE_TIMEOUT_MS }, async () => {
    const unhandled: unknown[] = [];
    const watch = (reason: unknown): number => unhandled.push(reason);
    process.on("unhandledRejection", watch);
    try {
      const before = alive();
      await body();
      await settled(before);
      assert.deepEqual(unhandled, [], "no rejection is unhandled");
    } finally {
      process.off("unhandledRejection", watch);
    }
  });
}

/** The error that the promise rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<Error> {
  const { error, value } = await promise.then(
    (value: unknown) => ({ error: undefined, value }),
    (error: unknown) => ({ error, value: undefined }),
  );
  if (error instanceof Error) return error;
  assert.fail(error === undefined ? `it should reject, and gave ${String(value)}` : `rejected with ${String(error)}`);
}

type ErrorClass<T extends Error> = abstract new (...args: never[]) => T;

/** The error that the promise rejects with, which is of that class. */
export async function rejects<T extends Error>(promise: Promise<unknown>, type: ErrorClass<T>): Promise<T> {
  const error = await rejection(promise);
  if (!(error instanceof type)) assert.fail(`${type.name} expected, but it is ${error.name}: ${error.message}`);
  return error;
}

/** The error that the function throws, which is of that class. */
export function throws<T extends Error>(action: () => unknown, type: ErrorClass<T>): T {
  try {
    action();
  } catch (error) {
    if (error instanceof type) return error;
    assert.fail(`${type.name} expected, but it is ${String(error)}`);
  }
  assert.fail(`${type.name} expected, but nothing was thrown`);
}

/** "closed": the client reports not connected, and the server saw the socket end. */
export async function closed(client: SmtpClient | undefined, connection: ScriptedConnection): Promise<void> {
  if (client !== undefined) assert.equal(client.isConnected, false, "the client reports not connected");
  await soon(connection.ended, "the server sees the socket end");
}

/** The promise settles soon, and not by its own timeout. */
export async function soon<T>(promise: Promise<T>, what: string): Promise<T> {
  const over = new AbortController();
  const late = delay(GRACE_MS, undefined, { signal: over.signal }).then(() =>
    assert.fail(`${what}: not within ${GRACE_MS} ms`),
  );
  try {
    return await Promise.race([promise, late]);
  } finally {
    over.abort();
    await late.catch(() => undefined);
  }
}

function alive(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) {
    if (WATCHED.has(kind)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts;
}

async function settled(before: Map<string, number>): Promise<void> {
  const attempts = GRACE_MS / POLL_MS;
  for (let attempt = 0; ; attempt += 1) {
    const left = [...alive()].filter(([kind, count]) => count > (before.get(kind) ?? 0));
    if (left.length === 0) return;
    if (attempt === attempts) assert.fail(`left behind: ${left.map(([kind, count]) => `${count} ${kind}`).join(", ")}`);
    await delay(POLL_MS);
  }
}
