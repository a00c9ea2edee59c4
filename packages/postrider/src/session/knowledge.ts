/**
 * What is known of one server, over all connections to it: what it takes ahead of a verdict, and how much of it.
 *
 * Layer: session. RFC 2920 (PIPELINING), RFC 3030 (CHUNKING).
 *
 * An extension in an EHLO reply is a claim. Servers that defend themselves against smuggling refuse, swallow or hang up on what
 * stands behind the end of a message; proxies offer CHUNKING for servers that have none. So both start as "untried", one small
 * message is risked to find out, and whatever fails is not used again.
 */

export type Learned = "untried" | "works" | "fails";

export interface KnowledgeOptions {
  /** `"unused"`: nothing is written ahead, and nothing tried. Default `"untried"`. */
  readonly behind?: Learned | "unused" | undefined;
  /** Default `"untried"`. */
  readonly chunking?: Learned | "unused" | undefined;
  /** The most messages without a verdict on one connection. Default 64. */
  readonly maxInFlight?: number | undefined;
}

/** The window's ceiling when the caller sets none: what a broken connection may leave unknown. */
const DEFAULT_MAX_IN_FLIGHT = 64;
/** Messages without a verdict to begin with: enough for a path of 10 ms, and little to lose. */
const FIRST_WINDOW = 16;
/** Successes of a written-ahead envelope that prove a server. */
const PROOFS = 3;
/** Messages for which content waits for its own recipients after one was refused: refusals come in bunches. */
const CAUTIOUS_MESSAGES = 32;

/** Shared by the connections to one server: by reference, so that what one learns the others know at once. */
export class ServerKnowledge {
  readonly #ceiling: number;
  #behind: Learned | "unused";
  #chunking: Learned | "unused";
  #proofs = 0;
  /** The connection that has a trial under way: one at a time for each server. */
  #trier: object | undefined;
  #caution = 0;
  #windowSize: number;
  /** Milliseconds that the slowest reply to a MAIL has taken. */
  slowestMail = 0;
  /** How its groups of commands are answered; `"slow"`: slower than the same commands one by one (Nagle's algorithm). */
  groups: "fine" | "slow" | "fine after all" = "fine";

  constructor(options: KnowledgeOptions = {}) {
    this.#behind = options.behind ?? "untried";
    this.#chunking = options.chunking ?? "untried";
    this.#ceiling = options.maxInFlight ?? DEFAULT_MAX_IN_FLIGHT;
    this.#windowSize = Math.min(FIRST_WINDOW, this.#ceiling);
    if (this.#ceiling === 1) this.#behind = "unused";
  }

  get isSlowWithGroups(): boolean {
    return this.groups === "slow";
  }

  /** Whether the server takes an envelope behind content that it has not judged yet. */
  get behind(): Learned | "unused" {
    return this.#behind;
  }

  /** Whether BDAT may be used; each connection still tries its first one alone. */
  get chunking(): Learned | "unused" {
    return this.#chunking;
  }

  /** Messages without a verdict that a connection may have now. */
  get windowSize(): number {
    return this.#windowSize;
  }

  /** A recipient was refused lately: content waits for an accepted recipient of its own. */
  get isCautious(): boolean {
    return this.#caution > 0;
  }

  /** Whether this connection may risk a message to learn something. */
  mayTry(connection: object): boolean {
    const isFree = this.#trier === undefined || this.#trier === connection;
    return isFree && (this.#behind === "untried" || this.#chunking === "untried");
  }

  beginTrial(connection: object): void {
    this.#trier = connection;
  }

  /** The trial came to an end that proves nothing: a dead address, a connection that was closed by this side. */
  endTrial(connection: object): void {
    if (this.#trier === connection) this.#trier = undefined;
  }

  /** An envelope written ahead was taken as if it had been asked alone. */
  provedBehind(connection: object): void {
    this.endTrial(connection);
    if (this.#behind === "untried" && ++this.#proofs >= PROOFS) this.#behind = "works";
  }

  /** Something written ahead was refused, swallowed, or ended the connection. */
  refutedBehind(): void {
    this.#trier = undefined;
    this.#proofs = 0;
    if (this.#behind !== "unused") this.#behind = "fails";
  }

  /**
   * A connection ended with something written ahead: no proof against the server, but the end of the one for it. Servers that have
   * counted too many errors end with input unread, so that the refusals themselves are lost.
   */
  doubtBehind(): void {
    this.#trier = undefined;
    this.#proofs = 0;
    this.recipientRefused();
    if (this.#behind === "works") this.#behind = "untried";
  }

  /** Asked alone it was refused in the same way: what was written ahead had been judged after all. */
  absolveBehind(): void {
    if (this.#behind === "fails") this.#behind = "untried";
  }

  provedChunking(): void {
    if (this.#chunking === "untried") this.#chunking = "works";
  }

  refutedChunking(): void {
    if (this.#chunking !== "unused") this.#chunking = "fails";
  }

  recipientRefused(): void {
    this.#caution = Math.max(this.#caution, CAUTIOUS_MESSAGES);
  }

  /** It did not read a BDAT that it refused: content waits for its own recipients from now on. */
  ranContent(): void {
    this.#caution = Number.POSITIVE_INFINITY;
  }

  /** A verdict came. `wasFull`: the window was the limit while it was awaited. */
  accepted(wasFull: boolean): void {
    if (this.#caution > 0) this.#caution--;
    // One more for each verdict doubles the window in each round trip, as a slow start does.
    if (wasFull && this.#windowSize < this.#ceiling) this.#windowSize++;
  }

  /** A connection broke with verdicts open. */
  shrink(): void {
    this.#windowSize = Math.max(Math.min(FIRST_WINDOW, this.#ceiling), this.#windowSize >> 1);
  }
}
