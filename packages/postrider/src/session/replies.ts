/**
 * Applies the replies to MAIL, RCPT, DATA, BDAT and content to their transaction.
 *
 * Layer: session. RFC 5321 §4.2 and §4.3.2, RFC 3030 §2, RFC 2033 §4.2.
 */
import type { SmtpReply } from "../reply.js";
import type { SessionEvent } from "./state.js";
import { isPositive, type Transaction } from "./transaction.js";
import type { Window } from "./window.js";
import type { Expectation } from "./work.js";

type TransactionExpectation = Exclude<Expectation, { slot: "greeting" | "command" | "reset" }>;

/** What the session does in consequence. */
export interface ReplyHandlers {
  move(event: SessionEvent): void;
  /** The transaction has its verdict. */
  complete(transaction: Transaction): void;
  /** Sends the transaction again, alone, after RSET. */
  sendAgain(transaction: Transaction): void;
  /**
   * A protocol violation: later replies cannot be paired. `"refuted"`: the server refuses what it had offered, so the messages are
   * not at fault.
   */
  fault(problem: string, reply: SmtpReply, kind?: "protocol" | "refuted"): void;
}

/** RFC 4954 §6: authentication required. */
const AUTHENTICATION_REQUIRED = 530;
/** The command is unknown, or out of sequence: a refusal of its position, not of its argument. */
const OUT_OF_SEQUENCE: ReadonlySet<number> = new Set([500, 501, 502, 503, 504]);

/** One handler per kind of expectation. */
export class TransactionReplies {
  readonly #window: Window;
  readonly #isLmtp: boolean;
  readonly #handlers: ReplyHandlers;

  constructor(window: Window, isLmtp: boolean, handlers: ReplyHandlers) {
    this.#window = window;
    this.#isLmtp = isLmtp;
    this.#handlers = handlers;
  }

  /**
   * Applies the reply to an expectation that was just taken off the queue.
   *
   * @param acceptedByHand recipients accepted by RCPTs that the caller sent by hand.
   */
  apply(expectation: TransactionExpectation, reply: SmtpReply, acceptedByHand: number): void {
    const { transaction } = expectation;
    const { time } = this.#window.clock;
    transaction.answeredAt = time;
    if (expectation.slot === "rcpt" || expectation.slot === "data") transaction.envelopeAt = time;
    switch (expectation.slot) {
      case "mail":
        transaction.mailReply = reply;
        if (isPositive(reply)) this.#handlers.move("mail");
        this.#completeIfRefused(transaction);
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
        if (this.#window.expected.length === 0) this.#handlers.complete(transaction);
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
    this.#completeIfRefused(transaction);
  }

  /** Completes the transaction once its envelope is refused and all its replies are in. */
  #completeIfRefused(transaction: Transaction): void {
    if (this.#window.current !== transaction || this.#isAwaited(transaction)) return;
    const isMailRefused = transaction.mailReply !== undefined && !isPositive(transaction.mailReply);
    if (isMailRefused || (transaction.isEnvelopeAnswered && !transaction.isEnvelopeAccepted))
      this.#completeRefused(transaction);
  }

  /** Replies come in order, so a transaction awaits none when the next one is not for it. */
  #isAwaited(transaction: Transaction): boolean {
    const next = this.#window.expected.peek();
    return next !== undefined && "transaction" in next && next.transaction === transaction;
  }

  #completeRefused(transaction: Transaction): void {
    const { knowledge } = this.#window;
    const refusal = firstRefusal(transaction);
    if (isRefusalOfPosition(transaction, knowledge.behind === "untried")) {
      transaction.suspicion = refusal;
      knowledge.refutedBehind();
      this.#handlers.sendAgain(transaction);
      return;
    }
    // Sent alone it was refused in the same way, so its position was not the reason.
    if (transaction.suspicion !== undefined && transaction.suspicion === refusal) knowledge.absolveBehind();
    this.#handlers.complete(transaction);
  }

  #dataReply(transaction: Transaction, reply: SmtpReply, acceptedByHand: number): void {
    transaction.dataReply = reply;
    if (reply.code < 300 || reply.code >= 400) {
      this.#completeRefused(transaction);
      return;
    }
    this.#handlers.move("data");
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
    } else if (transaction.framing === "bdat" && this.#refusesChunking(transaction, reply)) {
      this.#chunkingRefused(transaction, reply);
    } else if (this.#isLmtp && transaction.contentReplies.length < transaction.acceptedCount) {
      // RFC 2033 §4.2: one reply for each accepted recipient.
      this.#window.expected.unshift(expectation);
    } else {
      this.#verdict(transaction, reply);
    }
  }

  #verdict(transaction: Transaction, reply: SmtpReply): void {
    if (isPositive(reply)) this.#handlers.move("delivered");
    else if (transaction.framing === "data") this.#handlers.move("content-refused");
    if (!transaction.isEnvelopeAccepted) {
      this.#completeRefused(transaction);
      return;
    }
    if (isPositive(reply)) {
      if (transaction.isChunkTrial) this.#window.knowledge.provedChunking();
      this.#window.ahead.delivered(transaction);
    }
    this.#handlers.complete(transaction);
  }

  /** A reply before the end of the content. A refusal is the verdict, but later replies cannot be paired. */
  #earlyVerdict(transaction: Transaction, reply: SmtpReply): void {
    if (isPositive(reply)) transaction.contentReplies.pop();
    else this.#handlers.complete(transaction);
    if (reply.code !== 421) {
      this.#handlers.fault("The server answered before the content had ended", reply);
    }
  }

  /** Whether the reply refuses BDAT and not the message: the server may then not have read the content. */
  #refusesChunking(transaction: Transaction, reply: SmtpReply): boolean {
    if (transaction.contentReplies.length > 1) return false;
    // SECURITY: Dovecot answers 530 without reading the chunk.
    return (
      reply.code === AUTHENTICATION_REQUIRED || (transaction.isEnvelopeAccepted && OUT_OF_SEQUENCE.has(reply.code))
    );
  }

  /**
   * QUIRK: some servers, and proxies in front of servers, offer CHUNKING and do not know BDAT. SECURITY: they may run the content as
   * commands, so later replies cannot be paired. In LMTP too this is a single reply.
   */
  #chunkingRefused(transaction: Transaction, reply: SmtpReply): void {
    if (reply.code !== AUTHENTICATION_REQUIRED) {
      this.#window.knowledge.refutedChunking();
      // It was not accepted, and may be sent again by DATA.
      transaction.isDenied = true;
    }
    if (!transaction.isDenied) this.#handlers.complete(transaction);
    this.#handlers.fault("The server refused BDAT without saying that it has read the content", reply, "refuted");
  }
}

/**
 * Whether a refusal may be due to the position of the envelope, which was written ahead of a verdict, and not to its content.
 *
 * @param isTrial the server is not proven yet, so no refusal counts.
 */
function isRefusalOfPosition(transaction: Transaction, isTrial: boolean): boolean {
  if (!transaction.isAhead) return false;
  const { mailReply, dataReply, recipientReplies } = transaction;
  if (isTrial || (mailReply !== undefined && !isPositive(mailReply))) return true;
  if (dataReply !== undefined && dataReply.code >= 400 && transaction.acceptedCount > 0) return true;
  return recipientReplies.some((reply) => reply !== undefined && OUT_OF_SEQUENCE.has(reply.code));
}

/** The code of the first reply that refused something of the envelope. */
function firstRefusal({ mailReply, recipientReplies, dataReply }: Transaction): number | undefined {
  return [mailReply, ...recipientReplies, dataReply].find((reply) => reply !== undefined && reply.code >= 400)?.code;
}
