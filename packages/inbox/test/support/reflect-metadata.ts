/**
 * The three functions of the Reflect metadata proposal that `@peculiar/x509` asks for when it is loaded.
 *
 * Imported for its effect, before the library. The library only looks them up; a map by target and key is enough.
 */
const metadata = new WeakMap<object, Map<unknown, unknown>>();

const getMetadata = (key: unknown, target: object): unknown => metadata.get(target)?.get(key);

const defineMetadata = (key: unknown, value: unknown, target: object): void => {
  const known = metadata.get(target) ?? new Map<unknown, unknown>();
  metadata.set(target, known.set(key, value));
};

if (!("getMetadata" in Reflect)) {
  Object.assign(Reflect, { getMetadata, getOwnMetadata: getMetadata, defineMetadata });
}
