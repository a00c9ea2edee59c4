/**
 * The header section as an ordered map: names without regard to case, repeats allowed, values unfolded.
 *
 * Layer: message. RFC 5322 §2.2, RFC 6532 §3.2.
 */
import { checkFieldName, checkFieldValue } from "./field-text.js";

interface Entry {
  name: string;
  value: string;
}

/**
 * The header fields of a message or a part, in order. Every name and value is checked on the way in.
 *
 * @example
 * const headers = new MessageHeaders();
 * headers.append("Received", "by a");
 * headers.append("received", "by b");
 * headers.getAll("RECEIVED");  // ["by a", "by b"]
 */
export class MessageHeaders implements Iterable<[string, string]> {
  // Deleted entries leave the set, the others keep their place: order costs nothing extra.
  readonly #entries = new Set<Entry>();
  readonly #byName = new Map<string, Entry[]>();

  /** Number of fields. */
  get size(): number {
    return this.#entries.size;
  }

  /** The value of the first field of that name. */
  get(name: string): string | undefined {
    return this.#find(name)?.[0]?.value;
  }

  /** The values of all fields of that name, in order. */
  getAll(name: string): string[] {
    return (this.#find(name) ?? []).map((entry) => entry.value);
  }

  has(name: string): boolean {
    return this.#find(name) !== undefined;
  }

  /**
   * Replaces the first field of that name in its place and removes the others, or appends.
   *
   * @throws MessageError (`"message"`) when the name or the value may not stand in a header.
   */
  set(name: string, value: string): this {
    checkFieldName(name);
    checkFieldValue(name, value);
    const found = this.#find(name);
    const [first, ...others] = found ?? [];
    if (found === undefined || first === undefined) return this.append(name, value);
    for (const entry of others) this.#entries.delete(entry);
    found.length = 1;
    first.name = name;
    first.value = value;
    return this;
  }

  /**
   * Adds a field at the end, also when there is one of that name.
   *
   * @throws MessageError (`"message"`) when the name or the value may not stand in a header.
   */
  append(name: string, value: string): this {
    checkFieldName(name);
    checkFieldValue(name, value);
    const entry = { name, value };
    this.#entries.add(entry);
    const found = this.#find(name);
    if (found === undefined) this.#byName.set(name.toLowerCase(), [entry]);
    else found.push(entry);
    return this;
  }

  /** Removes all fields of that name; false when there were none. */
  delete(name: string): boolean {
    const found = this.#find(name);
    if (found === undefined) return false;
    for (const entry of found) this.#entries.delete(entry);
    return this.#byName.delete(name.toLowerCase());
  }

  *[Symbol.iterator](): IterableIterator<[string, string]> {
    for (const { name, value } of this.#entries) yield [name, value];
  }

  #find(name: string): Entry[] | undefined {
    return this.#byName.get(name.toLowerCase());
  }
}
