/**
 * A server on a port of this machine that refuses, waits, breaks off, says goodbye and starts again, all at random, and writes
 * down what it took.
 */
import { createServer, type Server, type Socket } from "node:net";
import { type Behaviour, ModelServer } from "../session/model-server.js";
import type { EndlessDice } from "./endless-dice.js";

/** What the server keeps of each message: how often it has it. */
export interface Ledger {
  commit(name: string): void;
  violated(what: unknown): void;
}

export class ChaosServer {
  connections = 0;
  drops = 0;
  restarts = 0;
  readonly #dice: EndlessDice;
  readonly #ledger: Ledger;
  readonly #restartEvery: number;
  readonly #sockets = new Set<Socket>();
  #server: Server;
  #port = 0;
  #sinceRestart = 0;
  #isClosed = false;
  #restarting: Promise<void> = Promise.resolve();

  private constructor(dice: EndlessDice, ledger: Ledger, restartEvery: number) {
    this.#dice = dice;
    this.#ledger = ledger;
    this.#restartEvery = restartEvery;
    this.#server = this.#make();
  }

  /** @param restartEvery messages between two restarts */
  static async start(dice: EndlessDice, ledger: Ledger, restartEvery: number): Promise<ChaosServer> {
    const server = new ChaosServer(dice, ledger, restartEvery);
    await server.#listen();
    return server;
  }

  get port(): number {
    return this.#port;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#restarting;
    await this.#stop();
  }

  #make(): Server {
    return createServer({ noDelay: true }, (socket) => this.#serve(socket));
  }

  #listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(this.#port, "127.0.0.1", () => {
        const address = this.#server.address();
        this.#port = typeof address === "object" ? (address?.port ?? 0) : 0;
        resolve();
      });
    });
  }

  #stop(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      for (const socket of this.#sockets) socket.destroy();
    });
  }

  async #restart(): Promise<void> {
    this.restarts++;
    await this.#stop();
    this.#server = this.#make();
    await this.#listen();
  }

  #serve(socket: Socket): void {
    this.connections++;
    this.#sockets.add(socket);
    const model = new ModelServer(this.#behaviour(), this.#dice);
    socket.on("error", () => undefined);
    socket.on("close", () => this.#sockets.delete(socket));
    socket.on("data", (bytes) => this.#hear(socket, model, bytes));
    this.#flush(socket, model);
  }

  #behaviour(): Behaviour {
    const offers = this.#dice.chance(80) ? ["PIPELINING"] : [];
    if (this.#dice.chance(50)) offers.push("CHUNKING");
    return {
      offers,
      isLmtp: false,
      knowsBdat: this.#dice.chance(95),
      refusals: this.#dice.chance(50) ? 2 : 0,
      goodbyes: this.#dice.chance(30) ? 1 : 0,
    };
  }

  #hear(socket: Socket, model: ModelServer, bytes: Buffer): void {
    if (this.#drops(socket)) return;
    try {
      model.receive(bytes.toString("latin1"));
    } catch (error) {
      this.#ledger.violated(error);
      socket.destroy();
      return;
    }
    const taken = model.delivered.splice(0);
    for (const { name } of taken) this.#ledger.commit(name);
    this.#sinceRestart += taken.length;
    // What was taken a moment ago may never be told.
    if (this.#drops(socket)) return;
    if (this.#sinceRestart >= this.#restartEvery && !this.#isClosed) {
      this.#sinceRestart = 0;
      this.#restarting = this.#restart();
    } else if (this.#dice.chance(3)) setTimeout(() => this.#flush(socket, model), this.#dice.below(4));
    else this.#flush(socket, model);
  }

  #drops(socket: Socket): boolean {
    if (!this.#dice.chance(0.3)) return false;
    this.drops++;
    // QUIRK: Node 20 cannot reset a socket that was ended (EINVAL), and then never lets it go.
    if (this.#dice.chance(50) && !socket.writableEnded) socket.resetAndDestroy();
    else socket.destroy();
    return true;
  }

  #flush(socket: Socket, model: ModelServer): void {
    if (socket.destroyed) return;
    if (model.pending > 0) socket.write(model.take(model.pending), "latin1");
    if (model.isClosed) socket.end();
  }
}
