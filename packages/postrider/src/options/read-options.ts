/**
 * From an object of the caller's to checked options: every name known, every value by its rule.
 *
 * Layer: options.
 */
import { isSmtpError, OptionError } from "../errors.js";
import { takeProperties, withoutPrototype } from "../given.js";
import { reasonOf } from "../producer.js";
import { nearestName } from "../text/nearest-name.js";
import { FOREIGN_NAMES } from "./foreign-names.js";
import type { Rule } from "./rule.js";

/** One row for each option: its name and its rule. */
export type Rules = Readonly<Record<string, Rule<unknown>>>;

/** What the rules make of the options; what was not given is absent. */
export type Checked<Table extends Rules> = {
  readonly [Name in keyof Table]?: ReturnType<Table[Name]> | undefined;
};

/**
 * The options that were given, each read once. The object of the caller's is not kept, and not changed.
 *
 * @param owner the option that holds these, such as `"dsn"`, for errors to say `dsn.return`
 * @throws OptionError
 */
export function readOptions<Table extends Rules>(given: unknown, rules: Table, owner?: string): Checked<Table> {
  const own = takeOptions(given, Object.keys(rules), owner);
  const checked: Record<string, unknown> = {};
  for (const name of Object.keys(own)) {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    if (rule === undefined) throw unknownOption(name, Object.keys(rules), owner);
    const value = own[name];
    if (value === undefined) continue;
    // PERF: a known name needs no care to be shown.
    const option = owner === undefined ? name : `${owner}.${name}`;
    if (value === null) throw new OptionError(option, "must not be null; leave it out instead");
    checked[name] = rule(value, option);
  }
  return Object.freeze(checked) as Checked<Table>;
}

/**
 * The same, in an object without a prototype.
 *
 * SECURITY: for options with defaults: one that was not given must not be found on Object.prototype.
 */
export function readOwnOptions<Table extends Rules>(given: unknown, rules: Table, owner?: string): Checked<Table> {
  return withoutPrototype(readOptions(given, rules, owner));
}

/**
 * Name and value of all options that are not undefined, values unchecked.
 *
 * @throws OptionError when `given` is no object, or holds a name that is not among `known`
 */
export function givenEntries(given: unknown, known: readonly string[], owner?: string): readonly [string, unknown][] {
  const own = takeOptions(given, known, owner);
  const entries: [string, unknown][] = [];
  for (const name of Object.keys(own)) {
    if (!known.includes(name)) throw unknownOption(name, known, owner);
    if (own[name] !== undefined) entries.push([name, own[name]]);
  }
  return entries;
}

/** The options, each read once; an accessor of a class is an error, and never dropped in silence. */
function takeOptions(given: unknown, known: readonly string[], owner: string | undefined): Record<string, unknown> {
  checkObject(given, owner);
  try {
    return takeProperties(given, (name) => {
      if (known.includes(name)) throw new OptionError(nameIn(owner, name), "must be a property of the object itself");
    });
  } catch (cause) {
    if (isSmtpError(cause)) throw cause;
    throw new OptionError(owner ?? "options", `cannot be read: ${reasonOf(cause)}`, { cause });
  }
}

function checkObject(given: unknown, owner: string | undefined): asserts given is object {
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw new OptionError(owner ?? "options", "must be an object");
  }
}

function unknownOption(name: string, known: readonly string[], owner: string | undefined): OptionError {
  const full = owner === undefined ? name : `${owner}.${name}`;
  const foreign = Object.hasOwn(FOREIGN_NAMES, full) ? FOREIGN_NAMES[full] : undefined;
  const near = foreign ?? nearestName(name, known);
  const meant = near === undefined ? "" : `; did you mean ${near}?`;
  return new OptionError(nameIn(owner, name), `there is no such option${meant}`);
}

function nameIn(owner: string | undefined, name: string): string {
  const shown = /^[\w$-]{1,60}$/.test(name) ? name : JSON.stringify(name.slice(0, 60));
  return owner === undefined ? shown : `${owner}.${shown}`;
}
