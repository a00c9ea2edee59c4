/**
 * The options of one call, told apart: which are the connection's, which the delivery's.
 *
 * Layer: options.
 */
import type { ConnectionOptions, DeliveryOptions, SendOptions } from "../options.js";
import { CONNECTION_OPTION_NAMES } from "./connection-options.js";
import { DELIVERY_OPTION_NAMES } from "./delivery-options.js";
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
  const entries = givenEntries(options, [...CONNECTION_OPTION_NAMES, ...DELIVERY_OPTION_NAMES]);
  const pick = (names: readonly string[]): object =>
    Object.fromEntries(entries.filter(([name]) => names.includes(name)));
  return { connection: pick(CONNECTION_OPTION_NAMES), delivery: pick(DELIVERY_OPTION_NAMES) };
}
