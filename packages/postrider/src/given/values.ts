/**
 * Values from callers, recognized by structure: bytes, dates, URLs, blobs, streams, plain objects.
 *
 * Layer: given. Without `instanceof`: a value from another realm (jsdom, node:vm, a worker) has other classes.
 */
import { Buffer } from "node:buffer";

/** Bytes in any form: every view of a buffer, or the buffer itself. */
export type BytesLike = ArrayBufferView | ArrayBuffer | SharedArrayBuffer;

const NUMBERS: ReadonlySet<string> = new Set(["number", "boolean", "bigint"]);

export function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** A view of any kind and any realm, an ArrayBuffer or a SharedArrayBuffer. */
export function isBytes(value: unknown): value is BytesLike {
  return isObject(value) && (ArrayBuffer.isView(value) || bufferLength(value) !== undefined);
}

/**
 * A copy of the bytes; undefined when the buffer was transferred.
 *
 * SECURITY: the bytes that were checked must be the bytes that are sent, so nothing that the caller or another thread can change is
 * kept. Offset and length come from the engine, because a subclass may override its getters.
 *
 * @param scratch is filled, if it is large enough.
 */
export function copyBytes(value: BytesLike, scratch?: Buffer): Buffer | undefined {
  const [buffer, offset, length] = locationOf(value);
  let view: Uint8Array;
  try {
    view = new Uint8Array(buffer, offset, length);
  } catch {
    return undefined;
  }
  const copy =
    scratch !== undefined && scratch.length >= length ? scratch.subarray(0, length) : Buffer.allocUnsafe(length);
  copy.set(view);
  return copy;
}

type Getter<Value> = (this: unknown) => Value;

const TYPED_ARRAY = Object.getPrototypeOf(Uint8Array.prototype) as object;
const TYPED_ARRAY_LOCATION = [
  getter<ArrayBuffer>(TYPED_ARRAY, "buffer"),
  getter<number>(TYPED_ARRAY, "byteOffset"),
  getter<number>(TYPED_ARRAY, "byteLength"),
] as const;
const DATA_VIEW_LOCATION = [
  getter<ArrayBuffer>(DataView.prototype, "buffer"),
  getter<number>(DataView.prototype, "byteOffset"),
  getter<number>(DataView.prototype, "byteLength"),
] as const;
const TYPED_ARRAY_NAME = getter<string | undefined>(TYPED_ARRAY, Symbol.toStringTag);

const BUFFER_LENGTHS: readonly Getter<number>[] = [
  getter<number>(ArrayBuffer.prototype, "byteLength"),
  // Browsers have SharedArrayBuffer only in isolated pages.
  ...(typeof SharedArrayBuffer === "undefined" ? [] : [getter<number>(SharedArrayBuffer.prototype, "byteLength")]),
];

/** Milliseconds since 1970 of a Date of any realm; NaN of an invalid date; undefined of any other value. */
export function dateTime(value: unknown): number | undefined {
  try {
    return Date.prototype.getTime.call(value);
  } catch {
    return undefined;
  }
}

/** The text of a URL object, also of a polyfill; undefined of any other value. */
export function urlText(value: unknown): string | undefined {
  if (!isObject(value)) return undefined;
  const { href, protocol } = value as { readonly href?: unknown; readonly protocol?: unknown };
  return typeof href === "string" && typeof protocol === "string" ? href : undefined;
}

/** A promise of any realm, or another thenable. */
export function isPromise<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return isObject(value) && typeof (value as { readonly then?: unknown }).then === "function";
}

/** A Blob or a File. */
export interface BlobLike {
  /** Bytes. */
  readonly size: number;
  /** The media type, such as `"image/png"`; `""` when it is unknown. */
  readonly type: string;
  /** The file name of a File. */
  readonly name?: string | undefined;
  /** Reads the whole content. */
  arrayBuffer(): Promise<ArrayBuffer>;
  /** Opens the content as a web stream; may be called again. */
  stream(): unknown;
}

export function isBlobLike(value: unknown): value is BlobLike {
  if (!isObject(value)) return false;
  const { size, arrayBuffer, stream } = value as Partial<BlobLike>;
  return typeof size === "number" && typeof arrayBuffer === "function" && typeof stream === "function";
}

/** A web stream of bytes; a Node Readable is an `AsyncIterable`. */
export interface ByteStream {
  /** Locks the stream to one reader. */
  getReader(): ByteReader;
}

/** The reader of a web stream. */
export interface ByteReader {
  /** The next chunk, or the end of the stream. */
  read(): Promise<ByteChunk>;
  /** Stops the stream. */
  cancel(reason?: unknown): Promise<void>;
  /** Unlocks the stream. */
  releaseLock?(): void;
}

/** What one read of a web stream gives. */
export interface ByteChunk {
  /** True at the end of the stream. */
  readonly done: boolean;
  /** The bytes; absent at the end. */
  readonly value?: Uint8Array | undefined;
}

export function isByteStream(value: unknown): value is ByteStream {
  return isObject(value) && typeof (value as Partial<ByteStream>).getReader === "function";
}

export function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return isObject(value) && typeof (value as Partial<AsyncIterable<unknown>>)[Symbol.asyncIterator] === "function";
}

export function isIterable(value: unknown): value is Iterable<unknown> {
  return isObject(value) && typeof (value as Partial<Iterable<unknown>>)[Symbol.iterator] === "function";
}

/** The Response of `fetch`, as far as it is used here. */
export interface ResponseLike {
  /** The content; null when there is none. */
  readonly body: ByteStream | null;
  /** Whether the body was read already: it is then an error. */
  readonly bodyUsed: boolean;
  /** False for a status other than 2xx, whose body is an error. */
  readonly ok?: boolean | undefined;
  /** The HTTP status, for the error. */
  readonly status?: number | undefined;
}

export function isResponseLike(value: unknown): value is ResponseLike {
  if (!isObject(value) || !("bodyUsed" in value) || !("body" in value)) return false;
  return typeof value.bodyUsed === "boolean" && (value.body === null || isByteStream(value.body));
}

/**
 * Copies the properties, each read once, into an object without a prototype: own properties, and those inherited from another object
 * (`Object.create(defaults)`).
 *
 * SECURITY: properties of Object.prototype are not read (prototype pollution).
 *
 * @param hidden called with the name of a property of a class, which would be ignored
 * @param taken called with each property that is an object, before the next one is read
 */
export function takeProperties(
  value: object,
  hidden: (name: string) => void,
  taken?: (value: object) => void,
): Record<string, unknown> {
  const own: Record<string, unknown> = new PlainCopy();
  let failure: { readonly error: unknown } | undefined;
  const take = (name: string): void => {
    try {
      const one = (value as Readonly<Record<string, unknown>>)[name];
      own[name] = one;
      if (taken !== undefined && isObject(one)) taken(one);
    } catch (error) {
      // The others are still read: a stream among them must be passed to `taken`.
      failure ??= { error };
    }
  };
  for (const name of Object.keys(value)) take(name);
  // PERF: nearly every object is a literal.
  if (Object.getPrototypeOf(value) !== Object.prototype) takeInherited(value, own, take, hidden);
  if (failure !== undefined) throw (failure as { readonly error: unknown }).error;
  return own;
}

/**
 * An object that does not inherit from Object.prototype. PERF: V8 makes an object without a prototype a hash table; one with an empty
 * prototype is as fast as a literal.
 */
class PlainCopy {
  [name: string]: unknown;
}
Object.setPrototypeOf(PlainCopy.prototype, null);
Reflect.deleteProperty(PlainCopy.prototype, "constructor");

/** A copy that does not inherit from Object.prototype. */
export function withoutPrototype<Properties extends object>(properties: Properties): Properties {
  return isPlainCopy(properties) ? properties : (Object.assign(new PlainCopy(), properties) as Properties);
}

/** Whether the value is a literal, an array, or a copy of one. */
export function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === null || prototype === Object.prototype || isPlainCopy(value);
}

/** A copy of the array. */
export function ownEntries(list: readonly unknown[]): readonly unknown[] {
  const { length } = list;
  const entries: unknown[] = [];
  // SECURITY: not by its iterator, which a caller may override. PERF: Array.from takes ten times as long.
  for (let index = 0; index < length; index++) entries.push(list[index]);
  return entries;
}

/** Describes a value in an error: its kind, and a number's value. SECURITY: never text, which may be a secret. */
export function describe(value: unknown): string {
  if (value === "") return "an empty string";
  const kind = describeKind(value);
  return NUMBERS.has(typeof value) ? `${kind} (${String(value as number).slice(0, 40)})` : kind;
}

/** The same without the value of a number. */
export function describeKind(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return isObject(value) ? describeObject(value) : `a ${typeof value}`;
}

/** Undefined when the text is not JSON, or not an object. */
export function parseJsonObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

function getter<Value>(prototype: object, name: PropertyKey): Getter<Value> {
  const { get } = Object.getOwnPropertyDescriptor(prototype, name) as { get: Getter<Value> };
  return get;
}

function locationOf(value: BytesLike): readonly [ArrayBuffer, number, number] {
  const length = ArrayBuffer.isView(value) ? undefined : bufferLength(value);
  if (length !== undefined) return [value as ArrayBuffer, 0, length];
  const [buffer, offset, bytes] =
    TYPED_ARRAY_NAME.call(value) === undefined ? DATA_VIEW_LOCATION : TYPED_ARRAY_LOCATION;
  return [buffer.call(value), offset.call(value), bytes.call(value)];
}

/** Undefined when it is not a buffer. The engine's getter throws for any other object, whatever its tag. */
function bufferLength(value: object): number | undefined {
  const tag: unknown = (value as { readonly [Symbol.toStringTag]?: unknown })[Symbol.toStringTag];
  if (tag !== "ArrayBuffer" && tag !== "SharedArrayBuffer") return undefined;
  for (const length of BUFFER_LENGTHS) {
    try {
      return length.call(value);
    } catch {
      // The other kind, or none.
    }
  }
  return undefined;
}

function tagOf(value: unknown): string {
  return Object.prototype.toString.call(value);
}

function takeInherited(value: object, own: object, take: (name: string) => void, hidden: (name: string) => void): void {
  for (let from = prototypeOf(value); from !== null; from = prototypeOf(from)) {
    // The end of the chain is the Object.prototype of its realm.
    if (prototypeOf(from) === null) return;
    for (const name of Object.getOwnPropertyNames(from)) {
      if (name === "constructor" || name in own) continue;
      if (Object.prototype.propertyIsEnumerable.call(from, name)) take(name);
      else hidden(name);
    }
  }
}

function prototypeOf(value: object): object | null {
  return Object.getPrototypeOf(value) as object | null;
}

function isPlainCopy(value: object): boolean {
  return Object.getPrototypeOf(value) === PlainCopy.prototype;
}

function describeObject(value: object): string {
  if (Array.isArray(value)) return "an array";
  if (isBytes(value)) return `${article(bytesName(value))} of ${locationOf(value)[2]} bytes`;
  const time = dateTime(value);
  if (time !== undefined) return Number.isNaN(time) ? "an invalid date" : "a date";
  if (isPromise(value)) return "a Promise (await it first)";
  if (isJsonBuffer(value)) return "a Buffer that went through JSON (Buffer.from(value.data) makes it one again)";
  const name = className(value);
  return name === undefined ? "an object" : `an object (${name})`;
}

function bytesName(value: BytesLike): string {
  const name = className(value);
  return name === "Buffer" ? name : (TYPED_ARRAY_NAME.call(value) ?? tagOf(value).slice("[object ".length, -1));
}

/** The result of JSON.stringify of a Buffer. */
function isJsonBuffer(value: object): boolean {
  const { type, data } = value as { readonly type?: unknown; readonly data?: unknown };
  return type === "Buffer" && Array.isArray(data);
}

function className(value: object): string | undefined {
  const prototype = prototypeOf(value);
  const made: unknown = prototype === null ? undefined : Reflect.get(prototype, "constructor", prototype);
  const name = typeof made === "function" ? made.name : "";
  return name === "Object" || !/^[A-Za-z]\w{0,40}$/.test(name) ? undefined : name;
}

function article(name: string): string {
  return `${/^[AEIOUaeiou]/.test(name) && !name.startsWith("Uint") ? "an" : "a"} ${name}`;
}
