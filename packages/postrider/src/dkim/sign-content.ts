/**
 * Puts signatures in front of a message: at once for bytes, after a first reading for a stream.
 *
 * Layer: dkim. RFC 6376 §3.5 (several signatures stand beside each other, and none signs another).
 */
import { Buffer } from "node:buffer";
import { MessageError } from "../errors/errors.js";
import { onAbort } from "../given/abort.js";
import type { DkimSigner } from "./dkim-signer.js";
import { type MessageDigest, MessageReader } from "./message-reader.js";

/** Keeps a stream that serves once until it is read again. */
export interface Spool {
  write(chunk: Uint8Array): Promise<void> | void;
  /** From the beginning; called once, after all was written. */
  read(): AsyncIterator<Uint8Array>;
  /** Releases the spool; may be called at any time, and more than once. */
  close(): Promise<void> | void;
}

export interface SigningTools {
  readonly createSpool: () => Spool;
  /** Aborts the first reading: the source is closed, and signing rejects with the reason of the signal. */
  readonly signal?: AbortSignal | undefined;
}

/** Content that is not in memory; its chunks are canonical when joined: only CRLF line ends. */
export interface StreamToSign {
  readonly open: () => AsyncIterator<Uint8Array>;
  /** Whether `open` may be called again and gives the same bytes. */
  readonly isRepeatable: boolean;
}

export interface SignedStream {
  /** The message with its signatures. Must be read to its end, or told to stop. */
  readonly source: AsyncIterator<Uint8Array, undefined>;
  /** Exact number of bytes. */
  readonly size: number;
}

/**
 * Signs canonical bytes.
 *
 * @throws OptionError when a key cannot sign; MessageError when the message cannot be signed
 */
export async function signBytesContent(signers: readonly DkimSigner[], bytes: Uint8Array): Promise<Buffer> {
  const reader = readerFor(signers);
  reader.push(bytes);
  return Buffer.concat([await signatures(signers, reader.finish()), bytes]);
}

/**
 * Reads the stream once to sign it. What can be opened again is opened again for sending, and compared on the way: content that
 * changed in between fails there, before its end. Other streams go through the spool.
 *
 * @throws OptionError when a key cannot sign; MessageError when the message cannot be signed or read; `signal.reason`
 */
export async function signStreamContent(
  signers: readonly DkimSigner[],
  stream: StreamToSign,
  tools: SigningTools,
): Promise<SignedStream> {
  tools.signal?.throwIfAborted();
  // A damaged key is reported before a gigabyte is read.
  await Promise.all(signers.map((signer) => signer.ready()));
  const spool = stream.isRepeatable ? undefined : tools.createSpool();
  try {
    const first = readerFor(signers);
    const size = await readThrough(stream.open(), first, spool, tools.signal);
    const expected = first.finish();
    const prefix = await signatures(signers, expected);
    tools.signal?.throwIfAborted();
    const second: Reading =
      spool === undefined
        ? {
            iterator: stream.open(),
            check: { expected, reader: readerFor(signers) },
          }
        : { iterator: spool.read(), close: () => spool.close() };
    return { source: new SignedSource(prefix, second), size: prefix.length + size };
  } catch (error) {
    await spool?.close();
    throw error;
  }
}

function readerFor(signers: readonly DkimSigner[]): MessageReader {
  return new MessageReader(signers.map((signer) => signer.bodyForm));
}

async function signatures(signers: readonly DkimSigner[], digest: MessageDigest): Promise<Buffer> {
  const fields = await Promise.all(signers.map((signer) => signer.signDigest(digest)));
  return Buffer.from(fields.map((field) => `${field}\r\n`).join(""), "latin1");
}

/** Returns the number of bytes. */
function readThrough(
  source: AsyncIterator<Uint8Array>,
  reader: MessageReader,
  spool: Spool | undefined,
  signal: AbortSignal | undefined,
): Promise<number> {
  return new Promise((resolve, reject) => {
    // A source may never deliver its next chunk: an abort does not wait for it.
    const abort = () => {
      release(source);
      reject(signal?.reason);
    };
    const leave = signal === undefined ? undefined : onAbort(signal, abort);
    pass(source, reader, spool, signal)
      .then(resolve, reject)
      .finally(() => leave?.());
  });
}

async function pass(
  source: AsyncIterator<Uint8Array>,
  reader: MessageReader,
  spool: Spool | undefined,
  signal: AbortSignal | undefined,
): Promise<number> {
  let size = 0;
  for (;;) {
    const next = await source.next();
    if (next.done === true || signal?.aborted === true) return size;
    try {
      size += next.value.length;
      reader.push(next.value);
      await spool?.write(next.value);
    } catch (error) {
      release(source);
      throw error;
    }
  }
}

function release(source: AsyncIterator<Uint8Array>): void {
  void Promise.resolve(source.return?.()).catch(() => undefined);
}

/** The second reading of a content. */
export interface Reading {
  readonly iterator: AsyncIterator<Uint8Array>;
  /** Compares it with the first. */
  readonly check?: { readonly expected: MessageDigest; readonly reader: MessageReader } | undefined;
  /** Called when the reading ends, in whatever way. */
  readonly close?: (() => Promise<void> | void) | undefined;
}

/** Not a generator: `return()` must close the content at once, also while a chunk is pending. */
class SignedSource implements AsyncIterator<Uint8Array, undefined> {
  readonly #reading: Reading;
  #prefix: Buffer | undefined;
  #isEnded = false;

  constructor(prefix: Buffer, reading: Reading) {
    this.#prefix = prefix;
    this.#reading = reading;
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (this.#isEnded) return { done: true, value: undefined };
    const prefix = this.#prefix;
    this.#prefix = undefined;
    if (prefix !== undefined) return { done: false, value: prefix };
    try {
      const next = await this.#reading.iterator.next();
      if (next.done !== true) {
        this.#reading.check?.reader.push(next.value);
        return { done: false, value: next.value };
      }
      this.#compare();
    } catch (error) {
      await this.#end();
      throw error;
    }
    await this.#end();
    return { done: true, value: undefined };
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (!this.#isEnded) {
      const released = this.#reading.iterator.return?.();
      await this.#end();
      await released;
    }
    return { done: true, value: undefined };
  }

  /** SECURITY: content that changed since it was signed must not be sent; the transaction fails before the end of the content. */
  #compare(): void {
    const { check } = this.#reading;
    if (check === undefined || this.#isEnded || isSame(check.expected, check.reader.finish())) return;
    throw new MessageError("message", "its content changed between signing and sending", { phase: "content" });
  }

  async #end(): Promise<void> {
    if (this.#isEnded) return;
    this.#isEnded = true;
    await this.#reading.close?.();
  }
}

function isSame(first: MessageDigest, second: MessageDigest): boolean {
  const sameFields =
    first.fields.length === second.fields.length &&
    first.fields.every((field, index) => field.raw === second.fields[index]?.raw);
  return sameFields && [...first.bodyHashes].every(([form, hash]) => isEqual(hash, second.bodyHashes.get(form)));
}

function isEqual(first: Uint8Array, second: Uint8Array | undefined): boolean {
  return first.length === second?.length && first.every((byte, index) => byte === second[index]);
}
