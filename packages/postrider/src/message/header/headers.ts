/**
 * The header section as an ordered map: names without regard to case, repeats allowed, values unfolded.
 *
 * Layer: message. RFC 5322 §2.2, RFC 6532 §3.2.
 */
import { Memo } from "../memo.js";
import { checkFieldName, checkFieldValue } from "./field-text.js";

/** One field as composing sees it. */
export interface HeaderField {
  readonly name: string;
  /** The name in lower case. */
  readonly key: string;
  readonly value: string;
}

interface Entry extends HeaderField {
  name: string;
  value: string;
}

/** PERF: names in lower case by their usual spellings; only names that were checked are kept. */
const keys = new Memo<string>();

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
  readonly #byKey = new Map<string, Entry[]>();

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
    const key = checkedKey(name);
    checkFieldValue(name, value);
    const found = this.#byKey.get(key);
    const first = found?.[0];
    if (found === undefined || first === undefined) return this.#add(name, key, value);
    for (const entry of found.splice(1)) this.#entries.delete(entry);
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
    const key = checkedKey(name);
    checkFieldValue(name, value);
    return this.#add(name, key, value);
  }

  /** Removes all fields of that name; false when there were none. */
  delete(name: string): boolean {
    const found = this.#find(name);
    if (found === undefined) return false;
    for (const entry of found) this.#entries.delete(entry);
    return this.#byKey.delete(keyOf(name));
  }

  *[Symbol.iterator](): IterableIterator<[string, string]> {
    for (const { name, value } of this.#entries) yield [name, value];
  }

  /**
   * The fields in their order. PERF: without a pair for each and a generator between, which cost more than what is done with them.
   *
   * @internal
   */
  get fields(): Iterable<HeaderField> {
    return this.#entries;
  }

  #add(name: string, key: string, value: string): this {
    const entry = { name, key, value };
    this.#entries.add(entry);
    const found = this.#byKey.get(key);
    if (found === undefined) this.#byKey.set(key, [entry]);
    else found.push(entry);
    return this;
  }

  #find(name: string): Entry[] | undefined {
    return this.#byKey.get(keyOf(name));
  }
}

function keyOf(name: string): string {
  return keys.get(name) ?? name.toLowerCase();
}

/** @throws MessageError when this cannot be the name of a field. */
function checkedKey(name: string): string {
  const known = keys.get(name);
  if (known !== undefined) return known;
  checkFieldName(name);
  return keys.keep(name, name.toLowerCase());
}
