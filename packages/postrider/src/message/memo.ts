/**
 * A small memory of results that cost microseconds and come again: the sender's field, the usual content types.
 *
 * Layer: message.
 */

const MAX_ENTRIES = 256;
const MAX_KEY_LENGTH = 200;

/** Remembers values by short keys. Bounded: when it is full it starts again. */
export class Memo<Value extends {}> {
  readonly #known = new Map<string, Value>();

  get(key: string): Value | undefined {
    return this.#known.get(key);
  }

  /** Keeps the value, when the key is short, and returns it. */
  keep(key: string, value: Value): Value {
    if (key.length > MAX_KEY_LENGTH) return value;
    if (this.#known.size >= MAX_ENTRIES) this.#known.clear();
    this.#known.set(key, value);
    return value;
  }
}
