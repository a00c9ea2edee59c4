/**
 * Rules: what one option may be. A rule takes what the caller gave and returns what the library works with, or throws an
 * OptionError that names the option and the rule, and never shows the value, which may be a secret.
 *
 * Layer: options.
 */
import { OptionError } from "../errors.js";
import { ownEntries } from "../given.js";
import { findControl, findLoneSurrogate } from "../text/characters.js";
import { nearestName } from "../text/nearest-name.js";

/** @throws OptionError */
export type Rule<Value> = (value: unknown, option: string) => Value;

/** What comes from the environment is a string; SECURITY: its kind is told, never the value. */
function stringHint(value: unknown): string {
  if (typeof value !== "string") return "";
  if (/^-?\d+$/.test(value)) return "; it is a string of digits, so convert it with Number()";
  return /^(?:true|false)$/.test(value) ? '; it is a string, so compare it with "true"' : "; it is a string";
}

/** Node's timers take no more (2^31 - 1 ms, 24 days): past that they fire at once. */
const MAX_MILLISECONDS = 2_147_483_647;

export const flag: Rule<boolean> = (value, option) => {
  if (typeof value !== "boolean") throw new OptionError(option, `must be true or false${stringHint(value)}`);
  return value;
};

export const string: Rule<string> = (value, option) => {
  if (typeof value !== "string") throw new OptionError(option, "must be a string");
  return value;
};

/** A string that says something, without control characters. */
export const text: Rule<string> = (value, option) => {
  const given = string(value, option);
  if (given === "") throw new OptionError(option, "must not be empty");
  if (findControl(given) !== undefined) throw new OptionError(option, "must not hold control characters");
  if (findLoneSurrogate(given) !== undefined) throw new OptionError(option, "must not hold half of a surrogate pair");
  return given;
};

export const milliseconds: Rule<number> = (value, option) => {
  if (typeof value !== "number" || !(value > 0) || value > MAX_MILLISECONDS) {
    throw new OptionError(
      option,
      `must be a number of milliseconds above 0, at most ${MAX_MILLISECONDS}${stringHint(value)}`,
    );
  }
  return value;
};

export const portNumber: Rule<number> = (value, option) => {
  if (typeof value !== "number" || !Number.isInteger(value) || value < 1 || value > 65_535) {
    throw new OptionError(option, `must be a whole number from 1 to 65535${stringHint(value)}`);
  }
  return value;
};

/** A whole number from 1 on. */
export const count: Rule<number> = (value, option) => {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 1) {
    throw new OptionError(option, `must be a whole number above 0${stringHint(value)}`);
  }
  return value;
};

/** A whole number within these bounds, both included. */
export function wholeNumber(least: number, most: number): Rule<number> {
  return (value, option) => {
    if (typeof value === "number" && Number.isSafeInteger(value) && value >= least && value <= most) return value;
    throw new OptionError(option, `must be a whole number from ${least} to ${most}${stringHint(value)}`);
  };
}

/** A function; what it takes and gives shows only when it is called. */
export function callable<Signature extends (...given: never[]) => unknown>(): Rule<Signature> {
  return (value, option) => {
    if (typeof value !== "function") throw new OptionError(option, "must be a function");
    return value as Signature;
  };
}

/** Any AbortSignal, also one of another realm or a polyfill. */
export const abortSignal: Rule<AbortSignal> = (value, option) => {
  if (hasMembers(value, { aborted: "boolean", addEventListener: "function", removeEventListener: "function" })) {
    return value as unknown as AbortSignal;
  }
  throw new OptionError(option, "must be an AbortSignal");
};

export function oneOf<const Word extends string>(...words: readonly Word[]): Rule<Word> {
  return (value, option) => {
    const found = words.find((word) => word === value);
    if (found !== undefined) return found;
    const near = typeof value === "string" ? nearestName(value, words) : undefined;
    const meant = near === undefined ? "" : `; did you mean ${JSON.stringify(near)}?`;
    throw new OptionError(option, `must be ${words.map((word) => JSON.stringify(word)).join(" or ")}${meant}`);
  };
}

/** An array, copied and frozen; each entry by `entry`, named `option[index]`. */
export function listOf<Value>(entry: Rule<Value>): Rule<readonly Value[]> {
  return (value, option) => {
    if (!Array.isArray(value)) throw new OptionError(option, "must be an array");
    return Object.freeze(ownEntries(value).map((one, index) => entry(one, `${option}[${index}]`)));
  };
}

/** Whether `value` is an object or function with members of these types. */
export function hasMembers(value: unknown, members: Readonly<Record<string, string>>): value is object {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return false;
  return Object.entries(members).every(([name, type]) => typeof (value as Record<string, unknown>)[name] === type);
}
