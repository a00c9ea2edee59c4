/**
 * Rules for tests: what the inbox refuses, how slow it is, where it hangs up. None by default.
 */
import { types } from "node:util";
import { InboxOptionError } from "../errors.js";
import type { InboxMessage } from "../message.js";
import { parseReply, type RuleReply } from "./rule-reply.js";

/** Text to be equal to, in any case, or a pattern to fit. */
export type RulePattern = string | RegExp;

/** What is refused: all that is given must fit. */
export interface RefuseMatch {
  /** The address in MAIL; alone it is refused there. */
  readonly sender?: RulePattern | undefined;
  /** An address in RCPT; it is refused there, and other recipients are not. */
  readonly recipient?: RulePattern | undefined;
  /** Asked when the whole message is here; it is refused after its content, and not kept. */
  readonly message?: ((message: InboxMessage) => boolean) | undefined;
}

/** What the client has said when the connection is cut: it gets no answer to it. */
export type DropPhase = "connect" | "hello" | "tls" | "auth" | "mail" | "rcpt" | "data" | "content" | "quit";

/** How often a rule applies. */
export interface RuleOptions {
  /** How often the rule applies; default: until it is removed. */
  readonly times?: number | undefined;
}

/** A rule that was made. `using` removes it at the end of the block. */
export interface InboxRule extends Disposable {
  /** How often it has applied. */
  readonly hits: number;
  /** Ends the rule. */
  remove(): void;
}

/** The rules of one inbox. */
export interface InboxRules {
  /**
   * Refuses a sender, a recipient or a message, as in `refuse({ recipient: "nobody@example.com" }, "550 5.1.1 No such user")`.
   * The reply is said as it is given; default `"550 5.7.1 Refused by a rule of the inbox"`.
   *
   * @throws InboxOptionError when nothing is matched or the reply is no refusal.
   */
  refuse(match: RefuseMatch, reply?: string, options?: RuleOptions): InboxRule;
  /** Waits before every reply, in milliseconds; the greeting and the reply after the content too. */
  delay(ms: number): InboxRule;
  /** Cuts the connection when the client has said this much. After `"content"` the message is kept, and nobody hears of it. */
  dropAfter(phase: DropPhase, options?: RuleOptions): InboxRule;
  /** Removes all rules. */
  removeRules(): void;
}

const PHASES: readonly unknown[] = ["connect", "hello", "tls", "auth", "mail", "rcpt", "data", "content", "quit"];
const DEFAULT_REPLY = "550 5.7.1 Refused by a rule of the inbox";
const MAX_DELAY_MS = 2 ** 31 - 1;

interface Refusal {
  readonly sender: ((address: string) => boolean) | undefined;
  readonly recipient: ((address: string) => boolean) | undefined;
  readonly message: ((message: InboxMessage) => boolean) | undefined;
  readonly reply: RuleReply;
}

export class RuleBook implements InboxRules {
  readonly #refusals = new RuleSet<Refusal>();
  readonly #delays = new RuleSet<number>();
  readonly #drops = new RuleSet<DropPhase>();

  refuse(match: RefuseMatch, reply: string = DEFAULT_REPLY, options: RuleOptions = {}): InboxRule {
    const { sender, recipient, message } = match;
    if (sender === undefined && recipient === undefined && message === undefined)
      throw new InboxOptionError("match", "must have a sender, a recipient or a message");
    if (message !== undefined && typeof message !== "function")
      throw new InboxOptionError("match.message", "must be a function");
    const refusal: Refusal = {
      sender: tester("match.sender", sender),
      recipient: tester("match.recipient", recipient),
      message,
      reply: parseReply(reply),
    };
    return this.#refusals.add(refusal, timesOf(options));
  }

  delay(ms: number): InboxRule {
    if (!(ms >= 0 && ms <= MAX_DELAY_MS))
      throw new InboxOptionError("ms", "must be a number of milliseconds, 0 or more");
    return this.#delays.add(ms, Number.POSITIVE_INFINITY);
  }

  dropAfter(phase: DropPhase, options: RuleOptions = {}): InboxRule {
    if (!PHASES.includes(phase)) throw new InboxOptionError("phase", `must be one of ${PHASES.join(", ")}`);
    return this.#drops.add(phase, timesOf(options));
  }

  removeRules(): void {
    for (const rules of [this.#refusals, this.#delays, this.#drops]) rules.clear();
  }

  /** What is said to MAIL, if that sender is refused. */
  refusalOfSender(sender: string): RuleReply | undefined {
    return this.#refusals.apply(
      (rule) => rule.recipient === undefined && rule.message === undefined && rule.sender?.(sender) === true,
    )?.reply;
  }

  /** What is said to RCPT, if that recipient is refused. */
  refusalOfRecipient(sender: string, recipient: string): RuleReply | undefined {
    return this.#refusals.apply(
      (rule) => rule.message === undefined && rule.recipient?.(recipient) === true && rule.sender?.(sender) !== false,
    )?.reply;
  }

  /** What is said after the content, for each recipient: undefined for those who get the message. */
  refusalsOfMessage(message: InboxMessage): readonly (RuleReply | undefined)[] {
    const { sender, recipients } = message.envelope;
    const fits = (rule: Refusal): boolean => rule.sender?.(sender) !== false && rule.message?.(message) === true;
    const whole = this.#refusals.apply((rule) => rule.recipient === undefined && fits(rule))?.reply;
    return recipients.map(
      (recipient) => whole ?? this.#refusals.apply((rule) => rule.recipient?.(recipient) === true && fits(rule))?.reply,
    );
  }

  /** How long to wait before a reply, in milliseconds. */
  get delayMs(): number {
    return this.#delays.values().reduce((longest, ms) => Math.max(longest, ms), 0);
  }

  /** Whether the connection is cut here. */
  dropsAfter(phase: DropPhase): boolean {
    return this.#drops.apply((wanted) => wanted === phase) !== undefined;
  }
}

/** Rules of one kind, each with what is left of it. */
class RuleSet<Value> {
  readonly #rules = new Set<{ readonly value: Value; left: number; hits: number }>();

  add(value: Value, times: number): InboxRule {
    const rule = { value, left: times, hits: 0 };
    const remove = (): void => {
      this.#rules.delete(rule);
    };
    this.#rules.add(rule);
    return {
      get hits(): number {
        return rule.hits;
      },
      remove,
      [Symbol.dispose]: remove,
    };
  }

  /** The first that fits; it has applied once more, and goes when its times are over. */
  apply(fits: (value: Value) => boolean): Value | undefined {
    for (const rule of this.#rules) {
      if (!fits(rule.value)) continue;
      rule.hits += 1;
      rule.left -= 1;
      if (rule.left <= 0) this.#rules.delete(rule);
      return rule.value;
    }
    return undefined;
  }

  values(): readonly Value[] {
    return Array.from(this.#rules, ({ value }) => value);
  }

  clear(): void {
    this.#rules.clear();
  }
}

function timesOf({ times = Number.POSITIVE_INFINITY }: RuleOptions): number {
  if (!(times >= 1)) throw new InboxOptionError("times", "must be 1 or more");
  return times;
}

function tester(option: string, pattern: RulePattern | undefined): ((address: string) => boolean) | undefined {
  if (pattern === undefined) return undefined;
  if (types.isRegExp(pattern)) {
    // A pattern with g or y remembers where it stopped, which is no part of the question here.
    const stateless = new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, ""));
    return (address) => stateless.test(address);
  }
  if (typeof pattern !== "string") throw new InboxOptionError(option, "must be a string or a RegExp");
  const wanted = pattern.toLowerCase();
  return (address) => address.toLowerCase() === wanted;
}
