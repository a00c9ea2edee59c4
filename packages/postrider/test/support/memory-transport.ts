/**
 * A transport without a socket: the test is the server, and decides when there is room.
 */
import { Buffer } from "node:buffer";
import { setImmediate as turn } from "node:timers/promises";
import type { Peer } from "../../src/errors/errors.js";
import type { TlsInfo, Transport, TransportListener } from "../../src/transport/transport.js";

export class MemoryTransport implements Transport {
  readonly peer: Peer = { hostname: "memory", port: 25 };
  readonly isSecure = false;
  readonly mayBeSecured = true;
  readonly isLocal = true;
  readonly localAddress: undefined;
  readonly tlsInfo: TlsInfo | undefined;
  readonly tlsSession: Uint8Array | undefined;
  /** Each write, or each corked group, as one string. */
  readonly writes: string[] = [];
  /** What `write` answers. */
  hasRoom = true;
  state: "open" | "ended" | "destroyed" = "open";
  #listener: TransportListener | undefined;
  #corked: string[] | undefined;

  listen(listener: TransportListener): void {
    this.#listener = listener;
  }

  write(bytes: Uint8Array): boolean {
    const text = Buffer.from(bytes).toString("latin1");
    if (this.state === "open") (this.#corked ?? this.writes).push(text);
    return this.hasRoom;
  }

  keepAlive(): void {}

  cork(): void {
    this.#corked = [];
  }

  uncork(): void {
    if (this.#corked !== undefined) this.writes.push(this.#corked.join(""));
    this.#corked = undefined;
  }

  async secure(): Promise<void> {
    await turn();
  }

  exportKeyingMaterial(): undefined {
    return undefined;
  }

  end(): void {
    this.state = "ended";
  }

  destroy(): void {
    if (this.state === "open") this.state = "destroyed";
  }

  // --- the other side -----------------------------------------------------------------------------------------------

  /** The server says these lines; resolves when the client has done what it does about them. */
  async say(...lines: readonly string[]): Promise<void> {
    if (this.state === "open") this.#listener?.received(Buffer.from(lines.map((line) => `${line}\r\n`).join("")));
    await turn();
  }

  async drain(): Promise<void> {
    this.hasRoom = true;
    this.#listener?.drained();
    await turn();
  }

  async lose(error?: Error): Promise<void> {
    this.state = "destroyed";
    this.#listener?.ended(error);
    await turn();
  }

  /** What was written since the last call. */
  taken(): string {
    return this.writes.splice(0).join("");
  }
}
