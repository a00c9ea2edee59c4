/**
 * A POP3 session as two tables: what leads from one state to another, and which commands are for which state.
 *
 * RFC 1939 §4 to §6 (states), §5, §7 and §9 (commands), RFC 2449 §5 (CAPA), RFC 2595 §4 (STLS), RFC 5034 §4 (AUTH).
 */

export type Pop3State =
  /** Nobody is logged in. */
  | "authorization"
  /** AUTH was answered with a challenge: the next line is a SASL response. */
  | "authenticating"
  /** STLS was accepted: the TLS handshake comes next. */
  | "securing"
  /** A login was accepted, and a mailbox is open. */
  | "transaction"
  /** QUIT after a login: the marked messages are being deleted. */
  | "update"
  /** The connection is to be ended. */
  | "closed";

export type Pop3Event =
  /** AUTH goes on with a challenge. */
  | "challenge"
  /** Credentials were right. */
  | "login"
  /** Credentials were wrong, malformed, or withdrawn by the client. */
  | "refused"
  /** STLS was accepted. */
  | "tls"
  /** The TLS handshake is complete. */
  | "secured"
  /** QUIT. */
  | "quit"
  /** Nothing more can come: the deletions are done, or the client has broken the protocol. */
  | "end";

export const TRANSITIONS: Readonly<Record<Pop3State, Readonly<Partial<Record<Pop3Event, Pop3State>>>>> = {
  authorization: {
    challenge: "authenticating",
    login: "transaction",
    refused: "authorization",
    tls: "securing",
    quit: "closed",
    end: "closed",
  },
  authenticating: { challenge: "authenticating", login: "transaction", refused: "authorization", end: "closed" },
  securing: { secured: "authorization", end: "closed" },
  transaction: { quit: "update", end: "closed" },
  update: { end: "closed" },
  closed: { end: "closed" },
};

/** One command: where it may be given, and how it is written. */
export interface Pop3Command {
  readonly states: readonly Pop3State[];
  /** For the error: behind the name of the command. */
  readonly syntax: string;
  /** What the argument must be, without the spaces around it. */
  readonly argument: RegExp;
}

/** The name of a command that a session knows. */
export type Pop3Verb =
  | ("CAPA" | "STLS" | "AUTH" | "USER" | "PASS" | "QUIT")
  | ("STAT" | "LIST" | "UIDL" | "RETR" | "TOP" | "DELE" | "RSET" | "NOOP");

const BEFORE: readonly Pop3State[] = ["authorization"];
const AFTER: readonly Pop3State[] = ["transaction"];
const BOTH: readonly Pop3State[] = [...BEFORE, ...AFTER];
const NOTHING = { syntax: "", argument: /^$/ };
// No mailbox has a message whose number is longer.
const MESSAGE = { syntax: " NUMBER", argument: /^\d{1,10}$/ };
const MESSAGE_OR_NOTHING = { syntax: " [NUMBER]", argument: /^(?:\d{1,10})?$/ };

export const COMMANDS: Readonly<Record<Pop3Verb, Pop3Command>> = {
  CAPA: { states: BOTH, ...NOTHING },
  STLS: { states: BEFORE, ...NOTHING },
  AUTH: { states: BEFORE, syntax: " MECHANISM [RESPONSE]", argument: /^(?:\S+(?: +\S+)?)?$/ },
  USER: { states: BEFORE, syntax: " NAME", argument: /^\S/ },
  // RFC 1939 §7: the one argument may have spaces in it; an empty password is one, too.
  PASS: { states: BEFORE, syntax: " PASSWORD", argument: /^/ },
  STAT: { states: AFTER, ...NOTHING },
  LIST: { states: AFTER, ...MESSAGE_OR_NOTHING },
  UIDL: { states: AFTER, ...MESSAGE_OR_NOTHING },
  RETR: { states: AFTER, ...MESSAGE },
  TOP: { states: AFTER, syntax: " NUMBER LINES", argument: /^\d{1,10} +\d{1,10}$/ },
  DELE: { states: AFTER, ...MESSAGE },
  RSET: { states: AFTER, ...NOTHING },
  NOOP: { states: AFTER, ...NOTHING },
  QUIT: { states: BOTH, ...NOTHING },
};

export function isPop3Verb(word: string): word is Pop3Verb {
  return Object.hasOwn(COMMANDS, word);
}
