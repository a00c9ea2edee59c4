/**
 * Rules for options: the checks, reading options by a table of rules, and hints for the names of other libraries.
 *
 * Layer: options.
 */
import { isSmtpError, OptionError } from "../errors/errors.js";
import { reasonOf } from "../given/producer.js";
import { describe, describeKind, ownEntries, takeProperties, withoutPrototype } from "../given/values.js";
import { findControl, findLoneSurrogate, nearestName } from "../text/characters.js";

/** Runtimes that ignore some options, by a global that no other runtime has. */
export const onWorkers = (): boolean => "WebSocketPair" in globalThis;
export const onDeno = (): boolean => "Deno" in globalThis;
export const onBun = (): boolean => "Bun" in globalThis;

/** Checks the value of an option and returns it in its resolved form. @throws OptionError */
export type Rule<Value> = (value: unknown, option: string) => Value;

/** An OptionError that tells what was found. SECURITY: a number is shown where one is due, text never. */
function wrong(option: string, rule: string, value: unknown): OptionError {
  const isNumber = rule.includes("number");
  let hint = "";
  // Values from the environment are strings.
  if (isNumber && typeof value === "string" && /^-?\d+$/.test(value)) hint = "; convert it with Number()";
  if (rule === FLAG && (value === "true" || value === "false")) hint = '; compare it with "true"';
  return new OptionError(option, `must be ${rule}, not ${isNumber ? describe(value) : describeKind(value)}${hint}`);
}

const FLAG = "true or false";

/** The limit of Node's timers (2^31 - 1 ms, 24 days): longer ones fire at once. */
const MAX_MILLISECONDS = 2_147_483_647;

export const flag: Rule<boolean> = (value, option) => {
  if (typeof value !== "boolean") throw wrong(option, FLAG, value);
  return value;
};

export const string: Rule<string> = (value, option) => {
  if (typeof value !== "string") throw wrong(option, "a string", value);
  return value;
};

/** A string that is not empty, without control characters. */
export const text: Rule<string> = (value, option) => {
  const given = string(value, option);
  if (given === "") throw new OptionError(option, "must not be empty");
  if (findControl(given) !== undefined) throw new OptionError(option, "must not hold control characters");
  if (findLoneSurrogate(given) !== undefined) throw new OptionError(option, "must not hold a lone surrogate");
  return given;
};

export const milliseconds: Rule<number> = (value, option) => {
  if (typeof value !== "number" || !(value > 0) || value > MAX_MILLISECONDS) {
    throw wrong(option, `a number of milliseconds above 0, at most ${MAX_MILLISECONDS}`, value);
  }
  return value;
};

/** A whole number of at least 1. */
export const count: Rule<number> = (value, option) => {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 1) {
    throw wrong(option, "a whole number above 0", value);
  }
  return value;
};

/** A whole number within these bounds, both included. */
export function wholeNumber(least: number, most: number): Rule<number> {
  return (value, option) => {
    if (typeof value === "number" && Number.isSafeInteger(value) && value >= least && value <= most) return value;
    throw wrong(option, `a whole number from ${least} to ${most}`, value);
  };
}

export const portNumber: Rule<number> = wholeNumber(1, 65_535);

/** A function; its signature cannot be checked. */
export function callable<Signature extends (...given: never[]) => unknown>(): Rule<Signature> {
  return (value, option) => {
    if (typeof value !== "function") throw wrong(option, "a function", value);
    return value as Signature;
  };
}

/** Any AbortSignal, also one of another realm or a polyfill. */
export const abortSignal: Rule<AbortSignal> = (value, option) => {
  if (hasMembers(value, { aborted: "boolean", addEventListener: "function", removeEventListener: "function" })) {
    return value as unknown as AbortSignal;
  }
  throw wrong(option, "an AbortSignal", value);
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
    if (!Array.isArray(value)) throw wrong(option, "an array", value);
    return Object.freeze(ownEntries(value).map((one, index) => entry(one, `${option}[${index}]`)));
  };
}

/** Whether `value` is an object or function with members of these types. */
export function hasMembers(value: unknown, members: Readonly<Record<string, string>>): value is object {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return false;
  return Object.entries(members).every(([name, type]) => typeof (value as Record<string, unknown>)[name] === type);
}

/** One row for each option: its name and its rule. */
export type Rules = Readonly<Record<string, Rule<unknown>>>;

/** The options after their rules; those not given are absent. */
export type Checked<Table extends Rules> = {
  readonly [Name in keyof Table]?: ReturnType<Table[Name]> | undefined;
};

/**
 * Reads the given options, each once, and checks them. The object of the caller is not kept and not changed.
 *
 * @param owner the option that holds these, such as `"dsn"`; errors then name `dsn.return`
 * @throws OptionError
 */
export function readOptions<Table extends Rules>(given: unknown, rules: Table, owner?: string): Checked<Table> {
  return Object.freeze(check({}, given, rules, owner));
}

/**
 * As `readOptions`, in an object without a prototype.
 *
 * SECURITY: an option that was not given must not be found on Object.prototype.
 */
export function readOwnOptions<Table extends Rules>(given: unknown, rules: Table, owner?: string): Checked<Table> {
  return check(withoutPrototype({}), given, rules, owner);
}

function check<Table extends Rules>(
  checked: Record<string, unknown>,
  given: unknown,
  rules: Table,
  owner: string | undefined,
): Checked<Table> {
  const isKnown = (name: string): boolean => Object.hasOwn(rules, name);
  const own = takeOptions(given, isKnown, owner);
  for (const name of Object.keys(own)) {
    const rule = isKnown(name) ? rules[name] : undefined;
    if (rule === undefined) throw unknownOption(name, Object.keys(rules), owner);
    const value = own[name];
    if (value === undefined) continue;
    // PERF: a known name is safe to show.
    const option = owner === undefined ? name : `${owner}.${name}`;
    if (value === null) throw new OptionError(option, "must not be null; leave it out");
    checked[name] = rule(value, option);
  }
  return checked as Checked<Table>;
}

/**
 * Name and value of all options that are not undefined, values unchecked.
 *
 * @throws OptionError when `given` is not an object, or has a name that is not among `known`
 */
export function givenEntries(given: unknown, known: readonly string[], owner?: string): readonly [string, unknown][] {
  const own = takeOptions(given, (name) => known.includes(name), owner);
  const entries: [string, unknown][] = [];
  for (const name of Object.keys(own)) {
    if (!known.includes(name)) throw unknownOption(name, known, owner);
    if (own[name] !== undefined) entries.push([name, own[name]]);
  }
  return entries;
}

/** Copies the options, each read once; an accessor of a class is an error and is not ignored. */
function takeOptions(
  given: unknown,
  isKnown: (name: string) => boolean,
  owner: string | undefined,
): Record<string, unknown> {
  checkObject(given, owner);
  try {
    return takeProperties(given, (name) => {
      if (isKnown(name)) throw new OptionError(nameIn(owner, name), "must be a property of the object itself");
    });
  } catch (cause) {
    if (isSmtpError(cause)) throw cause;
    throw new OptionError(owner ?? "options", `cannot be read: ${reasonOf(cause)}`, { cause });
  }
}

function checkObject(given: unknown, owner: string | undefined): asserts given is object {
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw wrong(owner ?? "options", "an object", given);
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

/** Names of other libraries, and what to write instead. */
const FOREIGN_NAMES: Readonly<Record<string, string>> = {
  service: "hostname and port (there is no list of services)",
  pool: "new SmtpPool(options)",
  maxMessages: "maxMessagesPerConnection of SmtpPool",
  maxConnections: "maxConnections of SmtpPool",
  rateDelta: "rateLimit: { messages, per } of SmtpPool",
  rateLimit: "rateLimit of SmtpPool",
  maxRequeues: "the property retry of an error",
  opportunisticTLS: "startTls, left out",
  secureConnection: "useTls",
  transactionLog: "trace",
  envelope: "sender and recipients",
  "dsn.id": "dsn.envelopeId",
  "dsn.notify": "recipients: [{ address, notify }]",
  "dsn.recipient": "recipients: [{ address, originalRecipient }]",
  host: "hostname",
  secure: "useTls",
  requireTLS: "startTls",
  ignoreTLS: "startTls: false",
  user: "username",
  pass: "password",
  name: "localHostname",
  source_address: "localAddress",
  socket_path: "socketPath",
  sock: "socket",
  path: "socketPath",
  lmtp: 'protocol: "lmtp"',
  connectionTimeout: "timeout",
  greetingTimeout: "timeout",
  socketTimeout: "timeout",
  dnsTimeout: "timeout",
  authMethod: "authMethods",
  logger: "trace",
  debug: "trace",
  tls_context: "tls",
  validate_certs: "tls.rejectUnauthorized",
  client_cert: "tls.cert",
  client_key: "tls.key",
  cert_bundle: "tls.ca",
  from: "sender",
  to: "recipients",
  mail_options: "mailOptions",
  rcpt_options: "rcptOptions",
};

/**
 * The object with one more property, which `util.inspect`, `JSON.stringify` and a spread pass over.
 *
 * SECURITY: keys and streams must not get into a log.
 */
export function withHidden<Shown extends object, Name extends string, Value>(
  shown: Shown,
  name: Name,
  value: Value,
): Shown & { readonly [Key in Name]: Value } {
  return Object.defineProperty(shown, name, { value, enumerable: false }) as Shown & { readonly [Key in Name]: Value };
}
