/**
 * Where the fields of a header are kept: in their order, and found by name.
 *
 * Layer: message.
 */

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
  /** Removes all of that name but so many at the front. */
  keep(key: string, count: 0 | 1): void;
}

/** From here on a walk over all fields costs more than an index. */
export const MAX_FEW_FIELDS = 24;

const NONE: readonly HeaderField[] = [];

/** PERF: nearly every header has a dozen fields, and a walk over these costs less than making a Map and a Set. */
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

/** Any number of fields, each found and removed at constant cost. */
export class IndexedFields implements FieldStore {
  // Removed fields leave the set, the others keep their place: order costs nothing extra.
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
