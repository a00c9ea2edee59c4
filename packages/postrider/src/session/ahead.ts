/**
 * Pipelining across messages on one connection: what may be written ahead of an open verdict, and what is outstanding.
 *
 * Layer: session. RFC 2920 (PIPELINING), RFC 3030 (CHUNKING).
 */
import type { Capabilities } from "../wire/capabilities.js";
import { type Framing, hasVerbLine } from "./content.js";
import type { ServerKnowledge } from "./knowledge.js";
import type { Transaction } from "./transaction.js";

/** Content without a verdict. RFC 3030 §4.2 sets no limit; this much keeps a path of 50 ms busy, and costs little to send again. */
const MAX_BYTES = 1024 * 1024;
/** PERF: larger content waits for the replies to its envelope, because sending refused content is expensive. */
const EAGER_CONTENT_BYTES = 256 * 1024;
/** QUIRK: Haraka closes the connection when more than 8 kB follow the final dot. */
const MAX_BYTES_BEHIND_DOT = 4 * 1024;
/** The largest envelope that is risked while it is not known whether the server takes it. */
const MAX_TRIAL_BYTES = 1024;

/** Counts outstanding messages, and applies what is known of the server to them. */
export class Ahead {
  readonly #knowledge: ServerKnowledge;
  readonly #maxBytes: number;
  #count = 0;
  #bytes = 0;
  #chunked = 0;
  #ahead = 0;
  #behindDot: number | undefined;
  /** A message was accepted on this connection. */
  #hasDelivered = false;
  /** The first BDAT of this connection, until its reply: nothing is pipelined behind it. */
  #chunkTrial: Transaction | undefined;
  #isChunkProven = false;

  /** @param maxBytes of content without a verdict. */
  constructor(knowledge: ServerKnowledge, maxBytes: number = MAX_BYTES) {
    this.#knowledge = knowledge;
    this.#maxBytes = maxBytes;
  }

  /** Messages whose content is written and that have no verdict. */
  get count(): number {
    return this.#count;
  }

  /** Whether one of them went by BDAT: the next envelope then starts with RSET. */
  get hasChunked(): boolean {
    return this.#chunked > 0;
  }

  /** Whether an envelope written ahead of a verdict is unanswered: it may have to be sent again. */
  get hasAhead(): boolean {
    return this.#ahead > 0;
  }

  /** Whether BDAT has worked on this connection. */
  get isChunkProven(): boolean {
    return this.#isChunkProven;
  }

  /** Whether the first BDAT of this connection is unanswered: nothing is pipelined behind it. */
  get isTryingChunking(): boolean {
    return this.#chunkTrial !== undefined;
  }

  /** The largest envelope, in bytes, that may be written ahead of the open verdicts. */
  get room(): number {
    const most = this.#knowledge.behind === "works" ? Infinity : MAX_TRIAL_BYTES;
    const behindDot = this.#behindDot;
    return behindDot === undefined ? most : Math.min(most, MAX_BYTES_BEHIND_DOT - behindDot);
  }

  /** Whether one more message may begin while verdicts are open. */
  mayBeginAhead(capabilities: Capabilities | undefined): boolean {
    const knowledge = this.#knowledge;
    if (this.#count >= knowledge.windowSize || this.#bytes >= this.#maxBytes) return false;
    // QUIRK: Dovecot's submission server closes the connection on commands behind the final dot, but takes them behind BDAT LAST.
    const announcesChunking = capabilities?.extensions.has("CHUNKING") === true && knowledge.chunking !== "fails";
    if (announcesChunking && this.#behindDot !== undefined) return false;
    if (knowledge.behind === "works") return true;
    const isUntried = knowledge.behind === "untried" && this.#hasDelivered && !this.hasAhead;
    return isUntried && knowledge.mayTry(this);
  }

  /** DATA or BDAT for a message that begins now. */
  framing(transaction: Transaction, capabilities: Capabilities | undefined, pipelining: boolean): Framing {
    if (!pipelining || transaction.isManual || !this.#mayChunk(capabilities)) return "data";
    if (this.#isChunkProven) return "bdat";
    // SECURITY: a server that does not know BDAT may run the content as commands. A stream can be neither checked nor sent again.
    if (!this.wouldTryChunking(capabilities) || transaction.content.kind === "stream") return "data";
    return transaction.isSecondTry || hasVerbLine(transaction.content) ? "data" : "bdat";
  }

  /** Whether the next message would try BDAT for the first time on this connection. */
  wouldTryChunking(capabilities: Capabilities | undefined): boolean {
    if (this.#isChunkProven || !this.#mayChunk(capabilities)) return false;
    const { behind, chunking } = this.#knowledge;
    if (chunking === "untried" && !this.#knowledge.mayTry(this)) return false;
    return behind === "works" || (behind === "untried" && this.#hasDelivered);
  }

  /** Whether BDAT may follow now: after an accepted recipient, or ahead of all replies where the server is proven to take it. */
  mayGoAhead(transaction: Transaction, pipelining: boolean): boolean {
    const { content, framing, size } = transaction;
    if (framing === "data") return false;
    if (transaction.isEnvelopeAnswered) return transaction.isEnvelopeAccepted;
    const { behind, isCautious } = this.#knowledge;
    if (!pipelining || !this.#isChunkProven || behind !== "works" || isCautious) return false;
    if (content.kind === "stream" || size > EAGER_CONTENT_BYTES || transaction.isSecondTry) return false;
    const behindDot = this.#behindDot;
    if (behindDot !== undefined && behindDot + size > MAX_BYTES_BEHIND_DOT) return false;
    return !hasVerbLine(content);
  }

  /** A message begins. */
  begin(transaction: Transaction): void {
    if (this.#count > 0) {
      transaction.isAhead = true;
      transaction.isAheadOpen = true;
      this.#ahead++;
      if (this.#knowledge.behind === "untried") this.#knowledge.beginTrial(this);
    }
    if (transaction.framing !== "bdat" || this.#isChunkProven) return;
    transaction.isChunkTrial = true;
    this.#chunkTrial = transaction;
    if (this.#knowledge.chunking === "untried") this.#knowledge.beginTrial(this);
  }

  /** Its envelope was accepted. */
  envelopeAccepted(transaction: Transaction): void {
    if (this.#close(transaction)) this.#knowledge.provedBehind(this);
  }

  /** The end of its content was written. */
  sent(transaction: Transaction): void {
    this.#count++;
    this.#bytes += transaction.size;
    if (transaction.framing === "bdat") this.#chunked++;
    else this.#behindDot = 0;
  }

  /** The server accepted the message. */
  delivered(transaction: Transaction): void {
    this.#hasDelivered = true;
    if (transaction.framing === "bdat") this.#isChunkProven = true;
    this.#knowledge.accepted(this.#count >= this.#knowledge.windowSize);
  }

  /** The message has its verdict, or is sent again. */
  forget(transaction: Transaction): void {
    this.#close(transaction);
    if (this.#chunkTrial === transaction) {
      this.#chunkTrial = undefined;
      this.#knowledge.endTrial(this);
    }
    if (transaction.progress !== "content-sent") return;
    this.#count--;
    this.#bytes -= transaction.size;
    if (transaction.framing === "bdat") this.#chunked--;
    else this.#behindDot = undefined;
  }

  /** Bytes were written. */
  wrote(bytes: number): void {
    if (this.#behindDot !== undefined) this.#behindDot += bytes;
  }

  /** Marks an envelope that was written ahead as answered; false when it was not written ahead. */
  #close(transaction: Transaction): boolean {
    if (!transaction.isAheadOpen) return false;
    transaction.isAheadOpen = false;
    this.#ahead--;
    return true;
  }

  /** Whether the server offers BDAT, and it has not failed. */
  #mayChunk(capabilities: Capabilities | undefined): boolean {
    const { chunking } = this.#knowledge;
    return chunking !== "unused" && chunking !== "fails" && capabilities?.extensions.has("CHUNKING") === true;
  }
}
