/**
 * One server of a pool, and what the pool has learned of it: whether it works, what it can do.
 *
 * Layer: pool.
 */
import { onAbort } from "../abort.js";
import type { Connection } from "../client/connection.js";
import { knowledgeFor, type ServerKnowledge } from "../client/connection-settings.js";
import type { Turn } from "../client/turn.js";
import type { ResolvedConnectionOptions } from "../options/connection-options.js";

/** Milliseconds of rest after a first failure; each further one doubles it. */
const FIRST_REST_MS = 200;
const LONGEST_REST_MS = 30_000;

export class Relay {
  readonly options: ResolvedConnectionOptions;
  readonly #turn: Turn;
  readonly #now: () => number;
  #failures = 0;
  #failedAt = -Infinity;
  #restsUntil = 0;
  /** Messages handed to it. */
  handed = 0;
  /** What it takes ahead of a verdict: found out by one connection, used by all. */
  readonly knowledge: ServerKnowledge;
  /** The last TLS session: the next handshake is shorter by a round trip (RFC 8446 §2.2). */
  #tlsSession: Uint8Array | undefined;
  readonly #live = new Set<Connection>();

  /** @param turn of all connections of the pool */
  constructor(options: ResolvedConnectionOptions, turn: Turn, now: () => number) {
    this.options = options;
    this.knowledge = knowledgeFor(options);
    this.#turn = turn;
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

  /** A connection that is greeted. @throws as connecting does; the relay rests then. */
  async open(signal: AbortSignal): Promise<Connection> {
    const begunAt = this.#now();
    let connection: Connection | undefined;
    try {
      const { openConnection } = await import("../client/engine.js");
      for (const live of this.#live) this.#learn(live);
      const { knowledge } = this;
      ({ connection } = await openConnection(this.options, {
        signal,
        knowledge,
        tlsSession: this.#tlsSession,
        turn: this.#turn,
      }));
      await greet(connection, signal);
      this.#follow(connection);
      return connection;
    } catch (error) {
      connection?.end({ kind: "failed", error });
      this.fail(begunAt);
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
   * @param begunAt when that attempt began: those that were under way together are one round, and fail once.
   */
  fail(begunAt: number = this.#now()): void {
    if (begunAt < this.#failedAt) return;
    this.#failedAt = this.#now();
    this.#restsUntil = this.#failedAt + Math.min(FIRST_REST_MS * 2 ** this.#failures, LONGEST_REST_MS);
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
