/**
 * A mail transaction as a value: its commands, the replies to them, and its progress. It holds no socket and no promise.
 *
 * Layer: session. RFC 5321 §3.3.
 */
import type { SmtpOutcome, SmtpPhase } from "../errors/errors.js";
import type { SmtpReply } from "../reply.js";
import { type Content, contentSize, type Framing } from "./content.js";
import type { EnvelopeCommands } from "./envelope.js";

/** Decides the outcome when the connection is lost: it is known until the end of the content has been written. */
export type Progress = "queued" | "envelope-sent" | "content-sending" | "content-sent" | "done";

/** Written by window.ts, updated with replies by replies.ts. */
export class Transaction {
  readonly commands: EnvelopeCommands;
  readonly content: Content;
  /** Bytes of content, for the window; 0 for a stream of unknown length. */
  readonly size: number;
  /** Bytes of streamed content that were written. */
  poured = 0;
  /** When it was begun, and when the last reply to its envelope and its last reply came; in ms by the clock of the session. */
  begunAt = 0;
  envelopeAt = 0;
  answeredAt = 0;
  progress: Progress = "queued";
  framing: Framing = "data";
  /** The session's byte count at the end of this content; 0 before it was written. */
  contentEnd = 0;
  /** Envelope commands written: MAIL, then each RCPT, then DATA. */
  written = 0;
  mailReply: SmtpReply | undefined;
  /** By recipient; undefined while unanswered. */
  readonly recipientReplies: (SmtpReply | undefined)[];
  /** The reply to DATA. */
  dataReply: SmtpReply | undefined;
  /** The reply after the content; with LMTP one for each accepted recipient (RFC 2033 §4.2). */
  contentReplies: SmtpReply[] = [];
  acceptedCount = 0;
  /** Its envelope was written ahead of the verdict on an earlier message. */
  isAhead = false;
  /** It was written ahead, and its envelope is unanswered. */
  isAheadOpen = false;
  /** It was refused when written ahead, perhaps for its position, and is sent again alone. */
  isSecondTry = false;
  /** The code that refused it when it was written ahead. */
  suspicion: number | undefined;
  /** The first BDAT of its connection, with nothing behind it. */
  isChunkTrial = false;
  /** The server certainly did not take its content: a 421 or a refused BDAT came first. */
  isDenied = false;
  #answered = 0;

  constructor(commands: EnvelopeCommands, content: Content) {
    this.commands = commands;
    this.content = content;
    this.size = contentSize(content) ?? 0;
    this.recipientReplies = commands.recipients.map(() => undefined);
  }

  /** Whether the caller sent the envelope by hand (`mail()`, `rcpt()`), so that this is content only. */
  get isManual(): boolean {
    return this.commands.mail === undefined;
  }

  get isEnvelopeAnswered(): boolean {
    return (this.isManual || this.mailReply !== undefined) && this.#answered === this.recipientReplies.length;
  }

  /** Whether the server accepted the sender and at least one recipient. */
  get isEnvelopeAccepted(): boolean {
    return this.isManual || (isPositive(this.mailReply) && this.acceptedCount > 0);
  }

  /** Whether a BDAT was refused: the server's state is then indeterminate until RSET (RFC 3030 §2). */
  get isSpoilt(): boolean {
    return this.framing === "bdat" && this.contentReplies.some((reply) => !isPositive(reply));
  }

  /** The outcome if the connection were lost now. */
  get outcome(): SmtpOutcome {
    return this.progress === "content-sent" && !this.isDenied ? "unknown" : "not-sent";
  }

  /** The phase that errors report. */
  get phase(): SmtpPhase {
    if (this.progress === "queued") return "mail";
    if (this.progress === "content-sending" || this.progress === "content-sent") return "content";
    if (this.mailReply === undefined && !this.isManual) return "mail";
    return this.isEnvelopeAnswered ? "data" : "rcpt";
  }

  recordRecipient(index: number, reply: SmtpReply): void {
    this.recipientReplies[index] = reply;
    this.#answered++;
    if (isPositive(reply)) this.acceptedCount++;
  }

  /** A reply after the content, or after a chunk that was refused. */
  recordContent(reply: SmtpReply): void {
    // PERF: the usual case is one reply, and an array that grows takes six times the memory.
    if (this.contentReplies.length === 0) this.contentReplies = [reply];
    else this.contentReplies.push(reply);
  }

  /** Bytes of MAIL and every RCPT, line ends included. */
  get envelopeBytes(): number {
    let total = (this.commands.mail?.length ?? 0) + 2;
    for (const recipient of this.commands.recipients) total += recipient.length + 2;
    return total;
  }

  /** Resets it to be sent again alone; only before any chunk of a stream was written. */
  restart(): void {
    this.progress = "queued";
    this.contentEnd = 0;
    this.poured = 0;
    this.isSecondTry = true;
    this.isAhead = false;
    this.isAheadOpen = false;
    this.isChunkTrial = false;
    this.written = 0;
    this.mailReply = undefined;
    this.recipientReplies.fill(undefined);
    this.dataReply = undefined;
    this.contentReplies = [];
    this.acceptedCount = 0;
    this.#answered = 0;
  }
}

/** 2yz: any of them is a success (RFC 5321 §4.2.1). */
export function isPositive(reply: SmtpReply | undefined): boolean {
  return reply !== undefined && reply.code >= 200 && reply.code < 300;
}
