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

  delete(pooled: PooledConnection): void {
    this.#bytesOfClosed += pooled.connection.bytesWritten;
    this.#connections.delete(pooled);
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

  /** Connections to a server, open or being opened; those that leave have given up their place. */
  countOf(relay: Relay): number {
    let count = this.openingOf(relay);
    for (const pooled of this.#connections) if (pooled.relay === relay && pooled.queue !== "leaving") count++;
    return count;
  }

  /** Connections to all servers, counted in the same way. */
  get count(): number {
    let count = this.opening;
    for (const pooled of this.#connections) if (pooled.queue !== "leaving") count++;
    return count;
  }

  /** The one that takes more messages and has the fewest. */
  leastLoaded(relay: Relay): PooledConnection | undefined {
    let best: PooledConnection | undefined;
    for (const pooled of this.#connections) {
      if (pooled.relay !== relay || (pooled.queue !== "idle" && pooled.queue !== "busy")) continue;
      if (pooled.connection.ending === undefined && (best === undefined || pooled.inFlight < best.inFlight))
        best = pooled;
    }
    return best;
  }

  #count(relay: Relay, change: 1 | -1): void {
    this.#opening.set(relay, this.openingOf(relay) + change);
    this.#openingCount += change;
  }
}
