/**
 * Opens the connections of one client and closes them by QUIT; parallel connect() calls share one attempt.
 *
 * Layer: connection. RFC 5321 §4.1.1.10 (QUIT).
 */
import { SmtpConnectError, SmtpTimeoutError } from "../errors/errors.js";
import { onAbort } from "../given/abort.js";
import type { ResolvedConnectionOptions } from "../options/connection-options.js";
import type { SmtpReply } from "../reply.js";
import type { ServerKnowledge } from "../session/knowledge.js";
import { RequestGuard } from "../transport/web/sockets-api.js";
import type { Connection } from "./connection.js";
import type { Ending } from "./ending.js";
import type { ConnectAttempt } from "./open-connection.js";
import { knowledgeFor } from "./settings.js";

export { RequestGuard };

/** How long a caller who waits for the end of a session waits for the reply to QUIT, in milliseconds. */
export const QUIT_WAIT_MS = 2000;
/** The same when no caller waits: every verdict is known by then. */
export const BRIEF_QUIT_WAIT_MS = 250;

/** Opens each connection with the same options and with what earlier ones have learned about the server. */
export class Connector {
  readonly options: ResolvedConnectionOptions;
  readonly #knowledge: ServerKnowledge;
  readonly #request = new RequestGuard();
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

  /** False for a socket that was passed as a value: it can be used once. */
  get mayReopen(): boolean {
    const { target } = this.options;
    return target.kind !== "socket" || typeof target.socket === "function";
  }

  /** Marks a single-use socket as used. @throws SmtpConnectError when it was used before */
  useSocket(): void {
    if (this.mayReopen) return;
    if (this.#isSocketUsed) {
      const reason = "the socket has been used already";
      const hint = "A socket serves once; give a function that opens one";
      throw new SmtpConnectError({}, { reason, hint, retry: "never" });
    }
    this.#isSocketUsed = true;
  }

  /** @throws SmtpConnectError in another request of Cloudflare Workers than that of the last `open()` */
  checkRequest(): void {
    this.#request.enter(false, this.options.target);
  }

  /** @throws as connecting does */
  async open(attempt: Omit<ConnectAttempt, "knowledge"> = {}): Promise<Connection> {
    this.#request.enter(true, this.options.target);
    const { openConnection } = await import("./engine.js");
    const { connection, greeting } = await openConnection(this.options, { ...attempt, knowledge: this.#knowledge });
    this.#greeting = greeting;
    return connection;
  }
}

/** Sends EHLO unless it was answered already; an abort ends the connection. @throws SmtpHelloError; the reason of the signal */
export async function greet(connection: Connection, signal: AbortSignal | undefined): Promise<void> {
  const abort = (): void => connection.end({ kind: "signal", reason: signal?.reason });
  if (signal?.aborted === true) abort();
  const leave = signal === undefined || signal.aborted ? undefined : onAbort(signal, abort);
  try {
    await connection.hello();
  } finally {
    leave?.();
  }
}

/** Sends QUIT after the work in flight, waits at most `limit` ms for the reply, and closes. Never rejects. */
export function sendQuit(connection: Connection, limit: number = QUIT_WAIT_MS): Promise<void> {
  connection.retire();
  return awaitQuit(connection.command({ kind: "command", verb: "QUIT", line: "QUIT" }), connection, limit);
}

/** Waits at most `limit` ms for the reply to QUIT, and closes. Never rejects. */
export async function awaitQuit(
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

/** One caller of a shared attempt. */
interface Caller {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds that this caller waits in total; default: as long as the attempt takes. */
  readonly timeout?: number | undefined;
}

/** One connect() under way that several callers wait for; it is aborted when the last of them has left. */
export class SharedAttempt<T> {
  readonly #result: Promise<T>;
  readonly #giveUp: (reason: unknown) => void;
  #callers = 0;

  /** @param giveUp aborts the attempt, with the reason of the last caller who left. */
  constructor(result: Promise<T>, giveUp: (reason: unknown) => void) {
    this.#result = result;
    this.#giveUp = giveUp;
  }

  /** The result of the attempt. @throws the attempt's error; `signal.reason`; SmtpTimeoutError after `timeout`. */
  join({ signal, timeout }: Caller): Promise<T> {
    this.#callers++;
    return new Promise<T>((resolve, reject) => {
      let timer: ReturnType<typeof setTimeout> | undefined;
      let ignoreAbort: (() => void) | undefined;
      const stop = (): void => {
        clearTimeout(timer);
        ignoreAbort?.();
      };
      const leave = (reason: unknown): void => {
        stop();
        reject(reason);
        if (--this.#callers === 0) this.#giveUp(reason);
      };
      if (signal !== undefined) ignoreAbort = onAbort(signal, () => leave(signal.reason));
      if (timeout !== undefined) timer = setTimeout(() => leave(lateError(timeout)), timeout);
      this.#result.then(
        (value) => {
          stop();
          resolve(value);
        },
        (error: unknown) => {
          stop();
          reject(error);
        },
      );
    });
  }
}

function lateError(timeout: number): SmtpTimeoutError {
  return new SmtpTimeoutError({ phase: "connect", timeout, waitingFor: "the connect() that is under way" });
}
