/**
 * SmtpPool: many messages over several connections.
 *
 * Layer: pool.
 */
import { withCallSite } from "../connection/call-edge.js";
import { readingWatch } from "../connection/clock.js";
import { OptionError, SmtpDisconnectedError } from "../errors/errors.js";
import type { ConnectionOptions } from "../options/connection-options.js";
import type { DeliveryOptions } from "../options/delivery-options.js";
import { deliveryOptions } from "../options/delivery-options.js";
import type { PoolOptions } from "../options/pool-options.js";
import { poolOptions } from "../options/pool-options.js";
import type { SendResult } from "../result.js";
import { type MessageInput, submitMessage, type UseSubmission } from "../submission/prepare.js";
import type { ReadingWatch } from "../submission/submission.js";
import { Dispatcher } from "./dispatcher.js";
import { type SendAllOptions, type SendOutcome, type SendRequest, sendAll } from "./send-all.js";
import type { PoolStats } from "./stats.js";

/**
 * A pool of connections to one server, or to several. Messages are in one queue, and a connection takes the next one when it can
 * send it; a further connection is opened while messages are queued. A message that was certainly not sent because a connection
 * broke is tried again on another; one whose outcome is unknown never is.
 *
 * @example
 * await using pool = new SmtpPool({ hostname: "127.0.0.1", port: 1025, maxConnections: 3 });
 * await pool.send({ from: "ann@example.org", to: "bob@example.org", subject: "Hi", text: "Hello" });
 */
export class SmtpPool implements AsyncDisposable {
  readonly #dispatcher: Dispatcher;
  readonly #watch: ReadingWatch;
  #closing: Promise<void> | undefined;

  /** Checks the options; connections are opened when messages come. @throws OptionError */
  constructor(options: ConnectionOptions & PoolOptions = {}) {
    const resolved = poolOptions(options);
    this.#dispatcher = new Dispatcher(resolved);
    this.#watch = readingWatch(Math.max(...resolved.servers.map(({ timeouts }) => timeouts.content)));
  }

  readonly #send: UseSubmission<SendResult> = (submission, signal) => {
    if (this.#closing !== undefined) throw closedError();
    return this.#dispatcher.submit(submission, signal);
  };

  /**
   * Sends one message over whichever connection is free.
   *
   * @throws AddressError, MessageError, OptionError before it is queued; then as `SmtpClient.send`.
   */
  send(message: MessageInput, options?: DeliveryOptions): Promise<SendResult> {
    return withCallSite(submitMessage(message, options, this.#send, this.#watch), options?.signal);
  }

  /**
   * Sends all messages of an array, a generator or an async generator, and yields their outcomes as they come.
   *
   * It pulls only what it can send, so memory is the same for ten messages and for ten million. It never rejects for a
   * message's own failure; it does when the iterable itself throws. Breaking the loop stops pulling and lets what is in
   * flight finish.
   *
   * @param options.concurrency how many messages may be without outcome; default enough to keep every connection full.
   */
  sendAll<Input extends MessageInput | SendRequest>(
    messages: Iterable<Input> | AsyncIterable<Input>,
    options: SendAllOptions = {},
  ): AsyncGenerator<SendOutcome<Input>, void, undefined> {
    const { concurrency: given, ...delivery } = options;
    if (given !== undefined && (!Number.isSafeInteger(given) || given < 1)) {
      throw new OptionError("concurrency", "must be a whole number above 0");
    }
    deliveryOptions(delivery);
    // Twice what the connections hold, so that each finds its next message ready.
    const concurrency = (): number => given ?? this.#dispatcher.capacity * 2;
    return sendAll(messages, { concurrency, delivery, send: (message, given) => this.send(message, given) });
  }

  /**
   * Connects to every server, greets, logs in and leaves: what a program calls when it starts.
   *
   * @throws as connecting does, for the first server that fails.
   */
  async verify(options: { signal?: AbortSignal | undefined } = {}): Promise<void> {
    if (this.#closing !== undefined) throw closedError();
    await this.#dispatcher.verify(options.signal);
  }

  /**
   * Takes no more messages, lets those it has finish, and says QUIT on every connection.
   *
   * @param options.force closes at once; what is queued or in flight is rejected with what is true of it.
   */
  close(options: { force?: boolean | undefined } = {}): Promise<void> {
    this.#closing ??= this.#dispatcher.drain();
    if (options.force === true) this.#dispatcher.abandon();
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  get stats(): PoolStats {
    return this.#dispatcher.stats;
  }

  /** Messages that keep every connection full, as far as the servers are known by now: more only wait. */
  get capacity(): number {
    return this.#dispatcher.capacity;
  }
}

function closedError(): SmtpDisconnectedError {
  return new SmtpDisconnectedError("The pool is closed", { phase: "command" });
}
