/**
 * Replies that a rule gives.
 *
 * RFC 5321 §4.2 (form of a reply).
 */
import { InboxOptionError } from "../errors.js";

/** A refusal in the words of the test. */
export interface RuleReply {
  readonly code: number;
  /** All behind the code, an enhanced status code included. */
  readonly text: string;
}

const REPLY = /^([45][0-5]\d) ([\t -~\u00a0-\u2027\u202a-\ud7ff\ue000-\uffff]{1,500})$/;

/** @throws InboxOptionError when it is no refusal on one line. */
export function parseReply(reply: string): RuleReply {
  const match = typeof reply === "string" ? REPLY.exec(reply) : null;
  if (match === null)
    throw new InboxOptionError("reply", 'must be a refusal on one line, such as "550 5.1.1 No such user"');
  const [, code = "", text = ""] = match;
  return { code: Number(code), text };
}
