/**
 * One connection to the SMTP side: answers what the client asks by the options and the rules of the inbox.
 *
 * RFC 2033 §4.2 (LMTP: one reply for each recipient).
 */
import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import type { SecureContext } from "node:tls";
import type { InboxSettings } from "../options.js";
import type { Delivery } from "../parse-message.js";
import { authenticate } from "./authenticate.js";
import type { IncomingContent, Intake } from "./intake.js";
import type { RuleReply } from "./rule-reply.js";
import type { DropPhase, RuleBook } from "./rules.js";
import { type Answer, ServedConnection } from "./serve.js";
import type { ServerSession } from "./session.js";
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
  readonly secureContext: SecureContext | undefined;
  readonly session: SessionOptions;
}

const REFUSED_LOGIN: Reply = { code: 535, text: "5.7.8 Authentication credentials invalid" };
/** Steps of a session at which a rule may cut the connection; the others are none. */
const PHASES: ReadonlySet<string> = new Set<DropPhase>([
  ...(["connect", "hello", "tls", "auth"] as const),
  ...(["mail", "rcpt", "data", "quit"] as const),
]);
/** What no reply may hold. */
const UNSAYABLE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\ud800-\udfff]/g;

export class Connection {
  readonly #parts: ConnectionParts;
  readonly #served: ServedConnection;
  #content: IncomingContent | undefined;

  constructor(socket: Socket, parts: ConnectionParts) {
    this.#parts = parts;
    socket.once("close", () => this.#content?.release());
    const { session, secureContext } = parts;
    const take = (step: Asked | Piece | Overflow, of: ServerSession): Answer | Promise<Answer> => this.#take(step, of);
    this.#served = new ServedConnection(socket, { session, secureContext, take });
  }

  /** Says 421 and ends the connection: the inbox is closing. */
  close(): void {
    this.#served.close({ code: 421, text: "4.3.2 The inbox is closing" });
  }

  #take(step: Asked | Piece | Overflow, session: ServerSession): Answer | Promise<Answer> {
    if (step.step === "piece") return void this.#incoming().add(step.bytes);
    if (step.step === "overflow") return void this.#incoming().release();
    if (PHASES.has(step.step) && this.#parts.rules.dropsAfter(step.step as DropPhase)) return "hang up";
    return step.step === "content" ? this.#takeMessage(step, session) : this.#later(this.#judge(step));
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
  #later(answer: Answer): Answer | Promise<Answer> {
    const { delayMs } = this.#parts.rules;
    // It need not keep the program alive: the connection does.
    return delayMs === 0 ? answer : new Promise((resolve) => void setTimeout(resolve, delayMs, answer).unref());
  }

  async #takeMessage(asked: Extract<Asked, { readonly step: "content" }>, session: ServerSession): Promise<Answer> {
    const content = this.#incoming();
    this.#content = undefined;
    const refusal = content.refusal ?? (asked.reply.code >= 400 ? asked.reply : undefined);
    const said = refusal ?? (await this.#keep(asked, session, content.joined()));
    content.release();
    return this.#parts.rules.dropsAfter("content") ? "hang up" : this.#later(said);
  }

  /** What each recipient hears; with SMTP the first refusal is everybody's. */
  async #keep(
    { sender, recipients }: Extract<Asked, { readonly step: "content" }>,
    { isSecure: secure, username }: ServerSession,
    raw: Uint8Array,
  ): Promise<Reply | readonly Reply[]> {
    const id = randomBytes(8).toString("hex");
    const envelope = { sender, recipients: [...recipients] };
    try {
      const refusals = await this.#parts.accept({ id, envelope, raw, secure, username, receivedAt: new Date() });
      const accepted = { code: 250, text: `2.6.0 OK: queued as ${id}` };
      if (this.#parts.settings.protocol === "lmtp") return refusals.map((one) => one ?? accepted);
      return refusals.find((one) => one !== undefined) ?? accepted;
    } catch (error) {
      // Of a rule's own function, or of the disk.
      const why = String(error instanceof Error ? error.message : error).replace(UNSAYABLE, " ");
      return { code: 451, text: `4.3.0 ${why}` };
    }
  }
}
