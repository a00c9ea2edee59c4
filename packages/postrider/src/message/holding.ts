/**
 * Streams in message data, held while the data is read: whatever is wrong with the message, none is left open or without a listener.
 *
 * Layer: message.
 */
import { isObject, ownEntries } from "../given.js";
import { discardDeeply } from "../producer.js";
import { isContentInput } from "./content-input.js";
import { isEntity } from "./entity.js";
import { listenDeeply, takeProperties } from "./plain-data.js";

/**
 * What a field with content holds, read once: of an object with `content` its own properties, of an array its entries.
 *
 * @param known the names of these properties
 * @throws MessageError when a property cannot be read
 */
export function takeContent(value: unknown, known: readonly string[], field: string): unknown {
  if (typeof value === "string") return value;
  listenDeeply(value);
  if (isEntity(value, field) || (isContentInput(value) && !Array.isArray(value))) return value;
  if (!Array.isArray(value)) return isDescribed(value) ? takeProperties(value, known, field, field) : value;
  const taken: unknown[] = [];
  return orDiscard(taken, () => {
    for (const [index, one] of ownEntries(value).entries()) taken.push(takeContent(one, known, `${field}[${index}]`));
    return taken;
  });
}

function isDescribed(value: unknown): value is object {
  return isObject(value) && "content" in value;
}

/** Does something with what was taken; when that fails, the streams in it are stopped. @throws what `make` throws */
export function orDiscard<Made>(taken: unknown, make: () => Made): Made {
  try {
    return make();
  } catch (error) {
    discardDeeply(taken);
    throw error;
  }
}
