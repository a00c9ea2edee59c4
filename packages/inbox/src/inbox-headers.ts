/**
 * The header fields of a message that arrived, in order, looked up in any case.
 */

/** One header field as it came, unfolded, encoded words left as they are. */
export interface InboxHeader {
  readonly name: string;
  readonly value: string;
}

/** Header fields in the order of the message. */
export class InboxHeaders implements Iterable<InboxHeader> {
  readonly fields: readonly InboxHeader[];

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

  has(name: string): boolean {
    return this.#named(name).length > 0;
  }

  [Symbol.iterator](): Iterator<InboxHeader> {
    return this.fields[Symbol.iterator]();
  }

  #named(name: string): readonly InboxHeader[] {
    const wanted = name.toLowerCase();
    return this.fields.filter((field) => field.name.toLowerCase() === wanted);
  }
}
