/**
 * Signatures in front of a message that is about to be sent: at once when it is in memory, after a first reading when it is a
 * stream.
 *
 * Layer: dkim. RFC 6376 §3.5 (several signatures stand beside each other, and none signs another).
 */

import { Buffer } from "node:buffer";
import { onAbort } from "../abort.js";
import type { DkimSigner } from "./dkim-signer.js";
import type { CreateHasher } from "./hasher.js";
import { type MessageDigest, MessageReader } from "./message-reader.js";
import { type Reading, SignedSource } from "./signed-source.js";

/** Keeps a stream that serves once until it is read again. */
export interface Spool {
  write(chunk: Uint8Array): Promise<void> | void;
  /** From the beginning; called once, after all was written. */
  read(): AsyncIterator<Uint8Array>;
  /** Gives back what the spool holds; may be called at any time, and twice. */
  close(): Promise<void> | void;
}

export interface SigningTools {
  readonly createHasher: CreateHasher;
  readonly createSpool: () => Spool;
  /** Ends the first reading: the source is told to stop, and signing rejects with the signal's reason. */
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
export async function signBytesContent(
  signers: readonly DkimSigner[],
  bytes: Uint8Array,
  createHasher: CreateHasher,
): Promise<Buffer> {
  const reader = readerFor(signers, createHasher);
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
  // A key that cannot sign is no reason to read a gigabyte first.
  await Promise.all(signers.map((signer) => signer.ready()));
  const spool = stream.isRepeatable ? undefined : tools.createSpool();
  try {
    const first = readerFor(signers, tools.createHasher);
    const size = await readThrough(stream.open(), first, spool, tools.signal);
    const expected = first.finish();
    const prefix = await signatures(signers, expected);
    tools.signal?.throwIfAborted();
    const second: Reading =
      spool === undefined
        ? {
            iterator: stream.open(),
            check: { expected, reader: readerFor(signers, tools.createHasher) },
          }
        : { iterator: spool.read(), close: () => spool.close() };
    return { source: new SignedSource(prefix, second), size: prefix.length + size };
  } catch (error) {
    await spool?.close();
    throw error;
  }
}

function readerFor(signers: readonly DkimSigner[], createHasher: CreateHasher): MessageReader {
  return new MessageReader(
    signers.map((signer) => signer.bodyForm),
    createHasher,
  );
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
    // A source may keep its next chunk back for ever: an abort does not wait for it.
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
