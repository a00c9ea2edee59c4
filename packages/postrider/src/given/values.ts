/**
 * Values as the caller hands them in, told apart by their structure: bytes, dates, URLs, blobs, streams, plain objects.
 *
 * Layer: text. Nothing here uses `instanceof`: a value may come from another realm (jsdom, node:vm, a worker), where every class is
 * another one.
 */
import { Buffer } from "node:buffer";

/** Bytes in any form: every view of a buffer, or the buffer itself. */
export type BytesLike = ArrayBufferView | ArrayBuffer | SharedArrayBuffer;

export function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** A view of any kind and any realm, an ArrayBuffer or a SharedArrayBuffer. */
export function isBytes(value: unknown): value is BytesLike {
  return isObject(value) && (ArrayBuffer.isView(value) || bufferLength(value) !== undefined);
}

/**
 * A copy of the bytes as they are now; undefined when the buffer was transferred away.
 *
 * SECURITY: what was checked must be what is sent, so nothing that the caller (or another thread) can change is kept. The place and
 * the length come from the engine: a subclass may claim any other.
 */
export function copyBytes(value: BytesLike): Buffer | undefined {
  const [buffer, offset, length] = placeOf(value);
  let view: Uint8Array;
  try {
    view = new Uint8Array(buffer, offset, length);
  } catch {
    return undefined;
  }
  const copy = Buffer.allocUnsafe(length);
  copy.set(view);
  return copy;
}

type Getter<Value> = (this: unknown) => Value;

function getter<Value>(prototype: object, name: PropertyKey): Getter<Value> {
  const { get } = Object.getOwnPropertyDescriptor(prototype, name) as { get: Getter<Value> };
  return get;
}

const TYPED_ARRAY = Object.getPrototypeOf(Uint8Array.prototype) as object;
const TYPED_ARRAY_PLACE = [
  getter<ArrayBuffer>(TYPED_ARRAY, "buffer"),
  getter<number>(TYPED_ARRAY, "byteOffset"),
  getter<number>(TYPED_ARRAY, "byteLength"),
] as const;
const DATA_VIEW_PLACE = [
  getter<ArrayBuffer>(DataView.prototype, "buffer"),
  getter<number>(DataView.prototype, "byteOffset"),
  getter<number>(DataView.prototype, "byteLength"),
] as const;
const TYPED_ARRAY_NAME = getter<string | undefined>(TYPED_ARRAY, Symbol.toStringTag);

const BUFFER_LENGTHS: readonly Getter<number>[] = [
  getter<number>(ArrayBuffer.prototype, "byteLength"),
  // Browsers have it only where the page is isolated.
  ...(typeof SharedArrayBuffer === "undefined" ? [] : [getter<number>(SharedArrayBuffer.prototype, "byteLength")]),
];

function placeOf(value: BytesLike): readonly [ArrayBuffer, number, number] {
  const length = ArrayBuffer.isView(value) ? undefined : bufferLength(value);
  if (length !== undefined) return [value as ArrayBuffer, 0, length];
  const [buffer, offset, bytes] = TYPED_ARRAY_NAME.call(value) === undefined ? DATA_VIEW_PLACE : TYPED_ARRAY_PLACE;
  return [buffer.call(value), offset.call(value), bytes.call(value)];
}

/** Undefined: it is no buffer. A getter of the engine throws for everything else, whatever it calls itself. */
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

/** Milliseconds since 1970; NaN of an invalid date; undefined of what is no Date of any realm. */
export function dateTime(value: unknown): number | undefined {
  try {
    return Date.prototype.getTime.call(value);
  } catch {
    return undefined;
  }
}

/** The text of a URL object, of the platform's class or a polyfill's; undefined of anything else. */
export function urlText(value: unknown): string | undefined {
  if (!isObject(value)) return undefined;
  const { href, protocol } = value as { readonly href?: unknown; readonly protocol?: unknown };
  return typeof href === "string" && typeof protocol === "string" ? href : undefined;
}

/** Something to wait for. */
export function isPromise<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return isObject(value) && typeof (value as { readonly then?: unknown }).then === "function";
}

/** A Blob or a File. */
export interface BlobLike {
  readonly size: number;
  readonly type: string;
  readonly name?: string | undefined;
  arrayBuffer(): Promise<ArrayBuffer>;
  stream(): unknown;
}

export function isBlobLike(value: unknown): value is BlobLike {
  if (!isObject(value)) return false;
  const { size, arrayBuffer, stream } = value as Partial<BlobLike>;
  return typeof size === "number" && typeof arrayBuffer === "function" && typeof stream === "function";
}

/** A web stream of bytes; a Node Readable is an `AsyncIterable`. */
export interface ByteStream {
  getReader(): {
    read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
    cancel(reason?: unknown): Promise<void>;
    releaseLock?(): void;
  };
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

/** The answer of `fetch`, as far as its content goes. */
export interface ResponseLike {
  readonly body: ByteStream | null;
  readonly bodyUsed: boolean;
  readonly ok?: boolean | undefined;
  readonly status?: number | undefined;
}

export function isResponseLike(value: unknown): value is ResponseLike {
  if (!isObject(value) || !("bodyUsed" in value) || !("body" in value)) return false;
  return typeof value.bodyUsed === "boolean" && (value.body === null || isByteStream(value.body));
}

/**
 * The object's properties, each read once, in an object without a prototype: its own, and those of an object that it was made from
 * (`Object.create(defaults)`).
 *
 * SECURITY: what stands on Object.prototype was put there by nobody who wrote this object (prototype pollution), so it is not read.
 *
 * @param hidden called with the name of a property that a class gives, which would be overlooked
 * @param taken called with each object at once, before the next property is read
 */
export function takeProperties(
  value: object,
  hidden: (name: string) => void,
  taken?: (value: object) => void,
): Record<string, unknown> {
  const own: Record<string, unknown> = new Taken();
  let failure: { readonly error: unknown } | undefined;
  const take = (name: string): void => {
    try {
      const one = (value as Readonly<Record<string, unknown>>)[name];
      own[name] = one;
      if (taken !== undefined && isObject(one)) taken(one);
    } catch (error) {
      // The others are taken all the same: there may be a stream among them.
      failure ??= { error };
    }
  };
  for (const name of Object.keys(value)) take(name);
  // PERF: nearly every object is a literal.
  if (Object.getPrototypeOf(value) !== Object.prototype) takeInherited(value, own, take, hidden);
  if (failure !== undefined) throw (failure as { readonly error: unknown }).error;
  return own;
}

function takeInherited(value: object, own: object, take: (name: string) => void, hidden: (name: string) => void): void {
  for (let from = prototypeOf(value); from !== null; from = prototypeOf(from)) {
    // The last of a chain is the Object.prototype of its realm.
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

/**
 * An object in which an absent property is not found on Object.prototype. PERF: an object without any prototype is a hash table to V8;
 * this one, whose prototype is empty, costs what a literal costs.
 */
class Taken {
  [name: string]: unknown;
}
Object.setPrototypeOf(Taken.prototype, null);
Reflect.deleteProperty(Taken.prototype, "constructor");

function isTaken(value: object): boolean {
  return Object.getPrototypeOf(value) === Taken.prototype;
}

/** A copy in which an absent property is not found on Object.prototype. */
export function withoutPrototype<Properties extends object>(properties: Properties): Properties {
  return isTaken(properties) ? properties : (Object.assign(new Taken(), properties) as Properties);
}

/** Whether the value is a literal, an array, or what was taken of one. */
export function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === null || prototype === Object.prototype || isTaken(value);
}

/** The entries that the array has now. */
export function ownEntries(list: readonly unknown[]): readonly unknown[] {
  const { length } = list;
  const entries: unknown[] = [];
  // Not by its iterator, which may go on for ever. PERF: nor by Array.from, which takes ten times as long.
  for (let index = 0; index < length; index++) entries.push(list[index]);
  return entries;
}

/** What a value is, for an error: its kind, and a number's value; never text, which may be a secret. */
export function describe(value: unknown): string {
  if (value === "") return "an empty string";
  const kind = describeKind(value);
  return NUMBERS.has(typeof value) ? `${kind} (${String(value as number).slice(0, 40)})` : kind;
}

const NUMBERS: ReadonlySet<string> = new Set(["number", "boolean", "bigint"]);

/** The same without the value of a number. */
export function describeKind(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return isObject(value) ? describeObject(value) : `a ${typeof value}`;
}

function describeObject(value: object): string {
  if (Array.isArray(value)) return "an array";
  if (isBytes(value)) return `${article(bytesName(value))} of ${placeOf(value)[2]} bytes`;
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

/** What JSON.stringify makes of a Buffer. */
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

/** Undefined when the text is no JSON, or is another value than an object. */
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
