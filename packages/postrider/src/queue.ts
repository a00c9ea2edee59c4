/**
 * A FIFO queue with constant-time operations at both ends.
 *
 * Layer: given.
 */

const FIRST_CAPACITY = 16;

/**
 * PERF: a ring buffer. `Array.shift` moves every element of a large array, and an array that runs empty and fills again is
 * reallocated each time.
 */
export class Queue<T> {
  /** Its length is a power of two. */
  #slots: (T | undefined)[] = new Array<T | undefined>(FIRST_CAPACITY).fill(undefined);
  #head = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(item: T): void {
    if (this.#length === this.#slots.length) this.#resize(this.#length * 2);
    this.#slots[this.#slotOf(this.#length)] = item;
    this.#length++;
  }

  /** Puts an item in front of all others. */
  unshift(item: T): void {
    if (this.#length === this.#slots.length) this.#resize(this.#length * 2);
    this.#head = this.#slotOf(this.#slots.length - 1);
    this.#slots[this.#head] = item;
    this.#length++;
  }

  /** Puts items in front of all others, in their order. */
  unshiftAll(items: readonly T[]): void {
    for (let index = items.length - 1; index >= 0; index--) this.unshift(items[index] as T);
  }

  peek(): T | undefined {
    return this.#slots[this.#head];
  }

  shift(): T | undefined {
    if (this.#length === 0) return undefined;
    const item = this.#slots[this.#head];
    this.#slots[this.#head] = undefined;
    this.#head = this.#slotOf(1);
    this.#length--;
    // Releases the memory of a burst.
    if (this.#slots.length > FIRST_CAPACITY && this.#length * 4 < this.#slots.length) {
      this.#resize(this.#slots.length / 2);
    }
    return item;
  }

  /** Removes an item at any position; false when it is not in the queue. O(length), for the head O(1). */
  remove(item: T): boolean {
    if (this.#length > 0 && this.peek() === item) {
      this.shift();
      return true;
    }
    let offset = 0;
    while (offset < this.#length && this.#slots[this.#slotOf(offset)] !== item) offset++;
    if (offset === this.#length) return false;
    for (; offset < this.#length - 1; offset++) {
      this.#slots[this.#slotOf(offset)] = this.#slots[this.#slotOf(offset + 1)];
    }
    this.#slots[this.#slotOf(offset)] = undefined;
    this.#length--;
    return true;
  }

  /** From the first to the last. */
  *[Symbol.iterator](): Generator<T, void, undefined> {
    for (let offset = 0; offset < this.#length; offset++) yield this.#slots[this.#slotOf(offset)] as T;
  }

  some(holds: (item: T) => boolean): boolean {
    for (const item of this) if (holds(item)) return true;
    return false;
  }

  find(holds: (item: T) => boolean): T | undefined {
    for (const item of this) if (holds(item)) return item;
    return undefined;
  }

  /** Removes and returns all items. */
  drain(): T[] {
    const items = Array.from({ length: this.#length }, (_, offset) => this.#slots[this.#slotOf(offset)] as T);
    this.#slots = new Array<T | undefined>(FIRST_CAPACITY).fill(undefined);
    this.#head = 0;
    this.#length = 0;
    return items;
  }

  /** Slot of the item `offset` places behind the head. */
  #slotOf(offset: number): number {
    return (this.#head + offset) & (this.#slots.length - 1);
  }

  #resize(capacity: number): void {
    const slots = new Array<T | undefined>(capacity).fill(undefined);
    for (let offset = 0; offset < this.#length; offset++) slots[offset] = this.#slots[this.#slotOf(offset)];
    this.#slots = slots;
    this.#head = 0;
  }
}
