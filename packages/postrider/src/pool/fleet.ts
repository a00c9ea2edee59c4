/**
 * The connections of a pool: which there are, which are coming, and which of them carries the least.
 *
 * Layer: pool.
 */

import type { Connection } from "../connection/connection.js";
import type { QueuedMessage, Source } from "../connection/queued.js";
import { isAccepted } from "../result.js";
import type { Relay } from "./relay.js";

export class Fleet {
  readonly #connections = new Set<PooledConnection>();
  readonly #opening = new Map<Relay, number>();
  readonly #idle = new Set<PooledConnection>();
  #openingCount = 0;
  #bytesOfClosed = 0;

  /** All that are open, those that leave included. */
  get connections(): Iterable<PooledConnection> {
    return this.#connections;
  }

  get load(): { readonly open: number; readonly idle: number; readonly bytes: number } {
    let idle = 0;
    let bytes = this.#bytesOfClosed;
    for (const { inFlight, connection } of this.#connections) {
      if (inFlight === 0) idle++;
      bytes += connection.bytesWritten;
    }
    return { open: this.#connections.size, idle, bytes };
  }

  add(pooled: PooledConnection): void {
    this.#connections.add(pooled);
  }

  /** A connection is in another queue. */
  moved(pooled: PooledConnection): void {
    if (pooled.queue === "idle") this.#idle.add(pooled);
    else this.#idle.delete(pooled);
  }

  delete(pooled: PooledConnection): void {
    this.#bytesOfClosed += pooled.connection.bytesWritten;
    this.#connections.delete(pooled);
    this.#idle.delete(pooled);
  }

  /** Counts a connection that is being opened; returns what is to be called when it is open, or will not be. */
  expect(relay: Relay): () => void {
    this.#count(relay, 1);
    return () => this.#count(relay, -1);
  }

  /** Connections to a server that are being opened. */
  openingOf(relay: Relay): number {
    return this.#opening.get(relay) ?? 0;
  }

  /** Connections that are being opened. */
  get opening(): number {
    return this.#openingCount;
  }

  /** Connections to a server that carry messages, or will: open and staying, or being opened. */
  countOf(relay: Relay): number {
    let count = this.openingOf(relay);
    for (const pooled of this.#connections) if (pooled.relay === relay && pooled.queue !== "leaving") count++;
    return count;
  }

  /** All sockets: open, being opened, and saying QUIT. */
  get count(): number {
    return this.opening + this.#connections.size;
  }

  /** A place becomes free soon. */
  get hasLeaving(): boolean {
    for (const { queue } of this.#connections) if (queue === "leaving") return true;
    return false;
  }

  /** Connections without a message that will take one when asked. */
  get idleCount(): number {
    let count = 0;
    for (const { isStuck } of this.#idle) if (!isStuck) count++;
    return count;
  }

  /** Of those the one that comes first by `order`, smaller first. */
  firstIdle(order: (relay: Relay) => number): PooledConnection | undefined {
    let best: PooledConnection | undefined;
    for (const pooled of this.#idle) {
      if (pooled.isStuck) continue;
      if (best === undefined || order(pooled.relay) < order(best.relay)) best = pooled;
    }
    return best;
  }

  #count(relay: Relay, change: 1 | -1): void {
    this.#opening.set(relay, this.openingOf(relay) + change);
    this.#openingCount += change;
  }
}

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
  /** The round of its server in which it was opened, or did its last work. */
  round: number;
  /** It asked and got nothing, and would take more. */
  isHungry = false;
  /** It asked, has no message and could not take one: the server owes the reply to a RSET. It asks again by itself. */
  isStuck = false;
  /** Set once QUIT was queued. */
  farewell: Promise<void> | undefined;
  idleTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #host: Host;

  constructor(connection: Connection, relay: Relay, round: number, host: Host) {
    this.connection = connection;
    this.relay = relay;
    this.round = round;
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
