/**
 * The header section as an ordered map: names without regard to case, repeats allowed, values unfolded.
 *
 * Layer: message. RFC 5322 §2.2, RFC 6532 §3.2.
 */
import { Memo } from "../memo.js";
import { FewFields, type FieldStore, type HeaderField, IndexedFields, MAX_FEW_FIELDS } from "./field-store.js";
import { checkFieldName, checkFieldValue } from "./field-text.js";

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
  #fields: FieldStore = new FewFields();

  /** Number of fields. */
  get size(): number {
    return this.#fields.size;
  }

  /** The value of the first field of that name. */
  get(name: string): string | undefined {
    return this.#fields.first(keyOf(name))?.value;
  }

  /** The values of all fields of that name, in order. */
  getAll(name: string): string[] {
    return this.#fields.all(keyOf(name)).map((field) => field.value);
  }

  has(name: string): boolean {
    return this.#fields.first(keyOf(name)) !== undefined;
  }

  /**
   * Replaces the first field of that name in its place and removes the others, or appends.
   *
   * @throws MessageError (`"message"`) when the name or the value may not stand in a header.
   */
  set(name: string, value: string): this {
    const key = checkedKey(name);
    checkFieldValue(name, value);
    const first = this.#fields.first(key);
    if (first === undefined) return this.#add({ name, key, value });
    this.#fields.keep(key, 1);
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
    return this.#add({ name, key, value });
  }

  /** Removes all fields of that name; false when there were none. */
  delete(name: string): boolean {
    const had = this.has(name);
    this.#fields.keep(keyOf(name), 0);
    return had;
  }

  *[Symbol.iterator](): IterableIterator<[string, string]> {
    for (const { name, value } of this.#fields.inOrder) yield [name, value];
  }

  /**
   * The fields in their order. PERF: without a pair for each and a generator between, which cost more than what is done with them.
   *
   * @internal
   */
  get fields(): Iterable<Readonly<HeaderField>> {
    return this.#fields.inOrder;
  }

  #add(field: HeaderField): this {
    if (this.#fields.size === MAX_FEW_FIELDS && this.#fields instanceof FewFields) {
      this.#fields = new IndexedFields(this.#fields.inOrder);
    }
    this.#fields.add(field);
    return this;
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
