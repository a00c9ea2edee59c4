/**
 * What must be waited for before a message can be composed: content that is made by something that answers later.
 *
 * Layer: message.
 */
import type { Entity } from "./entity.js";

/** Undefined when there is nothing to wait for, which is nearly always. @throws MessageError when content cannot be made */
export function settle(message: Entity): Promise<void> | undefined {
  const waiting: (() => Promise<void>)[] = [];
  collect(message, [], waiting);
  return waiting.length === 0 ? undefined : settleAll(waiting);
}

async function settleAll(waiting: readonly (() => Promise<void>)[]): Promise<void> {
  for (const one of waiting) await one();
}

function collect(entity: Entity, path: readonly Entity[], waiting: (() => Promise<void>)[]): void {
  const { content } = entity;
  if (content.kind === "text" && content.settle !== undefined) waiting.push(content.settle);
  // A part that holds itself is refused when it is written.
  if ((content.kind !== "parts" && content.kind !== "message") || path.includes(entity)) return;
  const inner = [...path, entity];
  if (content.kind === "message") collect(content.message, inner, waiting);
  else for (const part of content.parts) collect(part, inner, waiting);
}
