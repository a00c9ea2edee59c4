/**
 * Two streams that are each other's far end, in this process, with a fault somewhere between: after so many bytes of one side
 * the connection ends, breaks, or falls silent.
 */
import type { Buffer } from "node:buffer";
import { Duplex } from "node:stream";

export type Side = "client" | "server";

/** `"fin"`: the far end closes. `"rst"`: it throws the connection away. `"silence"`: nothing arrives any more, and nobody says so. */
export type FaultKind = "fin" | "rst" | "silence";

export interface Cut {
  readonly kind: FaultKind;
  /** Whose bytes are counted. */
  readonly side: Side;
  /** How many of them arrive. */
  readonly after: number;
}

/** Turns of the event loop in which replies to what still arrived find their way. */
const LAST_TURNS = 3;

export class Link {
  readonly client: Duplex;
  readonly server: Duplex;
  /** Bytes that each side wrote, arrived or not. */
  readonly written: Record<Side, number> = { client: 0, server: 0 };
  readonly #cut: Cut | undefined;
  readonly #moved: () => void;
  readonly #sniff: ((side: Side, bytes: Uint8Array) => void) | undefined;
  /** What no longer carries. */
  readonly #dead: Record<Side, boolean> = { client: false, server: false };
  #hasFailed = false;

  constructor(cut: Cut | undefined, watch: { moved?(): void; sniff?(side: Side, bytes: Uint8Array): void } = {}) {
    this.#cut = cut;
    this.#moved = watch.moved ?? (() => undefined);
    this.#sniff = watch.sniff;
    this.client = this.#end("client");
    this.server = this.#end("server");
    if (cut?.after === 0) later(1, () => this.#fail(cut));
  }

  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  #end(side: Side): Duplex {
    return new Duplex({
      read: () => undefined,
      write: (chunk: Buffer, _, done) => {
        this.#carry(side, chunk);
        done();
      },
      final: (done) => {
        this.#close(side);
        done();
      },
      destroy: (error, done) => {
        this.#close(side);
        done(error);
      },
    });
  }

  #carry(side: Side, chunk: Buffer): void {
    this.#moved();
    this.#sniff?.(side, chunk);
    const before = this.written[side];
    this.written[side] += chunk.length;
    if (this.#dead[side]) return;
    const cut = this.#cut;
    const isCut = cut !== undefined && cut.side === side && this.written[side] >= cut.after;
    const whole = isCut ? chunk.subarray(0, Math.max(0, cut.after - before)) : chunk;
    if (whole.length > 0) this.#deliver(side, whole);
    if (isCut) this.#fail(cut);
  }

  #deliver(from: Side, chunk: Buffer): void {
    setImmediate(() => {
      this.#moved();
      const to = from === "client" ? this.server : this.client;
      if (!to.destroyed && !to.readableEnded) to.push(chunk);
    });
  }

  #close(side: Side): void {
    if (this.#dead[side]) return;
    this.#dead[side] = true;
    this.#push(side === "client" ? this.server : this.client);
  }

  /** FIN, behind what is on its way. */
  #push(to: Duplex): void {
    later(1, () => {
      this.#moved();
      if (!to.destroyed && !to.readableEnded) to.push(null);
    });
  }

  /** The server goes on with what has arrived; only what crosses the cut is lost. */
  #fail(cut: Cut): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#dead[cut.side] = true;
    if (cut.kind === "silence") {
      // What the server still says to what arrived is heard; then nothing.
      later(LAST_TURNS, () => {
        this.#dead.server = true;
      });
      return;
    }
    later(cut.side === "client" && cut.kind === "fin" ? LAST_TURNS : 1, () => {
      this.#moved();
      this.#dead.server = true;
      if (this.client.destroyed) return;
      if (cut.kind === "rst") this.client.destroy(Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" }));
      else if (!this.client.readableEnded) this.client.push(null);
    });
  }
}

function later(turns: number, run: () => void): void {
  if (turns === 0) run();
  else setImmediate(() => later(turns - 1, run));
}
