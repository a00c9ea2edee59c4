/**
 * A connection in a pool: how much it carries, and which queue it stands in.
 *
 * Layer: pool.
 */
import type { Connection } from "../client/connection.js";
import type { Relay } from "./relay.js";

/**
 * `"idle"`: no message. `"busy"`: takes more. `"full"`: takes no more for now. `"leaving"`: finishes what it has, then QUIT.
 */
export type QueueName = "idle" | "busy" | "full" | "leaving" | "closed";

export interface PooledConnection {
  readonly connection: Connection;
  readonly relay: Relay;
  queue: QueueName;
  /** Messages without a verdict. */
  inFlight: number;
  /** Messages ever given to it. */
  carried: number;
  /** Messages that the server took. */
  taken: number;
  /** The server has judged a message on it. */
  hasWorked: boolean;
  /** Set once QUIT was queued. */
  farewell: Promise<void> | undefined;
  idleTimer: ReturnType<typeof setTimeout> | undefined;
}

/**
 * How many messages a connection is given at the same time. Without PIPELINING one; with it one that is judged, one whose
 * envelope is on its way, and one that is ready behind it; with CHUNKING the whole window, and as many behind it.
 */
function capacityOf({ capabilities, chunking, settings }: Connection): number {
  const { limits } = settings;
  const inFlight = limits?.maxInFlight ?? 1;
  if (capabilities?.extensions.has("PIPELINING") !== true || inFlight === 1) return 1;
  const isChunking = capabilities.extensions.has("CHUNKING") && chunking === "works";
  return isChunking ? inFlight * 2 : Math.min(inFlight, PIPELINED_MESSAGES);
}

const PIPELINED_MESSAGES = 3;

/** Where it belongs, by what it carries. */
export function queueFor(pooled: PooledConnection, maxMessages: number): QueueName {
  if (pooled.connection.ending !== undefined) return "closed";
  const limit = Math.min(maxMessages, pooled.connection.capabilities?.limits.mailMax ?? maxMessages);
  if (pooled.queue === "leaving" || pooled.carried >= limit) return "leaving";
  if (pooled.inFlight === 0) return "idle";
  return pooled.inFlight < capacityOf(pooled.connection) ? "busy" : "full";
}

/** Whether the server failed, or it was our own doing, or nothing but a connection that had been idle for too long. */
export function isFailure({ connection, carried, inFlight, hasWorked }: PooledConnection): boolean {
  switch (connection.ending?.kind) {
    case "goodbye":
      return inFlight > 0;
    case "lost":
    case "timeout":
    case "protocol":
    case "unclean":
      return carried > 0 && !hasWorked;
    default:
      return false;
  }
}
