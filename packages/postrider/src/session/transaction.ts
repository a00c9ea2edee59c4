/**
 * A mail transaction as a value: what it sends, what came back, and how far it is. It never holds a socket or a promise.
 *
 * Layer: session. RFC 5321 §3.3.
 */
import type { SmtpOutcome, SmtpPhase } from "../errors/errors.js";
import type { SmtpReply } from "../reply.js";
import { type Content, contentSize, type Framing } from "./content.js";
import type { EnvelopeCommands } from "./envelope.js";

/** Decides what a broken connection means: nothing is unknown before the end of the content was handed to the socket. */
export type Progress = "queued" | "envelope-sent" | "content-sending" | "content-sent" | "done";

export class Transaction {
  readonly commands: EnvelopeCommands;
  readonly content: Content;
  /** Bytes of content as far as known, for the window. */
  readonly size: number;
  progress: Progress = "queued";
  framing: Framing = "data";
  /** Bytes that the session had written with the end of the content; 0 before that. */
  contentEnd = 0;
  /** How many envelope commands were written: MAIL, then each RCPT, then DATA. */
  written = 0;
  mailReply: SmtpReply | undefined;
  /** By recipient; undefined: not answered (yet). */
  readonly recipientReplies: (SmtpReply | undefined)[];
  /** The reply to DATA. */
  dataReply: SmtpReply | undefined;
  /** The reply after the content; with LMTP one for each accepted recipient (RFC 2033 §4.2). */
  contentReplies: SmtpReply[] = [];
  acceptedCount = 0;
  /** Its envelope was written while the verdict on an earlier message was open. */
  isAhead = false;
  /** So it is, and what became of that is not known yet. */
  isAheadOpen = false;
  /** It was on the wire before, and what came of that was nobody's verdict: it is asked alone. */
  isSecondTry = false;
  /** The code that refused it where it was written ahead. */
  suspicion: number | undefined;
  /** The first BDAT of its connection, with nothing behind it. */
  isChunkTrial = false;
  /** A 421 answered something before its content: the content was not taken. */
  isDenied = false;
  #answered = 0;

  constructor(commands: EnvelopeCommands, content: Content) {
    this.commands = commands;
    this.content = content;
    this.size = contentSize(content) ?? 0;
    this.recipientReplies = commands.recipients.map(() => undefined);
  }

  /** True when the caller opened the envelope by hand (`mail`, `rcpt`), and only the content is ours. */
  get isManual(): boolean {
    return this.commands.mail === undefined;
  }

  get isEnvelopeAnswered(): boolean {
    return (this.isManual || this.mailReply !== undefined) && this.#answered === this.recipientReplies.length;
  }

  /** Whether the server took the sender and at least one recipient. */
  get isEnvelopeAccepted(): boolean {
    return this.isManual || (isPositive(this.mailReply) && this.acceptedCount > 0);
  }

  /** After a refused BDAT nothing but RSET is sure to work, whatever became of MAIL (RFC 3030 §2). */
  get isSpoilt(): boolean {
    return this.framing === "bdat" && this.contentReplies.some((reply) => !isPositive(reply));
  }

  /** What is true of the message when nothing further comes. */
  get outcome(): SmtpOutcome {
    return this.progress === "content-sent" && !this.isDenied ? "unknown" : "not-sent";
  }

  /** How far it is, for errors. */
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
    // PERF: there is one nearly always, and an array that grows takes six times the room.
    if (this.contentReplies.length === 0) this.contentReplies = [reply];
    else this.contentReplies.push(reply);
  }

  /** Bytes of MAIL and every RCPT, line ends included. */
  get envelopeBytes(): number {
    let total = (this.commands.mail?.length ?? 0) + 2;
    for (const recipient of this.commands.recipients) total += recipient.length + 2;
    return total;
  }

  /** Back to the start, to be asked alone; only while none of a stream was poured. */
  restart(): void {
    this.progress = "queued";
    this.contentEnd = 0;
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
