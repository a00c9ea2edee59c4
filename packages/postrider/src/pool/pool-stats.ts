/**
 * What a pool has done so far, and what it is at.
 *
 * Layer: pool.
 */

export interface PoolStats {
  /** Connections that are open. */
  readonly open: number;
  /** Of these, without a message. */
  readonly idle: number;
  /** Of these, with at least one. */
  readonly busy: number;
  /** Messages that wait for a connection. */
  readonly queued: number;
  /** Messages that a server took. */
  readonly sent: number;
  /** Messages that a server refused. */
  readonly refused: number;
  /** Messages that surely did not go out, for other reasons. */
  readonly failed: number;
  /** Messages whose outcome is unknown. */
  readonly unknown: number;
  /** Bytes handed to servers, content and commands. */
  readonly bytes: number;
}
