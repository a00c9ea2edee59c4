/** A parser or an encoder, what to throw at it, and what must hold whatever it is. */
import { fc } from "../support/property.js";

export interface FuzzTarget {
  readonly name: string;
  readonly property: fc.IAsyncProperty<unknown>;
}

/** `check` throws when something does not hold. */
export function fuzzTarget<T>(
  name: string,
  arbitrary: fc.Arbitrary<T>,
  check: (value: T) => void | Promise<void>,
): FuzzTarget {
  const property = fc.asyncProperty(arbitrary, async (value) => {
    await check(value);
  });
  return { name, property: property as unknown as fc.IAsyncProperty<unknown> };
}
