/**
 * The header fields of a message that arrived, in order, looked up in any case.
 */

/** One header field as it came, unfolded, encoded words left as they are. */
export interface InboxHeader {
  /** The name, as it was written. */
  readonly name: string;
  /** The value, unfolded and decoded. */
  readonly value: string;
}

/** Header fields in the order of the message. */
export class InboxHeaders implements Iterable<InboxHeader> {
  /** Every field, in the order of the message. */
  readonly fields: readonly InboxHeader[];

  /** Takes fields in their order. */
  constructor(fields: readonly InboxHeader[]) {
    this.fields = fields;
  }

  /** Value of the first field of that name. */
  get(name: string): string | undefined {
    return this.#named(name)[0]?.value;
  }

  /** Values of all fields of that name, in order. */
  getAll(name: string): readonly string[] {
    return this.#named(name).map((field) => field.value);
  }

  /** Whether there is a field of this name, in any letter case. */
  has(name: string): boolean {
    return this.#named(name).length > 0;
  }

  /** The fields, in the order of the message. */
  [Symbol.iterator](): Iterator<InboxHeader> {
    return this.fields[Symbol.iterator]();
  }

  #named(name: string): readonly InboxHeader[] {
    const wanted = name.toLowerCase();
    return this.fields.filter((field) => field.name.toLowerCase() === wanted);
  }
}
