/**
 * The protocol of SpamAssassin's spamd, version 1.5: REPORT with the message, answered with its score, and the rules as a table
 * of text.
 */
import { connect } from "node:net";
import type { ApiSpam, ApiSpamRule } from "../web/api-types.js";
import { orderedRules, readAnswer, SpamFilterError, type SpamQuestion } from "./answer.js";

const DEFAULT_PORT = 783;

const STATUS = /^SPAMD\/\d+\.\d+ (\d+) (.*)/;
const SCORE = /^Spam: *(\w+) *; *(-?\d+(?:\.\d+)?) *\/ *(-?\d+(?:\.\d+)?)/im;
const LENGTH = /^Content-length: *(\d{1,9})\r?$/im;
// " 0.6 MISSING_MID            Missing Message-Id: header"; what follows of a description is indented further.
const RULE = /^ {0,3}(-?\d{1,7}(?:\.\d+)?) (\w+) +(.*)$/;
const CONTINUED = /^ {20,}(\S.*)$/;

export async function askSpamd(address: URL, { raw, signal }: SpamQuestion): Promise<ApiSpam> {
  const host = address.hostname.replace(/^\[|\]$/g, "");
  const socket = connect({ host, port: Number(address.port) || DEFAULT_PORT, allowHalfOpen: true, signal });
  socket.write(`REPORT SPAMC/1.5\r\nContent-length: ${raw.byteLength}\r\n\r\n`);
  socket.end(raw);
  try {
    return verdictOf(await readAnswer(socket));
  } finally {
    socket.destroy();
  }
}

function verdictOf(answer: Buffer): ApiSpam {
  const end = answer.indexOf("\r\n\r\n");
  const head = answer.subarray(0, end === -1 ? answer.length : end).toString("latin1");
  const [, status, words] = STATUS.exec(head) ?? [];
  if (answer.length === 0)
    throw new SpamFilterError(
      "answer",
      "it closed the connection without a reply; it may not accept requests from this machine",
    );
  if (status === undefined) throw new SpamFilterError("answer", "its reply is not one of spamd");
  if (status !== "0") throw new SpamFilterError("answer", `it replied ${status} ${(words ?? "").slice(0, 200)}`);
  const [, verdict, score, threshold] = SCORE.exec(head) ?? [];
  const report = answer.subarray(end + 4);
  if (end === -1 || score === undefined || report.length < Number(LENGTH.exec(head)?.[1] ?? 0))
    throw new SpamFilterError("answer", "its reply is truncated");
  return {
    filter: "spamassassin",
    isSpam: /^(?:true|yes)$/i.test(verdict ?? ""),
    score: Number(score),
    threshold: Number(threshold),
    rules: orderedRules(rulesOf(report.toString("utf8"))),
  };
}

/** None where the server has a report of its own without the table. */
function rulesOf(report: string): readonly ApiSpamRule[] {
  const rules: ApiSpamRule[] = [];
  const lines = report.split(/\r?\n/);
  // SECURITY: the last head of a table is that of the report; further up is text of the message, which may look like one.
  const head = lines.findLastIndex((line) => /^---- -{10,}/.test(line));
  for (const line of head === -1 ? [] : lines.slice(head + 1)) {
    const [, points, name, description = ""] = RULE.exec(line) ?? [];
    const more = CONTINUED.exec(line)?.[1];
    const last = rules.at(-1);
    if (points !== undefined && name !== undefined) rules.push({ name, points: Number(points), description });
    else if (more !== undefined && last !== undefined)
      rules[rules.length - 1] = { ...last, description: `${last.description} ${more}` };
  }
  return rules;
}
