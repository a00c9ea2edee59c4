/**
 * Walks through a message around its composing: how its parts are nested, what must be waited for, which streams it holds.
 *
 * Layer: message.
 */
import { MessageError } from "../errors.js";
import { checkNesting, type Entity } from "./entity.js";

/** SECURITY: a part may stand in several places, and what doubles at each of fifty levels never ends. */
const MAX_PARTS = 100_000;

/** Undefined when there is nothing to wait for, which is nearly always. @throws MessageError when content cannot be made */
export function settle(message: Entity): Promise<void> | undefined {
  const waiting: (() => Promise<void>)[] = [];
  walk(message, ({ content }) => {
    if (content.kind === "text" && content.settle !== undefined) waiting.push(content.settle);
  });
  return waiting.length === 0 ? undefined : settleAll(waiting);
}

/** Stops the streams that the message holds and that nobody has begun to read. */
export function releaseContent(message: Entity): void {
  try {
    walk(message, ({ content }) => {
      if (content.kind === "source") content.release();
    });
  } catch {
    // Nested too deep: whoever composes it hears of that.
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
