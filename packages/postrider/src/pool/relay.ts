/**
 * One server of a pool: what is known of it, its backoff after failures, which errors are retried, and how all are counted.
 *
 * Layer: pool.
 */
import type { Connection } from "../connection/connection.js";
import { greet } from "../connection/connector.js";
import type { QueuedMessage } from "../connection/queued.js";
import { type Batcher, knowledgeFor, type ServerKnowledge } from "../connection/settings.js";
import { isSmtpError, SmtpRecipientsRefusedError, SmtpReplyError, SmtpSenderRefusedError } from "../errors/errors.js";
import { AbortedInFlight } from "../given/abort.js";
import type { ResolvedConnectionOptions } from "../options/connection-options.js";

/** Milliseconds of backoff after the first failure; each further failure doubles it. */
const FIRST_BACKOFF_MS = 200;
const LONGEST_BACKOFF_MS = 30_000;

export class Relay {
  readonly options: ResolvedConnectionOptions;
  readonly #batcher: Batcher;
  readonly #now: () => number;
  #failures = 0;
  #round = 0;
  #backoffUntil = 0;
  /** Messages handed to this server so far. */
  handed = 0;
  /** What the server accepts ahead of a verdict: learned by one connection, used by all. */
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

  /** Milliseconds of backoff left; 0: the server may be tried now. */
  get backoff(): number {
    // PERF: called for each message, nearly always for a server that has never failed.
    return this.#backoffUntil === 0 ? 0 : Math.max(0, this.#backoffUntil - this.#now());
  }

  /** Failures in a row, since the server last accepted or refused a message. */
  get failures(): number {
    return this.#failures;
  }

  /** The current round of attempts: a failure ends it, for all connections that are open or being opened. */
  get round(): number {
    return this.#round;
  }

  /**
   * A connection whose EHLO was answered: what the server offers decides how many messages it is given.
   *
   * @throws as connecting does; the server is then in backoff.
   */
  async open(signal: AbortSignal, timeout?: number): Promise<Connection> {
    const round = this.#round;
    let connection: Connection | undefined;
    try {
      const { openConnection } = await import("../connection/engine.js");
      for (const live of this.#live) this.#learn(live);
      const { knowledge } = this;
      ({ connection } = await openConnection(this.options, {
        signal,
        timeout,
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

  /** Keeps the TLS session of a connection: in TLS 1.3, tickets come after the handshake. */
  #learn({ transport }: Connection): void {
    this.#tlsSession = transport.tlsSession ?? this.#tlsSession;
  }

  /** The server has accepted or refused a message: the series of failures is over. */
  worked(): void {
    this.#failures = 0;
  }

  /**
   * Starts or doubles the backoff: the server refused a connection, ended one before its first verdict, or closed one with 421.
   *
   * @param round of the connection: connections of the same round fail together and count once.
   */
  fail(round: number): void {
    if (round < this.#round) return;
    this.#round++;
    this.#backoffUntil = this.#now() + Math.min(FIRST_BACKOFF_MS * 2 ** this.#failures, LONGEST_BACKOFF_MS);
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

/** Attempts of one message, with one server; each further server adds one. */
export const MAX_ATTEMPTS = 4;

/** Whether a message may be retried: it was not sent, and a new connection may help. */
export function mayTryAgain(error: unknown): boolean {
  return isSmtpError(error) && error.outcome === "not-sent" && error.retry === "reconnect";
}

/**
 * Whether a refusal of MAIL may be about the connection and not about the message.
 *
 * QUIRK: OpenSMTPD replies 452 to the 101st MAIL of a connection; it announces no limit, and keeps the connection open.
 */
export function mayBeSpent(error: unknown): boolean {
  return error instanceof SmtpSenderRefusedError && error.retry === "later";
}

/** Whether the server refused the message. */
export function isRefusal(error: unknown): boolean {
  return error instanceof SmtpReplyError || error instanceof SmtpRecipientsRefusedError;
}

/** Whether a message has used up its attempts. Every server is tried at least once. */
export function isExhausted(message: QueuedMessage, servers: number, maxConnections: number): boolean {
  return message.attempts >= MAX_ATTEMPTS + servers - 1 || message.losses >= MAX_ATTEMPTS + maxConnections;
}

/** Errors of connecting that a retry does not mend: wrong credentials, an invalid certificate. */
export function isHopeless(error: unknown): boolean {
  return !isSmtpError(error) || error.retry === "never";
}

/** What a pool holds now, and what it has done since it was made. */
export interface PoolStats {
  /** Connections that are open. */
  readonly open: number;
  /** Open connections without a message. */
  readonly idle: number;
  /** Open connections with at least one message. */
  readonly busy: number;
  /** Messages that no connection has taken yet. */
  readonly queued: number;
  /** Messages that a server accepted, for at least one recipient. */
  readonly sent: number;
  /** Messages that a server refused. */
  readonly refused: number;
  /** Messages that were not sent for other reasons, aborted ones included. */
  readonly failed: number;
  /** Messages whose outcome is unknown. */
  readonly unknown: number;
  /** Bytes written to servers, commands and content. */
  readonly bytes: number;
}

export class Tally {
  sent = 0;
  refused = 0;
  failed = 0;
  unknown = 0;

  /** The reason of an abort says nothing of the outcome, so the message is asked: "failed" must mean not sent. */
  countError(error: unknown, message: QueuedMessage): void {
    const outcome = isSmtpError(error) ? error.outcome : message.outcome;
    if (outcome === "unknown" || error instanceof AbortedInFlight) this.unknown++;
    else if (isRefusal(error)) this.refused++;
    else this.failed++;
  }
}
