/**
 * For tests that run over both transports, Node's and that of Cloudflare Workers: what only one of them can do, or tells.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { SmtpTlsError } from "../../src/errors/errors.js";

/** Whether this process runs over the sockets API, see `on-workers.ts`. */
export const onWorkers: boolean = process.getBuiltinModule?.("cloudflare:sockets" as "node:net") !== undefined;

/** A test of what workerd has not: options of TLS, TLS over streams of Node, the reasons of its failures. */
export const nodeTest: typeof test = onWorkers ? ((() => Promise.resolve()) as unknown as typeof test) : test;

/** The reason of a failed handshake; workerd tells none, so the error says what to check. */
export function assertTlsReason(error: SmtpTlsError, reason: RegExp | string): void {
  if (onWorkers) assert.match(error.message, /gave up the handshake.*Check .*the certificate is for .*not expired/);
  else assert.match(error.reason ?? "", new RegExp(reason));
}
