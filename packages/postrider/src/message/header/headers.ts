/**
 * MessageHeaders: the header fields as an ordered multimap; names are case-insensitive, values unfolded.
 *
 * Layer: message. RFC 5322 §2.2, RFC 6532 §3.2.
 */
import { checkFieldName, checkFieldValue, Memo } from "./field-text.js";

/** PERF: names in lower case by their usual spellings; only names that were checked are kept. */
const keys = new Memo<string>();

/**
 * The header fields of a message or a part, in order. Every name and value is checked when it is set.
 *
 * @example
 * const headers = new MessageHeaders();
 * headers.append("Received", "by a");
 * headers.append("received", "by b");
 * headers.getAll("RECEIVED");  // ["by a", "by b"]
 */
export class MessageHeaders implements Iterable<[string, string]> {
  #fields: FieldStore = new FewFields();

  /** The number of fields. */
  get size(): number {
    return this.#fields.size;
  }

  /** The value of the first field of that name, in any letter case; undefined when there is none. */
  get(name: string): string | undefined {
    return this.#fields.first(keyOf(name))?.value;
  }

  /** The values of all fields of that name, in any letter case and in order. */
  getAll(name: string): string[] {
    return this.#fields.all(keyOf(name)).map((field) => field.value);
  }

  /** Whether there is a field of that name, in any letter case. */
  has(name: string): boolean {
    return this.#fields.first(keyOf(name)) !== undefined;
  }

  /**
   * Replaces the first field of that name, keeping its place, and removes the others; appends when there is none.
   *
   * @throws MessageError (`"message"`) when the name or the value is invalid.
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
   * @throws MessageError (`"message"`) when the name or the value is invalid.
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

  /** The fields as `[name, value]`, in order. */
  *[Symbol.iterator](): IterableIterator<[string, string]> {
    for (const { name, value } of this.#fields.inOrder) yield [name, value];
  }

  /**
   * The fields in their order. PERF: without the pairs and the generator of the public iterator.
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

export interface HeaderField {
  name: string;
  /** The name in lower case. */
  readonly key: string;
  value: string;
}

/** Keys are names in lower case. */
export interface FieldStore {
  readonly size: number;
  readonly inOrder: Iterable<HeaderField>;
  first(key: string): HeaderField | undefined;
  all(key: string): readonly HeaderField[];
  add(field: HeaderField): void;
  /** Removes all fields of that name except the first `count`. */
  keep(key: string, count: 0 | 1): void;
}

/** Above this number, a linear search costs more than an index. */
const MAX_FEW_FIELDS = 24;

const NONE: readonly HeaderField[] = [];

/** PERF: nearly every header has about a dozen fields; a linear search costs less than making a Map and a Set. */
export class FewFields implements FieldStore {
  inOrder: HeaderField[] = [];

  get size(): number {
    return this.inOrder.length;
  }

  first(key: string): HeaderField | undefined {
    for (const field of this.inOrder) if (field.key === key) return field;
    return undefined;
  }

  all(key: string): readonly HeaderField[] {
    let found: HeaderField[] | undefined;
    for (const field of this.inOrder) {
      if (field.key !== key) continue;
      if (found === undefined) found = [field];
      else found.push(field);
    }
    return found ?? NONE;
  }

  add(field: HeaderField): void {
    this.inOrder.push(field);
  }

  keep(key: string, count: 0 | 1): void {
    let seen = 0;
    this.inOrder = this.inOrder.filter((field) => field.key !== key || ++seen <= count);
  }
}

/** Any number of fields, each found and removed in constant time. */
export class IndexedFields implements FieldStore {
  // A Set keeps the insertion order of the remaining fields.
  readonly inOrder: Set<HeaderField> = new Set();
  readonly #byKey: Map<string, HeaderField[]> = new Map();

  constructor(fields: Iterable<HeaderField>) {
    for (const field of fields) this.add(field);
  }

  get size(): number {
    return this.inOrder.size;
  }

  first(key: string): HeaderField | undefined {
    return this.#byKey.get(key)?.[0];
  }

  all(key: string): readonly HeaderField[] {
    return this.#byKey.get(key) ?? NONE;
  }

  add(field: HeaderField): void {
    this.inOrder.add(field);
    const found = this.#byKey.get(field.key);
    if (found === undefined) this.#byKey.set(field.key, [field]);
    else found.push(field);
  }

  keep(key: string, count: 0 | 1): void {
    const found = this.#byKey.get(key) ?? [];
    for (const field of found.splice(count)) this.inOrder.delete(field);
    if (found.length === 0) this.#byKey.delete(key);
  }
}
