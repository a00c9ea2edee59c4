/**
 * A POP3 session without I/O: takes the bytes of a client, and gives what is said to it, one response after the other.
 *
 * RFC 1939 (POP3), RFC 2449 §5 (CAPA), §6 (capabilities), §8 (response codes), RFC 2595 §4 (STLS), RFC 3206 §4 (AUTH code), RFC 5034
 * §4 (AUTH).
 */
import { Buffer } from "node:buffer";
import { type Login, LoginExchange, type LoginStep, loginBy, MECHANISMS } from "../smtp/login.js";
import { SessionInput } from "../smtp/session-input.js";
import { contentPieces } from "./content.js";
import { type Mail, Maildrop, type MailSource } from "./maildrop.js";
import { COMMANDS, isPop3Verb, type Pop3Event, type Pop3State, type Pop3Verb, TRANSITIONS } from "./states.js";

/** How a session is, and whose mail it gives. */
export interface Pop3Options {
  /** Whether TLS began with the first byte. */
  readonly secure: boolean;
  /** Whether STLS is offered. */
  readonly startTls: boolean;
  /** The mailbox of a login; undefined when its credentials are wrong. */
  readonly open: (login: Login) => MailSource | undefined;
  /** For CRAM-MD5: such as `<random@host>`, another at each call. */
  readonly nonce: () => string;
}

/** One response, in pieces that are taken while there is room for them. */
export type Pop3Response = Iterable<Uint8Array | string>;

const NO_STLS = 'This inbox has no STLS: start it with --tls starttls (option tls: "starttls")';
const NO_TLS = 'This port has no TLS from the first byte: start the inbox with --tls implicit (option tls: "implicit")';
const LINES_IN_A_PIECE = 1000;

/**
 * @example
 * const session = new Pop3Session({ secure: false, startTls: false, open: () => mails, nonce });
 * session.receive(bytes);
 * for (let said = session.next(); said !== undefined; said = session.next()) for (const piece of said) socket.write(piece);
 */
export class Pop3Session {
  readonly #options: Pop3Options;
  readonly #input = new SessionInput();
  #state: Pop3State = "authorization";
  #isSecure: boolean;
  #isNew = true;
  /** What USER has said. */
  #username: string | undefined;
  #exchange: LoginExchange | undefined;
  #maildrop = new Maildrop({ list: () => [], read: () => undefined, remove: () => undefined });

  /** Nothing is said before the first `next()`, which gives the greeting. */
  constructor(options: Pop3Options) {
    this.#options = options;
    this.#isSecure = options.secure;
  }

  get state(): Pop3State {
    return this.#state;
  }

  /** Appends what has come in. */
  receive(bytes: Uint8Array): void {
    this.#input.push(bytes);
  }

  /** What is said next, all of it before the next call; undefined when more bytes are needed. */
  next(): Pop3Response | undefined {
    if (this.#isNew) {
      this.#isNew = false;
      return ok("Postrider inbox");
    }
    if (this.#state === "securing" || this.#state === "closed") return undefined;
    const line = this.#input.line(this.#isSecure);
    if (line === undefined) return undefined;
    if (line === "tls") return this.#end(NO_TLS);
    if (line === "http") return this.#end("This is POP3, not HTTP");
    if (line === "too-long") return this.#end("Line too long");
    return this.#exchange === undefined ? this.#command(line.text) : this.#loginLine(this.#exchange, line.text);
  }

  /** TLS is there. SECURITY: what the client said before does not count (RFC 2595 §4). */
  secured(): void {
    this.#isSecure = true;
    this.#input.clear();
    this.#username = undefined;
    this.#apply("secured");
  }

  #apply(event: Pop3Event): void {
    this.#state = TRANSITIONS[this.#state][event] ?? this.#state;
  }

  #end(text: string): Pop3Response {
    this.#apply("end");
    return no(text);
  }

  #command(line: string): Pop3Response {
    const [, word = "", rest = ""] = /^([A-Za-z]{1,16})(?: (.*))?$/s.exec(line) ?? [];
    const verb = word.toUpperCase();
    if (!isPop3Verb(verb)) return no("There is no such command");
    const { states, syntax, argument } = COMMANDS[verb];
    if (!states.includes(this.#state)) {
      return no(`${verb} is not for the ${this.#state.toUpperCase()} state`);
    }
    if (!argument.test(rest.trim())) return no(`It is ${verb}${syntax}`);
    return this.#run(verb, verb === "PASS" ? rest : rest.trim());
  }

  #run(verb: Pop3Verb, argument: string): Pop3Response {
    const maildrop = this.#maildrop;
    switch (verb) {
      case "CAPA":
        return lines("These are the capabilities", this.#capabilities());
      case "STLS":
        return this.#startTls();
      case "AUTH":
        return this.#authenticate(argument);
      case "USER":
        this.#username = argument;
        return ok("Send PASS");
      case "PASS":
        return this.#password(argument);
      case "STAT":
        return ok(`${maildrop.count} ${maildrop.size}`);
      case "LIST":
        return this.#list(argument, ({ number, size }) => `${number} ${size}`);
      case "UIDL":
        return this.#list(argument, ({ number, id }) => `${number} ${id}`);
      case "RETR":
        return this.#with(argument, (mail) => this.#content(mail, undefined));
      case "TOP": {
        const [number = "", count] = argument.split(/ +/);
        return this.#with(number, (mail) => this.#content(mail, Number(count)));
      }
      case "DELE":
        return this.#with(argument, (mail) => {
          maildrop.mark(mail);
          return ok(`Message ${mail.number} is deleted at QUIT`);
        });
      case "RSET":
        maildrop.unmarkAll();
        return ok(`${maildrop.count} messages`);
      case "NOOP":
        return ok("Nothing is done");
      case "QUIT":
        return this.#quit();
    }
  }

  #capabilities(): string[] {
    const offersTls = this.#options.startTls && !this.#isSecure && this.#state === "authorization";
    return [
      "TOP",
      "UIDL",
      "USER",
      `SASL ${MECHANISMS.join(" ")}`,
      ...(offersTls ? ["STLS"] : []),
      "PIPELINING",
      "RESP-CODES",
      "AUTH-RESP-CODE",
      "IMPLEMENTATION Postrider-inbox",
    ];
  }

  #startTls(): Pop3Response {
    if (this.#isSecure) return no("This is TLS already");
    if (!this.#options.startTls) return no(NO_STLS);
    this.#apply("tls");
    return ok("Begin the handshake");
  }

  #password(password: string): Pop3Response {
    const username = this.#username;
    this.#username = undefined;
    return username === undefined ? no("USER comes first") : this.#login(loginBy("PLAIN", username, password));
  }

  #authenticate(argument: string): Pop3Response {
    // QUIRK: mail programs ask so for the mechanisms, as RFC 1734 had it in its drafts.
    if (argument === "") return lines("These are the mechanisms", MECHANISMS);
    const [name = "", initial] = argument.split(/ +/);
    const mechanism = MECHANISMS.find((one) => one === name.toUpperCase());
    if (mechanism === undefined) return no("There is no such mechanism");
    const exchange = new LoginExchange(mechanism, this.#options.nonce());
    return this.#loginStep(exchange, exchange.start(initial));
  }

  #loginLine(exchange: LoginExchange, line: string): Pop3Response {
    return line === "*" ? this.#refuse("The login was withdrawn") : this.#loginStep(exchange, exchange.respond(line));
  }

  #loginStep(exchange: LoginExchange, step: LoginStep): Pop3Response {
    if (step === undefined) return this.#refuse("This is no response of the mechanism");
    if ("login" in step) return this.#login(step.login);
    this.#exchange = exchange;
    this.#apply("challenge");
    return [`+ ${Buffer.from(step.challenge).toString("base64")}\r\n`];
  }

  #login(login: Login): Pop3Response {
    const source = this.#options.open(login);
    if (source === undefined) return this.#refuse("[AUTH] The user name or the password is wrong");
    this.#exchange = undefined;
    this.#maildrop = new Maildrop(source);
    this.#apply("login");
    return ok(`${this.#maildrop.count} messages, ${this.#maildrop.size} octets`);
  }

  #refuse(text: string): Pop3Response {
    this.#exchange = undefined;
    this.#apply("refused");
    return no(text);
  }

  #with(number: string, use: (mail: Mail) => Pop3Response): Pop3Response {
    const mail = this.#maildrop.find(Number(number));
    return mail === undefined ? no("There is no such message") : use(mail);
  }

  #list(number: string, describe: (mail: Mail) => string): Pop3Response {
    if (number !== "") return this.#with(number, (mail) => ok(describe(mail)));
    const { count, size } = this.#maildrop;
    return lines(`${count} messages, ${size} octets`, described(this.#maildrop.mails(), describe));
  }

  #content(mail: Mail, bodyLines: number | undefined): Pop3Response {
    const raw = this.#maildrop.read(mail);
    return raw === undefined ? no("The message was deleted by somebody else") : contentOf(raw, bodyLines);
  }

  #quit(): Pop3Response {
    this.#apply("quit");
    if (this.#state === "closed") return ok("Bye");
    try {
      this.#maildrop.update();
      return ok("Bye");
    } catch (error) {
      // Of the disk.
      const why = String(error instanceof Error ? error.message : error).replace(/[^ -~]/g, " ");
      return no(`[SYS/TEMP] Messages were not deleted: ${why}`);
    } finally {
      this.#apply("end");
    }
  }
}

function ok(text: string): Pop3Response {
  return [`+OK ${text}\r\n`];
}

function no(text: string): Pop3Response {
  return [`-ERR ${text}\r\n`];
}

function* described(mails: Iterable<Mail>, describe: (mail: Mail) => string): Generator<string> {
  for (const mail of mails) yield describe(mail);
}

/** Several lines; none of them begins with a dot. */
function* lines(text: string, all: Iterable<string>): Generator<string> {
  yield* ok(text) as readonly string[];
  let piece: string[] = [];
  for (const line of all) {
    piece.push(line, "\r\n");
    if (piece.length < 2 * LINES_IN_A_PIECE) continue;
    yield piece.join("");
    piece = [];
  }
  yield `${piece.join("")}.\r\n`;
}

function* contentOf(raw: Uint8Array, bodyLines: number | undefined): Generator<Uint8Array | string> {
  yield "+OK The message follows\r\n";
  yield* contentPieces(raw, bodyLines);
}
