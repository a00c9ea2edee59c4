/**
 * The messages of a connection whose content is out and that have no verdict, and what was written ahead of it.
 *
 * Layer: protocol. RFC 2920 (PIPELINING), RFC 3030 (CHUNKING).
 */
import type { Transaction } from "./transaction.js";

export class InFlight {
  #count = 0;
  #bytes = 0;
  #chunked = 0;
  #ahead = 0;
  #behindDot: number | undefined;

  /** Messages whose content is out and that have no verdict. */
  get count(): number {
    return this.#count;
  }

  /** Bytes of their content. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether one of them went by BDAT: what follows is then led by RSET. */
  get hasChunked(): boolean {
    return this.#chunked > 0;
  }

  /** Whether an envelope was written ahead of a verdict and is not answered: it may have to be asked again. */
  get hasAhead(): boolean {
    return this.#ahead > 0;
  }

  /** Bytes written behind a dot that is not answered; undefined when there is none. */
  get behindDot(): number | undefined {
    return this.#behindDot;
  }

  /** A message begins while others have no verdict. */
  beginAhead(transaction: Transaction): void {
    transaction.isAhead = true;
    transaction.isAheadOpen = true;
    this.#ahead++;
  }

  /** Its envelope was accepted, or refused; false when it had not been written ahead. */
  closeAhead(transaction: Transaction): boolean {
    if (!transaction.isAheadOpen) return false;
    transaction.isAheadOpen = false;
    this.#ahead--;
    return true;
  }

  /** The end of its content was written. */
  sent(transaction: Transaction): void {
    this.#count++;
    this.#bytes += transaction.size;
    if (transaction.framing === "bdat") this.#chunked++;
    else this.#behindDot = 0;
  }

  /** It has its verdict, or is to be asked again. */
  forget(transaction: Transaction): void {
    this.closeAhead(transaction);
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
}
