/**
 * A connection of a pool: the source that it pulls from, how much it has done, and which queue it stands in.
 *
 * Layer: pool.
 */
import type { Connection } from "../client/connection.js";
import type { QueuedMessage, Source } from "../client/queued.js";
import { isAccepted } from "../result.js";
import type { Relay } from "./relay.js";

/** `"idle"`: no message. `"busy"`: at least one. `"leaving"`: finishes what it has, then QUIT. `"closed"`: it has ended. */
export type QueueName = "idle" | "busy" | "leaving" | "closed";

/** The pool, for one of its connections. */
export interface Host {
  /** The next message for a connection, off the queue. */
  take(pooled: PooledConnection, accepts: (message: QueuedMessage) => boolean): QueuedMessage | undefined;
  begun(message: QueuedMessage): void;
  putBack(messages: readonly QueuedMessage[]): void;
  /** A message has its verdict on this connection. */
  judge(pooled: PooledConnection, message: QueuedMessage, verdict: unknown): void;
  /** The connection is in another queue, or has room again. */
  moved(pooled: PooledConnection, from: QueueName): void;
  lost(pooled: PooledConnection): void;
}

export class PooledConnection implements Source {
  readonly connection: Connection;
  readonly relay: Relay;
  queue: QueueName = "idle";
  /** Messages without a verdict. */
  inFlight = 0;
  /** Messages ever taken. */
  carried = 0;
  /** Messages that the server took. */
  accepted = 0;
  /** The server has judged a message on it. */
  hasWorked = false;
  /** It asked and got nothing, and would take more. */
  isHungry = false;
  /** Set once QUIT was queued. */
  farewell: Promise<void> | undefined;
  idleTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #host: Host;

  constructor(connection: Connection, relay: Relay, host: Host) {
    this.connection = connection;
    this.relay = relay;
    this.#host = host;
  }

  next(accepts: (message: QueuedMessage) => boolean): QueuedMessage | undefined {
    if (this.queue === "leaving" || this.queue === "closed") return undefined;
    const message = this.#host.take(this, accepts);
    if (message === undefined) return undefined;
    message.holder = this.connection;
    this.inFlight++;
    this.carried++;
    this.#move("busy");
    return message;
  }

  begun(message: QueuedMessage): void {
    this.#host.begun(message);
  }

  settled(message: QueuedMessage, verdict: unknown): void {
    message.holder = undefined;
    this.inFlight--;
    if (isAccepted(verdict)) this.accepted++;
    this.#host.judge(this, message, verdict);
    this.#move(this.inFlight === 0 ? "idle" : "busy");
  }

  putBack(messages: readonly QueuedMessage[], taken?: QueuedMessage): void {
    if (taken !== undefined) this.#give(taken);
    this.#host.putBack(messages);
  }

  spent(message: QueuedMessage, error: unknown): void {
    this.#give(message);
    // On a fresh connection the server's limits are the message's fault.
    if (this.carried === 0) return message.settle(error);
    message.lastError = error;
    this.#host.putBack([message]);
    this.leave();
  }

  helloRefused(): void {
    // A pooled connection is greeted before it is attached.
  }

  ended(): void {
    this.#move("closed");
    this.#host.lost(this);
  }

  /** Takes no more; QUIT once what it has is settled. */
  leave(): void {
    this.#move("leaving");
  }

  #give(message: QueuedMessage): void {
    message.holder = undefined;
    this.inFlight--;
    this.carried--;
    this.#move(this.inFlight === 0 ? "idle" : "busy");
  }

  /** A connection that leaves does not come back, and one that has ended is nothing else any more. */
  #move(to: QueueName): void {
    const from = this.queue;
    if (from === "closed" || (from === "leaving" && to !== "closed")) {
      if (from === "leaving") this.#host.moved(this, from);
      return;
    }
    this.queue = to;
    this.#host.moved(this, from);
  }
}

/** Whether the server failed, or it was this side's doing, or nothing but a connection that had been idle for too long. */
export function isFailure({ connection, carried, hasWorked }: PooledConnection): boolean {
  const { ending } = connection;
  switch (ending?.kind) {
    case "goodbye":
      return !ending.wasIdle;
    case "lost":
    case "timeout":
    case "protocol":
    case "unclean":
      return carried > 0 && !hasWorked;
    default:
      return false;
  }
}
