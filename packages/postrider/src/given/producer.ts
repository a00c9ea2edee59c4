/**
 * Content that the caller produces: streams, iterables, blobs, and functions that open one. Its errors are handled from the start, its
 * chunks are read and checked in one place, and it is stopped when it is not needed.
 *
 * Layer: given.
 */
import { Buffer } from "node:buffer";
import { isSmtpError, MessageError } from "../errors/errors.js";
import {
  type BytesLike,
  copyBytes,
  describe,
  describeKind,
  isAsyncIterable,
  isBlobLike,
  isByteStream,
  isBytes,
  isIterable,
  isObject,
  isPlain,
  isPromise,
  isResponseLike,
} from "./values.js";

export interface ReadingRules {
  /** Names the content in errors. */
  readonly field: string;
  /** Whether a chunk may be a string, which is read as UTF-8. */
  readonly takesText: boolean;
  /** The chunks come from this package and are consumed before the next one is read, so they need no copy. */
  readonly isInternal?: boolean | undefined;
}

interface Listened {
  failure: { readonly error: unknown } | undefined;
}

const END: IteratorReturnResult<undefined> = { done: true, value: undefined };

/** Streams with an error listener of this package, and their error. */
const listened = new WeakMap<object, Listened>();

/**
 * Adds an error listener to a Node stream; other values are ignored. A stream may fail before it is read or after it was destroyed,
 * and an `error` event without a listener ends the process.
 */
export function listenToErrors(value: unknown): void {
  if (!isNodeStream(value) || listened.has(value)) return;
  const state: Listened = { failure: undefined };
  listened.set(value, state);
  quietly(() =>
    value.on("error", (error: unknown) => {
      state.failure ??= { error };
    }),
  );
}

/** Stops content that is not being read; errors of stopping are ignored. */
export function discard(value: unknown): void {
  if (isNodeStream(value)) quietly(() => value.destroy?.());
  else if (isResponseLike(value)) discard(value.body);
  else if (isByteStream(value)) quietly(() => (value as { cancel?(): unknown }).cancel?.());
  else if (isAsyncIterable(value)) quietly(() => (value as { return?(): unknown }).return?.());
}

/** Message, attachments, properties of an attachment, pieces of its content. */
const MAX_DEPTH = 4;

/** Stops every stream in the arrays and plain objects of an invalid message. */
export function discardDeeply(value: unknown, depth = 0): void {
  if (depth > MAX_DEPTH || !isObject(value)) return;
  listenToErrors(value);
  discard(value);
  if (!isPlain(value)) return;
  quietly(() => {
    for (const one of Object.values(value)) discardDeeply(one, depth + 1);
  });
}

/** A single-use stream, held from the call until it is read or released. */
export class HeldStream {
  readonly #stream: unknown;
  readonly #rules: ReadingRules;
  #state: "unread" | "opened" | "released" = "unread";

  /** @throws MessageError when it has been read, was closed, or has failed */
  constructor(given: unknown, rules: ReadingRules) {
    listenToErrors(given);
    this.#rules = rules;
    this.#stream = isResponseLike(given) ? bodyOf(given, rules.field) : given;
    this.check();
  }

  /** @throws MessageError when it has been read, was closed, or has failed */
  check(): void {
    const { field } = this.#rules;
    if (this.#state === "opened") {
      throw new MessageError(field, "is a stream that has been read already; pass a function that opens it");
    }
    if (this.#state === "released") {
      throw new MessageError(field, "is a stream that was closed after its send; pass a function that opens it");
    }
    checkUnread(this.#stream, field);
  }

  /** @throws MessageError as `check` does */
  open(): Reading {
    this.check();
    this.#state = "opened";
    return new Reading(() => this.#stream, this.#rules);
  }

  /** Stops the stream. A stream that is being read is stopped by its Reading. */
  release(): void {
    if (this.#state !== "unread") return;
    this.#state = "released";
    discard(this.#stream);
  }
}

/**
 * One reading of content. Every chunk of a caller's producer is read here: it is checked and copied, and an error of the producer
 * becomes a MessageError with the `cause`.
 *
 * Not a generator, so that `return()` stops the producer at once, also while a chunk is awaited; that chunk is then rejected.
 */
export class Reading implements AsyncIterableIterator<Uint8Array, undefined> {
  readonly #open: () => unknown;
  readonly #rules: ReadingRules;
  #steps: Steps | Promise<Steps> | undefined;
  #isEnded = false;
  #isStopped = false;
  /** Holds the copy of each chunk, when it is used at once. */
  #scratch: Buffer | undefined;

  /** @param open returns the content, or a promise of it; called for the first chunk */
  constructor(open: () => unknown, rules: ReadingRules) {
    this.#open = open;
    this.#rules = rules;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Each chunk is overwritten by the next from now on. PERF: for a consumer that encodes each chunk at once. */
  overwrite(): this {
    this.#scratch ??= Buffer.alloc(0);
    return this;
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (this.#isEnded) return END;
    try {
      this.#checkWanted();
      this.#steps ??= this.#begin();
      const steps = isPromise(this.#steps) ? await this.#steps : this.#steps;
      const step = await steps.next();
      // SECURITY: a producer that was stopped ends early, and its chunks so far are not the whole content.
      this.#checkWanted();
      this.#isEnded = step.done === true;
      return step.done === true ? END : { done: false, value: this.#take(await step.value) };
    } catch (error) {
      this.#stop();
      throw this.#explain(error);
    }
  }

  /** Never rejects, and does not wait for the producer. */
  return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#stop();
    return Promise.resolve(END);
  }

  #begin(): Steps | Promise<Steps> {
    const content = this.#open();
    return isPromise(content) ? Promise.resolve(content).then((late) => this.#use(late)) : this.#use(content);
  }

  #use(content: unknown): Steps {
    listenToErrors(content);
    if (this.#isStopped) discard(content);
    this.#checkWanted();
    const steps = stepsOf(content, this.#rules.field);
    this.#steps = steps;
    return steps;
  }

  #take(chunk: unknown): Uint8Array {
    const { field, takesText, isInternal } = this.#rules;
    if (typeof chunk === "string" && takesText) {
      if (!(chunk as string & { isWellFormed(): boolean }).isWellFormed()) {
        throw new MessageError(field, "must not hold a lone surrogate", { phase: "content" });
      }
      return Buffer.from(chunk, "utf8");
    }
    if (isBytes(chunk)) return isInternal === true ? (chunk as Uint8Array) : this.#copy(chunk);
    const rule = takesText
      ? `the stream must yield bytes, not ${describeKind(chunk)}`
      : `must be a stream of bytes, not of ${typeof chunk}s`;
    throw new MessageError(field, rule, { phase: "content" });
  }

  #copy(chunk: BytesLike): Buffer {
    const copy = ownBytes(chunk, this.#rules.field, this.#scratch);
    if (this.#scratch !== undefined && copy.length > this.#scratch.length) this.#scratch = copy;
    return copy;
  }

  #stop(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    if (this.#steps !== undefined && !isPromise(this.#steps)) this.#steps.stop();
  }

  #checkWanted(): void {
    if (!this.#isStopped) return;
    throw new MessageError(this.#rules.field, "was aborted while it was read", { phase: "content" });
  }

  #explain(error: unknown): unknown {
    if (isSmtpError(error) && error.code === "message") return error;
    return new MessageError(this.#rules.field, `cannot be read: ${reasonOf(error)}`, {
      cause: error,
      phase: "content",
    });
  }
}

/** A copy of the bytes. @throws MessageError when their buffer was transferred */
export function ownBytes(bytes: Parameters<typeof copyBytes>[0], field: string, scratch?: Buffer): Buffer {
  const copy = copyBytes(bytes, scratch);
  if (copy === undefined) throw new MessageError(field, "must not be the bytes of a detached ArrayBuffer");
  return copy;
}

/** The message of a thrown value, which may be anything. */
export function reasonOf(error: unknown): string {
  try {
    return isObject(error) && "message" in error && typeof error.message === "string" ? error.message : String(error);
  } catch {
    return "an error that cannot be shown";
  }
}

/** How one kind of producer is read and stopped. */
interface Steps {
  next(): PromiseLike<IteratorResult<unknown, unknown>> | IteratorResult<unknown, unknown>;
  /** Does not throw. */
  stop(): void;
}

function stepsOf(given: unknown, field: string): Steps {
  const content = isResponseLike(given) ? bodyOf(given, field) : isBlobLike(given) ? given.stream() : given;
  if (typeof content === "string" || isBytes(content)) return iteratorSteps([content][Symbol.iterator]());
  checkUnread(content, field);
  // QUIRK: web streams are not async iterable in every runtime. A reader can also be cancelled while it waits.
  if (isByteStream(content)) {
    const reader = content.getReader();
    return {
      next: () => reader.read() as Promise<IteratorResult<unknown, unknown>>,
      stop: () => quietly(() => reader.cancel()),
    };
  }
  if (isAsyncIterable(content)) return iteratorSteps(content[Symbol.asyncIterator](), content);
  if (isIterable(content)) return iteratorSteps(content[Symbol.iterator]());
  throw new MessageError(field, `the function must open bytes or a stream of bytes, not ${describe(given)}`);
}

function iteratorSteps(iterator: AsyncIterator<unknown> | Iterator<unknown>, stream?: unknown): Steps {
  return {
    next: () => iterator.next(),
    stop: () => {
      // The iterator of a Node stream stops only after the chunk that it awaits.
      if (isNodeStream(stream)) quietly(() => stream.destroy?.());
      quietly(() => iterator.return?.());
    },
  };
}

interface NodeStream {
  on(event: "error", listener: (error: unknown) => void): unknown;
  destroy?(): unknown;
  readonly destroyed?: unknown;
  readonly errored?: unknown;
  readonly readableEnded?: unknown;
}

function isNodeStream(value: unknown): value is NodeStream {
  if (!isObject(value)) return false;
  try {
    const { on, pipe } = value as { readonly on?: unknown; readonly pipe?: unknown };
    return typeof on === "function" && typeof pipe === "function";
  } catch {
    return false;
  }
}

/** QUIRK: a Node stream that has ended yields no chunk and no error, so its content would look empty. */
function checkUnread(stream: unknown, field: string): void {
  if (!isNodeStream(stream)) return;
  const error = listened.get(stream)?.failure?.error ?? stream.errored ?? undefined;
  if (error !== undefined) {
    throw new MessageError(field, `cannot be read: ${reasonOf(error)}`, { cause: error, phase: "content" });
  }
  if (stream.readableEnded === true) {
    throw new MessageError(field, "is a stream that has been read already; pass a function that opens it");
  }
  if (stream.destroyed === true) throw new MessageError(field, "is a stream that was closed before it was read");
}

/** The body of a Response. @throws MessageError when it was read, or its status is not a success */
function bodyOf(
  response: { body: unknown; bodyUsed: boolean; ok?: unknown; status?: unknown },
  field: string,
): unknown {
  if (response.bodyUsed) throw new MessageError(field, "is a Response whose body has been read already");
  if (response.ok === false) {
    throw new MessageError(field, `must not be a Response with the status ${String(response.status)}`);
  }
  return response.body ?? Buffer.alloc(0);
}

/** Runs an action and ignores its errors, synchronous and asynchronous. */
function quietly(action: () => unknown): void {
  try {
    const result = action();
    if (isPromise(result)) Promise.resolve(result).catch(() => undefined);
  } catch {
    // Ignored.
  }
}
