/**
 * Parts and messages as streams of bytes: `stream()` and `toBytes()`.
 *
 * Layer: message.
 */
import { Buffer } from "node:buffer";
import type { ComposedMessage, ComposeTarget } from "./composed.js";
import type { Entity } from "./entity.js";
import { messageNeedsEightBit } from "./message-needs.js";
import { assemble } from "./pieces.js";
import { settle } from "./settle.js";
import { writeMessage, writePart } from "./write-entity.js";

/** A whole message, with what it lacks. */
export function messageStream(message: Entity): AsyncIterable<Uint8Array> {
  return streamOf(message, () => assemble(writeMessage(message, anyTarget(message))));
}

/** A part alone, with exactly its headers. */
export function entityStream(part: Entity): AsyncIterable<Uint8Array> {
  return streamOf(part, () => assemble(writePart(part, anyTarget(part))));
}

/** The stream in one piece. */
export async function collect(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of stream) pieces.push(piece);
  const [only] = pieces;
  return pieces.length === 1 && only !== undefined ? only : Buffer.concat(pieces);
}

/** Seven bits go everywhere; eight only where the message cannot do without. */
function anyTarget(entity: Entity): ComposeTarget {
  return { eightBit: messageNeedsEightBit(entity), utf8: true };
}

async function* streamOf(entity: Entity, composed: () => ComposedMessage): AsyncGenerator<Uint8Array, void, undefined> {
  await settle(entity);
  const { content } = composed();
  if (content instanceof Uint8Array) yield content;
  else yield* content();
}
