/**
 * One connection to the SMTP side: moves bytes between a socket and its session, and answers what the client asks by the rules of the
 * inbox.
 *
 * RFC 3207 §4 (STARTTLS), RFC 2033 §4.2 (LMTP: one reply for each recipient).
 */
import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import { type SecureContext, TLSSocket } from "node:tls";
import type { InboxSettings } from "../options.js";
import type { Delivery } from "../parse-message.js";
import { authenticate } from "./authenticate.js";
import type { IncomingContent, Intake } from "./intake.js";
import type { RuleReply } from "./rule-reply.js";
import type { DropPhase, RuleBook } from "./rules.js";
import { ServerSession } from "./session.js";
import type { Asked, Overflow, Piece, Reply, SessionOptions } from "./session-types.js";

/**
 * Keeps a message, unless a rule refuses it. Resolves when it is kept, with what each recipient hears: undefined is 250.
 * The client hears it after that.
 */
export type Accept = (delivery: Delivery) => Promise<readonly (RuleReply | undefined)[]>;

export interface ConnectionParts {
  readonly settings: InboxSettings;
  readonly rules: RuleBook;
  readonly accept: Accept;
  readonly intake: Intake;
  /** For STARTTLS. */
  readonly context: SecureContext | undefined;
  readonly session: SessionOptions;
}

const REFUSED_LOGIN: Reply = { code: 535, text: "5.7.8 Authentication credentials invalid" };
/** Steps of a session at which a rule may cut the connection; the others are none. */
const PHASES: ReadonlySet<string> = new Set<DropPhase>([
  "connect",
  "hello",
  "tls",
  "auth",
  "mail",
  "rcpt",
  "data",
  "quit",
]);

export class Connection {
  readonly #parts: ConnectionParts;
  readonly #session: ServerSession;
  #socket: Socket;
  #content: IncomingContent | undefined;
  /** Replies that are written together: a client that pipelines gets them in one piece. */
  #output = "";
  #isBusy = false;
  readonly #feed = (bytes: Uint8Array): void => {
    // Said after the end: read, so that the last reply arrives, and dropped.
    if (this.#session.state === "closed") return;
    this.#session.receive(bytes);
    void this.#run();
  };

  constructor(socket: Socket, parts: ConnectionParts) {
    this.#parts = parts;
    this.#session = new ServerSession(parts.session);
    this.#socket = socket;
    this.#listen(socket);
    void this.#run();
  }

  /** Says 421 and ends the connection. */
  close(text: string): void {
    if (this.#socket.writable && this.#session.state === "open") this.#socket.write(`421 4.3.2 ${text}\r\n`);
    this.#cut();
  }

  #listen(socket: Socket): void {
    // A fault of the client's connection ends that connection and nothing else.
    socket.on("error", () => undefined);
    socket.on("close", () => this.#forget());
    socket.on("data", this.#feed);
    socket.setNoDelay(true);
  }

  /** Ends the connection without a word. */
  #cut(): void {
    this.#socket.destroy();
    this.#forget();
  }

  #forget(): void {
    this.#content?.release();
    this.#content = undefined;
  }

  /** Works off what has come in, one step after the other. PERF: only a step that has to wait costs a turn of the event loop. */
  async #run(): Promise<void> {
    if (this.#isBusy) return;
    this.#isBusy = true;
    // What comes in meanwhile waits in the socket, and the client with it.
    this.#socket.pause();
    for (let step = this.#session.next(); step !== undefined; step = this.#session.next()) {
      const working = this.#take(step);
      if (working !== undefined) await working;
      if (this.#socket.destroyed) return;
    }
    this.#flush();
    if (this.#session.state === "closed") this.#socket.end();
    if (this.#session.state === "securing") this.#secure();
    this.#isBusy = false;
    this.#socket.resume();
  }

  #take(step: Asked | Piece | Overflow): Promise<void> | undefined {
    if (step.step === "piece") this.#incoming().add(step.bytes);
    else if (step.step === "overflow") this.#incoming().release();
    else if (PHASES.has(step.step) && this.#parts.rules.dropsAfter(step.step as DropPhase)) this.#cut();
    else return step.step === "content" ? this.#takeMessage(step) : this.#answer(this.#judge(step));
    return undefined;
  }

  #incoming(): IncomingContent {
    this.#content ??= this.#parts.intake.open();
    return this.#content;
  }

  /** What the inbox says to a command; undefined: what the session says. */
  #judge(asked: Exclude<Asked, { readonly step: "content" }>): Reply | undefined {
    const { settings, rules } = this.#parts;
    if (asked.reply.code >= 400) return undefined;
    switch (asked.step) {
      case "auth":
      case "login": {
        const { auth } = settings;
        if (asked.login === undefined) return undefined;
        return auth !== undefined && authenticate(auth, asked.login) !== undefined ? undefined : REFUSED_LOGIN;
      }
      case "mail":
        return rules.refusalOfSender(asked.sender);
      case "rcpt":
        return rules.refusalOfRecipient(asked.sender, asked.recipient);
      default:
        return undefined;
    }
  }

  /** After the delay of the rules, if there is one. */
  #answer(reply: Reply | readonly Reply[] | undefined): Promise<void> | undefined {
    const { delayMs } = this.#parts.rules;
    if (delayMs === 0) {
      this.#output += this.#session.answer(reply);
      return undefined;
    }
    this.#flush();
    return new Promise((resolve) => {
      // It need not keep the program alive: the connection does.
      setTimeout(() => {
        if (!this.#socket.destroyed) this.#output += this.#session.answer(reply);
        resolve();
      }, delayMs).unref();
    });
  }

  async #takeMessage({ sender, recipients, reply }: Extract<Asked, { readonly step: "content" }>): Promise<void> {
    this.#flush();
    const content = this.#incoming();
    this.#content = undefined;
    const id = randomBytes(8).toString("hex");
    const envelope = { sender, recipients: [...recipients] };
    const refusal = content.refusal ?? (reply.code >= 400 ? reply : undefined);
    const said = refusal ?? (await this.#keep({ id, envelope, raw: content.joined() }));
    content.release();
    if (this.#parts.rules.dropsAfter("content")) return this.#cut();
    await this.#answer(said);
  }

  /** What each recipient hears; with SMTP the first refusal is everybody's. */
  async #keep(given: Pick<Delivery, "id" | "envelope" | "raw">): Promise<Reply | readonly Reply[]> {
    const { isSecure: secure, username } = this.#session;
    try {
      const refusals = await this.#parts.accept({ ...given, secure, username, receivedAt: new Date() });
      const accepted = { code: 250, text: `2.6.0 OK: queued as ${given.id}` };
      if (this.#parts.settings.protocol === "lmtp") return refusals.map((one) => one ?? accepted);
      return refusals.find((one) => one !== undefined) ?? accepted;
    } catch (error) {
      // Of a rule's own function, or of the disk.
      const why = String(error instanceof Error ? error.message : error).replace(
        /[\u0000-\u001f\u007f-\u009f\u2028\u2029\ud800-\udfff]/g,
        " ",
      );
      return { code: 451, text: `4.3.0 ${why}` };
    }
  }

  #flush(): void {
    if (this.#output !== "" && this.#socket.writable) this.#socket.write(this.#output);
    this.#output = "";
  }

  /** Puts TLS around the socket; what comes out of it is fed to the session. */
  #secure(): void {
    const plain = this.#socket;
    plain.removeAllListeners("data");
    const { context } = this.#parts;
    const secure = new TLSSocket(plain, {
      isServer: true,
      ...(context === undefined ? {} : { secureContext: context }),
    });
    this.#socket = secure;
    secure.once("secure", () => this.#session.secured());
    this.#listen(secure);
  }
}
