/**
 * One attempt at a claimed message: what to send, and what the outcome makes of its recipients.
 */
import type { DeliveryOptions, RawMessage } from "postrider";
import type { Session } from "../database/database.js";
import { type Claimed, type ClaimedRecipient, readPart } from "../store/claim.js";
import type { TransportFault } from "../store/pause.js";
import type { RecipientChange, Settlement } from "../store/settle.js";
import type { NewEvent } from "../store/write-events.js";
import type { OutboxReply, OutboxTransport } from "../types.js";
import { type RecipientVerdict, type Verdict, verdictOfError, verdictOfResult } from "./verdict.js";

/** How an attempt ended. */
export interface Attempted {
  readonly settlement: Settlement;
  /** The transport failed; the message waits, and no attempt was spent. */
  readonly fault: TransportFault | undefined;
  /** Whether the transport answered for the message, which shows that it works. */
  readonly isReached: boolean;
}

export interface AttemptRules {
  readonly retryDelays: readonly number[];
  /** From 0 to 1. */
  random(): number;
}

/** What is settled before a message is sent, and what is then left of it. */
export interface Ahead {
  readonly settlement: Settlement;
  /** Still under the lease; undefined: the settlement has ended it. */
  readonly next: Claimed | undefined;
}

/**
 * What must be settled before anything is sent: the policy for a message that an earlier worker may have delivered, a message whose
 * time is over, suppressed recipients. Undefined: nothing. Asked again for what is left.
 */
export function settleAhead(claimed: Claimed): Ahead | undefined {
  if (claimed.isInDoubt) {
    const why = reasonOf("The worker that sent it did not settle it");
    const keepsLease = resendsDoubt(claimed);
    const settlement = settlementOf(
      claimed,
      claimed.recipients.map((one) => doubt(claimed, one, why)),
      { keepsLease },
    );
    const { attempt, doubts } = settlement;
    return { settlement, next: keepsLease ? { ...claimed, attempt, doubts, isInDoubt: false } : undefined };
  }
  if (claimed.isExpired) {
    const steps = claimed.recipients.map((one) => plain(one, "expired"));
    return { settlement: settlementOf(claimed, steps, {}), next: undefined };
  }
  const suppressed = claimed.recipients.filter(({ isSuppressed }) => isSuppressed);
  if (suppressed.length === 0) return undefined;
  const recipients = claimed.recipients.filter(({ isSuppressed }) => !isSuppressed);
  const keepsLease = recipients.length > 0;
  const settlement = settlementOf(
    claimed,
    suppressed.map((one) => plain(one, "suppressed")),
    { keepsLease },
  );
  return { settlement, next: keepsLease ? { ...claimed, recipients, isWhole: false } : undefined };
}

/** Sends it. Never rejects: a failure is an outcome. */
export async function attempt(
  transport: OutboxTransport,
  session: Session,
  claimed: Claimed,
  rules: AttemptRules,
): Promise<Attempted> {
  const sent = claimed.recipients.map(({ address }) => address);
  if (claimed.parts === 0) return outcome(claimed, purged(sent), rules);
  const content = contentOf(session, claimed);
  try {
    const result = await transport.send(content.message, deliveryOf(claimed));
    return outcome(claimed, verdictOfResult(result, sent), rules);
  } catch (error) {
    // The database failed while the content was read: the message is not to blame, and was not sent whole.
    const { failure } = content;
    if (failure !== undefined) return outcome(claimed, deferred(sent, failure), rules);
    return outcome(claimed, verdictOfError(error, sent), rules);
  }
}

function deliveryOf({ sender, recipients, options }: Claimed): DeliveryOptions {
  const { needsUtf8, ...given } = options as { needsUtf8?: unknown };
  return {
    ...given,
    sender,
    recipients: recipients.map(({ address, options: own }) => (own === undefined ? address : { ...own, address })),
    // The library looks at the header of a raw message only when it is told to; there it finds that it needs SMTPUTF8.
    ...(needsUtf8 === true ? { envelopeFromHeaders: true } : {}),
    ...holdUntilOf(given),
  };
}

/** JSON has no dates. */
function holdUntilOf(given: object): object {
  const { holdUntil } = given as { holdUntil?: unknown };
  return typeof holdUntil === "string" ? { holdUntil: new Date(holdUntil) } : {};
}

interface Content {
  readonly message: RawMessage;
  /** Why the content could not be read. */
  readonly failure: string | undefined;
}

/** Longer content is like a Blob: read part by part when the transport writes it, and from the start when it tries again. */
function contentOf(session: Session, { id, bytes, parts, size }: Claimed): Content {
  if (bytes !== undefined) return { message: bytes, failure: undefined };
  let failure: string | undefined;
  async function* read(): AsyncGenerator<Uint8Array> {
    failure = undefined;
    for (let part = 0; part < parts; part += 1) {
      const chunk = await readPart(session, id, part).catch((error: unknown) => {
        failure = `The content could not be read: ${(error as Error).message}`;
        throw error;
      });
      if (chunk === undefined) {
        failure = "A part of the content is missing";
        throw new Error(failure);
      }
      yield chunk;
    }
  }
  async function arrayBuffer(): Promise<ArrayBuffer> {
    const whole = new Uint8Array(size);
    let end = 0;
    for await (const chunk of read()) {
      whole.set(chunk, end);
      end += chunk.length;
    }
    return whole.buffer;
  }
  return {
    message: { size, type: "message/rfc822", stream: read, arrayBuffer, [Symbol.asyncIterator]: read },
    get failure() {
      return failure;
    },
  };
}

const reasonOf = (message: string): OutboxReply => ({ code: 0, enhancedCode: undefined, message });

function purged(sent: readonly string[]): Verdict {
  const verdict = { kind: "refused", reply: reasonOf("The content was purged") } as const;
  return { kind: "tried", recipients: new Map(sent.map((address) => [address, verdict])) };
}

function deferred(sent: readonly string[], why: string): Verdict {
  const verdict = { kind: "deferred", reply: reasonOf(why) } as const;
  return { kind: "tried", recipients: new Map(sent.map((address) => [address, verdict])) };
}

/** What a verdict makes of the message. */
function outcome(claimed: Claimed, verdict: Verdict, rules: AttemptRules): Attempted {
  if (verdict.kind === "fault") {
    const settlement = { ...settlementOf(claimed, [], {}), delay: 0 };
    return { settlement, fault: verdict.fault, isReached: false };
  }
  const steps = claimed.recipients.map((one) => step(claimed, one, verdict.recipients.get(one.address)));
  const failures = claimed.failures + 1;
  const base = rules.retryDelays[Math.min(failures, rules.retryDelays.length) - 1] ?? 0;
  const isOnlyDoubt = steps.every(({ change }) => change.state !== "waiting" || change.isDoubt === true);
  const settlement = settlementOf(claimed, steps, { isSpent: true, failures });
  const delay = Math.round(base * (0.8 + 0.4 * rules.random()));
  const isReached = [...verdict.recipients.values()].some(({ reply }) => (reply?.code ?? 0) !== 0);
  // A connection that broke behind the content says nothing of the server's wish to wait; the message goes again soon.
  return {
    settlement: { ...settlement, delay: isOnlyDoubt ? Math.min(delay, 1000) : delay },
    fault: undefined,
    isReached,
  };
}

interface Step {
  readonly change: RecipientChange & { readonly isDoubt?: boolean };
  readonly events: readonly NewEvent[];
}

function step(claimed: Claimed, recipient: ClaimedRecipient, verdict: RecipientVerdict | undefined): Step {
  const { kind, reply } = verdict ?? {
    kind: "unknown",
    reply: reasonOf("The transport told nothing of this recipient"),
  };
  if (kind === "unknown") return doubt(claimed, recipient, reply ?? reasonOf("The outcome is not known"));
  const state = kind === "deferred" ? "waiting" : kind;
  const event = { type: kind, message: claimed.id, recipient: recipient.address, reply, attempt: claimed.attempt + 1 };
  return { change: { n: recipient.n, state, reply, isAttempt: true }, events: [event] };
}

/** `"resend"` is for one time: a message that ends in doubt twice waits for a person. */
const resendsDoubt = ({ onUnknown, doubts }: Claimed): boolean => onUnknown === "resend" && doubts === 0;

function doubt(claimed: Claimed, { n, address }: ClaimedRecipient, reply: OutboxReply): Step {
  const { id, onUnknown } = claimed;
  const about = { message: id, recipient: address, attempt: claimed.attempt + 1, reply };
  if (onUnknown === "assume-sent") {
    const accepted = { ...about, type: "accepted" as const, reason: "assumed: onUnknown is assume-sent" };
    return {
      change: { n, state: "accepted", reply, isAttempt: true },
      events: [{ ...about, type: "unknown" }, accepted],
    };
  }
  if (!resendsDoubt(claimed)) {
    return { change: { n, state: "unknown", reply, isAttempt: true }, events: [{ ...about, type: "unknown" }] };
  }
  const reason = "it goes once more, with the same Message-ID";
  return {
    change: { n, state: "waiting", reply, isAttempt: true, isDoubt: true },
    events: [{ ...about, type: "unknown", reason }],
  };
}

/** Without an attempt. */
function plain({ n, address, reply }: ClaimedRecipient, state: "expired" | "suppressed"): Step {
  return { change: { n, state, isAttempt: false }, events: [{ type: state, recipient: address, reply }] };
}

function settlementOf(
  claimed: Claimed,
  steps: readonly Step[],
  more: { readonly keepsLease?: boolean; readonly isSpent?: boolean; readonly failures?: number },
): Settlement {
  const { id, fence } = claimed;
  const isDoubtful = steps.some(({ change }) => change.isDoubt === true);
  const isDoubtSettled = claimed.isInDoubt;
  const attemptNumber = claimed.attempt + (more.isSpent === true || isDoubtSettled ? 1 : 0);
  const states = [...new Set(steps.map(({ change, events }) => events[0]?.type ?? change.state))];
  return {
    id,
    fence,
    attempt: attemptNumber,
    failures: more.failures ?? claimed.failures,
    doubts: claimed.doubts + (isDoubtful ? 1 : 0),
    delay: 0,
    keepsLease: more.keepsLease ?? false,
    changes: steps.map(({ change: { n, state, reply, isAttempt } }) => ({ n, state, reply, isAttempt })),
    events: steps.flatMap(({ events }) => events.map((event) => ({ ...event, message: id }))),
    // A transport may tell nothing of some.
    isWhole: claimed.isWhole && (steps.length === 0 || steps.length === claimed.recipients.length),
    summary: `outcome of an attempt whose lease was over: ${states.join(", ") || "not sent"}`,
  };
}
