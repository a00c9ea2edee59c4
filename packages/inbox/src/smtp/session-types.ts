/**
 * The words of a server's session: what it offers, what a client asks, what it is told.
 */
import type { Login, Mechanism } from "./login.js";

/** What a client is told. */
export interface Reply {
  /** Three digits, 200 to 599. */
  readonly code: number;
  /** All behind the code, an enhanced status code included; an array is a reply of several lines. */
  readonly text: string | readonly string[];
}

/** How a session is: what it is called, and what it offers. */
export interface SessionOptions {
  /** The name in the greeting and in the reply to EHLO; default `"localhost"`. */
  readonly name?: string | undefined;
  /** What the greeting says behind name and protocol; default: nothing. */
  readonly banner?: string | undefined;
  /** Default `"smtp"`. With `"lmtp"` there is LHLO, and a reply for each recipient after the content. */
  readonly protocol?: "smtp" | "lmtp" | undefined;
  /** Whether TLS began with the first byte; default false. */
  readonly secure?: boolean | undefined;
  /** Whether STARTTLS is offered; default false. */
  readonly startTls?: boolean | undefined;
  /** `"required"`: no mail without a login. Default `"none"`: AUTH is not offered. */
  readonly auth?: "none" | "optional" | "required" | undefined;
  /** The mechanisms that are offered; default: all, but CRAM-MD5 without `nonce`. */
  readonly mechanisms?: readonly Mechanism[] | undefined;
  /** For CRAM-MD5: such as `<random@host>`, another at each call. Default: that mechanism is not offered. */
  readonly nonce?: (() => string) | undefined;
  /** Further lines of the reply to EHLO; default: `PIPELINING`, `8BITMIME`, `SMTPUTF8`, `ENHANCEDSTATUSCODES`, `DSN`. */
  readonly extensions?: readonly string[] | undefined;
  /** Whether BDAT is offered, as CHUNKING; default false. */
  readonly chunking?: boolean | undefined;
  /** Bytes of a message, offered as SIZE; default: no limit, and no SIZE. */
  readonly maxMessageBytes?: number | undefined;
  /** Default 10 000. */
  readonly maxRecipients?: number | undefined;
  /** The reply to HELP; default: a pointer to RFC 5321. */
  readonly help?: (() => string) | undefined;
  /** The text of 502 to AUTH and STARTTLS where they are not offered; default: that they are not. */
  readonly notOffered?: Readonly<Partial<Record<"AUTH" | "STARTTLS", string>>> | undefined;
  /** The text of 421 to a client that begins with TLS where there is none; default: that. */
  readonly noTls?: string | undefined;
}

/** What a client asks. */
export type Asked = AskedCommand | AskedLogin | AskedSender | AskedRecipient | AskedContent;

/** A command without more to say about it. */
export interface AskedCommand {
  /** `"connect"` asks for the greeting, `"tls"` is STARTTLS, `"data"` is DATA, or BDAT but the last. */
  readonly step: "connect" | "hello" | "tls" | "data" | "quit" | "other";
  /** The session's own answer: when its code is 400 or more, the session refuses. */
  readonly reply: Reply;
}

/** AUTH, or a later line of it. */
export interface AskedLogin {
  /** `"auth"` is the command, `"login"` a later line. */
  readonly step: "auth" | "login";
  /** The session's own answer. */
  readonly reply: Reply;
  /** Credentials, once they are whole: answer 235 (the session's own), or a refusal. */
  readonly login: Login | undefined;
}

/** MAIL. */
export interface AskedSender {
  /** MAIL FROM. */
  readonly step: "mail";
  /** The session's own answer. */
  readonly reply: Reply;
  /** The address as it was written; `""` is the null sender. */
  readonly sender: string;
}

/** RCPT. */
export interface AskedRecipient {
  /** RCPT TO. */
  readonly step: "rcpt";
  /** The session's own answer. */
  readonly reply: Reply;
  /** That of the transaction. */
  readonly sender: string;
  /** The address as it was written. */
  readonly recipient: string;
}

/** The end of the content. With LMTP it is answered by an array, one reply for each recipient. */
export interface AskedContent {
  /** The dot, or the last BDAT. */
  readonly step: "content";
  /** The session's own answer. */
  readonly reply: Reply;
  /** That of the transaction. */
  readonly sender: string;
  /** Those whose RCPT was not refused. */
  readonly recipients: readonly string[];
}

/** A piece of the content, dots unstuffed. It is not answered. */
export interface Piece {
  /** Content. */
  readonly step: "piece";
  /** A view of what was received. */
  readonly bytes: Uint8Array;
}

/** The content has become larger than `maxMessageBytes`: the rest of it is read and not given. It is not answered. */
export interface Overflow {
  /** Too much content. */
  readonly step: "overflow";
}

/** `"securing"`: after the 220 to STARTTLS, until `secured()`. `"closed"`: the connection is to be ended. */
export type SessionState = "open" | "securing" | "closed";
