/**
 * The options of a pool and of the connections in it; those of one call, told apart.
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
import { count, givenEntries, milliseconds, oneOf, type Rule, readOwnOptions } from "./rules.js";

/** What a pool may do beyond what a connection may. */
export interface PoolOptions {
  /** Several relays in place of one: each has the pool's options, and its own on top. */
  readonly servers?: readonly ConnectionOptions[] | undefined;
  /** `"failover"`: the first that works, in this order. `"round-robin"`: all in turn. Default `"failover"`. */
  readonly strategy?: "failover" | "round-robin" | undefined;
  /** Connections open at the same time; default 5. */
  readonly maxConnections?: number | undefined;
  /** Messages after which a connection is replaced; default 1000. */
  readonly maxMessagesPerConnection?: number | undefined;
  /** Milliseconds after which an idle connection says QUIT; default 30 000. */
  readonly idleTimeout?: number | undefined;
  /** At most `messages` are handed to servers in any window of `per` milliseconds, over all connections. */
  readonly rateLimit?: { readonly messages: number; readonly per: number } | undefined;
}

/** Options of one call: those of the connection and those of the delivery. */
export type SendOptions = ConnectionOptions & DeliveryOptions;

const DEFAULT_MAX_CONNECTIONS = 5;
/** Below what servers allow by default (Exim: 1000), so that they seldom have to say 421. */
const DEFAULT_MAX_MESSAGES = 1000;
const DEFAULT_IDLE_TIMEOUT = 30_000;

export interface ResolvedPoolOptions {
  readonly servers: readonly ResolvedConnectionOptions[];
  readonly strategy: "failover" | "round-robin";
  readonly maxConnections: number;
  readonly maxMessagesPerConnection: number;
  readonly idleTimeout: number;
  readonly rateLimit: { readonly messages: number; readonly per: number } | undefined;
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

const rateLimit: Rule<{ readonly messages: number; readonly per: number }> = (value, option) => {
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

/** A pool opens connections again and again; a socket given as a value serves once. */
function checkReopens({ target }: ResolvedConnectionOptions): void {
  if (target.kind !== "socket" || typeof target.socket === "function") return;
  throw new OptionError("socket", "must be a function that opens one: a pool connects more than once");
}

/**
 * Two new objects with the caller's own values, not yet checked. `signal` is in both.
 *
 * @throws OptionError when there is an option that neither knows
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
