/**
 * A session and its server in one hand, without sockets: replies in, lines and events out.
 */
import { Buffer } from "node:buffer";
import type { StreamContent } from "../../src/session/content.js";
import { MANUAL_ENVELOPE } from "../../src/session/envelope.js";
import { type KnowledgeOptions, ServerKnowledge } from "../../src/session/knowledge.js";
import { Session } from "../../src/session/session.js";
import { Transaction } from "../../src/session/transaction.js";
import type { WindowOptions } from "../../src/session/window.js";
import type { CommandWork, SessionEventOut } from "../../src/session/work.js";

/** What is known of the server, where a test says nothing: it takes what is written ahead. */
export type DriverOptions = Omit<WindowOptions, "knowledge"> & KnowledgeOptions;

export class Driver {
  readonly session: Session;
  readonly knowledge: ServerKnowledge;
  readonly events: SessionEventOut[] = [];

  constructor(options: DriverOptions = {}) {
    const { behind = "works", chunking = "unused", maxInFlight, ...rest } = options;
    this.knowledge = new ServerKnowledge({ behind, chunking, maxInFlight });
    this.session = new Session({ ...rest, knowledge: this.knowledge });
  }

  /** A connection on which BDAT has worked, for a server that takes whole transactions ahead. */
  static chunking(offers: readonly string[], options: DriverOptions = {}): Driver {
    const driver = Driver.ready(offers, { chunking: "works", ...options });
    driver.send(message("first"));
    driver.hear("250 ok", "250 ok");
    driver.hear("250 taken");
    driver.events.length = 0;
    return driver;
  }

  /** Greeted, and EHLO answered with these extensions. */
  static ready(offers: readonly string[] = [], options: DriverOptions = {}): Driver {
    const driver = new Driver(options);
    driver.hear("220 fake");
    driver.command("EHLO");
    driver.write();
    const lines = ["fake", ...offers];
    driver.hear(...lines.map((line, index) => `250${index < lines.length - 1 ? "-" : " "}${line}`));
    driver.events.length = 0;
    return driver;
  }

  /** The server says these lines, in one segment; what the session then writes, each write one string. */
  hear(...lines: readonly string[]): string[] {
    return this.hearBytes(lines.map((line) => `${line}\r\n`).join(""));
  }

  hearBytes(text: string): string[] {
    this.session.receive(Buffer.from(text, "latin1"));
    return this.write();
  }

  /** What the session writes now. */
  write(): string[] {
    const pieces = this.session.advance().map((piece) => Buffer.from(piece).toString("latin1"));
    this.events.push(...this.session.takeEvents());
    return pieces;
  }

  command(verb: string, line: string = verb): CommandWork {
    const work: CommandWork = { kind: "command", verb, line };
    this.session.enqueue(work);
    return work;
  }

  send(...transactions: readonly Transaction[]): string[] {
    for (const transaction of transactions) this.session.enqueue({ kind: "transaction", transaction });
    return this.write();
  }

  /** Pours chunks and, unless told otherwise, the end. */
  pour(transaction: Transaction, chunks: readonly string[], finish: "finish" | "leave open" = "finish"): string[] {
    for (const chunk of chunks) this.session.pour(transaction, Buffer.from(chunk, "latin1"));
    if (finish === "finish") this.session.finishPouring(transaction);
    return this.write();
  }

  /** The events so far, by type. */
  get types(): string[] {
    return this.events.map((event) => event.type);
  }

  get settled(): Transaction[] {
    return this.events.flatMap((event) => (event.type === "settled" ? [event.transaction] : []));
  }

  get fault(): (SessionEventOut & { readonly type: "fault" }) | undefined {
    return this.events.find((event) => event.type === "fault");
  }
}

/** A message from `name@s` to `name1@r`, `name2@r`...; its content is one line that says its name. */
export function message(name: string, recipients = 1, text = `${name}\r\n`, parameters = ""): Transaction {
  const bytes = Buffer.from(text, "latin1");
  return new Transaction(envelope(name, recipients, parameters), {
    kind: "bytes",
    bytes,
    hasEightBit: false,
    hasLeadingDot: true,
  });
}

/** The same with content that is poured. */
export function streamed(name: string, recipients = 1, size?: number): Transaction {
  const content: StreamContent = { kind: "stream", size, hasEightBit: false };
  return new Transaction(envelope(name, recipients), content);
}

/** Content alone, for an envelope that the caller opened by hand. */
export function byHand(text: string): Transaction {
  const bytes = Buffer.from(text, "latin1");
  return new Transaction(MANUAL_ENVELOPE, { kind: "bytes", bytes, hasEightBit: false, hasLeadingDot: true });
}

function envelope(name: string, recipients: number, parameters = ""): { mail: string; recipients: string[] } {
  return {
    mail: `MAIL FROM:<${name}@s>${parameters}`,
    recipients: Array.from({ length: recipients }, (_, index) => `RCPT TO:<${name}${index + 1}@r>`),
  };
}

/** Lines as they are on the wire. */
export function lines(...texts: readonly string[]): string {
  return texts.map((text) => `${text}\r\n`).join("");
}
