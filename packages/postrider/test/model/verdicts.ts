/**
 * What must be true of every dialogue, however it went.
 */
import {
  isSmtpError,
  type SmtpRecipientRefusedError,
  SmtpRecipientsRefusedError,
  SmtpReplyError,
  SmtpSenderRefusedError,
} from "../../src/index.js";
import type { SendResult } from "../../src/result.js";
import { ABORTED, BROKEN, type Ending, type Played } from "./play.js";

export type Outcome = "accepted" | "refused" | "not-sent" | "unknown" | "aborted";

/** Faults that a pool's message survives, when each of them costs it an attempt. */
const SURVIVED_KILLS = 3;

/** A server that swallows a command is given up after a second or so, once; waiting for a timeout takes longer. */
const CALM_MILLISECONDS = 20_000;

/** What became of each message. @throws Error that says which rule was broken */
export function checkDialogue(played: Played): Outcome[] {
  const { world, endings, left, stats } = played;
  const problems = [...left, ...world.violations];
  const isCalm = isWithoutFaults(world.plan);
  const outcomes = endings.map((all, index) => {
    const [ending] = all;
    if (ending === undefined || all.length > 1) {
      problems.push(`m${index} has ${all.length} ends`);
      return "unknown";
    }
    const { outcome, problem } = checkMessage(played, index, ending);
    if (problem !== undefined) problems.push(`m${index} (${outcome}): ${problem}`);
    else if (isCalm) problems.push(...checkCalm(played, index, ending, outcome));
    return outcome;
  });
  if (isCalm && world.plan.rateLimit === undefined && played.milliseconds > CALM_MILLISECONDS)
    problems.push(`it took ${played.milliseconds} ms, without any fault`);
  if (world.plan.sender !== "client") {
    if (stats !== undefined) problems.push(...checkStats(stats, outcomes));
    problems.push(...checkRate(world), ...checkWidth(world));
  }
  if (problems.length > 0) throw new Error(problems.join("\n"));
  return outcomes;
}

function checkMessage(
  { world }: Played,
  index: number,
  ending: Ending,
): { outcome: Outcome; problem?: string | undefined } {
  const id = `m${index}`;
  const taken = world.taken.filter((one) => one.id === id);
  if (ending.kind === "result") {
    const problem = taken.length === 1 ? checkResult(id, ending.result, taken[0]?.recipients ?? []) : undefined;
    return { outcome: "accepted", problem: taken.length === 1 ? problem : `taken ${taken.length} times` };
  }
  const { error } = ending;
  const mostTimes = taken.length > 1 ? `taken ${taken.length} times` : undefined;
  if (error === ABORTED) return { outcome: "aborted", problem: mostTimes };
  if (!isSmtpError(error)) {
    const isOwn = error === BROKEN && world.plan.messages[index]?.content === "broken stream";
    return { outcome: "not-sent", problem: isOwn ? checkNever(taken.length) : `rejected with ${String(error)}` };
  }
  if (error.outcome === "unknown") return { outcome: "unknown", problem: mostTimes };
  const isReply = error instanceof SmtpReplyError || error instanceof SmtpRecipientsRefusedError;
  const outcome = isReply ? "refused" : "not-sent";
  return { outcome, problem: checkNever(taken.length) ?? checkError(world, id, error) };
}

/** Nothing went wrong but what the servers make of commands out of place. */
function isWithoutFaults({ faults, close, messages, offers, mixed }: Played["world"]["plan"]): boolean {
  return (
    faults.length === 0 &&
    close === undefined &&
    messages.every(({ abortAfter, content }) => abortAfter === undefined && content !== "broken stream") &&
    [...offers, ...mixed].every((offer) => !offer.startsWith("lies"))
  );
}

/** A live message is accepted, a dead one refused; over one client it may also have to go again, and surely did not go. */
function checkCalm({ world }: Played, index: number, ending: Ending, outcome: Outcome): string[] {
  const expected = world.isDead(`m${index}`) ? "refused" : "accepted";
  if (outcome === expected) return [];
  const error = ending.kind === "error" ? ending.error : undefined;
  const isNotSent = isSmtpError(error) && error.outcome === "not-sent";
  // The first refused BDAT that is run ends the connection: nobody knows what became of what stood behind it.
  if (outcome === "unknown" && mayRunContent(world)) return [];
  // What is left of a stream that was begun cannot be sent again.
  if (isNotSent && world.plan.messages[index]?.content.endsWith("stream")) return [];
  if (isNotSent && error.retry === "reconnect" && world.plan.sender === "client" && !isRefusal(error)) return [];
  return [`m${index} is ${outcome}, not ${expected}, without any fault: ${String(error)}`];
}

/** A dead recipient makes such a server refuse a BDAT, and run it. */
function mayRunContent({ plan: { tempers, messages } }: Played["world"]): boolean {
  return tempers.includes("runs chunks") && messages.some(({ isDead }) => isDead);
}

/** Any reply but 421, which is about the connection. */
function isRefusal(error: Error): boolean {
  const replies =
    error instanceof SmtpRecipientsRefusedError
      ? error.refused.map(({ reply }) => reply)
      : error instanceof SmtpReplyError
        ? [error.reply]
        : [];
  return replies.some(({ code }) => code !== 421);
}

const checkNever = (times: number): string | undefined =>
  times === 0 ? undefined : `taken ${times} times, and said not to be sent`;

function checkResult(id: string, result: SendResult, recipients: readonly string[]): string | undefined {
  if (!result.reply.message.startsWith(`${id} taken`)) return `paired with the reply ${result.reply.message}`;
  if (result.accepted.join() !== recipients.join()) return `accepted is ${result.accepted.join()}`;
  return result.refused.map((one) => checkRecipient(one)).find((problem) => problem !== undefined);
}

function checkRecipient({ recipient, reply }: SmtpRecipientRefusedError): string | undefined {
  const [id, rest] = recipient.split(/[.@]/);
  const isOwn = reply.message.startsWith(`${id} RCPT ${rest}`) || reply.message.startsWith(`${id} RCPT without`);
  return isOwn || reply.code === 421 ? undefined : `${recipient} paired with the reply ${reply.message}`;
}

/** An error that a reply made was made by a reply to this message, or by a 421. */
function checkError(world: Played["world"], id: string, error: Error): string | undefined {
  if (error instanceof SmtpRecipientsRefusedError) {
    return (
      error.refused.map(checkRecipient).find((problem) => problem !== undefined) ?? checkDeserved(world, id, error)
    );
  }
  if (error instanceof SmtpReplyError) {
    const { code, message } = error.reply;
    const isSession = message === "not now" || code === 421;
    if (isSession) return undefined;
    if (!message.startsWith(`${id} `)) return `paired with the reply ${message}`;
    if (error instanceof SmtpSenderRefusedError && error.sender !== `${id}@s.example`) return "names another sender";
    return checkDeserved(world, id, error);
  }
  return checkSurvival(world, id, error);
}

/** A refusal hits its own message only. */
function checkDeserved(world: Played["world"], id: string, error: Error): string | undefined {
  const isEarly = /552|421/.test(error.message);
  return world.refused.has(id) || isEarly ? undefined : `refused, though nobody refused it: ${error.message}`;
}

/** In a pool a broken connection costs a message nothing that surely did not go out. */
function checkSurvival(world: Played["world"], id: string, error: Error): string | undefined {
  const { plan } = world;
  const planned = plan.messages[Number(id.slice(1))];
  const mayFail =
    plan.sender === "client" ||
    plan.close !== undefined ||
    world.kills > SURVIVED_KILLS ||
    planned?.content === "long stream" ||
    planned?.content === "broken stream" ||
    planned?.content === "short stream" ||
    [...plan.offers, ...plan.mixed].includes("lies twice") ||
    plan.messages.some(({ abortAfter, content }) => abortAfter !== undefined || content === "broken stream");
  return mayFail ? undefined : `given up after ${world.kills} broken connections: ${error.message}`;
}

function checkStats(stats: NonNullable<Played["stats"]>, outcomes: readonly Outcome[]): string[] {
  const { open, busy, queued, sent, refused, failed, unknown } = stats;
  const problems: string[] = [];
  if (open !== 0 || busy !== 0 || queued !== 0) problems.push(`stats: ${JSON.stringify(stats)} after close()`);
  if (sent !== outcomes.filter((one) => one === "accepted").length) problems.push(`stats.sent is ${sent}`);
  // An aborted message whose content was out may have been delivered.
  const [least, aborted] = (["unknown", "aborted"] as const).map(
    (what) => outcomes.filter((one) => one === what).length,
  );
  if (unknown < (least ?? 0) || unknown > (least ?? 0) + (aborted ?? 0)) problems.push(`stats.unknown is ${unknown}`);
  const sum = sent + refused + failed + unknown;
  if (sum > outcomes.length) problems.push(`stats count ${sum} of ${outcomes.length} messages`);
  return problems;
}

/** No window of that length holds more. A message that went again by DATA was counted once. */
function checkRate({ handed, plan }: Played["world"]): string[] {
  const { rateLimit } = plan;
  // A server that is slow in groups sees a command later than it was sent.
  if (rateLimit === undefined || plan.tempers.includes("slow in groups")) return [];
  if ([...plan.offers, ...plan.mixed].some((offer) => offer.startsWith("lies"))) return [];
  return handed.flatMap((time, index) => {
    const later = handed[index + rateLimit.messages];
    return later !== undefined && later - time < rateLimit.per ? [`rate: ${handed.join(", ")}`] : [];
  });
}

/** Connections that leave have given up their places. */
function checkWidth({ plan, mostOpen }: Played["world"]): string[] {
  const mayLeave =
    plan.maxMessagesPerConnection < plan.messages.length ||
    plan.faults.length > 0 ||
    plan.offers.length > 1 ||
    plan.tempers.length > 0;
  return mostOpen > plan.maxConnections && !mayLeave ? [`${mostOpen} connections at a time`] : [];
}
