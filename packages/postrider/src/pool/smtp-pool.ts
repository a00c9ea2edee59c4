/**
 * SmtpPool: many messages over several connections.
 *
 * Layer: pool.
 */
import { withCallSite } from "../connection/call-edge.js";
import { readingWatch } from "../connection/clock.js";
import { OptionError, SmtpDisconnectedError } from "../errors/errors.js";
import { onAbort } from "../given/abort.js";
import { type AttemptOptions, attemptOptions, type ConnectionOptions } from "../options/connection-options.js";
import { type DeliveryOptions, deliveryOptions } from "../options/delivery-options.js";
import { type PoolCloseOptions, type PoolOptions, poolCloseOptions, poolOptions } from "../options/pool-options.js";
import type { SendResult } from "../result.js";
import { type MessageInput, submitMessage, type UseSubmission } from "../submission/prepare.js";
import type { ReadingWatch } from "../submission/submission.js";
import { Dispatcher } from "./dispatcher.js";
import type { PoolStats } from "./relay.js";
import { type SendAllOptions, type SendOutcome, type SendRequest, sendAll } from "./send-all.js";

/**
 * A pool of connections to one server or several. Messages are in one queue, and a connection takes the next one when it can send it;
 * further connections are opened while messages are queued, up to `maxConnections`. A message that was not sent because its connection
 * failed is retried on another connection; a message whose outcome is unknown is never retried.
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
   * Queues one message for the next connection that has room, and resolves with the verdict of the server.
   *
   * @throws AddressError, MessageError, OptionError before it is queued; then as `SmtpClient.send`.
   */
  send(message: MessageInput, options?: DeliveryOptions): Promise<SendResult> {
    return withCallSite(submitMessage(message, options, this.#send, this.#watch), options?.signal);
  }

  /**
   * Sends all messages of an array, a generator or an async generator, and yields their outcomes as they come.
   *
   * It pulls with backpressure, so memory does not grow with the number of messages. The failure of a message is an outcome with
   * `error`; the generator throws only when the iterable throws. Leaving the loop stops pulling, and messages in flight finish.
   *
   * @example
   * for await (const { message, error } of pool.sendAll(messages)) if (error !== undefined) console.error(message, error);
   *
   *
   * @param options.concurrency messages without an outcome at the same time; default: enough to keep every connection full.
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
    // Twice what the connections hold, so that each has its next message ready.
    const concurrency = (): number => given ?? this.#dispatcher.capacity * 2;
    return sendAll(messages, { concurrency, delivery, send: (message, given) => this.send(message, given) });
  }

  /**
   * Tests the options with every server: connects, sends EHLO, logs in and sends QUIT. For the start of a program.
   *
   * @throws as `SmtpClient.connect`, for the first server that fails; `signal.reason` after an abort.
   */
  async verify(options: AttemptOptions = {}): Promise<void> {
    const attempt = attemptOptions(options);
    if (this.#closing !== undefined) throw closedError();
    attempt.signal?.throwIfAborted();
    await withCallSite(this.#dispatcher.verify(attempt), attempt.signal);
  }

  /**
   * Takes no more messages, waits for the verdicts of those it has, and sends QUIT on every connection. A second call shares the
   * first, and may cut it short.
   *
   * @example
   * await pool.close({ signal: AbortSignal.timeout(10_000) });
   *
   * @throws OptionError for an unknown option; `signal.reason` when the signal ended the wait: the pool is then closed.
   */
  close(options: PoolCloseOptions = {}): Promise<void> {
    try {
      const { force, signal } = poolCloseOptions(options);
      this.#closing ??= this.#dispatcher.drain();
      if (force === true) this.#dispatcher.abandon();
      return signal === undefined ? this.#closing : withCallSite(this.#closeUntil(this.#closing, signal), signal);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  async #closeUntil(closing: Promise<void>, signal: AbortSignal): Promise<void> {
    let isCut = signal.aborted;
    const cut = (): void => {
      isCut = true;
      this.#dispatcher.abandon();
    };
    if (isCut) cut();
    const release = isCut ? undefined : onAbort(signal, cut);
    await closing;
    release?.();
    if (isCut) throw signal.reason;
  }

  /** As `close()`: waits for the messages that the pool has. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** What the pool holds now, and what it has done so far: a snapshot. */
  get stats(): PoolStats {
    return this.#dispatcher.stats;
  }

  /** Messages that keep every connection full, at least 1, by what is known of the servers; more only wait in the queue. */
  get capacity(): number {
    return this.#dispatcher.capacity;
  }
}

function closedError(): SmtpDisconnectedError {
  return new SmtpDisconnectedError("The pool is closed", { phase: "command" });
}
