/**
 * The options of a pool: types, rules, defaults and resolved form; and the options of `send`, split.
 *
 * Layer: options.
 */
import { OptionError } from "../errors/errors.js";
import {
  CONNECTION_OPTION_NAMES,
  type ConnectionOptions,
  connectionOptions,
  type ResolvedConnectionOptions,
} from "./connection-options.js";
import { DELIVERY_OPTION_NAMES, type DeliveryOptions } from "./delivery-options.js";
import { abortSignal, count, flag, givenEntries, milliseconds, oneOf, type Rule, readOwnOptions } from "./rules.js";

/** The options of a pool beyond those of its connections. */
export interface PoolOptions {
  /** Several servers in place of one; the options of each override those of the pool. At least one. */
  readonly servers?: readonly ConnectionOptions[] | undefined;
  /** `"failover"`: the first available server, in this order. `"round-robin"`: all servers in turn. Default `"failover"`. */
  readonly strategy?: "failover" | "round-robin" | undefined;
  /** Connections at the same time, at least 1; default 5. */
  readonly maxConnections?: number | undefined;
  /** Messages after which a connection is replaced, at least 1; default 1000. */
  readonly maxMessagesPerConnection?: number | undefined;
  /** Milliseconds after which an idle connection sends QUIT, above 0; default 30 000. */
  readonly idleTimeout?: number | undefined;
  /** At most `messages` are sent in any window of `per` milliseconds, over all connections. Default: no limit. */
  readonly rateLimit?: RateLimit | undefined;
}

/** How `close` of a pool ends. */
export interface PoolCloseOptions {
  /** True closes at once: messages that are queued or in flight are rejected with what is true of them. Default false. */
  readonly force?: boolean | undefined;
  /** Limits the wait for messages: when it fires, the pool is closed at once, and `close` rejects with `signal.reason`. */
  readonly signal?: AbortSignal | undefined;
}

const CLOSE_RULES = { force: flag, signal: abortSignal } satisfies Record<keyof PoolCloseOptions, Rule<unknown>>;

/** @throws OptionError that names the option and the rule */
export function poolCloseOptions(options: PoolCloseOptions): PoolCloseOptions {
  return readOwnOptions(options, CLOSE_RULES);
}

/** A limit over all connections of a pool. */
export interface RateLimit {
  /** Messages in one window, at least 1. */
  readonly messages: number;
  /** The length of the window in milliseconds, above 0. */
  readonly per: number;
}

/** The options of `send`: those of the connection and those of the delivery. */
export type SendOptions = ConnectionOptions & DeliveryOptions;

const DEFAULT_MAX_CONNECTIONS = 5;
/** Below what servers allow by default (Exim: 1000), so that they seldom reply 421. */
const DEFAULT_MAX_MESSAGES = 1000;
const DEFAULT_IDLE_TIMEOUT = 30_000;

export interface ResolvedPoolOptions {
  readonly servers: readonly ResolvedConnectionOptions[];
  readonly strategy: "failover" | "round-robin";
  readonly maxConnections: number;
  readonly maxMessagesPerConnection: number;
  readonly idleTimeout: number;
  readonly rateLimit: RateLimit | undefined;
}

const servers: Rule<readonly ConnectionOptions[]> = (value, option) => {
  if (!Array.isArray(value) || value.length === 0)
    throw new OptionError(option, "must be an array with at least one server");
  value.forEach((server: unknown, index) => {
    if (typeof server !== "object" || server === null)
      throw new OptionError(`${option}[${index}]`, "must be an object with the options of one server");
  });
  return value;
};

const RATE_RULES = { messages: count, per: milliseconds };

const rateLimit: Rule<RateLimit> = (value, option) => {
  const { messages, per } = readOwnOptions(value, RATE_RULES, option);
  if (messages === undefined) throw new OptionError(`${option}.messages`, "must be given");
  if (per === undefined) throw new OptionError(`${option}.per`, "must be given, in milliseconds");
  return { messages, per };
};

const POOL_RULES = {
  servers,
  strategy: oneOf("failover", "round-robin"),
  maxConnections: count,
  maxMessagesPerConnection: count,
  idleTimeout: milliseconds,
  rateLimit,
} satisfies Record<keyof PoolOptions, Rule<unknown>>;

const POOL_OPTION_NAMES: readonly string[] = Object.keys(POOL_RULES);

/** @throws OptionError that names the option and the rule */
export function poolOptions(options: ConnectionOptions & PoolOptions = {}): ResolvedPoolOptions {
  const entries = givenEntries(options, [...POOL_OPTION_NAMES, ...CONNECTION_OPTION_NAMES]);
  const pick = (names: readonly string[]): object =>
    Object.fromEntries(entries.filter(([name]) => names.includes(name)));
  const given = readOwnOptions(pick(POOL_OPTION_NAMES), POOL_RULES);
  const shared: ConnectionOptions = pick(CONNECTION_OPTION_NAMES);
  return Object.freeze({
    servers: resolveServers(shared, given.servers),
    strategy: given.strategy ?? "failover",
    maxConnections: given.maxConnections ?? DEFAULT_MAX_CONNECTIONS,
    maxMessagesPerConnection: given.maxMessagesPerConnection ?? DEFAULT_MAX_MESSAGES,
    idleTimeout: given.idleTimeout ?? DEFAULT_IDLE_TIMEOUT,
    rateLimit: given.rateLimit,
  });
}

function resolveServers(
  shared: ConnectionOptions,
  own: readonly ConnectionOptions[] | undefined,
): readonly ResolvedConnectionOptions[] {
  const all = own ?? [{}];
  return Object.freeze(
    all.map((server, index) => {
      try {
        const resolved = connectionOptions({ ...shared, ...server });
        checkReopens(resolved);
        return resolved;
      } catch (error) {
        if (own === undefined || !(error instanceof OptionError)) throw error;
        throw new OptionError(`servers[${index}].${error.option}`, error.message.slice(error.option.length + 2));
      }
    }),
  );
}

/** A pool opens several connections; a socket given as a value serves only one. */
function checkReopens({ target }: ResolvedConnectionOptions): void {
  if (target.kind !== "socket" || typeof target.socket === "function") return;
  throw new OptionError("socket", "must be a function that opens one: a pool connects more than once");
}

/**
 * Splits the options into two new objects, values unchecked. `signal` and `dkim` are in both.
 *
 * @throws OptionError when an option is unknown to both
 */
export function splitSendOptions(options: SendOptions = {}): {
  readonly connection: ConnectionOptions;
  readonly delivery: DeliveryOptions;
} {
  const entries = givenEntries(options, [...CONNECTION_OPTION_NAMES, ...DELIVERY_OPTION_NAMES]);
  const pick = (names: readonly string[]): object =>
    Object.fromEntries(entries.filter(([name]) => names.includes(name)));
  return { connection: pick(CONNECTION_OPTION_NAMES), delivery: pick(DELIVERY_OPTION_NAMES) };
}
