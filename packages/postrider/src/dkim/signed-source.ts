/**
 * A signed message as it is read for sending: the signatures, then the content for the second time.
 *
 * Layer: dkim.
 */
import type { Buffer } from "node:buffer";
import { MessageError } from "../errors.js";
import type { MessageDigest, MessageReader } from "./message-reader.js";

/** The second reading of a content. */
export interface Reading {
  readonly iterator: AsyncIterator<Uint8Array>;
  /** Compares it with the first. */
  readonly check?: { readonly expected: MessageDigest; readonly reader: MessageReader } | undefined;
  /** Called when the reading ends, in whatever way. */
  readonly close?: (() => Promise<void> | void) | undefined;
}

/** Not a generator: asked to stop, it must tell the content at once, also while a chunk is awaited. */
export class SignedSource implements AsyncIterator<Uint8Array, undefined> {
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

  /** SECURITY: a signature that does not fit its message must not leave; nothing of it counts before the end is sent. */
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
