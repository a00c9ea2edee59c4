/**
 * The runtime that the tests run on, where it is the runtime and not the library that decides what happens.
 */

/** Bun and Deno call themselves Node, too. */
const RUNTIME: "bun" | "deno" | "node" =
  process.versions["bun"] !== undefined ? "bun" : process.versions["deno"] !== undefined ? "deno" : "node";

/** What holds on this runtime: the value for Node, unless another is given. */
export function onRuntime<T>(values: { readonly node: T; readonly bun?: T; readonly deno?: T }): T {
  // A value may be undefined.
  return Object.hasOwn(values, RUNTIME) ? (values[RUNTIME] as T) : values.node;
}
