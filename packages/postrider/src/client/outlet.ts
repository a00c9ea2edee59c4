/**
 * The way out of a connection: bytes to the transport, and whether it takes more.
 *
 * Layer: client.
 */
import type { Transport } from "../transport/transport.js";

export class Outlet {
  readonly #transport: Transport;
  /** Set while the socket has no room. */
  #drain: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined;
  #bytesWritten = 0;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Bytes handed to the transport so far. */
  get bytesWritten(): number {
    return this.#bytesWritten;
  }

  get isBlocked(): boolean {
    return this.#drain !== undefined;
  }

  /** Resolves when there is room, or never will be; undefined when there is room now. */
  room(): Promise<void> | undefined {
    return this.#drain?.promise;
  }

  write(pieces: readonly Uint8Array[]): void {
    if (pieces.length === 0) return;
    let hasRoom = true;
    if (pieces.length > 1) this.#transport.cork();
    for (const piece of pieces) {
      this.#bytesWritten += piece.length;
      hasRoom = this.#transport.write(piece);
    }
    if (pieces.length > 1) this.#transport.uncork();
    if (hasRoom || this.#drain !== undefined) return;
    let resolve = (): void => undefined;
    const promise = new Promise<void>((done) => {
      resolve = done;
    });
    this.#drain = { promise, resolve };
  }

  /** There is room again, or the connection has ended: whoever waits goes on. */
  release(): void {
    const drain = this.#drain;
    this.#drain = undefined;
    drain?.resolve();
  }
}
