/**
 * A server's session without I/O: takes the bytes of a client, and gives what it asks, one after the other, each with the reply that
 * the protocol has for it. Whoever drives it may answer otherwise, and writes what `answer()` returns.
 *
 * RFC 5321 §3, §4.1 (commands and their order), RFC 2033 (LMTP), RFC 3207 (STARTTLS), RFC 4954 (AUTH), RFC 1870 (SIZE), RFC 3030
 * (BDAT).
 */
import { formatReply, parseCommand } from "postrider/wire";
import { LoginExchange, type LoginStep, MECHANISMS, type Mechanism } from "./login.js";
import { SessionInput } from "./session-input.js";
import type { Asked, Overflow, Piece, Reply, SessionOptions, SessionState } from "./session-types.js";
import { contentReply, dataReply, mailReply, rcptReply, type Transaction } from "./transaction.js";

const DEFAULT_EXTENSIONS = ["PIPELINING", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES", "DSN"];

const GREET_FIRST: Reply = { code: 503, text: "5.5.1 Say EHLO first" };
const LOG_IN_FIRST: Reply = { code: 530, text: "5.7.0 Authentication required" };
/** What XOAUTH2 says in a challenge before it refuses. */
const TOKEN_REFUSED = Buffer.from('{"status":"401","schemes":"bearer","scope":"mail"}').toString("base64");
const BARE_LINE_ENDS =
  "5.5.2 Lines must end with CRLF. This client ends them with CR or LF alone, so the end of its message is ambiguous; it was not accepted";

/**
 * @example
 * const session = new ServerSession({ name: "mail.example.org" });
 * session.receive(bytes);
 * for (let asked = session.next(); asked !== undefined; asked = session.next()) {
 *   if (asked.step === "piece") keep(asked.bytes);
 *   else if (asked.step !== "overflow") socket.write(session.answer());
 * }
 */
export class ServerSession {
  readonly #options: SessionOptions;
  readonly #input = new SessionInput();
  #state: SessionState = "open";
  #isSecure: boolean;
  #isNew = true;
  #hello: string | undefined;
  #username: string | undefined;
  #exchange: LoginExchange | undefined;
  /** What XOAUTH2 has yet to be told: its refusal comes after an empty line of the client. */
  #heldRefusal: Reply | undefined;
  #transaction: Transaction | undefined;
  /** What comes in is content, of DATA or of a BDAT. */
  #content: { readonly isLast: boolean; readonly refusal: Reply | undefined } | undefined;
  #waiting: (Piece | Overflow)[] = [];
  /** What is asked when those have been given: the content is complete. */
  #atEnd: (() => Asked) | undefined;
  #asked: { readonly asked: Asked; readonly ends: boolean; readonly apply?: (reply: Reply) => void } | undefined;

  /** Nothing is said before the first `next()`, which asks for the greeting. */
  constructor(options: SessionOptions = {}) {
    this.#options = options;
    this.#isSecure = options.secure ?? false;
  }

  /** Whether the dialogue goes on. */
  get state(): SessionState {
    return this.#state;
  }

  /** Whether the client is inside TLS. */
  get isSecure(): boolean {
    return this.#isSecure;
  }

  /** What the client called itself in EHLO; undefined before that. */
  get clientName(): string | undefined {
    return this.#hello;
  }

  /** Who is logged in; undefined before a login. */
  get username(): string | undefined {
    return this.#username;
  }

  /** Appends what has come in. */
  receive(bytes: Uint8Array): void {
    this.#input.push(bytes);
  }

  /** What comes next; undefined when more bytes are needed, or the question before has no answer yet. */
  next(): Asked | Piece | Overflow | undefined {
    if (this.#asked !== undefined || this.#state !== "open") return undefined;
    if (this.#isNew) return this.#greet();
    if (this.#content !== undefined && this.#waiting.length === 0) {
      const refusal = this.#takeContent(this.#content);
      if (refusal !== undefined) return refusal;
    }
    const piece = this.#waiting.shift();
    if (piece !== undefined) return piece;
    const atEnd = this.#atEnd;
    this.#atEnd = undefined;
    if (atEnd !== undefined) return atEnd();
    return this.#content === undefined ? this.#nextCommand() : undefined;
  }

  /**
   * Answers what was asked: with the session's own reply, or with the one that is given.
   *
   * @param reply after the content of LMTP: one for each recipient.
   * @returns what is to be written.
   */
  answer(reply?: Reply | readonly Reply[]): string {
    const { asked, ends, apply } = this.#asked ?? {};
    this.#asked = undefined;
    if (asked === undefined) return "";
    const replies = this.#repliesTo(asked, reply ?? asked.reply);
    for (const one of replies) apply?.(one);
    if (ends === true) this.#state = "closed";
    return replies.map(({ code, text }) => formatReply(code, text)).join("");
  }

  /** TLS is there: what the client said before does not count (RFC 3207 §4.2). */
  secured(): void {
    this.#isSecure = true;
    this.#state = "open";
    this.#input.clear();
    this.#hello = this.#username = this.#transaction = undefined;
  }

  #repliesTo(asked: Asked, given: Reply | readonly Reply[]): readonly Reply[] {
    if (!("code" in given)) return given;
    if ("login" in asked && asked.login?.mechanism === "XOAUTH2" && given.code >= 400) {
      this.#heldRefusal = given;
      return [{ code: 334, text: TOKEN_REFUSED }];
    }
    const count = asked.step === "content" && this.#options.protocol === "lmtp" ? asked.recipients.length : 1;
    return Array.from({ length: count }, () => given);
  }

  #ask(asked: Asked, apply?: (reply: Reply) => void, ends = false): Asked {
    this.#asked = { asked, ends, ...(apply === undefined ? {} : { apply }) };
    return asked;
  }

  #other(code: number, text: string | readonly string[], apply?: (reply: Reply) => void): Asked {
    return this.#ask({ step: "other", reply: { code, text } }, apply);
  }

  #end(code: number, text: string): Asked {
    return this.#ask({ step: "other", reply: { code, text } }, undefined, true);
  }

  get #protocol(): "SMTP" | "LMTP" {
    return this.#options.protocol === "lmtp" ? "LMTP" : "SMTP";
  }

  #greet(): Asked {
    this.#isNew = false;
    const { name = "localhost", protocol = "smtp", banner = "" } = this.#options;
    const text = `${name} ${protocol === "lmtp" ? "LMTP" : "ESMTP"} ${banner}`.trimEnd();
    return this.#ask({ step: "connect", reply: { code: 220, text } });
  }

  #nextCommand(): Asked | Piece | Overflow | undefined {
    const line = this.#input.line(this.#isSecure);
    if (line === undefined) return undefined;
    if (line === "tls") return this.#end(421, this.#options.noTls ?? "4.7.0 There is no TLS from the first byte here");
    if (line === "http") return this.#end(421, `4.7.0 This is ${this.#protocol}, not HTTP`);
    if (line === "too-long") return this.#end(500, "5.5.6 Line too long");
    if (this.#heldRefusal !== undefined) return this.#sayHeldRefusal(this.#heldRefusal);
    return this.#exchange === undefined ? this.#command(line.text) : this.#loginLine(this.#exchange, line.text);
  }

  #command(line: string): Asked | Piece | Overflow | undefined {
    const { verb, argument } = parseCommand(line);
    switch (verb) {
      case "EHLO":
      case "HELO":
      case "LHLO":
        return this.#sayHello(verb, argument);
      case "STARTTLS":
        return this.#startTls(argument);
      case "AUTH":
        return this.#authenticate(argument);
      case "MAIL":
        return this.#mail(argument);
      case "RCPT":
        return this.#rcpt(argument);
      case "DATA":
        return this.#data(argument);
      case "BDAT":
        return this.#bdat(argument);
      case "RSET":
        return this.#other(250, "2.0.0 Flushed", () => {
          this.#transaction = undefined;
        });
      case "NOOP":
        return this.#other(250, "2.0.0 OK");
      case "VRFY":
        return this.#other(252, "2.1.5 Send something, and see");
      case "HELP":
        return this.#other(214, `2.0.0 ${this.#options.help?.() ?? "See RFC 5321"}`);
      case "QUIT":
        return this.#ask({ step: "quit", reply: { code: 221, text: "2.0.0 Bye" } }, undefined, true);
      default:
        return this.#other(500, "5.5.2 Command not recognized");
    }
  }

  #sayHello(verb: string, name: string): Asked {
    const protocol = this.#protocol;
    if ((verb === "LHLO") !== (protocol === "LMTP")) {
      return this.#other(500, `5.5.1 ${verb} is not for ${protocol}`);
    }
    const reply =
      name === ""
        ? { code: 501, text: `5.5.4 ${verb} needs a name` }
        : { code: 250, text: verb === "HELO" ? (this.#options.name ?? "localhost") : this.#offer() };
    return this.#ask({ step: "hello", reply }, ({ code }) => {
      if (code >= 400) return;
      this.#hello = name;
      this.#transaction = undefined;
    });
  }

  #offer(): readonly string[] {
    const { name = "localhost", extensions = DEFAULT_EXTENSIONS, chunking, startTls, maxMessageBytes } = this.#options;
    return [
      name,
      ...extensions,
      ...(chunking === true ? ["CHUNKING"] : []),
      ...(this.#mechanisms.length > 0 ? [`AUTH ${this.#mechanisms.join(" ")}`] : []),
      ...(startTls === true && !this.#isSecure ? ["STARTTLS"] : []),
      ...(maxMessageBytes === undefined ? [] : [`SIZE ${maxMessageBytes}`]),
    ];
  }

  get #mechanisms(): readonly Mechanism[] {
    const { auth = "none", nonce, mechanisms = MECHANISMS } = this.#options;
    if (auth === "none") return [];
    return mechanisms.filter((name) => name !== "CRAM-MD5" || nonce !== undefined);
  }

  #startTls(argument: string): Asked {
    const reply = (code: number, text: string): Asked =>
      this.#ask({ step: "tls", reply: { code, text } }, (said) => {
        if (said.code === 220) this.#state = "securing";
      });
    if (this.#isSecure) return reply(503, "5.5.1 This is TLS already");
    if (this.#options.startTls !== true) {
      return reply(502, this.#options.notOffered?.STARTTLS ?? "5.5.1 STARTTLS is not offered");
    }
    return argument === "" ? reply(220, "2.0.0 Ready to start TLS") : reply(501, "5.5.4 STARTTLS has no parameters");
  }

  #authenticate(argument: string): Asked {
    const refuse = (code: number, text: string): Asked =>
      this.#ask({ step: "auth", reply: { code, text }, login: undefined });
    const [name = "", initial, more] = argument.split(/ +/);
    if (this.#mechanisms.length === 0)
      return refuse(502, this.#options.notOffered?.AUTH ?? "5.5.1 AUTH is not offered");
    if (this.#hello === undefined) return refuse(GREET_FIRST.code, String(GREET_FIRST.text));
    if (this.#username !== undefined) return refuse(503, "5.5.1 You are logged in already");
    if (this.#transaction !== undefined) return refuse(503, "5.5.1 AUTH is not for within a transaction");
    const mechanism = this.#mechanisms.find((one) => one === name.toUpperCase());
    if (mechanism === undefined || more !== undefined) return refuse(504, "5.5.4 Unrecognized authentication type");
    const exchange = new LoginExchange(mechanism, this.#options.nonce?.() ?? "");
    this.#exchange = exchange;
    return this.#loginStep("auth", exchange.start(initial));
  }

  #loginLine(exchange: LoginExchange, line: string): Asked {
    if (line !== "*") return this.#loginStep("login", exchange.respond(line));
    this.#exchange = undefined;
    return this.#ask({ step: "login", reply: { code: 501, text: "5.7.0 Authentication aborted" }, login: undefined });
  }

  #loginStep(step: "auth" | "login", next: LoginStep): Asked {
    if (next !== undefined && "challenge" in next) {
      const text = Buffer.from(next.challenge).toString("base64");
      return this.#ask({ step, reply: { code: 334, text }, login: undefined });
    }
    this.#exchange = undefined;
    if (next === undefined) {
      return this.#ask({ step, reply: { code: 501, text: "5.5.2 Malformed authentication data" }, login: undefined });
    }
    const { login } = next;
    const reply = { code: 235, text: "2.7.0 Authentication successful" };
    return this.#ask({ step, reply, login }, ({ code }) => {
      if (code === 235) this.#username = login.username;
    });
  }

  #sayHeldRefusal(reply: Reply): Asked {
    this.#heldRefusal = undefined;
    return this.#ask({ step: "login", reply, login: undefined });
  }

  /** What stands before every command of a transaction; undefined when nothing does. */
  get #outOfPlace(): Reply | undefined {
    if (this.#hello === undefined) return GREET_FIRST;
    return this.#options.auth === "required" && this.#username === undefined ? LOG_IN_FIRST : undefined;
  }

  #mail(argument: string): Asked {
    const { sender, reply } = mailReply(argument, this.#transaction, this.#options);
    return this.#ask({ step: "mail", reply: this.#outOfPlace ?? reply, sender }, ({ code }) => {
      if (code < 400) this.#transaction = { sender, recipients: [], size: 0, isTooLarge: false };
    });
  }

  #rcpt(argument: string): Asked {
    const { recipient, reply } = rcptReply(argument, this.#transaction, this.#options);
    const asked = { step: "rcpt", sender: this.#transaction?.sender ?? "", recipient } as const;
    return this.#ask({ ...asked, reply: this.#outOfPlace ?? reply }, ({ code }) => {
      if (code < 400) this.#transaction?.recipients.push(recipient);
    });
  }

  #data(argument: string): Asked {
    const unexpected = argument === "" ? undefined : { code: 501, text: "5.5.4 DATA has no parameters" };
    const reply = this.#outOfPlace ?? unexpected ?? dataReply(this.#transaction);
    return this.#ask({ step: "data", reply }, ({ code }) => {
      if (code !== 354) return;
      this.#content = { isLast: true, refusal: undefined };
      this.#input.beginContent();
    });
  }

  /** The octets follow at once, and are read whatever becomes of them (RFC 3030 §2). */
  #bdat(argument: string): Asked | Piece | Overflow | undefined {
    const [, digits, last] = /^(\d{1,15})(?:[ \t]+(LAST))?$/i.exec(argument) ?? [];
    if (this.#options.chunking !== true) return this.#other(502, "5.5.1 BDAT is not offered");
    // Nobody knows how much of what follows is no command.
    if (digits === undefined) return this.#end(501, "5.5.4 BDAT needs a size");
    const { code, text } = dataReply(this.#transaction);
    const refusal = this.#outOfPlace ?? (code === 354 ? undefined : { code, text });
    this.#content = { isLast: last !== undefined, refusal };
    this.#input.beginOctets(Number(digits));
    return this.next();
  }

  /** Takes content in; undefined unless that is the end of it. */
  #takeContent({
    isLast,
    refusal,
  }: {
    readonly isLast: boolean;
    readonly refusal: Reply | undefined;
  }): Asked | undefined {
    const step = this.#input.content();
    if (step === undefined) return undefined;
    if (step.state === "bare-line-ends") return this.#end(521, BARE_LINE_ENDS);
    const transaction = this.#transaction;
    if (refusal === undefined && transaction !== undefined) this.#keep(step.pieces, transaction);
    if (step.state === "more") return undefined;
    this.#content = undefined;
    // Asked after the pieces have been given.
    this.#atEnd = () => this.#contentEnd(isLast, refusal, transaction);
    return undefined;
  }

  #keep(pieces: readonly Uint8Array[], transaction: Transaction): void {
    for (const bytes of pieces) {
      transaction.size += bytes.byteLength;
      if (transaction.isTooLarge) continue;
      transaction.isTooLarge = transaction.size > (this.#options.maxMessageBytes ?? Number.POSITIVE_INFINITY);
      this.#waiting.push(transaction.isTooLarge ? { step: "overflow" } : { step: "piece", bytes });
    }
  }

  #contentEnd(isLast: boolean, refusal: Reply | undefined, transaction: Transaction | undefined): Asked {
    const forget = (): void => {
      this.#transaction = undefined;
    };
    if (refusal !== undefined || transaction === undefined) {
      return this.#ask({ step: "data", reply: refusal ?? GREET_FIRST }, forget);
    }
    if (!isLast) return this.#ask({ step: "data", reply: { code: 250, text: `2.0.0 ${transaction.size} bytes` } });
    const { sender, recipients } = transaction;
    return this.#ask({ step: "content", reply: contentReply(transaction), sender, recipients }, forget);
  }
}
