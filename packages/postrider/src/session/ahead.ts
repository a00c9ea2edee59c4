/**
 * What may be written ahead of a verdict on one connection, and what was: the messages whose content is out, and those behind them.
 *
 * Layer: session. RFC 2920 (PIPELINING), RFC 3030 (CHUNKING).
 */
import type { Capabilities } from "../wire/capabilities.js";
import { type Framing, hasVerbLine } from "./content.js";
import type { ServerKnowledge } from "./knowledge.js";
import type { Transaction } from "./transaction.js";

/** RFC 3030 §4.2 sets no limit; this much keeps a path of 50 ms busy, and costs little to lose. */
const MAX_BYTES = 1024 * 1024;
/** PERF: larger content waits for the envelope's replies, so that a refusal does not cost sending it for nothing. */
const EAGER_CONTENT_BYTES = 256 * 1024;
/** QUIRK: Haraka hangs up when more than 8 kB stand behind the dot. */
const MOST_BYTES_BEHIND_DOT = 4 * 1024;
/** A trial risks no more than this. */
const MOST_TRIAL_BYTES = 1024;

export class Ahead {
  readonly #knowledge: ServerKnowledge;
  readonly #maxBytes: number;
  #count = 0;
  #bytes = 0;
  #chunked = 0;
  #ahead = 0;
  #behindDot: number | undefined;
  /** A message was taken on this connection with nothing ahead of it. */
  #hasDelivered = false;
  /** The first BDAT of this connection, until it has its answer: nothing stands behind it. */
  #chunkTrial: Transaction | undefined;
  #isChunkProven = false;

  /** @param maxBytes of content whose outcome is open. */
  constructor(knowledge: ServerKnowledge, maxBytes: number = MAX_BYTES) {
    this.#knowledge = knowledge;
    this.#maxBytes = maxBytes;
  }

  /** Messages whose content is out and that have no verdict. */
  get count(): number {
    return this.#count;
  }

  /** Whether one of them went by BDAT: what follows is then led by RSET. */
  get hasChunked(): boolean {
    return this.#chunked > 0;
  }

  /** Whether an envelope was written ahead of a verdict and is not answered: it may have to be asked again. */
  get hasAhead(): boolean {
    return this.#ahead > 0;
  }

  /** Whether BDAT has worked on this connection. */
  get isChunkProven(): boolean {
    return this.#isChunkProven;
  }

  /** Whether the first BDAT of this connection has no answer: nothing stands behind it. */
  get isTryingChunking(): boolean {
    return this.#chunkTrial !== undefined;
  }

  /** Bytes of an envelope that may be written ahead of the open verdicts. */
  get room(): number {
    const most = this.#knowledge.behind === "works" ? Infinity : MOST_TRIAL_BYTES;
    const behindDot = this.#behindDot;
    return behindDot === undefined ? most : Math.min(most, MOST_BYTES_BEHIND_DOT - behindDot);
  }

  /** Whether one more message may begin behind those that have no verdict. */
  mayStandAhead(capabilities: Capabilities | undefined): boolean {
    const knowledge = this.#knowledge;
    if (this.#count >= knowledge.windowSize || this.#bytes >= this.#maxBytes) return false;
    // QUIRK: Dovecot's submission server hangs up without a verdict on what stands behind a dot, and takes it behind BDAT LAST.
    const announcesChunking = capabilities?.extensions.has("CHUNKING") === true && knowledge.chunking !== "fails";
    if (announcesChunking && this.#behindDot !== undefined) return false;
    if (knowledge.behind === "works") return true;
    const isUntried = knowledge.behind === "untried" && this.#hasDelivered && !this.hasAhead;
    return isUntried && knowledge.mayTry(this);
  }

  /** How the content of a message goes that begins now. */
  framing(transaction: Transaction, capabilities: Capabilities | undefined, pipelining: boolean): Framing {
    if (!pipelining || transaction.isManual || !this.#mayChunk(capabilities)) return "data";
    if (this.#isChunkProven) return "bdat";
    // SECURITY: a server that does not know BDAT may run the content. A stream can be neither looked at nor sent again.
    if (!this.wouldTryChunking(capabilities) || transaction.content.kind === "stream") return "data";
    return transaction.isSecondTry || hasVerbLine(transaction.content) ? "data" : "bdat";
  }

  /** Whether the next message would be the first by BDAT on this connection: where much may be open, or to find that out. */
  wouldTryChunking(capabilities: Capabilities | undefined): boolean {
    if (this.#isChunkProven || !this.#mayChunk(capabilities)) return false;
    const { behind, chunking } = this.#knowledge;
    if (chunking === "untried" && !this.#knowledge.mayTry(this)) return false;
    return behind === "works" || (behind === "untried" && this.#hasDelivered);
  }

  /** Whether content may follow its envelope now: by BDAT behind an accepted recipient, or at once where that is proven. */
  mayGoAhead(transaction: Transaction, pipelining: boolean): boolean {
    const { content, framing, size } = transaction;
    if (framing === "data") return false;
    if (transaction.isEnvelopeAnswered) return transaction.isEnvelopeAccepted;
    const { behind, isCautious } = this.#knowledge;
    if (!pipelining || !this.#isChunkProven || behind !== "works" || isCautious) return false;
    if (content.kind === "stream" || size > EAGER_CONTENT_BYTES || transaction.isSecondTry) return false;
    const behindDot = this.#behindDot;
    if (behindDot !== undefined && behindDot + size > MOST_BYTES_BEHIND_DOT) return false;
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

  /** The server took its envelope as it would have taken it alone. */
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

  /** The server took it. */
  delivered(transaction: Transaction): void {
    this.#hasDelivered = true;
    if (transaction.framing === "bdat") this.#isChunkProven = true;
    this.#knowledge.accepted(this.#count >= this.#knowledge.windowSize);
  }

  /** It has its verdict, or is to be asked again. */
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

  /** Something was written. */
  wrote(bytes: number): void {
    if (this.#behindDot !== undefined) this.#behindDot += bytes;
  }

  /** What came of an envelope that was written ahead is known; false when it had not been. */
  #close(transaction: Transaction): boolean {
    if (!transaction.isAheadOpen) return false;
    transaction.isAheadOpen = false;
    this.#ahead--;
    return true;
  }

  /** Whether BDAT is offered and may be used, or tried. */
  #mayChunk(capabilities: Capabilities | undefined): boolean {
    const { chunking } = this.#knowledge;
    return chunking !== "unused" && chunking !== "fails" && capabilities?.extensions.has("CHUNKING") === true;
  }
}
