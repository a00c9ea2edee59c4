/**
 * sendAll: pulls messages from an iterable with backpressure, and yields their outcomes as they come.
 *
 * Layer: pool.
 */
import { onAbort } from "../given/abort.js";
import type { DeliveryOptions } from "../options/delivery-options.js";
import type { SendResult } from "../result.js";
import type { MessageInput } from "../submission/prepare.js";

/** A message with delivery options of its own. */
export interface SendRequest extends DeliveryOptions {
  /** The message: an `EmailMessage`, its fields, or a raw message. */
  readonly message: MessageInput;
}

/** Options of `sendAll`: those of a delivery, for each message that does not have its own, and how many are sent at once. */
export interface SendAllOptions extends DeliveryOptions {
  /** Messages without an outcome at the same time, at least 1; default: twice what the connections hold. */
  readonly concurrency?: number | undefined;
}

/** What became of one message of `sendAll`: `result` or `error`. */
export type SendOutcome<Input = MessageInput> = SentOutcome<Input> | FailedOutcome<Input>;

/** A message of `sendAll` that a server accepted. */
export interface SentOutcome<Input = MessageInput> {
  /** The place of the message in the iterable, from 0. */
  readonly index: number;
  /** The item of the iterable. */
  readonly message: Input;
  /** What the server said. */
  readonly result: SendResult;
  /** Absent: the message was sent. */
  readonly error?: undefined;
}

/** A message of `sendAll` that failed. */
export interface FailedOutcome<Input = MessageInput> {
  /** The place of the message in the iterable, from 0. */
  readonly index: number;
  /** The item of the iterable. */
  readonly message: Input;
  /** Absent: the message failed. */
  readonly result?: undefined;
  /** What `send` rejected with: an SmtpError, or the reason of a signal. */
  readonly error: unknown;
}

export interface SendAllContext {
  /** Messages that may be without an outcome at this time. */
  concurrency(): number;
  readonly delivery: DeliveryOptions;
  send(message: MessageInput, options: DeliveryOptions): Promise<SendResult>;
}

export async function* sendAll<Input extends MessageInput | SendRequest>(
  messages: Iterable<Input> | AsyncIterable<Input>,
  context: SendAllContext,
): AsyncGenerator<SendOutcome<Input>, void, undefined> {
  const { signal } = context.delivery;
  const outcomes = new Outcomes<Input>();
  const wake = (): void => outcomes.wake();
  const source = new PullSource(messages, wake);
  let index = 0;
  const leave = signal === undefined || signal.aborted ? undefined : onAbort(signal, wake);
  try {
    for (;;) {
      while (!signal?.aborted && outcomes.owed < context.concurrency() && !outcomes.hasReady) {
        const next = source.next();
        if (next === undefined) break;
        outcomes.expect(sendOne(next.value, index++, context));
      }
      if (outcomes.owed === 0 && source.isDone) break;
      if (outcomes.owed === 0) signal?.throwIfAborted();
      if (!outcomes.hasReady) await outcomes.change();
      for (const outcome of outcomes.take()) yield outcome;
    }
    // Only now: every message pulled before has its outcome.
    if (source.failure !== undefined) throw source.failure.error;
  } finally {
    // Reached by break, by an abort, and by the end: no more messages are pulled, and those in flight finish.
    leave?.();
    await source.close();
    await outcomes.settled();
  }
}

function sendOne<Input extends MessageInput | SendRequest>(
  input: Input,
  index: number,
  context: SendAllContext,
): Promise<SendOutcome<Input>> {
  const { message, options } = readRequest(input, context.delivery);
  return context.send(message, options).then(
    (result) => ({ index, message: input, result }),
    (error: unknown) => ({ index, message: input, error }),
  );
}

function readRequest(
  input: MessageInput | SendRequest,
  shared: DeliveryOptions,
): { message: MessageInput; options: DeliveryOptions } {
  if (!isRequest(input)) return { message: input, options: shared };
  const { message, ...own } = input;
  return { message, options: { ...shared, ...own } };
}

function isRequest(input: MessageInput | SendRequest): input is SendRequest {
  return typeof input === "object" && input !== null && Object.hasOwn(input, "message");
}

/** A buffer of outcomes, in the order in which they come. */
class Outcomes<Input> {
  #ready: SendOutcome<Input>[] = [];
  #pending = 0;
  #wake: (() => void) | undefined;

  /** Messages that were pulled and whose outcome was not yielded yet. */
  get owed(): number {
    return this.#pending + this.#ready.length;
  }

  get hasReady(): boolean {
    return this.#ready.length > 0;
  }

  expect(outcome: Promise<SendOutcome<Input>>): void {
    this.#pending++;
    void outcome.then((one) => {
      this.#pending--;
      this.#ready.push(one);
      this.wake();
    });
  }

  /** Removes and returns the outcomes that are ready. */
  take(): readonly SendOutcome<Input>[] {
    const ready = this.#ready;
    if (ready.length > 0) this.#ready = [];
    return ready;
  }

  /** Resolves at the next outcome, or the next call of `wake`. */
  change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  wake(): void {
    this.#wake?.();
  }

  async settled(): Promise<void> {
    while (this.#pending > 0) await this.change();
  }
}

class PullSource<Item> {
  readonly #iterator: Iterator<Item> | AsyncIterator<Item>;
  readonly #arrived: () => void;
  /** The result of an asynchronous `next()`, until it is taken. */
  #step: IteratorResult<Item> | undefined;
  #failure: { readonly error: unknown } | undefined;
  #isAsked = false;
  #isDone = false;

  /** @param arrived called when `next` may have an item again. */
  constructor(items: Iterable<Item> | AsyncIterable<Item>, arrived: () => void) {
    this.#iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
    this.#arrived = arrived;
  }

  /** Whether the iterable is exhausted, has failed, or was closed. */
  get isDone(): boolean {
    return this.#isDone;
  }

  /** The error that the iterable threw. */
  get failure(): { readonly error: unknown } | undefined {
    return this.#failure;
  }

  /** The next item; undefined while it is pending, and at the end. */
  next(): { readonly value: Item } | undefined {
    if (this.#isDone || this.#isAsked) return undefined;
    const step = this.#step ?? this.#ask();
    this.#step = undefined;
    if (step?.done === true || this.#failure !== undefined) this.#isDone = true;
    return step === undefined || step.done === true ? undefined : { value: step.value };
  }

  /** Calls `return()` of the iterator; waits for it unless a `next()` is pending, which might never settle. */
  async close(): Promise<void> {
    if (this.#isDone) return;
    this.#isDone = true;
    const closing = Promise.resolve(this.#iterator.return?.());
    if (this.#isAsked) closing.catch(() => undefined);
    else await closing;
  }

  #ask(): IteratorResult<Item> | undefined {
    try {
      const step = this.#iterator.next();
      // PERF: a synchronous iterable costs no turn of the event loop.
      if (!isPromise(step)) return step;
      this.#isAsked = true;
      Promise.resolve(step).then(
        (late) => this.#take(late, undefined),
        (error: unknown) => this.#take(undefined, { error }),
      );
    } catch (error) {
      this.#failure = { error };
    }
    return undefined;
  }

  #take(step: IteratorResult<Item> | undefined, failure: { readonly error: unknown } | undefined): void {
    this.#isAsked = false;
    this.#step = step;
    this.#failure = failure;
    if (failure !== undefined) this.#isDone = true;
    this.#arrived();
  }
}

function isPromise<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof value === "object" && value !== null && "then" in value;
}
