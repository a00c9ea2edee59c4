/**
 * The options of one delivery: types, rules, defaults and resolved form. Addresses and parameters are parsed later; here their types are
 * checked.
 *
 * Layer: options. RFC 3461 §4 (delivery status notifications).
 */
import { type DkimSigner, dkimSigners } from "../dkim/dkim-signer.js";
import { OptionError } from "../errors/errors.js";
import { dateTime, ownEntries } from "../given/values.js";
import { isPrintableAscii } from "../text/characters.js";
import {
  abortSignal,
  type Checked,
  flag,
  listOf,
  oneOf,
  type Rule,
  readOptions,
  readOwnOptions,
  string,
  text,
  wholeNumber,
} from "./rules.js";

/** When the server reports on a recipient (RFC 3461 §4.1). */
export type Notify = "never" | readonly ("success" | "failure" | "delay")[];

/** A recipient of the envelope with options of its own. */
export interface Recipient {
  /** Exactly one address, without a name. */
  readonly address: string;
  /** When the server reports on this recipient (RFC 3461 §4.1); default: the server's own rule, usually failures. */
  readonly notify?: Notify | undefined;
  /** The original recipient for reports (ORCPT): one address, or `"type;text"` for a type other than rfc822 (RFC 3461 §4.2). */
  readonly originalRecipient?: string | undefined;
}

/** A deadline for the delivery, and the action when it is missed (RFC 2852 §4). */
export interface DeliverBy {
  /** Seconds from now; with mode "notify" it may be 0 or below. */
  readonly seconds: number;
  /** `"return"`: the message is returned. `"notify"`: a report is sent, and delivery continues. */
  readonly mode: "return" | "notify";
  /** Requests a report from each server on the way. Default false. */
  readonly trace?: boolean | undefined;
}

/** Delivery status notifications for the whole message (RFC 3461 §4.3, §4.4). */
export interface DsnOptions {
  /** Whether a report returns the full message or its headers; default: decided by the server. */
  readonly return?: "full" | "headers" | undefined;
  /** The identifier that reports name: printable ASCII, at most 100 characters on the wire. Default: none. */
  readonly envelopeId?: string | undefined;
}

/** The envelope of one message, and what its delivery asks of the server. */
export interface DeliveryOptions {
  /** The envelope sender; `""` is the null sender `<>`. Default: from the message. */
  readonly sender?: string | undefined;
  /** The envelope recipients. Default: from the message. A string may hold several addresses, with commas between. */
  readonly recipients?: string | readonly (string | Recipient)[] | undefined;
  /**
   * Reads sender and recipients from the header of a raw message; `sender` and `recipients` take precedence. Bcc and Resent-Bcc are then
   * removed. Default false: the header of a raw message is not read.
   */
  readonly envelopeFromHeaders?: boolean | undefined;
  /** Further MAIL parameters in the form of the wire: `"BODY=8BITMIME"`. Default: none. */
  readonly mailOptions?: readonly string[] | undefined;
  /** Further RCPT parameters for every recipient, in the form of the wire. Default: none. */
  readonly rcptOptions?: readonly string[] | undefined;
  /** Delivery status notifications (RFC 3461). */
  readonly dsn?: DsnOptions | undefined;
  /** Requires TLS with a valid certificate on the whole way, else the message is returned (REQUIRETLS, RFC 8689). Default false. */
  readonly requireTls?: boolean | undefined;
  /** The deadline for the delivery (DELIVERBY, RFC 2852). Default: none. */
  readonly deliverBy?: DeliverBy | undefined;
  /** Seconds, 1 to 999 999 999, for which the server holds the message (FUTURERELEASE, RFC 4865); not together with `holdUntil`. */
  readonly holdFor?: number | undefined;
  /** The time until which the server holds the message (FUTURERELEASE, RFC 4865). */
  readonly holdUntil?: Date | undefined;
  /** The priority in the queue of the server (MT-PRIORITY, RFC 6710): -9 (last) to 9 (first). */
  readonly priority?: number | undefined;
  /**
   * Signs this message (RFC 6376), in place of the signers of the connection: one signer or several; an empty array sends the message
   * unsigned. For several senders over one connection or pool.
   */
  readonly dkim?: DkimSigner | readonly DkimSigner[] | undefined;
  /** Gives the message up: the call rejects with `signal.reason`, and `outcomeOf` tells whether the server may have the message. */
  readonly signal?: AbortSignal | undefined;
}

/** The resolved form: checked, copied and frozen. */
export interface ResolvedDeliveryOptions {
  /** `""` is the null sender; undefined: from the message. */
  readonly sender: string | undefined;
  /** A string may hold several addresses; each entry of an array is one. Undefined: from the message. */
  readonly recipients: string | readonly Recipient[] | undefined;
  readonly envelopeFromHeaders: boolean;
  readonly mailOptions: readonly string[];
  readonly rcptOptions: readonly string[];
  readonly dsn: DsnOptions | undefined;
  readonly requireTls: boolean;
  readonly deliverBy: DeliverBy | undefined;
  readonly holdFor: number | undefined;
  readonly holdUntil: Date | undefined;
  readonly priority: number | undefined;
  /** Undefined: the signers of the connection. */
  readonly dkim: readonly DkimSigner[] | undefined;
  readonly signal: AbortSignal | undefined;
}

/** RFC 3461 §4.4, in the encoding of the wire (xtext). */
const MAX_ENVELOPE_ID_LENGTH = 100;

const notifyEvents = listOf(oneOf("success", "failure", "delay"));

const notify: Rule<Notify> = (value, option) => {
  if (value === "never") return value;
  if (!Array.isArray(value)) {
    throw new OptionError(option, 'must be "never", or an array of "success", "failure" and "delay"');
  }
  const events = notifyEvents(value, option);
  if (events.length === 0) throw new OptionError(option, 'must not be empty; use "never" for no report');
  if (new Set(events).size !== events.length) throw new OptionError(option, "must not name the same twice");
  return events;
};

// The address is parsed later, with the same AddressError as for a string.
const RECIPIENT_RULES = { address: string, notify, originalRecipient: text } satisfies Record<
  keyof Recipient,
  Rule<unknown>
>;

const recipient: Rule<Recipient> = (value, option) => {
  if (typeof value !== "object") throw new OptionError(option, "must be an address, or an object with an address");
  const { address, ...rest } = readOwnOptions(value, RECIPIENT_RULES, option);
  if (address === undefined) throw new OptionError(`${option}.address`, "must be given");
  return Object.freeze({ address, ...rest });
};

const recipients: Rule<string | readonly Recipient[]> = (value, option) => {
  if (typeof value === "string" && value.trim() !== "") return value;
  if (!Array.isArray(value) && typeof value !== "string") {
    throw new OptionError(option, "must be a string or an array of recipients");
  }
  if (value.length === 0 || typeof value === "string")
    throw new OptionError(option, "must name at least one recipient");
  const list: Recipient[] = [];
  // PERF: nearly every entry is an address alone, for which no name for errors is made.
  for (const [index, one] of ownEntries(value).entries()) {
    list.push(typeof one === "string" ? Object.freeze({ address: one }) : recipient(one, `${option}[${index}]`));
  }
  return Object.freeze(list);
};

const envelopeId: Rule<string> = (value, option) => {
  const given = text(value, option);
  if (!isPrintableAscii(given)) throw new OptionError(option, "must be printable ASCII");
  // xtext writes a space, "+", "=", "<" and ">" with three characters.
  if (given.length + 2 * (given.match(/[ +=<>]/g)?.length ?? 0) > MAX_ENVELOPE_ID_LENGTH) {
    throw new OptionError(
      option,
      `must not be longer than ${MAX_ENVELOPE_ID_LENGTH} characters, space, +, =, < and > counted three times`,
    );
  }
  return given;
};

const DSN_RULES = { return: oneOf("full", "headers"), envelopeId };

/** RFC 2852 §4 and RFC 4865 §3: nine digits. */
const MAX_BY_SECONDS = 999_999_999;
const MAX_HOLD_SECONDS = 999_999_999;

const DELIVER_BY_RULES = {
  seconds: wholeNumber(-MAX_BY_SECONDS, MAX_BY_SECONDS),
  mode: oneOf("return", "notify"),
  trace: flag,
};

const deliverBy: Rule<DeliverBy> = (value, option) => {
  const { seconds, mode, trace } = readOwnOptions(value, DELIVER_BY_RULES, option);
  if (seconds === undefined) throw new OptionError(`${option}.seconds`, "must be given");
  if (mode === undefined) throw new OptionError(`${option}.mode`, 'must be given: "return" or "notify"');
  if (mode === "return" && seconds < 1)
    throw new OptionError(`${option}.seconds`, 'must be above 0 with mode "return"');
  return { seconds, mode, trace };
};

const holdUntil: Rule<Date> = (value, option) => {
  const time = dateTime(value);
  if (time === undefined || Number.isNaN(time)) throw new OptionError(option, "must be a valid Date");
  return new Date(time);
};

const DELIVERY_RULES = {
  sender: string,
  recipients,
  envelopeFromHeaders: flag,
  mailOptions: listOf(text),
  rcptOptions: listOf(text),
  requireTls: flag,
  deliverBy,
  holdFor: wholeNumber(1, MAX_HOLD_SECONDS),
  holdUntil,
  priority: wholeNumber(-9, 9),
  dsn: (value: unknown, option: string) => readOptions(value, DSN_RULES, option),
  dkim: dkimSigners,
  signal: abortSignal,
} satisfies Record<keyof DeliveryOptions, Rule<unknown>>;

export const DELIVERY_OPTION_NAMES: readonly string[] = Object.keys(DELIVERY_RULES);

/**
 * Checks the options of a delivery. The object of the caller is not changed, and later changes to it have no effect.
 *
 * @throws OptionError that names the option and the rule
 */
export function deliveryOptions(options?: DeliveryOptions): ResolvedDeliveryOptions {
  return options === undefined ? AS_USUAL : resolve(readOwnOptions(options, DELIVERY_RULES));
}

function resolve(given: Checked<typeof DELIVERY_RULES>): ResolvedDeliveryOptions {
  if (given.holdFor !== undefined && given.holdUntil !== undefined) {
    throw new OptionError("holdUntil", "must not be given together with holdFor");
  }
  return Object.freeze({
    sender: given.sender,
    recipients: given.recipients,
    envelopeFromHeaders: given.envelopeFromHeaders ?? false,
    mailOptions: given.mailOptions ?? [],
    rcptOptions: given.rcptOptions ?? [],
    dsn: given.dsn,
    requireTls: given.requireTls ?? false,
    deliverBy: given.deliverBy,
    holdFor: given.holdFor,
    holdUntil: given.holdUntil,
    priority: given.priority,
    dkim: given.dkim,
    signal: given.signal,
  });
}

/** PERF: shared by all deliveries without options. */
const AS_USUAL = resolve({});
