/**
 * Replies that a rule gives, and how they get past smtp-server unchanged.
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

const REPLY = /^([45][0-5]\d) ([\t -~\u00a0-\uffff]{1,500})$/;
/** Marks text to which smtp-server must add no enhanced status code of its own. No reply can begin with it: it is a control. */
const EXACT = "\u0001";

/** @throws InboxOptionError when it is no refusal on one line. */
export function parseReply(reply: string): RuleReply {
  const match = typeof reply === "string" ? REPLY.exec(reply) : null;
  if (match === null)
    throw new InboxOptionError("reply", 'must be a refusal on one line, such as "550 5.1.1 No such user"');
  const [, code = "", text = ""] = match;
  return { code: Number(code), text };
}

/** What smtp-server asks of an error that becomes a reply. */
export class RuleRefusal extends Error {
  readonly responseCode: number;
  constructor({ code, text }: RuleReply) {
    super(EXACT + text);
    this.responseCode = code;
  }
}

/** The text without the mark; undefined when it has none. */
export function exactText(data: unknown): string | undefined {
  return typeof data === "string" && data.startsWith(EXACT) ? data.slice(EXACT.length) : undefined;
}
