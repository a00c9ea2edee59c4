/**
 * Reads the header of a raw message for its envelope, and removes Bcc and Resent-Bcc from it.
 *
 * Layer: submission. RFC 5322 §3.6.3 (Bcc), RFC 6532 (UTF-8).
 */
import { Buffer } from "node:buffer";
import { MessageError } from "../errors/errors.js";
import { onAbort } from "../given/abort.js";
import type { Reading } from "../given/producer.js";
import { isBytes } from "../given/values.js";
import { isEnvelopeOnly } from "../message/entity.js";
import { MAX_HEADER_BYTES, type ScannedField, scanFields } from "../message/header/parse.js";
import { asBuffer, LineEndingNormalizer } from "../text/line-ends.js";
import { checkRawBeginning, openerOf, type RawMessage, textBytes } from "./raw-message.js";
import type { Progress, ReadingWatch } from "./submission.js";

const LF = 0x0a;
const CR = 0x0d;

/** A raw message whose header was read. */
export interface ReadMessage {
  readonly headers: { getAll(name: string): string[] };
  /** Without Bcc and Resent-Bcc, else unchanged. A stream continues after the part that was read. */
  readonly message: RawMessage;
  /** The header holds bytes above 127. */
  readonly hasUtf8Headers: boolean;
  /** Stops the unread rest. */
  readonly close: () => void;
}

/**
 * Reads the header; of a stream only the chunks up to the empty line. A promise only for a stream.
 *
 * @throws MessageError when the header does not parse or is longer than 4 MiB, or the stream fails; `signal.reason`.
 */
export function readRawHeader(
  message: RawMessage,
  signal?: AbortSignal,
  watch?: ReadingWatch,
): ReadMessage | Promise<ReadMessage> {
  if (typeof message === "string") return readBytes(textBytes(message));
  if (isBytes(message)) return readBytes(message as Uint8Array);
  const source = openerOf(message).open();
  const release = (): void => void source.return();
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      release();
      return reject(signal.reason);
    }
    // The next chunk may never come: neither an abort nor the timeout waits for it.
    const giveUp = (reason: unknown): void => {
      stop();
      release();
      reject(reason);
    };
    const leave = signal === undefined ? undefined : onAbort(signal, () => giveUp(signal.reason));
    const clock = watch?.begin(giveUp);
    const stop = (): void => {
      clock?.end();
      leave?.();
    };
    readStream(source, () => clock?.progress()).then((read) => {
      stop();
      resolve({ ...read, close: release });
    }, giveUp);
  });
}

function readBytes(bytes: Uint8Array, normalizer = normalizerOf(bytes)): ReadMessage {
  checkRawBeginning(bytes);
  return readCanonical(normalizer === undefined ? bytes : normalizer.push(bytes));
}

/** A file whose lines end in CR alone is sent with CRLF, so its header is read that way too. */
function normalizerOf(bytes: Uint8Array): LineEndingNormalizer | undefined {
  return endsLinesInCr(bytes) ? new LineEndingNormalizer() : undefined;
}

function readCanonical(bytes: Uint8Array): ReadMessage {
  const fields = [...scanFields(bytes)];
  const end = fields.at(-1)?.end ?? 0;
  return {
    headers: {
      getAll: (name) => fields.filter((field) => isNamed(field, name)).map((field) => field.value),
    },
    message: withoutEnvelopeFields(bytes, fields),
    hasUtf8Headers: bytes.subarray(0, end).some((byte) => byte > 0x7f),
    close: () => undefined,
  };
}

/** True when the header has only CR line ends. SECURITY: a CR among other line ends stays an error. */
function endsLinesInCr(bytes: Uint8Array): boolean {
  const lf = bytes.indexOf(LF);
  const end = asBuffer(bytes).indexOf("\r\r", 0, "latin1");
  // "\r\r\n" is a CRLF with a surplus CR.
  return bytes.includes(CR) && (lf === -1 || (end !== -1 && lf > end + 2));
}

function isNamed(field: ScannedField, name: string): boolean {
  return field.name.toLowerCase() === name.toLowerCase();
}

/** The same array when there are none. */
function withoutEnvelopeFields(bytes: Uint8Array, fields: readonly ScannedField[]): Uint8Array {
  const pieces: Uint8Array[] = [];
  let from = 0;
  for (const { name, start, end } of fields) {
    if (!isEnvelopeOnly(name.toLowerCase())) continue;
    pieces.push(bytes.subarray(from, start));
    from = end;
  }
  return from === 0 ? bytes : Buffer.concat([...pieces, bytes.subarray(from)]);
}

async function readStream(source: Reading, progress: Progress): Promise<Omit<ReadMessage, "close">> {
  const head = new HeadBuffer();
  let isWhole = false;
  while (!isWhole && !head.hasHeader) {
    const next = await source.next();
    progress();
    if (next.done === true) isWhole = true;
    else head.push(next.value);
  }
  const normalizer = normalizerOf(head.bytes);
  const { headers, message, hasUtf8Headers } = readBytes(head.bytes, normalizer);
  const rest = isWhole ? undefined : source;
  return { headers, message: continued(message as Uint8Array, rest, normalizer), hasUtf8Headers };
}

/** Not a generator, so that `return()` stops the source at once, also while a chunk is awaited. */
function continued(
  head: Uint8Array,
  source: Reading | undefined,
  normalizer: LineEndingNormalizer | undefined,
): AsyncIterable<Uint8Array> {
  let first: Uint8Array | undefined = head;
  const iterator: AsyncIterator<Uint8Array, undefined> = {
    next: async () => {
      const value = first;
      first = undefined;
      if (value !== undefined) return { done: false, value };
      const next = await source?.next();
      if (next === undefined || next.done === true) return { done: true, value: undefined };
      return { done: false, value: normalizer?.push(next.value) ?? next.value };
    },
    return: async () => {
      await source?.return();
      return { done: true, value: undefined };
    },
  };
  return { [Symbol.asyncIterator]: () => iterator };
}

/** The beginning of a stream, until it holds the empty line. */
class HeadBuffer {
  #bytes: Buffer = Buffer.alloc(0);
  #used = 0;
  /** Start of the last line, and how far it was searched for an LF. */
  #lineStart = 0;
  #searched = 0;
  hasHeader = false;

  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#used);
  }

  push(chunk: Uint8Array): void {
    this.#append(chunk);
    const { bytes } = this;
    for (let lf = bytes.indexOf(LF, this.#searched); lf !== -1; lf = bytes.indexOf(LF, lf + 1)) {
      const start = this.#lineStart;
      this.hasHeader = lf === start || (lf === start + 1 && bytes[start] === CR);
      if (this.hasHeader) return;
      this.#lineStart = lf + 1;
    }
    // With CR line ends there is no LF: two CRs, and a third byte that is not LF, end the header.
    this.hasHeader = this.#lineStart === 0 && this.#endsInCr();
    if (this.hasHeader) return;
    this.#searched = this.#used;
    if (this.#used > MAX_HEADER_BYTES) {
      throw new MessageError("message", `the header section is longer than ${MAX_HEADER_BYTES} bytes`, {
        phase: "content",
      });
    }
  }

  #endsInCr(): boolean {
    const end = this.bytes.indexOf("\r\r", Math.max(0, this.#searched - 2), "latin1");
    return end !== -1 && end + 2 < this.#used && this.bytes[end + 2] !== LF;
  }

  /** PERF: doubling keeps many small chunks linear. */
  #append(chunk: Uint8Array): void {
    const size = this.#used + chunk.length;
    if (size > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(size, this.#bytes.length * 2));
      larger.set(this.bytes);
      this.#bytes = larger;
    }
    this.#bytes.set(chunk, this.#used);
    this.#used = size;
  }
}
