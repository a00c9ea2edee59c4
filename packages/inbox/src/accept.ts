/**
 * What becomes of a message that has come in: parsed, held against the rules, written down, kept.
 */
import { blindCopies } from "./blind-copies.js";
import type { InboxMessage } from "./message.js";
import type { Delivery } from "./parse-message.js";
import type { Accept } from "./smtp/connection.js";
import type { RuleReply } from "./smtp/rule-reply.js";
import type { RuleBook } from "./smtp/rules.js";
import type { Maildir } from "./store/maildir.js";
import type { MessageStore } from "./store/message-store.js";

interface AcceptParts {
  readonly store: MessageStore;
  readonly rules: RuleBook;
  readonly protocol: "smtp" | "lmtp";
  /** Undefined when messages live in memory only. */
  readonly maildir: Maildir | undefined;
  /** Never rejects: what cannot be parsed has a `parseError`. */
  readonly parse: (delivery: Delivery) => Promise<InboxMessage>;
}

/**
 * Takes one message after the other, so that a large one is not overtaken by a small one that came later. Files are written
 * side by side: the disk is what takes long.
 */
export function acceptInOrder({ store, rules, protocol, maildir, parse }: AcceptParts): Accept {
  let lastParsed: Promise<unknown> = Promise.resolve();
  let lastKept: Promise<unknown> = Promise.resolve();
  return async (delivery) => {
    const parsed = parse(delivery);
    const judged = lastParsed.then(async () => judge(await parsed, rules, protocol));
    // A failure is for its own client; the next message does not wait in vain.
    lastParsed = judged.catch(() => {});
    const before = lastKept;
    const kept = keepAfter(before, judged, { store, maildir });
    lastKept = kept.catch(() => {});
    await kept;
    return (await judged).refusals;
  };
}

interface Judgement {
  /** As it is kept; undefined when it is not. */
  readonly message: InboxMessage | undefined;
  readonly refusals: readonly (RuleReply | undefined)[];
}

function judge(message: InboxMessage, rules: RuleBook, protocol: "smtp" | "lmtp"): Judgement {
  const refusals = rules.refusalsOfMessage(message);
  const accepted = message.envelope.recipients.filter((_recipient, index) => refusals[index] === undefined);
  const kept = protocol === "lmtp" ? accepted.length > 0 : accepted.length === refusals.length;
  if (!kept) return { message: undefined, refusals };
  if (accepted.length === refusals.length) return { message, refusals };
  const envelope = { sender: message.envelope.sender, recipients: accepted };
  const bcc = message.parseError === undefined ? blindCopies({ ...message, envelope }) : [];
  return { message: { ...message, envelope, bcc }, refusals };
}

async function keepAfter(
  before: Promise<unknown>,
  judged: Promise<Judgement>,
  { store, maildir }: Pick<AcceptParts, "store" | "maildir">,
): Promise<void> {
  const written = judged.then(async ({ message }) => {
    if (message !== undefined) await maildir?.write(message);
    return message;
  });
  // Looked at when its turn has come; a failure before that is no unhandled one.
  written.catch(() => {});
  await before;
  const message = await written;
  if (message !== undefined) store.add(message);
}
