/**
 * What happens in one random dialogue: who sends what, what the servers offer, and which of their replies go wrong.
 */
import { fc } from "../support/property.js";
import type { TemperName } from "./temper.js";

/** `"lies"`: offers BDAT and answers it 502. `"lies twice"`: and takes the content for commands. */
export type Offer = "nothing" | "pipelining" | "chunking" | "chunking only" | "lies" | "lies twice";

export type FaultKind =
  /** 4yz or 5yz in place of a success. */
  | "later"
  | "never"
  /** 421 and FIN in place of the reply. */
  | "goodbye"
  /** FIN or a broken connection in place of the reply; what was asked is not done. */
  | "hang-up"
  | "reset"
  /** The same, but what was asked is done: a message is taken. */
  | "take and hang-up"
  | "take and reset"
  /** The reply, and the end right behind it. */
  | "answer and hang-up"
  | "answer and goodbye"
  /** The reply some turns of the event loop later, or in pieces. */
  | "delay"
  | "drip"
  /** No word any more. */
  | "silence"
  /** A refusal before the content has come, then FIN. */
  | "early";

export interface Fault {
  /** Which reply, counted over all servers from the start of the dialogue. */
  readonly at: number;
  readonly does: FaultKind;
}

/** `"commands"`: lines that are an envelope of their own, should anybody run them. */
export type Content = "small" | "dots" | "bytes" | "commands" | "short stream" | "long stream" | "broken stream";

export interface PlannedMessage {
  readonly content: Content;
  readonly recipients: number;
  /** The servers know none of its recipients. */
  readonly isDead: boolean;
  /** Turns of the event loop before it is sent. */
  readonly after: number;
  /** Turns between sending and an abort. */
  readonly abortAfter: number | undefined;
}

export interface Plan {
  readonly sender: "client" | "pool" | "sendAll";
  readonly messages: readonly PlannedMessage[];
  readonly faults: readonly Fault[];
  /** One server each. */
  readonly offers: readonly Offer[];
  /** How the servers take what is written ahead, by server; a server without one is easy. */
  readonly tempers: readonly TemperName[];
  /** Other servers behind the same names: what the second, third and later connections meet, in turn with `offers`. */
  readonly mixed: readonly Offer[];
  readonly strategy: "failover" | "round-robin";
  readonly maxConnections: number;
  readonly maxMessagesPerConnection: number;
  readonly maxInFlight: number;
  readonly rateLimit: { readonly messages: number; readonly per: number } | undefined;
  /** The server reads slowly, so that writes find no room. */
  readonly isSlow: boolean;
  /** 354 although no recipient was accepted. */
  readonly isLenient: boolean;
  /** Closing before the messages have their verdicts. */
  readonly close: { readonly after: number; readonly force: boolean } | undefined;
}

const offer = fc.oneof(
  { weight: 2, arbitrary: fc.constant<Offer>("nothing") },
  { weight: 3, arbitrary: fc.constant<Offer>("pipelining") },
  { weight: 5, arbitrary: fc.constant<Offer>("chunking") },
  { weight: 1, arbitrary: fc.constantFrom<Offer>("chunking only", "lies", "lies twice") },
);

const faultKind = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom<FaultKind>("later", "never") },
  { weight: 4, arbitrary: fc.constantFrom<FaultKind>("delay", "drip") },
  { weight: 2, arbitrary: fc.constantFrom<FaultKind>("goodbye", "hang-up", "reset") },
  { weight: 2, arbitrary: fc.constantFrom<FaultKind>("take and hang-up", "take and reset") },
  { weight: 2, arbitrary: fc.constantFrom<FaultKind>("answer and hang-up", "answer and goodbye") },
  { weight: 1, arbitrary: fc.constantFrom<FaultKind>("silence", "early") },
);

const content = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom<Content>("small", "dots", "bytes") },
  { weight: 2, arbitrary: fc.constant<Content>("short stream") },
  { weight: 1, arbitrary: fc.constantFrom<Content>("long stream", "broken stream") },
);

interface Variety {
  readonly faults: fc.Arbitrary<readonly Fault[]>;
  readonly content: fc.Arbitrary<Content>;
  readonly isDead: fc.Arbitrary<boolean>;
  readonly tempers: fc.Arbitrary<readonly TemperName[]>;
  readonly mixed: fc.Arbitrary<readonly Offer[]>;
}

const faults = fc.array(fc.record({ at: fc.nat(45), does: faultKind }), { maxLength: 5 });

/** Servers that take all that is written ahead, each like itself on every connection. */
const EASY: Variety = {
  faults,
  content,
  isDead: fc.constant(false),
  tempers: fc.constant([]),
  mixed: fc.constant([]),
};

const temper = fc.oneof(
  { weight: 1, arbitrary: fc.constant<TemperName>("easy") },
  { weight: 5, arbitrary: fc.constantFrom<TemperName>("refuses behind", "swallows behind", "counts errors") },
  { weight: 2, arbitrary: fc.constantFrom<TemperName>("runs chunks", "slow in groups") },
);

const STUBBORN: Variety = {
  // Without any, more can be asked of a client.
  faults: fc.oneof({ weight: 2, arbitrary: faults }, { weight: 1, arbitrary: fc.constant([]) }),
  content: fc.oneof({ weight: 4, arbitrary: content }, { weight: 1, arbitrary: fc.constant<Content>("commands") }),
  isDead: fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  tempers: fc.tuple(temper, temper),
  mixed: fc.oneof(
    { weight: 3, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.array(offer, { maxLength: 2 }) },
  ),
};

const message = ({ content, isDead }: Variety): fc.Arbitrary<PlannedMessage> =>
  fc.record({
    content,
    recipients: fc.integer({ min: 1, max: 3 }),
    isDead,
    after: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(20) }),
    abortAfter: fc.oneof({ weight: 15, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.nat(15) }),
  });

const planOf = (variety: Variety): fc.Arbitrary<Plan> =>
  fc.record({
    sender: fc.constantFrom("client", "pool", "sendAll"),
    messages: fc.array(message(variety), { minLength: 1, maxLength: 9 }),
    faults: variety.faults,
    offers: fc.oneof(
      { weight: 2, arbitrary: offer.map((one) => [one]) },
      { weight: 1, arbitrary: fc.tuple(offer, offer) },
    ),
    tempers: variety.tempers,
    mixed: variety.mixed,
    strategy: fc.constantFrom("failover", "round-robin"),
    maxConnections: fc.integer({ min: 1, max: 3 }),
    maxMessagesPerConnection: fc.constantFrom(1, 2, 3, 1000),
    maxInFlight: fc.constantFrom(1, 2, 3, 16),
    rateLimit: fc.constantFrom(undefined, undefined, undefined, { messages: 2, per: 500 }),
    isSlow: fc.boolean(),
    isLenient: fc.boolean(),
    close: fc.oneof(
      { weight: 8, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: fc.record({ after: fc.nat(25), force: fc.boolean() }) },
    ),
  });

/** Half of them with servers that do not take all that is written ahead, dead recipients, and servers that differ behind one name. */
export const plans: fc.Arbitrary<Plan> = fc.oneof(planOf(EASY), planOf(STUBBORN));
