/**
 * The connections of a pool, by queue: idle, busy, leaving, closed; and those that are being opened.
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

  /** All open connections, leaving ones included. */
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

  /** Must be called when a connection has changed its queue. */
  moved(pooled: PooledConnection): void {
    if (pooled.queue === "idle") this.#idle.add(pooled);
    else this.#idle.delete(pooled);
  }

  delete(pooled: PooledConnection): void {
    this.#bytesOfClosed += pooled.connection.bytesWritten;
    this.#connections.delete(pooled);
    this.#idle.delete(pooled);
  }

  /** Counts a connection attempt; the returned function must be called at its end. */
  expect(relay: Relay): () => void {
    this.#count(relay, 1);
    return () => this.#count(relay, -1);
  }

  /** Connection attempts to a server. */
  openingOf(relay: Relay): number {
    return this.#opening.get(relay) ?? 0;
  }

  /** Connection attempts to all servers. */
  get opening(): number {
    return this.#openingCount;
  }

  /** Connections to a server, open or being opened, without leaving ones. */
  countOf(relay: Relay): number {
    let count = this.openingOf(relay);
    for (const pooled of this.#connections) if (pooled.relay === relay && pooled.queue !== "leaving") count++;
    return count;
  }

  /** All connections: open, being opened, and leaving. */
  get count(): number {
    return this.opening + this.#connections.size;
  }

  /** Whether a place will soon be free: a connection is leaving. */
  get hasLeaving(): boolean {
    for (const { queue } of this.#connections) if (queue === "leaving") return true;
    return false;
  }

  /** Idle connections that can take a message. */
  get idleCount(): number {
    let count = 0;
    for (const { isStuck } of this.#idle) if (!isStuck) count++;
    return count;
  }

  /** The idle connection, not stuck, whose server comes first by `order`, smaller first. */
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

/** `"idle"`: no message. `"busy"`: at least one. `"leaving"`: finishes its messages, then sends QUIT. `"closed"`: it has ended. */
export type QueueName = "idle" | "busy" | "leaving" | "closed";

/** What a pooled connection needs of its pool. */
export interface PoolSide {
  /** Takes the next message for a connection off the queue. */
  take(pooled: PooledConnection, accepts: (message: QueuedMessage) => boolean): QueuedMessage | undefined;
  begun(message: QueuedMessage): void;
  putBack(messages: readonly QueuedMessage[]): void;
  /** A message has its verdict, or the error of this attempt. */
  judge(pooled: PooledConnection, message: QueuedMessage, verdict: unknown): void;
  /** The connection has changed its queue, or has room again. */
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
  /** Messages that the server accepted on this connection. */
  accepted = 0;
  /** The server has accepted or refused a message on this connection. */
  hasVerdict = false;
  /** The round of its server in which the connection was opened, or had its last verdict. */
  round: number;
  /** The connection asked for a message, had room, and got none. */
  wantsMessage = false;
  /** The connection is idle and cannot take a message before the reply to a RSET; it asks again by itself. */
  isStuck = false;
  /** Set once QUIT was queued. */
  farewell: Promise<void> | undefined;
  idleTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #host: PoolSide;

  constructor(connection: Connection, relay: Relay, round: number, host: PoolSide) {
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
    // A message that exceeds the limits of a fresh connection exceeds those of every connection.
    if (this.carried === 0) return message.settle(error);
    message.lastError = error;
    this.#host.putBack([message]);
    this.leave();
  }

  helloRefused(): void {
    // EHLO of a pooled connection is answered before it is attached.
  }

  ended(): void {
    this.#move("closed");
    this.#host.lost(this);
  }

  /** Takes no more messages; QUIT is sent once those it has are settled. */
  leave(): void {
    this.#move("leaving");
  }

  #give(message: QueuedMessage): void {
    message.holder = undefined;
    this.inFlight--;
    this.carried--;
    this.#move(this.inFlight === 0 ? "idle" : "busy");
  }

  /** Legal moves: a leaving connection only becomes closed, a closed one stays closed. */
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

/** Whether the end of the connection counts as a failure of the server: not when this side ended it, nor when it was idle. */
export function isFailure({ connection, carried, hasVerdict }: PooledConnection): boolean {
  const { ending } = connection;
  switch (ending?.kind) {
    case "goodbye":
      return !ending.wasIdle;
    case "lost":
    case "timeout":
    case "protocol":
    case "unclean":
      return carried > 0 && !hasVerdict;
    default:
      return false;
  }
}
