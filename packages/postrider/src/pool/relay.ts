/**
 * One server of a pool: what the pool has learned of it, when it may be asked, and which failures are tried again.
 *
 * Layer: pool.
 */

import type { Batcher } from "../connection/batcher.js";
import type { Connection } from "../connection/connection.js";
import type { QueuedMessage } from "../connection/queued.js";
import { knowledgeFor, type ServerKnowledge } from "../connection/settings.js";
import { isSmtpError, SmtpRecipientsRefusedError, SmtpReplyError, SmtpSenderRefusedError } from "../errors/errors.js";
import { onAbort } from "../given/abort.js";
import type { ResolvedConnectionOptions } from "../options/connection-options.js";

/** Milliseconds of rest after a first failure; each further one doubles it. */
const FIRST_REST_MS = 200;
const LONGEST_REST_MS = 30_000;

export class Relay {
  readonly options: ResolvedConnectionOptions;
  readonly #batcher: Batcher;
  readonly #now: () => number;
  #failures = 0;
  #round = 0;
  #restsUntil = 0;
  /** Messages handed to it. */
  handed = 0;
  /** What it takes ahead of a verdict: found out by one connection, used by all. */
  readonly knowledge: ServerKnowledge;
  /** The last TLS session: the next handshake is shorter by a round trip (RFC 8446 §2.2). */
  #tlsSession: Uint8Array | undefined;
  readonly #live = new Set<Connection>();

  /** @param batcher shared by all connections of the pool */
  constructor(options: ResolvedConnectionOptions, batcher: Batcher, now: () => number) {
    this.options = options;
    this.knowledge = knowledgeFor(options);
    this.#batcher = batcher;
    this.#now = now;
  }

  /** Milliseconds until it may be tried again; 0: now. */
  get rest(): number {
    // PERF: asked for each message, and nearly always of a server that has never failed.
    return this.#restsUntil === 0 ? 0 : Math.max(0, this.#restsUntil - this.#now());
  }

  /** How often it failed since it last did any work. */
  get failures(): number {
    return this.#failures;
  }

  /** Which round of attempts this is: a failure ends it for all connections that are open or under way. */
  get round(): number {
    return this.#round;
  }

  /** A connection that is greeted. @throws as connecting does; the relay rests then. */
  async open(signal: AbortSignal): Promise<Connection> {
    const round = this.#round;
    let connection: Connection | undefined;
    try {
      const { openConnection } = await import("../connection/engine.js");
      for (const live of this.#live) this.#learn(live);
      const { knowledge } = this;
      ({ connection } = await openConnection(this.options, {
        signal,
        knowledge,
        tlsSession: this.#tlsSession,
        batcher: this.#batcher,
      }));
      await greet(connection, signal);
      this.#follow(connection);
      return connection;
    } catch (error) {
      connection?.end({ kind: "failed", error });
      this.fail(round);
      throw error;
    }
  }

  /** In TLS 1.3 tickets come after the handshake. */
  #learn({ transport }: Connection): void {
    this.#tlsSession = transport.tlsSession ?? this.#tlsSession;
  }

  /** It has judged a message, so what it failed in before is over. */
  worked(): void {
    this.#failures = 0;
  }

  /**
   * It refused a connection, ended one before it did any work, or with 421: it is left alone for a while, longer each time.
   *
   * @param round of the connection: those that were there together fail together, and count once.
   */
  fail(round: number): void {
    if (round < this.#round) return;
    this.#round++;
    this.#restsUntil = this.#now() + Math.min(FIRST_REST_MS * 2 ** this.#failures, LONGEST_REST_MS);
    this.#failures++;
  }

  #follow(connection: Connection): void {
    this.#live.add(connection);
    void connection.ended.then(() => {
      this.#live.delete(connection);
      this.#learn(connection);
    });
  }
}

/** What the server offers decides how many messages the connection is given. */
async function greet(connection: Connection, signal: AbortSignal): Promise<void> {
  const abort = (): void => connection.end({ kind: "signal", reason: signal.reason });
  if (signal.aborted) abort();
  const leave = signal.aborted ? undefined : onAbort(signal, abort);
  try {
    await connection.hello();
  } finally {
    leave?.();
  }
}

/** A message that fails this often for reasons that are not its own is given back. */
export const MAX_ATTEMPTS = 4;

/** Whether the message surely did not go out, and a new connection may help. */
export function mayTryAgain(error: unknown): boolean {
  return isSmtpError(error) && error.outcome === "not-sent" && error.retry === "reconnect";
}

/**
 * Whether the server may have had enough of the connection, and not of the message.
 *
 * QUIRK: OpenSMTPD says 452 to the hundred-and-first MAIL; it announces no limit, and keeps the connection.
 */
export function mayBeSpent(error: unknown): boolean {
  return error instanceof SmtpSenderRefusedError && error.retry === "later";
}

/** Whether the server looked at the message and said no. */
export function isRefusal(error: unknown): boolean {
  return error instanceof SmtpReplyError || error instanceof SmtpRecipientsRefusedError;
}

/** Whether a message has failed as often as it may. Every server is asked at least once. */
export function isExhausted(message: QueuedMessage, servers: number, maxConnections: number): boolean {
  return message.attempts >= MAX_ATTEMPTS + servers - 1 || message.losses >= MAX_ATTEMPTS + maxConnections;
}

/** Errors of connecting that time does not mend: wrong credentials, a certificate that does not hold. */
export function isHopeless(error: unknown): boolean {
  return !isSmtpError(error) || error.retry === "never";
}
