/**
 * What is known of one server, shared by all connections to it: whether it takes pipelining across messages and BDAT, and the window.
 *
 * Layer: session. RFC 2920 (PIPELINING), RFC 3030 (CHUNKING).
 *
 * An extension in an EHLO reply is only a claim. Servers that defend against smuggling refuse or swallow commands behind the end of
 * a message, or close the connection; proxies offer CHUNKING for servers without it. So both start as "untried", one small message
 * is risked as a trial, and what fails is not used again.
 */

export type Learned = "untried" | "works" | "fails";

export interface KnowledgeOptions {
  /** Writing ahead of a verdict; `"unused"` turns it off. Default `"untried"`. */
  readonly behind?: Learned | "unused" | undefined;
  /** BDAT; `"unused"` turns it off. Default `"untried"`. */
  readonly chunking?: Learned | "unused" | undefined;
  /** The most messages without a verdict on one connection. Default 64. */
  readonly maxInFlight?: number | undefined;
}

/** The largest window by default: so many outcomes a lost connection may leave unknown. */
const DEFAULT_MAX_IN_FLIGHT = 64;
/** The first window: enough for a path of 10 ms, with few outcomes at risk. */
const FIRST_WINDOW = 16;
/** Accepted envelopes that prove that the server takes them ahead of a verdict. */
const PROOFS = 3;
/** Messages after a refused recipient whose content waits for the replies to its own envelope: refusals come in bunches. */
const CAUTIOUS_MESSAGES = 32;

/** Shared by reference: all connections to a server see at once what one of them has learned. */
export class ServerKnowledge {
  readonly #ceiling: number;
  #behind: Learned | "unused";
  #chunking: Learned | "unused";
  #proofs = 0;
  /** The connection with a trial under way: one at a time per server. */
  #trialOwner: object | undefined;
  #caution = 0;
  #windowSize: number;
  /** Milliseconds of the slowest reply to MAIL. */
  slowestMail = 0;
  /** `"slow"`: pipelined groups take longer than the same commands one by one (a server with Nagle's algorithm on). */
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

  /** Whether the server takes an envelope behind content that has no verdict yet. */
  get behind(): Learned | "unused" {
    return this.#behind;
  }

  /** Whether BDAT works; the first BDAT of each connection is still sent alone. */
  get chunking(): Learned | "unused" {
    return this.#chunking;
  }

  /** Messages without a verdict that one connection may have now. */
  get windowSize(): number {
    return this.#windowSize;
  }

  /** A recipient was refused recently: content waits for the replies to its envelope. */
  get isCautious(): boolean {
    return this.#caution > 0;
  }

  /** Whether this connection may begin a trial. */
  mayTry(connection: object): boolean {
    const isFree = this.#trialOwner === undefined || this.#trialOwner === connection;
    return isFree && (this.#behind === "untried" || this.#chunking === "untried");
  }

  beginTrial(connection: object): void {
    this.#trialOwner = connection;
  }

  /** The trial ended without proof, for example by an invalid address or because this side closed the connection. */
  endTrial(connection: object): void {
    if (this.#trialOwner === connection) this.#trialOwner = undefined;
  }

  /** An envelope written ahead was accepted. */
  provedBehind(connection: object): void {
    this.endTrial(connection);
    if (this.#behind === "untried" && ++this.#proofs >= PROOFS) this.#behind = "works";
  }

  /** Commands written ahead were refused or swallowed, or ended the connection. */
  refutedBehind(): void {
    this.#trialOwner = undefined;
    this.#proofs = 0;
    if (this.#behind !== "unused") this.#behind = "fails";
  }

  /**
   * A connection was lost with commands written ahead: a proven server is untried again. QUIRK: after too many errors servers close with
   * input unread, so that their refusals are lost; so this counts as a refused recipient too.
   */
  doubtBehind(): void {
    this.#trialOwner = undefined;
    this.#proofs = 0;
    this.recipientRefused();
    if (this.#behind === "works") this.#behind = "untried";
  }

  /** Sent alone, the envelope was refused in the same way: the earlier refusal was not due to writing ahead. */
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

  /** It refused a BDAT without reading its content: from now on content waits for the replies to its envelope. */
  ranContent(): void {
    this.#caution = Number.POSITIVE_INFINITY;
  }

  /** A verdict came. `wasFull`: the window was full while it was awaited. */
  accepted(wasFull: boolean): void {
    if (this.#caution > 0) this.#caution--;
    // One more for each verdict doubles the window in each round trip, like TCP's slow start.
    if (wasFull && this.#windowSize < this.#ceiling) this.#windowSize++;
  }

  /** A connection was lost with verdicts open. */
  shrink(): void {
    this.#windowSize = Math.max(Math.min(FIRST_WINDOW, this.#ceiling), this.#windowSize >> 1);
  }
}
