/**
 * Properties that printing does not show.
 *
 * Layer: options.
 */

/**
 * The object with one more property, which `util.inspect`, `JSON.stringify` and a spread pass over.
 *
 * SECURITY: keys of TLS and streams of the caller's have no place in a log.
 */
export function withHidden<Shown extends object, Name extends string, Value>(
  shown: Shown,
  name: Name,
  value: Value,
): Shown & { readonly [Key in Name]: Value } {
  return Object.defineProperty(shown, name, { value, enumerable: false }) as Shown & { readonly [Key in Name]: Value };
}
