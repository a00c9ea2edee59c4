/**
 * What a reply means for the transaction that it answers, and through it for the session.
 *
 * Layer: session. RFC 5321 §4.2 and §4.3.2, RFC 3030 §2, RFC 2033 §4.2.
 */
import type { SmtpReply } from "../reply.js";
import type { SessionEvent } from "./state.js";
import { isPositive, type Transaction } from "./transaction.js";
import type { Window } from "./window.js";
import type { Expectation } from "./work.js";

type TransactionExpectation = Exclude<Expectation, { slot: "greeting" | "command" | "reset" }>;

/** What follows from a reply. */
export interface ReplyDesk {
  move(event: SessionEvent): void;
  /** The transaction has its verdict. */
  settle(transaction: Transaction): void;
  /** The transaction is asked again, alone, after RSET. */
  askAgain(transaction: Transaction): void;
  /**
   * The reply makes no sense here, and nothing after it can be read. `"refuted"`: it denies what the server had offered, which is no
   * fault of the messages.
   */
  fault(problem: string, reply: SmtpReply, kind?: "protocol" | "refuted"): void;
}

/** RFC 4954 §6. */
const AUTHENTICATION_REQUIRED = 530;
/** The command is not known, or not here: said of where a command stands, not of what it asks. */
const OUT_OF_PLACE: ReadonlySet<number> = new Set([500, 501, 502, 503, 504]);

export class TransactionReplies {
  readonly #window: Window;
  readonly #isLmtp: boolean;
  readonly #desk: ReplyDesk;

  constructor(window: Window, isLmtp: boolean, desk: ReplyDesk) {
    this.#window = window;
    this.#isLmtp = isLmtp;
    this.#desk = desk;
  }

  /**
   * Takes the reply that its expectation was waiting for; the expectation is off the queue already.
   *
   * @param acceptedByHand recipients of an envelope that the caller opened by hand.
   */
  hear(expectation: TransactionExpectation, reply: SmtpReply, acceptedByHand: number): void {
    const { transaction } = expectation;
    switch (expectation.slot) {
      case "mail":
        transaction.mailReply = reply;
        if (isPositive(reply)) this.#desk.move("mail");
        this.#settleIfRefused(transaction);
        return;
      case "rcpt":
        this.#recipientReply(transaction, expectation.index, reply);
        return;
      case "data":
        this.#dataReply(transaction, reply, acceptedByHand);
        return;
      case "chunk":
        if (isPositive(reply) && transaction.contentReplies.length === 0) return;
        transaction.recordContent(reply);
        if (this.#window.expected.length === 0) this.#desk.settle(transaction);
        return;
      case "content":
        this.#contentReply(expectation, reply);
    }
  }

  #recipientReply(transaction: Transaction, index: number, reply: SmtpReply): void {
    transaction.recordRecipient(index, reply);
    if (!isPositive(reply)) this.#window.knowledge.recipientRefused();
    if (transaction.framing === "bdat" && transaction.isEnvelopeAnswered && transaction.isEnvelopeAccepted) {
      this.#window.ahead.envelopeAccepted(transaction);
    }
    this.#settleIfRefused(transaction);
  }

  /** The envelope has no chance any more, and nothing of this transaction is still to be answered. */
  #settleIfRefused(transaction: Transaction): void {
    if (this.#window.current !== transaction || this.#isAwaited(transaction)) return;
    const isMailRefused = transaction.mailReply !== undefined && !isPositive(transaction.mailReply);
    if (isMailRefused || (transaction.isEnvelopeAnswered && !transaction.isEnvelopeAccepted))
      this.#settleRefused(transaction);
  }

  /** Its replies come in order, so when the next one is not for it, none is. */
  #isAwaited(transaction: Transaction): boolean {
    const next = this.#window.expected.peek();
    return next !== undefined && "transaction" in next && next.transaction === transaction;
  }

  #settleRefused(transaction: Transaction): void {
    const { knowledge } = this.#window;
    const refusal = firstRefusal(transaction);
    if (isNobodysVerdict(transaction, knowledge.behind === "untried")) {
      transaction.suspicion = refusal;
      knowledge.refutedBehind();
      this.#desk.askAgain(transaction);
      return;
    }
    // Asked alone it is refused in the same way: then it was not where it stood.
    if (transaction.suspicion !== undefined && transaction.suspicion === refusal) knowledge.absolveBehind();
    this.#desk.settle(transaction);
  }

  #dataReply(transaction: Transaction, reply: SmtpReply, acceptedByHand: number): void {
    transaction.dataReply = reply;
    if (reply.code < 300 || reply.code >= 400) {
      this.#settleRefused(transaction);
      return;
    }
    this.#desk.move("data");
    if (transaction.isManual) transaction.acceptedCount = acceptedByHand;
    transaction.progress = "content-sending";
    if (transaction.isEnvelopeAccepted) this.#window.ahead.envelopeAccepted(transaction);
    this.#window.goAhead(transaction);
  }

  #contentReply(expectation: Expectation & { readonly transaction: Transaction }, reply: SmtpReply): void {
    const { transaction } = expectation;
    transaction.recordContent(reply);
    if (transaction.progress === "content-sending") {
      this.#earlyVerdict(transaction, reply);
    } else if (transaction.framing === "bdat" && this.#deniesChunking(transaction, reply)) {
      this.#chunkingDenied(transaction, reply);
    } else if (this.#isLmtp && transaction.contentReplies.length < transaction.acceptedCount) {
      // RFC 2033 §4.2: one reply for each accepted recipient.
      this.#window.expected.unshift(expectation);
    } else {
      this.#verdict(transaction, reply);
    }
  }

  #verdict(transaction: Transaction, reply: SmtpReply): void {
    if (isPositive(reply)) this.#desk.move("delivered");
    else if (transaction.framing === "data") this.#desk.move("content-refused");
    if (!transaction.isEnvelopeAccepted) {
      this.#settleRefused(transaction);
      return;
    }
    if (isPositive(reply)) {
      if (transaction.isChunkTrial) this.#window.knowledge.provedChunking();
      this.#window.ahead.delivered(transaction);
    }
    this.#desk.settle(transaction);
  }

  /** A refusal before the content was all sent: it is the verdict, but the rest of the session cannot be read any more. */
  #earlyVerdict(transaction: Transaction, reply: SmtpReply): void {
    if (isPositive(reply)) transaction.contentReplies.pop();
    else this.#desk.settle(transaction);
    if (reply.code !== 421) {
      this.#desk.fault("The server answered before the content had ended", reply);
    }
  }

  /** Whether the reply is about BDAT and not about the message: it then does not say that the content was read. */
  #deniesChunking(transaction: Transaction, reply: SmtpReply): boolean {
    if (transaction.contentReplies.length > 1) return false;
    // SECURITY: Dovecot answers 530 without reading the chunk.
    return reply.code === AUTHENTICATION_REQUIRED || (transaction.isEnvelopeAccepted && OUT_OF_PLACE.has(reply.code));
  }

  /**
   * QUIRK: servers, and proxies before them, that offer CHUNKING and do not know BDAT. SECURITY: they may run the content as
   * commands, so nothing that comes on this connection can be paired any more. In LMTP too they say so once.
   */
  #chunkingDenied(transaction: Transaction, reply: SmtpReply): void {
    if (reply.code !== AUTHENTICATION_REQUIRED) {
      this.#window.knowledge.refutedChunking();
      // It was not taken, and may go again by DATA.
      transaction.isDenied = true;
    }
    if (!transaction.isDenied) this.#desk.settle(transaction);
    this.#desk.fault("The server refused BDAT without saying that it has read the content", reply, "refuted");
  }
}

/**
 * Whether a refusal is about where the envelope stood and not about what it asked: it was written ahead of a verdict, which this
 * server may not take.
 *
 * @param isTrial nothing is known of the server yet, so that no refusal counts.
 */
function isNobodysVerdict(transaction: Transaction, isTrial: boolean): boolean {
  if (!transaction.isAhead) return false;
  const { mailReply, dataReply, recipientReplies } = transaction;
  if (isTrial || (mailReply !== undefined && !isPositive(mailReply))) return true;
  if (dataReply !== undefined && dataReply.code >= 400 && transaction.acceptedCount > 0) return true;
  return recipientReplies.some((reply) => reply !== undefined && OUT_OF_PLACE.has(reply.code));
}

/** The code of the first reply that refused something of the envelope. */
function firstRefusal({ mailReply, recipientReplies, dataReply }: Transaction): number | undefined {
  return [mailReply, ...recipientReplies, dataReply].find((reply) => reply !== undefined && reply.code >= 400)?.code;
}
