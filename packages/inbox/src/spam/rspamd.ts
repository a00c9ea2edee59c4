/**
 * The HTTP protocol of Rspamd: POST /checkv2 with the message as body and its envelope in header fields, answered with JSON.
 */
import { type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import type { ApiSpam, ApiSpamRule } from "../web/api-types.js";
import { orderedRules, readAnswer, SpamFilterError, type SpamQuestion } from "./answer.js";

/** Actions of a receiver that takes the message as any other, or later. */
const HARMLESS: readonly string[] = ["no action", "greylist", "soft reject"];

/** QUIRK: Rspamd 3.4 resets the connection at some thousand recipients; these say as much. */
const MAX_RECIPIENTS = 100;

export async function askRspamd(address: URL, question: SpamQuestion): Promise<ApiSpam> {
  const response = await post(address, question);
  const text = (await readAnswer(response)).toString("utf8");
  if (response.statusCode !== 200)
    throw new SpamFilterError("answer", `it replied ${response.statusCode}: ${text.slice(0, 200)}`);
  const verdict = verdictOf(parsed(text));
  if (verdict === undefined) throw new SpamFilterError("answer", "its reply is not one of Rspamd");
  return verdict;
}

function post(address: URL, { raw, envelope, signal }: SpamQuestion): Promise<IncomingMessage> {
  const request = address.protocol === "https:" ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    // SECURITY: no agent, so no proxy of the environment; and no redirect is followed: the message goes to this address alone.
    const sent = request(
      new URL("/checkv2", address),
      { method: "POST", agent: false, signal, headers: { "Content-Length": raw.byteLength, ...fieldsOf(envelope) } },
      resolve,
    );
    sent.on("error", reject);
    sent.end(raw);
  });
}

/**
 * QUIRK: Rspamd 3.4 takes an internationalized address in these fields for a broken message, and adds 8 points; it is left out.
 */
function fieldsOf({ sender, recipients }: SpamQuestion["envelope"]): Record<string, string | string[]> {
  if (recipients.length === 0) return {};
  const named = recipients.filter(isAscii).slice(0, MAX_RECIPIENTS);
  return {
    ...(isAscii(sender) ? { From: `<${sender}>` } : {}),
    ...(named.length === 0 ? {} : { Rcpt: named.map((address) => `<${address}>`) }),
  };
}

function isAscii(address: string): boolean {
  return /^[ -~]*$/.test(address);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Undefined for what is none. */
function verdictOf(answer: unknown): ApiSpam | undefined {
  if (!isObject(answer)) return undefined;
  const { score, required_score: threshold, action, symbols } = answer;
  if (typeof score !== "number" || typeof action !== "string" || !isObject(symbols)) return undefined;
  return {
    filter: "rspamd",
    isSpam: !HARMLESS.includes(action),
    score,
    // A server that refuses nothing has none.
    ...(typeof threshold === "number" ? { threshold } : {}),
    action,
    rules: orderedRules(Object.entries(symbols).flatMap(([name, symbol]) => ruleOf(name, symbol) ?? [])),
  };
}

function ruleOf(name: string, symbol: unknown): ApiSpamRule | undefined {
  if (!isObject(symbol) || typeof symbol["score"] !== "number") return undefined;
  const { description, options } = symbol;
  const seen = Array.isArray(options) ? ` [${options.join(", ")}]` : "";
  return {
    name,
    points: symbol["score"],
    description: `${typeof description === "string" ? description : ""}${seen}`.trim(),
  };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
