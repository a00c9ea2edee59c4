/**
 * What one connection is given: the settings made from validated options, and what it shares with the others of its pool.
 *
 * Layer: connection.
 */
import type { DkimSigner } from "../dkim/dkim-signer.js";
import type { ResolvedConnectionOptions } from "../options/connection-options.js";
import { ServerKnowledge } from "../session/knowledge.js";
import type { Tracer } from "../watch.js";

export interface ConnectionSettings {
  /** Name for EHLO. */
  readonly localHostname: string;
  readonly isLmtp: boolean;
  /** Milliseconds without progress. */
  readonly timeout: number;
  /** The same for the greeting; default: `timeout`. */
  readonly greetingTimeout?: number | undefined;
  /** The same for STARTTLS and its handshake; default: `timeout`. */
  readonly tlsTimeout?: number | undefined;
  /** The same for each reply during AUTH; default: `timeout`. */
  readonly authTimeout?: number | undefined;
  /** The same while content is sent; default: `timeout`. */
  readonly contentTimeout?: number | undefined;
  /** Milliseconds for the reply after the content. */
  readonly deliveryTimeout: number;
  readonly trace: Tracer | undefined;
  /** Shared by the connections to the same server. Default: nothing is known. */
  readonly knowledge?: ServerKnowledge | undefined;
  /** Sign each message, in this order. */
  readonly dkim?: readonly DkimSigner[] | undefined;
  /** Shared by the connections of a pool. */
  readonly batcher?: Batcher | undefined;
}

export type { ServerKnowledge };

/** Knowledge of a server before the first connection: what the options rule out. */
export function knowledgeFor({ maxInFlight, chunking }: ResolvedConnectionOptions): ServerKnowledge {
  return new ServerKnowledge({ maxInFlight, chunking: chunking === "never" ? "unused" : "untried" });
}

/**
 * Batches the work of several connections: those that received replies in one turn of the event loop write together at its end.
 *
 * Shared by the connections of one pool. PERF: one pass over all of them makes fewer and larger writes.
 */
export class Batcher {
  readonly #atEnd: (callback: () => void) => void;
  #members = 0;
  #waiting: (() => void)[] = [];

  /** @param atEnd calls back when every socket that had input has been read. */
  constructor(atEnd: (callback: () => void) => void = afterInput) {
    this.#atEnd = atEnd;
  }

  /** Counts a connection until `ended` resolves. */
  join(ended: Promise<void>): void {
    this.#members++;
    void ended.then(() => {
      this.#members--;
    });
  }

  /** Runs `move` at once for a single connection, else at the end of the turn with the others. */
  take(move: () => void): void {
    if (this.#members < 2) return move();
    if (this.#waiting.length === 0) this.#atEnd(() => this.#moveAll());
    this.#waiting.push(move);
  }

  #moveAll(): void {
    const moves = this.#waiting;
    this.#waiting = [];
    for (const move of moves) move();
  }
}

/** Captured at load: a test that replaces the timers later does not stop the connections. */
const { setImmediate } = globalThis;

/** `setImmediate` runs after every readable socket was read; a runtime without it gets a microtask. */
function afterInput(callback: () => void): void {
  if (typeof setImmediate === "function") setImmediate(callback);
  else queueMicrotask(callback);
}
