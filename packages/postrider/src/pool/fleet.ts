/**
 * The connections of a pool: which there are, which are coming, and which of them carries the least.
 *
 * Layer: pool.
 */
import type { PooledConnection } from "./pooled-connection.js";
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

  get idleCount(): number {
    return this.#idle.size;
  }

  /** The connection without a message that comes first by `order`, smaller first. */
  firstIdle(order: (relay: Relay) => number): PooledConnection | undefined {
    let best: PooledConnection | undefined;
    for (const pooled of this.#idle) {
      if (best === undefined || order(pooled.relay) < order(best.relay)) best = pooled;
    }
    return best;
  }

  #count(relay: Relay, change: 1 | -1): void {
    this.#opening.set(relay, this.openingOf(relay) + change);
    this.#openingCount += change;
  }
}
