/**
 * Parts and messages as streams of bytes: `stream()` and `toBytes()`.
 *
 * Layer: message.
 */
import { Buffer } from "node:buffer";
import type { ComposeTarget } from "./composed.js";
import type { Entity } from "./entity.js";
import { messageNeedsEightBit } from "./message-needs.js";
import { assemble, type WrittenMessage } from "./pieces.js";
import { releaseContent, settle } from "./settle.js";
import { writeMessage, writePart } from "./write-entity.js";

/** A whole message, with what it lacks. */
export function messageStream(message: Entity): AsyncIterable<Uint8Array> {
  return streamOf(message, writeMessage);
}

/** A part alone, with exactly its headers. */
export function entityStream(part: Entity): AsyncIterable<Uint8Array> {
  return streamOf(part, writePart);
}

/** The stream of the message in one piece. */
export function messageBytes(message: Entity): Promise<Uint8Array> {
  return bytesOf(message, writeMessage);
}

/** The stream of the part in one piece. */
export function entityBytes(part: Entity): Promise<Uint8Array> {
  return bytesOf(part, writePart);
}

type Write = (entity: Entity, target: ComposeTarget) => WrittenMessage;

/** PERF: what is in memory, as nearly every message is, passes no iterator. */
async function bytesOf(entity: Entity, write: Write): Promise<Uint8Array> {
  const unsettled = settle(entity);
  if (unsettled !== undefined) await unsettled;
  const { content } = assemble(write(entity, anyTarget(entity)));
  if (typeof content !== "function") return content;
  const pieces: Uint8Array[] = [];
  for await (const piece of streamed(entity, content)) pieces.push(piece);
  return Buffer.concat(pieces);
}

async function* streamOf(entity: Entity, write: Write): AsyncGenerator<Uint8Array, void, undefined> {
  await settle(entity);
  const { content } = assemble(write(entity, anyTarget(entity)));
  if (typeof content !== "function") yield content;
  else yield* streamed(entity, content);
}

/** Streams behind one that fails are not needed any more: what serves once cannot be composed again. */
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

/** Seven bits go everywhere; eight only where the message cannot do without. */
function anyTarget(entity: Entity): ComposeTarget {
  return { eightBit: messageNeedsEightBit(entity), utf8: true };
}
