/**
 * Tests that run over both transports, Node's and the one of Cloudflare Workers, and those that only one of them can pass.
 */
import { test } from "node:test";

/** Whether this process runs over the sockets API. */
export const onWorkers: boolean = process.getBuiltinModule?.("cloudflare:sockets" as "node:net") !== undefined;

/** What workerd cannot do or does not tell: other streams under TLS, options of TLS, reasons of its failures. */
export const nodeTest: typeof test = onWorkers ? (Object.assign(async () => {}, test) as unknown as typeof test) : test;
