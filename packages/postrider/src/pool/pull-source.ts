/**
 * An iterable of either kind, pulled without waiting for it: outcomes must not wait for a slow producer.
 *
 * Layer: pool.
 */

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
