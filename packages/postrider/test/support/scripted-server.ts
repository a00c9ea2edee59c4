/**
 * An SMTP server that follows a script and records every line and byte. It asserts nothing.
 *
 * @example
 * await using server = await ScriptedServer.start({ replies: { NOOP: "421 enough" } });
 * await send("text", { ...server.address, sender: "a@x.y", recipients: "b@x.y" });
 */
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TlsOptions } from "node:tls";
import { TEMPERS, type TemperName } from "../model/temper.js";
import type { Script, Segments } from "./script.js";
import { ScriptedConnection } from "./scripted-connection.js";
import { socketPath } from "./socket-path.js";

export interface ScriptedServerOptions {
  /** Listens on a Unix socket in a temporary folder; else on 127.0.0.1 and a free port. */
  readonly unix?: boolean;
  /** Certificate, key and the rest of the server's side of TLS: for STARTTLS, and for `implicitTls`. */
  readonly tls?: TlsOptions;
  /** TLS from the first byte. */
  readonly implicitTls?: boolean;
  /** How all that the server writes is cut; default `"whole"`. */
  readonly segments?: Segments;
  /** One reply after the content for each recipient (RFC 2033). */
  readonly lmtp?: boolean;
  /** How it takes what is written ahead of a verdict, and commands out of place; default `"easy"`. */
  readonly temper?: Exclude<TemperName, "slow in groups">;
}

export class ScriptedServer {
  readonly connections: ScriptedConnection[] = [];
  readonly #script: Script;
  readonly #server: Server;
  readonly #folder: string | undefined;
  readonly #faults: unknown[] = [];
  #waiting: (() => void)[] = [];

  private constructor(script: Script, options: ScriptedServerOptions, folder: string | undefined) {
    this.#script = script;
    this.#folder = folder;
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      const connection = new ScriptedConnection(socket, {
        script: this.#script,
        tls: options.tls,
        segments: options.segments ?? "whole",
        lmtp: options.lmtp ?? false,
        temper: TEMPERS[options.temper ?? "easy"],
        failed: (error) => this.#faults.push(error),
      });
      this.connections.push(connection);
      void connection.run(options.implicitTls ?? false);
      for (const wake of this.#waiting.splice(0)) wake();
    });
  }

  static async start(script: Script = {}, options: ScriptedServerOptions = {}): Promise<ScriptedServer> {
    const folder = options.unix === true ? await mkdtemp(join(tmpdir(), "scripted-")) : undefined;
    const server = new ScriptedServer(script, options, folder);
    if (folder === undefined) server.#server.listen(0, "127.0.0.1");
    else server.#server.listen(socketPath(folder));
    await once(server.#server, "listening");
    return server;
  }

  /** Where it listens on TCP. */
  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("this server listens on a Unix socket");
    return address.port;
  }

  /** The options that lead a client here over TCP, whatever it is told of TLS. */
  get address(): { hostname: string; port: number } {
    return { hostname: "127.0.0.1", port: this.port };
  }

  get socketPath(): string {
    if (this.#folder === undefined) throw new Error("this server listens on TCP");
    return socketPath(this.#folder);
  }

  /** The nth connection, when it comes. */
  async connection(index: number = 0): Promise<ScriptedConnection> {
    for (;;) {
      const found = this.connections[index];
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** The lines of all connections, in the order of the connections. */
  get lines(): readonly string[] {
    return this.connections.flatMap((connection) => connection.lines);
  }

  /** The verbs of all connections. */
  get verbs(): readonly string[] {
    return this.connections.flatMap((connection) => connection.verbs);
  }

  get messages(): ScriptedConnection["messages"] {
    return this.connections.flatMap((connection) => connection.messages);
  }

  /** Settles when the clients have left all connections. */
  async allEnded(): Promise<void> {
    await Promise.all(this.connections.map((connection) => connection.ended));
  }

  /** @throws What a function of the script threw. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    for (const connection of this.connections) connection.destroy();
    await closed;
    if (this.#folder !== undefined) await rm(this.#folder, { recursive: true });
    if (this.#faults.length > 0) throw new AggregateError(this.#faults, "the script failed");
  }
}
