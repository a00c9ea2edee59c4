/**
 * A connection over memory, and messages for it.
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { setImmediate as turn } from "node:timers/promises";
import { parseBareAddress } from "../../src/address/parser.js";
import { ClientQueue } from "../../src/connection/client-queue.js";
import { Connection } from "../../src/connection/connection.js";
import { QueuedMessage } from "../../src/connection/queued.js";
import type { ConnectionSettings } from "../../src/connection/settings.js";
import { SmtpError } from "../../src/errors/errors.js";
import type { SmtpReply } from "../../src/reply.js";
import type { Envelope } from "../../src/session/envelope.js";
import { ServerKnowledge } from "../../src/session/knowledge.js";
import type { Transaction } from "../../src/session/transaction.js";
import type { Delivery, OpenedContent } from "../../src/submission/submission.js";
import { lines } from "../session/session-driver.js";
import { MemoryTransport } from "../support/memory-transport.js";

export const SETTINGS: ConnectionSettings = {
  localHostname: "me.example",
  isLmtp: false,
  timeout: 1000,
  deliveryTimeout: 5000,
  trace: undefined,
};

export interface Open {
  readonly transport: MemoryTransport;
  readonly connection: Connection;
}

export async function opened(settings: Partial<ConnectionSettings> = {}): Promise<Open> {
  const transport = new MemoryTransport();
  // A server that takes what is written ahead of a verdict.
  const knowledge = new ServerKnowledge({ behind: "works", chunking: "unused" });
  const connection = new Connection(transport, { ...SETTINGS, knowledge, ...settings });
  const greeting = connection.start();
  await transport.say("220 memory");
  assert.equal((await greeting).code, 220);
  return { transport, connection };
}

/** Greeted with EHLO, these extensions offered. */
export async function ready(offers: readonly string[] = [], settings: Partial<ConnectionSettings> = {}): Promise<Open> {
  const open = await opened(settings);
  const hello = open.connection.hello();
  await turn();
  const replies = ["memory", ...offers];
  await open.transport.say(...replies.map((line, index) => `250${index < replies.length - 1 ? "-" : " "}${line}`));
  await hello;
  open.transport.taken();
  return open;
}

/** Its rejection may be looked at later. */
function handledLater<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

export function noop(connection: Connection, signal?: AbortSignal): Promise<SmtpReply> {
  return handledLater(queueOf(connection).command({ kind: "command", verb: "NOOP", line: "NOOP" }, true, signal));
}

/** Messages and commands in their order, without another connection in reserve. */
const queues = new WeakMap<Connection, ClientQueue>();

export function queueOf(connection: Connection): ClientQueue {
  let queue = queues.get(connection);
  if (queue === undefined) {
    queue = new ClientQueue({ mayRenew: () => false, open: () => Promise.reject(new Error("not here")) });
    queue.attach(connection);
    queues.set(connection, queue);
  }
  return queue;
}

/** Resolves with the transaction that the message became, once the server has judged it. */
export function send(connection: Connection, one: Delivery, signal?: AbortSignal): Promise<Transaction> {
  const queue = queueOf(connection);
  const judged = new Promise<Transaction>((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const message = new QueuedMessage(one, queue, (verdict, { transaction }) =>
      transaction?.progress === "done" ? resolve(transaction) : reject(verdict),
    );
    message.follow(signal);
    queue.add(message);
  });
  return handledLater(judged);
}

export function envelope(name: string): Envelope {
  return {
    sender: parseBareAddress(`${name}@s.example`, "sender"),
    recipients: [{ ...parseBareAddress(`${name}@r.example`, "recipients"), parameters: [] }],
    mailParameters: [],
    rcptParameters: [],
  };
}

export function delivery(name: string, opening?: Promise<OpenedContent>): Delivery {
  const content: OpenedContent = {
    content: { kind: "bytes", bytes: Buffer.from(`${name}\r\n`), hasEightBit: false, hasLeadingDot: false },
    hasUtf8Headers: false,
    source: undefined,
  };
  return { envelope: envelope(name), open: () => opening ?? content, close: () => undefined };
}

export function stream(name: string, source: AsyncIterator<Uint8Array>): Delivery {
  return {
    envelope: envelope(name),
    open: () => ({
      content: { kind: "stream", size: undefined, hasEightBit: false },
      hasUtf8Headers: false,
      source,
    }),
    close: () => undefined,
  };
}

export async function failure(promise: Promise<unknown>): Promise<SmtpError> {
  const error = await promise.then(
    () => assert.fail("it should reject"),
    (error: unknown) => error,
  );
  assert.ok(error instanceof SmtpError, String(error));
  return error;
}

export const group = (name: string): string =>
  lines(`MAIL FROM:<${name}@s.example>`, `RCPT TO:<${name}@r.example>`, "DATA");
