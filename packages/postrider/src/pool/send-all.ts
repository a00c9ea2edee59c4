/**
 * Many messages in, their outcomes out: as fast as the pool takes them, and never more in memory than it can send.
 *
 * Layer: pool.
 */
import { onAbort } from "../given/abort.js";
import type { DeliveryOptions } from "../options/delivery-options.js";
import type { SendResult } from "../result.js";
import type { MessageInput } from "../submission/prepare.js";

/** A message with delivery options of its own. */
export interface SendRequest extends DeliveryOptions {
  readonly message: MessageInput;
}

export interface SendAllOptions extends DeliveryOptions {
  /** Messages without outcome at the same time. */
  readonly concurrency?: number | undefined;
}

/** What became of one message; `index` counts from 0 in the order of the iterable. */
export type SendOutcome<Input = MessageInput> =
  | { readonly index: number; readonly message: Input; readonly result: SendResult; readonly error?: undefined }
  | { readonly index: number; readonly message: Input; readonly result?: undefined; readonly error: unknown };

export interface SendAllWay {
  /** How many messages may be without outcome now. */
  concurrency(): number;
  readonly delivery: DeliveryOptions;
  send(message: MessageInput, options: DeliveryOptions): Promise<SendResult>;
}

export async function* sendAll<Input extends MessageInput | SendRequest>(
  messages: Iterable<Input> | AsyncIterable<Input>,
  way: SendAllWay,
): AsyncGenerator<SendOutcome<Input>, void, undefined> {
  const { signal } = way.delivery;
  const outcomes = new Outcomes<Input>();
  const wake = (): void => outcomes.wake();
  const source = new PullSource(messages, wake);
  let index = 0;
  const leave = signal === undefined || signal.aborted ? undefined : onAbort(signal, wake);
  try {
    for (;;) {
      while (!signal?.aborted && outcomes.owed < way.concurrency() && !outcomes.hasReady) {
        const next = source.next();
        if (next === undefined) break;
        outcomes.expect(sendOne(next.value, index++, way));
      }
      if (outcomes.owed === 0 && source.isDone) break;
      if (outcomes.owed === 0) signal?.throwIfAborted();
      if (!outcomes.hasReady) await outcomes.change();
      for (const outcome of outcomes.take()) yield outcome;
    }
    // Only now: what was pulled before has its outcome.
    if (source.failure !== undefined) throw source.failure.error;
  } finally {
    // Reached by break, by an abort, and by the end: nothing more is pulled, what is in flight finishes.
    leave?.();
    await source.close();
    await outcomes.settled();
  }
}

function sendOne<Input extends MessageInput | SendRequest>(
  input: Input,
  index: number,
  way: SendAllWay,
): Promise<SendOutcome<Input>> {
  const { message, options } = readRequest(input, way.delivery);
  return way.send(message, options).then(
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

/** Outcomes in the order in which they come. */
class Outcomes<Input> {
  #ready: SendOutcome<Input>[] = [];
  #pending = 0;
  #wake: (() => void) | undefined;

  /** Sent and not yet yielded. */
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

  /** All that are ready. */
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

export class PullSource<Item> {
  readonly #iterator: Iterator<Item> | AsyncIterator<Item>;
  readonly #arrived: () => void;
  /** What came of a promise, until it is taken. */
  #step: IteratorResult<Item> | undefined;
  #failure: { readonly error: unknown } | undefined;
  #isAsked = false;
  #isDone = false;

  /** @param arrived called when `next` is worth calling again. */
  constructor(items: Iterable<Item> | AsyncIterable<Item>, arrived: () => void) {
    this.#iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
    this.#arrived = arrived;
  }

  /** Nothing more will come. */
  get isDone(): boolean {
    return this.#isDone;
  }

  /** What the iterable threw. */
  get failure(): { readonly error: unknown } | undefined {
    return this.#failure;
  }

  /** The next item when it is here; undefined when it is on its way, or there is none. */
  next(): { readonly value: Item } | undefined {
    if (this.#isDone || this.#isAsked) return undefined;
    const step = this.#step ?? this.#ask();
    this.#step = undefined;
    if (step?.done === true || this.#failure !== undefined) this.#isDone = true;
    return step === undefined || step.done === true ? undefined : { value: step.value };
  }

  /** Tells the iterable that nothing more is wanted; waits for that, unless it is busy with an item that nobody wants. */
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
      // PERF: a plain iterable costs no turn of the event loop.
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
