/**
 * One server of a pool, and what the pool has learned of it: whether it works, what it can do.
 *
 * Layer: pool.
 */
import { onAbort } from "../abort.js";
import type { Connection } from "../client/connection.js";
import type { OpenedConnection } from "../client/open-connection.js";
import type { Turn } from "../client/turn.js";
import { isSmtpError } from "../errors.js";
import type { ResolvedConnectionOptions } from "../options/connection-options.js";

/** Milliseconds of rest after a first failure; each further one doubles it. */
const FIRST_REST_MS = 200;
const LONGEST_REST_MS = 30_000;

export class Relay {
  readonly options: ResolvedConnectionOptions;
  readonly #turn: Turn;
  readonly #now: () => number;
  #failures = 0;
  #restsUntil = 0;
  /** What BDAT is worth here: the next connection need not find out again. */
  #chunking: Connection["chunking"];
  /** The last TLS session: the next handshake is shorter by a round trip (RFC 8446 §2.2). */
  #tlsSession: Uint8Array | undefined;
  readonly #live = new Set<Connection>();

  /** @param turn of all connections of the pool */
  constructor(options: ResolvedConnectionOptions, turn: Turn, now: () => number) {
    this.options = options;
    this.#turn = turn;
    this.#now = now;
    this.#chunking = options.chunking === "never" ? "unused" : "untried";
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

  /** @throws as connecting does; the relay rests then. */
  async open(signal: AbortSignal): Promise<OpenedConnection> {
    let opened: OpenedConnection | undefined;
    try {
      const { openConnection } = await import("../client/engine.js");
      // Those that are open may have learned something since.
      for (const connection of this.#live) this.learn(connection);
      opened = await openConnection(this.options, {
        signal,
        chunking: this.#chunking,
        tlsSession: this.#tlsSession,
        turn: this.#turn,
      });
      await greet(opened.connection, signal);
      this.#follow(opened.connection);
      return opened;
    } catch (error) {
      opened?.connection.end({ kind: "failed", error });
      this.fail();
      throw error;
    }
  }

  /** What a connection to it has learned is kept for the next. */
  learn(connection: Connection): void {
    // One that failed BDAT is believed before one that did not.
    if (connection.chunking !== "untried" && this.#chunking !== "fails") this.#chunking = connection.chunking;
    this.#tlsSession = connection.transport.tlsSession ?? this.#tlsSession;
  }

  /** It has judged a message, so what it failed in before is over. */
  worked(): void {
    this.#failures = 0;
  }

  /** It refused a connection, ended one before it did any work, or with 421: it is left alone for a while, longer each time. */
  fail(): void {
    const rest = Math.min(FIRST_REST_MS * 2 ** this.#failures, LONGEST_REST_MS);
    this.#failures++;
    this.#restsUntil = this.#now() + rest;
  }

  #follow(connection: Connection): void {
    this.#live.add(connection);
    void connection.ended.then(() => {
      this.#live.delete(connection);
      this.learn(connection);
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

/** Errors of connecting that time does not mend: wrong credentials, a certificate that does not hold. */
export function isHopeless(error: unknown): boolean {
  return !isSmtpError(error) || error.retry === "never";
}
