/**
 * Opens the connections of one client, by the same options each time and with what is known of the server by then, and leaves them.
 *
 * Layer: connection. RFC 5321 §4.1.1.10 (QUIT).
 */
import { SmtpConnectError } from "../errors/errors.js";
import type { ResolvedConnectionOptions } from "../options/connection-options.js";
import type { SmtpReply } from "../reply.js";
import type { ServerKnowledge } from "../session/knowledge.js";
import type { Connection } from "./connection.js";
import type { Ending } from "./ending.js";
import type { ConnectAttempt } from "./open-connection.js";
import { knowledgeFor } from "./settings.js";

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

/** What a caller who waits for the end of a session waits for the reply to QUIT, in milliseconds. */
export const FAREWELL_MS = 2000;
/** The same where nobody waits: every verdict is known by then. */
export const BRIEF_FAREWELL_MS = 250;

/** Sends QUIT behind the work that the connection has, waits for the reply at most `limit` ms, and closes. Never rejects. */
export function sayQuit(connection: Connection, limit: number = FAREWELL_MS): Promise<void> {
  connection.retire();
  return closeAfter(connection.command({ kind: "command", verb: "QUIT", line: "QUIT" }), connection, limit);
}

/** Waits for the reply to a QUIT at most `limit` ms, and closes. Never rejects. */
export async function closeAfter(
  reply: Promise<SmtpReply>,
  connection: { readonly timeout: number; end(ending: Ending): void },
  limit: number,
): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, Math.min(connection.timeout, limit));
  });
  await Promise.race([reply.catch(() => undefined), late]);
  clearTimeout(timer);
  connection.end({ kind: "closed" });
}
