/**
 * Composing: from a message or a part to its bytes, for a server or for `toBytes()`.
 *
 * Layer: message. RFC 5322, RFC 2045, RFC 6532 (UTF-8 in headers).
 */

import { Buffer } from "node:buffer";
import { MessageError } from "../errors/errors.js";
import { assemble, type WrittenMessage } from "./encoding/pieces.js";
import { type ComposedMessage, type ComposeTarget, checkNesting, type Entity, messageNeedsEightBit } from "./entity.js";
import { writeMessage, writePart } from "./write-entity.js";

/**
 * Composes a message for a server that offers what `target` says. Synchronous: content in memory gives one Buffer, content
 * that is streamed gives a function that opens it. The same message and target give the same bytes each time. Bcc and
 * Resent-Bcc are left out; Date, Message-ID and MIME-Version are made when they are absent.
 *
 * @throws MessageError (`"message"`), AddressError (`"address"`) when a header or the content cannot be sent to this target.
 */
export function compose(message: Entity, target: ComposeTarget): ComposedMessage {
  return assemble(writeMessage(message, target));
}

/** A whole message, with the generated fields it lacks. */
export function messageStream(message: Entity, keepsBcc = false): AsyncIterable<Uint8Array> {
  return streamOf(message, writeMessage, keepsBcc);
}

/** A part alone, with exactly its headers. */
export function entityStream(part: Entity): AsyncIterable<Uint8Array> {
  return streamOf(part, writePart);
}

/** The stream of the message in one piece. */
export function messageBytes(message: Entity, keepsBcc = false): Promise<Uint8Array> {
  return bytesOf(message, writeMessage, keepsBcc);
}

/** The stream of the part in one piece. */
export function entityBytes(part: Entity): Promise<Uint8Array> {
  return bytesOf(part, writePart);
}

type Write = (entity: Entity, target: ComposeTarget) => WrittenMessage;

/** PERF: content in memory, as in nearly every message, passes no iterator. */
async function bytesOf(entity: Entity, write: Write, keepsBcc = false): Promise<Uint8Array> {
  const unsettled = settle(entity);
  if (unsettled !== undefined) await unsettled;
  const { content } = assemble(write(entity, anyTarget(entity, keepsBcc)));
  if (typeof content !== "function") return content;
  const pieces: Uint8Array[] = [];
  for await (const piece of streamed(entity, content)) pieces.push(piece);
  return Buffer.concat(pieces);
}

async function* streamOf(entity: Entity, write: Write, keepsBcc = false): AsyncGenerator<Uint8Array, void, undefined> {
  await settle(entity);
  const { content } = assemble(write(entity, anyTarget(entity, keepsBcc)));
  if (typeof content !== "function") yield content;
  else yield* streamed(entity, content);
}

/** Closes the remaining streams when one fails: a message with a one-time stream cannot be composed again. */
async function* streamed(
  entity: Entity,
  content: () => AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* content();
  } finally {
    releaseContent(entity);
  }
}

/** Seven bits where possible; eight only where the content requires it. */
function anyTarget(entity: Entity, bcc: boolean): ComposeTarget {
  return { eightBit: messageNeedsEightBit(entity), utf8: true, bcc };
}

/** SECURITY: a part may be used in several places; with doubling at each of 50 levels, composing would never end. */
const MAX_PARTS = 100_000;

/** Makes content that is generated asynchronously (text from html); undefined when there is none. @throws MessageError */
export function settle(message: Entity): Promise<void> | undefined {
  const waiting: (() => Promise<void>)[] = [];
  walk(message, ({ content }) => {
    if (content.kind === "text" && content.settle !== undefined) waiting.push(content.settle);
  });
  return waiting.length === 0 ? undefined : settleAll(waiting);
}

/** Closes the streams of the message whose reading has not begun. */
export function releaseContent(message: Entity): void {
  try {
    walk(message, ({ content }) => {
      if (content.kind === "source") content.release();
    });
  } catch {
    // Nested too deep: composing reports it.
  }
}

async function settleAll(waiting: readonly (() => Promise<void>)[]): Promise<void> {
  for (const one of waiting) await one();
}

function walk(message: Entity, visit: (entity: Entity) => void): void {
  let count = 0;
  const step = (entity: Entity, path: readonly Entity[]): void => {
    if (++count > MAX_PARTS) throw new MessageError("parts", `there are more than ${MAX_PARTS} parts`);
    visit(entity);
    const { content } = entity;
    if (content.kind !== "parts" && content.kind !== "message") return;
    checkNesting(entity, path);
    const inner = [...path, entity];
    if (content.kind === "message") step(content.message, inner);
    else for (const part of content.parts) step(part, inner);
  };
  step(message, []);
}
