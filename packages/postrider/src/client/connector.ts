/**
 * Opens the connections of one client: by the same options each time, with what is known of the server by then.
 *
 * Layer: client.
 */
import { SmtpConnectError } from "../errors.js";
import type { ResolvedConnectionOptions } from "../options/connection-options.js";
import type { ServerKnowledge } from "../protocol/knowledge.js";
import type { SmtpReply } from "../reply.js";
import type { Connection } from "./connection.js";
import { knowledgeFor } from "./connection-settings.js";
import type { ConnectAttempt } from "./open-connection.js";

export class Connector {
  readonly options: ResolvedConnectionOptions;
  readonly #knowledge: ServerKnowledge;
  #isSocketUsed = false;
  #greeting: SmtpReply | undefined;

  constructor(options: ResolvedConnectionOptions, knowledge: ServerKnowledge = knowledgeFor(options)) {
    this.options = options;
    this.#knowledge = knowledge;
  }

  /** The greeting of the last connection. */
  get greeting(): SmtpReply | undefined {
    return this.#greeting;
  }

  /** False for a socket that was given as a value: it serves once. */
  get mayReopen(): boolean {
    const { target } = this.options;
    return target.kind !== "socket" || typeof target.socket === "function";
  }

  /** Counts the use of a socket that serves once. @throws SmtpConnectError when it has served */
  useSocket(): void {
    if (this.mayReopen) return;
    if (this.#isSocketUsed) {
      const reason = "the socket was used already";
      const hint = "Give a function that opens one, so that connect() can be called again";
      throw new SmtpConnectError({}, { reason, hint, retry: "never" });
    }
    this.#isSocketUsed = true;
  }

  /** @throws as connecting does */
  async open(attempt: Omit<ConnectAttempt, "knowledge"> = {}): Promise<Connection> {
    const { openConnection } = await import("./engine.js");
    const { connection, greeting } = await openConnection(this.options, { ...attempt, knowledge: this.#knowledge });
    this.#greeting = greeting;
    return connection;
  }
}
