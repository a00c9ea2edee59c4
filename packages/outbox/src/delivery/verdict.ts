/**
 * What an attempt came to, recipient by recipient: from the result of a transport, or from its error.
 */
import { outcomeOf, type SendResult } from "postrider";
import type { TransportFault } from "../store/pause.js";
import type { OutboxReply } from "../types.js";

export interface RecipientVerdict {
  readonly kind: "accepted" | "refused" | "deferred" | "unknown";
  readonly reply: OutboxReply | undefined;
}

export type Verdict =
  /** Each recipient by its address. */
  | { readonly kind: "tried"; readonly recipients: ReadonlyMap<string, RecipientVerdict> }
  /** The transport failed before it came to the message. */
  | { readonly kind: "fault"; readonly fault: TransportFault };

/** The verdict on a transport's result. */
export function verdictOfResult(result: SendResult, sent: readonly string[]): Verdict {
  const accepted = new Set(result.accepted);
  // PERF: a map, since a message may have a hundred thousand recipients.
  const refused = new Map(result.refused.map((one) => [one.recipient, one]));
  return each(sent, (address) => {
    const refusal = refused.get(address);
    if (refusal !== undefined) return ofReply(replyOf(refusal.reply), refusal.message);
    if (accepted.has(address)) return { kind: "accepted", reply: replyOf(result.reply) };
    return { kind: "unknown", reply: reason("The transport told nothing of this recipient") };
  });
}

/** The parts of errors that count, whichever copy of the library they are of. */
interface Failure {
  readonly code?: unknown;
  readonly phase?: unknown;
  readonly retry?: unknown;
  readonly message?: unknown;
  readonly reply?: unknown;
  readonly refused?: unknown;
  readonly accepted?: unknown;
  readonly unknown?: unknown;
  readonly notSent?: unknown;
  readonly outcome?: unknown;
}

/** The verdict on a transport's error. */
export function verdictOfError(error: unknown, sent: readonly string[]): Verdict {
  const failure = (typeof error === "object" && error !== null ? error : { message: String(error) }) as Failure;
  const words = typeof failure.message === "string" ? failure.message : "The transport failed";
  const why = reason(words);
  if (failure.code === "partial-delivery") return partial(failure, sent, why);
  if (failure.code === "recipients-refused") return refusals(failure, sent, why);
  const outcome = outcomeOf(error) ?? failure.outcome;
  const refused = refusalsOf(failure.refused);
  /** RCPT had its own answer for some, whatever became of the message. */
  const all = (verdict: RecipientVerdict): Verdict =>
    each(sent, (address) => (refused.has(address) ? ofReply(refused.get(address), words) : verdict));
  // What says nothing of itself may have been delivered.
  if (outcome !== "not-sent") return all({ kind: "unknown", reply: why });
  if (isFault(failure)) return { kind: "fault", fault: { reason: why.message, needsPerson: needsPerson(failure) } };
  const reply = replyOf(failure.reply);
  if (reply !== undefined) return all(ofReply(reply, words));
  // The message cannot be sent as it is: too large for the server, or the server lacks what it needs.
  const isFinal = failure.retry === "never";
  return all({ kind: isFinal ? "refused" : "deferred", reply: why });
}

/** "command": there was no connection, as with a pool that was closed, or a client that was never connected. */
const BEFORE_MESSAGE: readonly unknown[] = ["connect", "greeting", "hello", "tls", "auth", "command"];

/** Whether it is the transport's, and not the mail's. */
function isFault({ code, phase, reply }: Failure): boolean {
  if (code === "authentication" || code === "oauth" || code === "tls" || code === "connect" || code === "greeting")
    return true;
  // Options that are wrong are no fault of the mail either.
  if (code === "option") return true;
  // 530: the server wants a login before it takes any mail.
  if (typeof reply === "object" && reply !== null && (reply as { code?: unknown }).code === 530) return true;
  return BEFORE_MESSAGE.includes(phase);
}

/** A wrong password and a certificate that does not hold are not mended by trying. */
function needsPerson({ code, retry, reply }: Failure): boolean {
  if (code === "option") return true;
  const isTemporary = replyOf(reply)?.code.toString().startsWith("4") === true;
  return (code === "authentication" || code === "oauth" || code === "tls") && !isTemporary && retry === "never";
}

function partial(failure: Failure, sent: readonly string[], why: OutboxReply): Verdict {
  const accepted = new Set(listOf(failure.accepted));
  const unknown = new Set(listOf(failure.unknown));
  const refused = refusalsOf(failure.refused);
  const reply = replyOf(failure.reply);
  return each(sent, (address) => {
    const refusal = refused.get(address);
    if (refusal !== undefined) return ofReply(refusal, why.message);
    if (accepted.has(address)) return { kind: "accepted", reply };
    return { kind: unknown.has(address) ? "unknown" : "deferred", reply: why };
  });
}

function refusals(failure: Failure, sent: readonly string[], why: OutboxReply): Verdict {
  const refused = refusalsOf(failure.refused);
  return each(sent, (address) => ofReply(refused.get(address), why.message));
}

function refusalsOf(value: unknown): Map<string, OutboxReply | undefined> {
  const entries = Array.isArray(value) ? (value as { recipient?: unknown; reply?: unknown }[]) : [];
  return new Map(entries.map(({ recipient, reply }) => [String(recipient), replyOf(reply)]));
}

const listOf = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);

/** 5yz is final at once; everything else comes again. */
function ofReply(reply: OutboxReply | undefined, words: string): RecipientVerdict {
  const isFinal = reply !== undefined && reply.code >= 500;
  return { kind: isFinal ? "refused" : "deferred", reply: reply ?? reason(words) };
}

function each(sent: readonly string[], verdict: (address: string) => RecipientVerdict): Verdict {
  return { kind: "tried", recipients: new Map(sent.map((address) => [address, verdict(address)])) };
}

/** Texts of servers are kept up to here. */
const MAX_TEXT = 1000;

/** SECURITY: a server's text goes into the database; PostgreSQL takes no NUL. */
const storable = (text: string): string => text.slice(0, MAX_TEXT).replaceAll(/\0|\p{Surrogate}/gu, "");

function replyOf(value: unknown): OutboxReply | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { code, enhancedCode, message } = value as { code?: unknown; enhancedCode?: unknown; message?: unknown };
  if (typeof code !== "number") return undefined;
  return {
    code,
    enhancedCode: typeof enhancedCode === "string" ? enhancedCode : undefined,
    message: storable(typeof message === "string" ? message : ""),
  };
}

function reason(text: string): OutboxReply {
  return { code: 0, enhancedCode: undefined, message: storable(text) };
}
