/**
 * The states of a session as two tables: what the server has confirmed, and what may be written. Every transition is here.
 *
 * Layer: session. RFC 5321 §3 and §4.1.4 (order of commands), RFC 3207 (STARTTLS), RFC 4954 (AUTH), RFC 3030 (BDAT), RFC 2920.
 *
 * With pipelining the two differ: commands of several transactions may be written before the server has confirmed one.
 */

export type State =
  /** The server has not greeted yet. */
  | "connecting"
  /** The server greeted with 220; EHLO has no reply yet, or STARTTLS discarded its reply. */
  | "greeted"
  /** EHLO or HELO was accepted; no mail transaction is open. */
  | "ready"
  /** STARTTLS was accepted: the TLS handshake comes next. */
  | "securing"
  /** AUTH was answered with 334: the next line is a SASL response. */
  | "authenticating"
  /** MAIL was accepted. */
  | "transaction"
  /** DATA was answered with 354. */
  | "content"
  /** QUIT was written, or RSET was refused: the client writes nothing more. */
  | "closing"
  /** The connection has ended. */
  | "closed";

export type SessionEvent =
  /** The server greeted with 220. */
  | "greeting"
  /** EHLO, HELO or LHLO was accepted; this also ends an open transaction (RFC 5321 §4.1.4). */
  | "hello"
  /** STARTTLS was answered with 220. */
  | "tls-accepted"
  /** The TLS handshake is complete. */
  | "secured"
  /** AUTH, or a SASL response, was answered with 334. */
  | "challenge"
  /** AUTH was answered with 235. */
  | "authenticated"
  /** AUTH was answered with 4yz or 5yz. */
  | "auth-refused"
  /** MAIL was accepted. */
  | "mail"
  /** DATA was answered with 354. */
  | "data"
  /** The content was accepted with 2yz. */
  | "delivered"
  /** The content of DATA was refused: the transaction is over. After BDAT it is not (RFC 3030 §2). */
  | "content-refused"
  /** RSET was accepted. */
  | "reset"
  /** QUIT was written, or RSET was refused. */
  | "quit"
  /** The server replied 221 or 421, the stream ended, or the client closes the connection, also after a fault. */
  | "end";

export const TRANSITIONS: Readonly<Record<State, Readonly<Partial<Record<SessionEvent, State>>>>> = {
  connecting: { greeting: "greeted", end: "closed" },
  greeted: { hello: "ready", "tls-accepted": "securing", quit: "closing", end: "closed" },
  ready: {
    hello: "ready",
    "tls-accepted": "securing",
    challenge: "authenticating",
    authenticated: "ready",
    "auth-refused": "ready",
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
    // SECURITY: a TLS handshake follows, even with a transaction open.
    "tls-accepted": "securing",
    data: "content",
    delivered: "ready",
    reset: "ready",
    hello: "ready",
    quit: "closing",
    end: "closed",
  },
  content: { delivered: "ready", "content-refused": "ready", quit: "closing", end: "closed" },
  // Replies to what was written before QUIT, or before a refused RSET.
  closing: {
    mail: "closing",
    data: "closing",
    delivered: "closing",
    "content-refused": "closing",
    reset: "closing",
    end: "closed",
  },
  closed: { end: "closed" },
};

/** The state after an event; undefined for one that may not happen there: whoever caused it has broken the protocol. */
export function nextState(state: State, event: SessionEvent): State | undefined {
  return TRANSITIONS[state][event];
}

/** What of the current message has been written. */
export type WindowState =
  /** Nothing: a message or a command may begin. */
  | "idle"
  /** MAIL, and perhaps some of the RCPTs. */
  | "envelope"
  /** The envelope: the client waits for 354, or for an accepted recipient. */
  | "waiting"
  /** The envelope: the content may follow. */
  | "content"
  /** Part of the content: the caller's stream is being read. */
  | "pouring"
  /** All but BDAT LAST, which waits for the replies to the chunks before it. */
  | "last-chunk"
  /** QUIT: nothing more is written. */
  | "over";

export type WindowEvent =
  /** A message is taken from the queue. */
  | "begin"
  /** The last command of the message's envelope was written. */
  | "asked"
  /** The server replied 354 or accepted a recipient, or is proven to take content ahead of both. */
  | "go-ahead"
  /** The content is a stream. */
  | "pull"
  /** The stream has ended, and its last chunk must wait. */
  | "held"
  /** The end of the content was written. */
  | "sent"
  /** The message was refused before the end of its content, or is sent again. */
  | "dropped"
  /** QUIT was written. */
  | "quit";

export interface WindowRow {
  /** What may be written in this state. */
  readonly writes: string;
  readonly next: Readonly<Partial<Record<WindowEvent, WindowState>>>;
}

export const WINDOW: Readonly<Record<WindowState, WindowRow>> = {
  idle: { writes: "MAIL, RSET, any command", next: { begin: "envelope", quit: "over" } },
  envelope: { writes: "RCPT, DATA", next: { asked: "waiting", dropped: "idle" } },
  waiting: { writes: "nothing", next: { "go-ahead": "content", dropped: "idle" } },
  content: { writes: "the content", next: { sent: "idle", pull: "pouring", dropped: "idle" } },
  pouring: { writes: "chunks of the content", next: { held: "last-chunk", sent: "idle", dropped: "idle" } },
  "last-chunk": { writes: "BDAT LAST, once every reply is in", next: { sent: "idle", dropped: "idle" } },
  over: { writes: "nothing", next: {} },
};

/** The state after an event. @throws TypeError for an event that the table does not allow: a bug of this library. */
export function nextWindowState(state: WindowState, event: WindowEvent): WindowState {
  const next = WINDOW[state].next[event];
  if (next === undefined) throw new TypeError(`${event} while the window is ${state}`);
  return next;
}
