/**
 * The options of one call, told apart: which are the connection's, which the delivery's.
 *
 * Layer: options.
 */
import type { ConnectionOptions, DeliveryOptions, SendOptions } from "../options.js";
import { CONNECTION_RULES } from "./connection-options.js";
import { DELIVERY_RULES } from "./delivery-options.js";
import { givenEntries } from "./read-options.js";

/**
 * Two new objects with the caller's own values, not yet checked. `signal` is in both.
 *
 * @throws OptionError when there is an option that neither knows
 */
export function splitSendOptions(options: SendOptions = {}): {
  readonly connection: ConnectionOptions;
  readonly delivery: DeliveryOptions;
} {
  const entries = givenEntries(options, [...Object.keys(CONNECTION_RULES), ...Object.keys(DELIVERY_RULES)]);
  const pick = (rules: object): object => Object.fromEntries(entries.filter(([name]) => Object.hasOwn(rules, name)));
  return { connection: pick(CONNECTION_RULES), delivery: pick(DELIVERY_RULES) };
}
