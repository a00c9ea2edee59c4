/**
 * Many messages in, their outcomes out: as fast as the pool takes them, and never more in memory than it can send.
 *
 * Layer: pool.
 */
import type { DeliveryOptions } from "../options.js";
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
  readonly concurrency: number;
  readonly delivery: DeliveryOptions;
  send(message: MessageInput, options: DeliveryOptions): Promise<SendResult>;
}

export async function* sendAll<Input extends MessageInput | SendRequest>(
  messages: Iterable<Input> | AsyncIterable<Input>,
  way: SendAllWay,
): AsyncGenerator<SendOutcome<Input>, void, undefined> {
  const { signal } = way.delivery;
  const source = iterate(messages);
  const inbox = new Outcomes<Input>();
  let index = 0;
  let isDone = false;
  try {
    while (!isDone || inbox.isOwed) {
      while (!isDone && inbox.owed < way.concurrency && !inbox.hasReady) {
        const next = source.next();
        // PERF: a plain iterable costs no turn of the event loop.
        const step = next instanceof Promise ? await next : next;
        signal?.throwIfAborted();
        if (step.done === true) isDone = true;
        else inbox.expect(sendOne(step.value, index++, way));
      }
      if (inbox.isOwed) for (const outcome of await inbox.take()) yield outcome;
    }
  } finally {
    // Reached by break, by an error of the iterable, and by the end: nothing more is pulled, what is in flight finishes.
    if (!isDone) await source.return?.();
    await inbox.settled();
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

function iterate<Input>(messages: Iterable<Input> | AsyncIterable<Input>): Iterator<Input> | AsyncIterator<Input> {
  return Symbol.asyncIterator in messages ? messages[Symbol.asyncIterator]() : messages[Symbol.iterator]();
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

  get isOwed(): boolean {
    return this.owed > 0;
  }

  get hasReady(): boolean {
    return this.#ready.length > 0;
  }

  expect(outcome: Promise<SendOutcome<Input>>): void {
    this.#pending++;
    void outcome.then((one) => {
      this.#pending--;
      this.#ready.push(one);
      this.#wake?.();
    });
  }

  /** All that are ready; waits for the first. */
  async take(): Promise<readonly SendOutcome<Input>[]> {
    while (this.#ready.length === 0) await this.#next();
    const ready = this.#ready;
    this.#ready = [];
    return ready;
  }

  async settled(): Promise<void> {
    while (this.#pending > 0) await this.#next();
  }

  #next(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
