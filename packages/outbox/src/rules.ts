/**
 * Rules that check one value, and a reader that applies a table of them.
 */
import { OptionError, parseAddressList } from "postrider";

export type Rule<T> = (value: unknown, option: string) => T;

export const fail = (option: string, rule: string): never => {
  throw new OptionError(option, rule);
};

export function readWith<Rules extends Readonly<Record<string, Rule<unknown>>>>(
  options: unknown,
  rules: Rules,
  what: string,
): { readonly [Name in keyof Rules]: ReturnType<Rules[Name]> | undefined } {
  if (!isPlain(options)) return fail(what, "must be a plain object");
  const read: Record<string, unknown> = Object.create(null);
  // Those of an item are named with it.
  const path = (name: string): string => (what.endsWith("]") ? `${what}.${name}` : name);
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(rules, name)) fail(path(name), `is not an option; there are ${Object.keys(rules).join(", ")}`);
    if (value !== undefined) read[name] = rules[name]?.(value, path(name));
  }
  return read as never;
}

/** Of any realm. What has a class of its own would be read as empty. */
export function isPlain(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

export const whole =
  (min: number, max: number): Rule<number> =>
  (value, option) =>
    typeof value === "number" && Number.isInteger(value) && value >= min && value <= max
      ? value
      : fail(option, `must be a whole number from ${min} to ${max}`);

export const flag: Rule<boolean> = (value, option) =>
  typeof value === "boolean" ? value : fail(option, "must be true or false");

export const oneOf =
  <T extends string>(...words: readonly T[]): Rule<T> =>
  (value, option) =>
    words.includes(value as T)
      ? (value as T)
      : fail(option, `must be ${words.map((word) => `"${word}"`).join(" or ")}`);

/** SECURITY: PostgreSQL takes no NUL, and lone surrogates have no UTF-8. */
export const text =
  (max: number, min = 1): Rule<string> =>
  (value, option) =>
    typeof value === "string" && value.length >= min && value.length <= max && isStorable(value)
      ? value
      : fail(option, `must be a string of ${min} to ${max} characters, without NUL and lone surrogates`);

const isStorable = (value: string): boolean => !/\0|\p{Surrogate}/u.test(value);

/** Ms since 1970. */
export const date: Rule<number> = (value, option) => {
  const time = Object.prototype.toString.call(value) === "[object Date]" ? Number(value) : Number.NaN;
  return Number.isNaN(time) ? fail(option, "must be a valid Date") : time;
};

export const signal: Rule<AbortSignal> = (value, option) =>
  typeof value === "object" && value !== null && "aborted" in value && "addEventListener" in value
    ? (value as AbortSignal)
    : fail(option, "must be an AbortSignal");

export const tags: Rule<Readonly<Record<string, string>>> = (value, option) => {
  if (!isPlain(value)) return fail(option, "must be a plain object");
  const entries = Object.entries(value);
  if (entries.length > 50) return fail(option, "must not have more than 50 entries");
  return Object.fromEntries(
    entries.map(([name, one]) => [text(100)(name, option), text(1000, 0)(one, `${option}.${name.slice(0, 100)}`)]),
  );
};

/** One plain address. */
export const address: Rule<string> = (value, option) => {
  const list = parseAddressList(text(1000)(value, option), option);
  const [one] = list;
  if (list.length !== 1 || one === undefined || !("address" in one)) return fail(option, "must be one address");
  return one.address;
};
