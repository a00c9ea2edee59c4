/**
 * The meaning of a reply, as one table: by the step that it answers and by its class.
 *
 * Layer: session. RFC 5321 §4.2.1 (classes of replies), §4.3.2 (which replies follow which command), RFC 3207 §4 (STARTTLS),
 * RFC 4954 §4 (AUTH), RFC 3030 §2 (BDAT).
 *
 * A violation is neither a success nor a refusal, and later replies cannot be paired with commands. It ends the connection with an
 * SmtpProtocolError. The parser rejects lines that are not replies.
 */
import type { SmtpReply } from "../reply.js";
import type { SessionEvent } from "./state.js";
import { isPositive } from "./transaction.js";
import type { Expectation } from "./work.js";

/** `continue`: the server waits for more input. */
export type Meaning = "accepted" | "continue" | "refused" | "violation";

/** The first digit, and four codes with a meaning of their own. */
export type ReplyClass = "220" | "221" | "2yz" | "334" | "3yz" | "421" | "4yz" | "5yz";

/** The steps at which a reply is due. */
export type Step =
  | "greeting"
  | "hello"
  | "starttls"
  | "auth"
  | "mail"
  | "rcpt"
  | "data"
  | "chunk"
  | "content"
  | "reset"
  | "quit"
  | "command";

type Row = Readonly<Record<ReplyClass, Meaning>>;

const REFUSALS = { "421": "refused", "4yz": "refused", "5yz": "refused" } as const;
/** Success or refusal. */
const PLAIN: Row = {
  "220": "accepted",
  "221": "accepted",
  "2yz": "accepted",
  "334": "violation",
  "3yz": "violation",
  ...REFUSALS,
};
/** Exactly 220, or a refusal. */
const READY: Row = { ...PLAIN, "221": "violation", "2yz": "violation" };
/** A server that says goodbye has not said that it has the message. */
const TAKEN: Row = { ...PLAIN, "221": "violation" };

export const REPLY_TABLE: Readonly<Record<Step, Row>> = {
  greeting: READY,
  hello: PLAIN,
  starttls: READY,
  auth: { ...PLAIN, "334": "continue" },
  mail: PLAIN,
  rcpt: PLAIN,
  data: { ...READY, "220": "violation", "334": "continue", "3yz": "continue" },
  chunk: TAKEN,
  content: TAKEN,
  reset: PLAIN,
  quit: PLAIN,
  command: PLAIN,
};

const STEP_OF_VERB: ReadonlyMap<string, Step> = new Map<string, Step>([
  ["EHLO", "hello"],
  ["HELO", "hello"],
  ["LHLO", "hello"],
  ["STARTTLS", "starttls"],
  ["AUTH", "auth"],
  ["MAIL", "mail"],
  ["RCPT", "rcpt"],
  ["RSET", "reset"],
  ["QUIT", "quit"],
]);

/** For the error: what was asked, and the code that is due. */
const DUE: Readonly<Record<Step, readonly [asked: string, code: string]>> = {
  greeting: ["the connection", "220"],
  hello: ["EHLO", "250"],
  starttls: ["STARTTLS", "220"],
  auth: ["AUTH", "235 or 334"],
  mail: ["MAIL", "250"],
  rcpt: ["RCPT", "250"],
  data: ["DATA", "354"],
  chunk: ["BDAT", "250"],
  content: ["the content", "250"],
  reset: ["RSET", "250"],
  quit: ["QUIT", "221"],
  command: ["a command", "250"],
};

/** Describes a protocol violation; undefined when the reply is allowed here. */
export function findViolation(expectation: Expectation, reply: SmtpReply): string | undefined {
  // The caller wrote the command and interprets the reply.
  if (expectation.slot === "command" && expectation.work.isFree === true) return undefined;
  const step = stepOf(expectation);
  if (REPLY_TABLE[step][replyClass(reply)] !== "violation") return undefined;
  const [asked, due] = DUE[step];
  return `The server answered ${asked} with ${reply.code} instead of ${due} or an error code`;
}

/**
 * Whether a reply without its final CRLF counts at the end of the stream. A refusal does, and any reply to QUIT. A success does not:
 * only a complete reply may report something as accepted. The reply to a single command does not either.
 */
export function countsWhenCutOff(expectation: Expectation, reply: SmtpReply): boolean {
  const step = stepOf(expectation);
  return step === "quit" || (step !== "command" && reply.code >= 400);
}

/** The session event of a reply to a command; undefined when the state stays. */
export function commandEvent(verb: string, reply: SmtpReply): SessionEvent | undefined {
  switch (verb) {
    case "EHLO":
    case "HELO":
    case "LHLO":
      return isPositive(reply) ? "hello" : undefined;
    case "STARTTLS":
      return reply.code === 220 ? "tls-accepted" : undefined;
    case "AUTH":
      if (reply.code === 334) return "challenge";
      return isPositive(reply) ? "authenticated" : "auth-refused";
    case "MAIL":
      return isPositive(reply) ? "mail" : undefined;
    case "RSET":
      return isPositive(reply) ? "reset" : undefined;
    default:
      return undefined;
  }
}

/** The row of the table. */
function stepOf(expectation: Expectation): Step {
  return expectation.slot === "command" ? (STEP_OF_VERB.get(expectation.work.verb) ?? "command") : expectation.slot;
}

function replyClass({ code }: SmtpReply): ReplyClass {
  if (code === 220 || code === 221 || code === 334 || code === 421) return `${code}`;
  if (code < 300) return "2yz";
  if (code < 400) return "3yz";
  return code < 500 ? "4yz" : "5yz";
}
