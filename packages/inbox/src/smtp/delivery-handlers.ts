/**
 * What smtp-server asks while a message comes in: who may log in, who may send to whom, and what becomes of the content.
 *
 * RFC 5321 §3.3 (the order of a transaction), RFC 2033 §4.2 (LMTP: one reply for each recipient).
 */
import { randomBytes } from "node:crypto";
import type { SMTPServerEnvelope, SMTPServerOptions, SMTPServerSession } from "smtp-server";
import type { InboxSettings } from "../options.js";
import type { Delivery } from "../parse-message.js";
import { authenticate } from "./authenticate.js";
import { Intake } from "./intake.js";
import { RuleRefusal, type RuleReply } from "./rule-reply.js";
import type { RuleBook } from "./rules.js";

/** RFC 5321 §4.5.3.1.8 asks for 100; a hundred times that still bounds what one transaction holds. */
export const MAX_RECIPIENTS = 10_000;

/**
 * Keeps a message, unless a rule refuses it. Resolves when it is kept, with what each recipient hears: undefined is 250.
 * The client hears it after that.
 */
export type Accept = (delivery: Delivery) => Promise<readonly (RuleReply | undefined)[]>;

interface HandlerParts {
  readonly settings: InboxSettings;
  readonly rules: RuleBook;
  readonly accept: Accept;
  /** Cuts the connection of a session. */
  readonly cut: (session: SMTPServerSession) => void;
}

export function deliveryHandlers({ settings, rules, accept, cut }: HandlerParts): SMTPServerOptions {
  const intake = new Intake(settings.maxBytes);
  // QUIRK: smtp-server merges recipients that differ in case only. The envelope object is new for every transaction.
  const recipients = new WeakMap<SMTPServerEnvelope, string[]>();
  return {
    // Answered at once, not in the next turn: else a client that does not wait for the greeting is cut off.
    onConnect: (_session, callback) => callback(),
    onSecure: (_socket, _session, callback) => callback(),
    onAuth: (given, _session, callback) => {
      const username = settings.auth === undefined ? undefined : authenticate(settings.auth, given);
      if (username === undefined) return callback(null, { data: { status: "401", schemes: "bearer", scope: "mail" } });
      callback(null, { user: { username } });
    },
    // QUIRK: answered in the next turn, because smtp-server stalls when a whole transaction, sent without waiting for 354,
    // is handled within the end of the one before.
    onMailFrom: ({ address }, _session, callback) => {
      const refusal = rules.refusalOfSender(address);
      setImmediate(callback, refusal === undefined ? undefined : new RuleRefusal(refusal));
    },
    onRcptTo: ({ address }, { envelope }, callback) => {
      const refusal = rules.refusalOfRecipient(senderOf(envelope), address);
      if (refusal !== undefined) return callback(new RuleRefusal(refusal));
      const list = recipients.get(envelope);
      if (list === undefined) recipients.set(envelope, [address]);
      else if (list.length < MAX_RECIPIENTS) list.push(address);
      callback();
    },
    onData: (stream, session, callback) => {
      const facts = describe(session, recipients.get(session.envelope) ?? []);
      const say = (said: readonly Said[]): void => {
        if (rules.dropsAfter("content")) return cut(session);
        const answer = (): void => reply(said, settings.protocol, callback);
        const { delayMs } = rules;
        if (delayMs === 0) answer();
        else setTimeout(answer, delayMs).unref();
      };
      let refusals: readonly (RuleReply | undefined)[] = [];
      intake
        .take(stream, async (raw) => {
          refusals = await accept({ ...facts, receivedAt: new Date(), raw });
        })
        .then(
          () => say(refusals.map((one) => (one === undefined ? `OK: queued as ${facts.id}` : new RuleRefusal(one)))),
          (error: Error) => say(facts.envelope.recipients.map(() => error)),
        );
    },
  };
}

/** What one recipient's share of the content is answered with. */
type Said = string | Error;

/** With LMTP each recipient hears its own; with SMTP the first refusal is everybody's. */
function reply(
  said: readonly Said[],
  protocol: "smtp" | "lmtp",
  callback: (error?: Error | null, reply?: string | (string | Error)[]) => void,
): void {
  if (protocol === "lmtp") return callback(null, [...said]);
  const refusal = said.find((one) => typeof one !== "string");
  if (refusal === undefined) callback(null, String(said[0]));
  else callback(refusal);
}

function describe(session: SMTPServerSession, recipients: readonly string[]): Omit<Delivery, "receivedAt" | "raw"> {
  const user: { username: string } | false | undefined = session.user;
  return {
    id: randomBytes(8).toString("hex"),
    envelope: { sender: senderOf(session.envelope), recipients: [...recipients] },
    secure: session.secure,
    username: user === false ? undefined : user?.username,
  };
}

function senderOf({ mailFrom }: SMTPServerEnvelope): string {
  return mailFrom === false ? "" : mailFrom.address;
}
