/**
 * The life of a session as one table: everything that changes state is here, and nothing else is.
 *
 * Layer: protocol. RFC 5321 §3 and §4.1.4 (order of commands), RFC 3207 (STARTTLS), RFC 4954 (AUTH), RFC 3030 (BDAT).
 *
 * The state is what the server's replies have confirmed, not what was written: with pipelining, commands for several
 * transactions may be on their way while the table still says "ready". What may be written next is window.ts's business.
 * An event that a state does not list leaves the state as it is.
 */

export type State =
  /** No greeting yet. */
  | "connecting"
  /** 220 came; EHLO has not been answered, or was forgotten with STARTTLS. */
  | "greeted"
  /** EHLO or HELO was accepted; no mail transaction is open. */
  | "ready"
  /** STARTTLS got its 220: the next bytes are the handshake. */
  | "securing"
  /** AUTH got a 334: the next line is a response. */
  | "authenticating"
  /** MAIL was accepted. */
  | "transaction"
  /** DATA got its 354. */
  | "content"
  /** QUIT was written, or the session cannot be cleaned: nothing more is written. */
  | "closing"
  | "closed";

export type SessionEvent =
  /** 220 on connecting. */
  | "greeting"
  /** 2yz to EHLO, HELO or LHLO; it also ends an open transaction (RFC 5321 §4.1.4). */
  | "hello"
  /** 220 to STARTTLS. */
  | "tls-accepted"
  /** The handshake is done. */
  | "secured"
  /** 334 to AUTH, or to a response. */
  | "challenge"
  /** 235 to AUTH. */
  | "authenticated"
  /** 4yz or 5yz to AUTH. */
  | "auth-refused"
  /** 2yz to MAIL. */
  | "mail"
  /** 354 to DATA. */
  | "data"
  /** 2yz after the content. */
  | "delivered"
  /** 4yz or 5yz after DATA's content: the transaction is over. After BDAT it is not (RFC 3030 §2). */
  | "content-refused"
  /** 2yz to RSET. */
  | "reset"
  /** QUIT was written, or RSET was refused. */
  | "quit"
  /** 221, 421, the end of the stream, a fault, or the client's own decision. */
  | "end";

export const TRANSITIONS: Readonly<Record<State, Readonly<Partial<Record<SessionEvent, State>>>>> = {
  connecting: { greeting: "greeted", end: "closed" },
  greeted: { hello: "ready", "tls-accepted": "securing", quit: "closing", end: "closed" },
  ready: {
    hello: "ready",
    "tls-accepted": "securing",
    challenge: "authenticating",
    authenticated: "ready",
    mail: "transaction",
    // QUIRK: 354 although no MAIL was accepted; the content is then a lone dot (RFC 2920 §3.1).
    data: "content",
    reset: "ready",
    quit: "closing",
    end: "closed",
  },
  securing: { secured: "greeted", end: "closed" },
  authenticating: { challenge: "authenticating", authenticated: "ready", "auth-refused": "ready", end: "closed" },
  transaction: {
    // SECURITY: what follows is a handshake, whatever was open before it.
    "tls-accepted": "securing",
    data: "content",
    delivered: "ready",
    reset: "ready",
    hello: "ready",
    quit: "closing",
    end: "closed",
  },
  content: { delivered: "ready", "content-refused": "ready", quit: "closing", end: "closed" },
  closing: { end: "closed" },
  closed: {},
};

/** The state after an event. */
export function nextState(state: State, event: SessionEvent): State {
  return TRANSITIONS[state][event] ?? state;
}
