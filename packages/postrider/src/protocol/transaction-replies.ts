/**
 * What a reply means for the transaction that it answers, and through it for the session.
 *
 * Layer: protocol. RFC 5321 §4.2 and §4.3.2, RFC 3030 §2, RFC 2033 §4.2.
 */
import type { SmtpReply } from "../reply.js";
import type { SessionEvent } from "./state.js";
import { isPositive, type Transaction } from "./transaction.js";
import { deniesChunking, type Window } from "./window.js";
import type { Expectation } from "./work.js";

type TransactionExpectation = Exclude<Expectation, { slot: "greeting" | "command" | "reset" }>;

/** What follows from a reply. */
export interface ReplyDesk {
  move(event: SessionEvent): void;
  /** The transaction has its verdict. */
  settle(transaction: Transaction): void;
  /** The reply makes no sense here, and nothing after it can be read. */
  fault(problem: string, reply: SmtpReply): void;
}

/** RFC 4954 §6. */
const AUTHENTICATION_REQUIRED = 530;

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
        transaction.recordRecipient(expectation.index, reply);
        this.#settleIfRefused(transaction);
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

  /** The envelope has no chance any more, and nothing of this transaction is still to be answered. */
  #settleIfRefused(transaction: Transaction): void {
    if (this.#window.expected.length > 0) return;
    const isMailRefused = transaction.mailReply !== undefined && !isPositive(transaction.mailReply);
    if (isMailRefused || (transaction.isEnvelopeAnswered && !transaction.isEnvelopeAccepted))
      this.#desk.settle(transaction);
  }

  #dataReply(transaction: Transaction, reply: SmtpReply, acceptedByHand: number): void {
    transaction.dataReply = reply;
    if (reply.code >= 300 && reply.code < 400) {
      this.#desk.move("data");
      if (transaction.isManual) transaction.acceptedCount = acceptedByHand;
      transaction.progress = "content-sending";
    } else {
      this.#desk.settle(transaction);
    }
  }

  #contentReply(expectation: Expectation & { readonly transaction: Transaction }, reply: SmtpReply): void {
    const { transaction } = expectation;
    if (reply.code >= 300 && reply.code < 400) {
      this.#desk.fault("The server answered the content with an intermediate reply", reply);
      return;
    }
    transaction.recordContent(reply);
    if (transaction.progress === "content-sending") {
      this.#earlyVerdict(transaction, reply);
    } else if (this.#fallsBack(transaction, reply)) {
      return;
    } else if (this.#isLmtp && transaction.contentReplies.length < transaction.acceptedCount) {
      // RFC 2033 §4.2: one reply for each accepted recipient.
      this.#window.expected.unshift(expectation);
    } else {
      if (isPositive(reply)) this.#desk.move("delivered");
      else if (transaction.framing === "data") this.#desk.move("content-refused");
      this.#desk.settle(transaction);
      // SECURITY: Dovecot answers so without reading the chunk, whose lines it then takes for commands.
      if (transaction.framing === "bdat" && reply.code === AUTHENTICATION_REQUIRED) {
        this.#desk.fault("The server refused BDAT without saying that it has read the content", reply);
      }
    }
  }

  /** A refusal before the content was all sent: it is the verdict, but the rest of the session cannot be read any more. */
  #earlyVerdict(transaction: Transaction, reply: SmtpReply): void {
    if (isPositive(reply)) transaction.contentReplies.pop();
    else this.#desk.settle(transaction);
    if (reply.code !== 421) {
      this.#desk.fault("The server answered before the content had ended", reply);
    }
  }

  /**
   * QUIRK: servers, and proxies before them, that offer CHUNKING and do not know BDAT. The message goes again by DATA. In LMTP
   * too they say so once, and not for each recipient.
   */
  #fallsBack(transaction: Transaction, reply: SmtpReply): boolean {
    if (transaction.framing !== "bdat" || this.#window.chunking !== "untried") return false;
    if (transaction.contentReplies.length > 1) return false;
    if (isPositive(reply)) this.#window.chunking = "works";
    if (!transaction.isEnvelopeAccepted || !deniesChunking(reply)) return false;
    this.#window.chunking = "fails";
    this.#window.forget(transaction);
    transaction.restart();
    this.#window.queue.unshift({ kind: "transaction", transaction });
    return true;
  }
}
