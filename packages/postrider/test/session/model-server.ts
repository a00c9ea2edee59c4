/**
 * A server that behaves at random within the rules, marks each reply with the command that it answers, and keeps what was
 * delivered. Bytes in, bytes out.
 */
import assert from "node:assert/strict";

/** What decides. */
export interface Chance {
  /** From 0 to 99. */
  roll(): number;
  /** True for so many of a hundred. */
  chance(percent: number): boolean;
}

/** Numbers from 0 to 99, and 0 when none are left. */
export class Dice implements Chance {
  readonly #numbers: readonly number[];
  #next = 0;

  constructor(numbers: readonly number[]) {
    this.#numbers = numbers;
  }

  roll(): number {
    return this.#numbers[this.#next++] ?? 0;
  }

  /** True for so many of a hundred; never when no numbers are left. */
  chance(percent: number): boolean {
    return this.roll() >= 100 - percent;
  }
}

export interface Delivered {
  readonly name: string;
  readonly recipients: readonly string[];
  readonly content: string;
}

export interface Behaviour {
  readonly offers: readonly string[];
  readonly isLmtp: boolean;
  /** False: BDAT is offered and answered with 502. */
  readonly knowsBdat: boolean;
  /** Chance of a refusal, of a hundred, at each command. */
  readonly refusals: number;
  /** Chance of 421 in place of any reply. */
  readonly goodbyes: number;
}

type Mode = "command" | "data" | { readonly left: number; readonly isLast: boolean };

export class ModelServer {
  readonly delivered: Delivered[] = [];
  /** What it says comes before this is heard of. */
  isClosed = false;
  readonly #behaviour: Behaviour;
  readonly #dice: Chance;
  #input = "";
  #output = "220 model\r\n";
  #mode: Mode = "command";
  /** Of the last MAIL, refused or not. */
  #name = "";
  #isOpen = false;
  #recipients: string[] = [];
  #chunks = "";
  #isChunkRefused = false;

  constructor(behaviour: Behaviour, dice: Chance) {
    this.#behaviour = behaviour;
    this.#dice = dice;
  }

  receive(text: string): void {
    this.#input += text;
    while (!this.isClosed && this.#step());
  }

  /** What it has said and not yet handed over. */
  get pending(): number {
    return this.#output.length;
  }

  take(length: number): string {
    const taken = this.#output.slice(0, length);
    this.#output = this.#output.slice(length);
    return taken;
  }

  #step(): boolean {
    if (this.#mode === "data") return this.#dataStep();
    if (this.#mode !== "command") return this.#chunkStep(this.#mode);
    const end = this.#input.indexOf("\r\n");
    if (end === -1) return false;
    const line = this.#input.slice(0, end);
    this.#input = this.#input.slice(end + 2);
    this.#command(line);
    return true;
  }

  #dataStep(): boolean {
    const match = /(?:^|\r\n)\.\r\n/.exec(this.#input);
    if (match === null) return false;
    const stuffed = this.#input.slice(0, match.index + (match[0].length > 3 ? 2 : 0));
    this.#input = this.#input.slice(match.index + match[0].length);
    this.#mode = "command";
    this.#content(stuffed.replaceAll(/^\./gm, ""), "data");
    return true;
  }

  #chunkStep({ left, isLast }: { readonly left: number; readonly isLast: boolean }): boolean {
    if (this.#input.length < left) return false;
    const chunk = this.#input.slice(0, left);
    this.#input = this.#input.slice(left);
    this.#mode = "command";
    const mark = `content ${this.#name}`;
    if (!this.#behaviour.knowsBdat) this.#say(502, mark);
    else if (this.#recipients.length === 0 || this.#isChunkRefused) this.#say(503, mark);
    else if (isLast) this.#content(this.#chunks + chunk, "bdat");
    else if (this.#refuses()) {
      this.#isChunkRefused = true;
      this.#say(552, mark);
    } else {
      this.#chunks += chunk;
      this.#say(250, mark);
    }
    return true;
  }

  #command(line: string): void {
    const [verb = "", ...rest] = line.split(/[ :]/);
    if (verb === "MAIL") this.#mail(/<(.*)@s>/.exec(line)?.[1] ?? "");
    else if (verb === "RCPT") this.#rcpt(/<(.*)>/.exec(line)?.[1] ?? "");
    else if (verb === "DATA") this.#data();
    else if (verb === "BDAT") this.#mode = { left: Number(rest[0]), isLast: rest[1] === "LAST" };
    else if (verb === "EHLO") this.#hello();
    else if (verb === "RSET") {
      this.#clear();
      this.#say(250, line);
    } else if (verb === "QUIT") {
      this.#write(221, line);
      this.isClosed = true;
    } else this.#say(250, line);
  }

  #hello(): void {
    const lines = ["model", ...this.#behaviour.offers];
    this.#output += lines.map((line, index) => `250${index < lines.length - 1 ? "-" : " "}${line}\r\n`).join("");
  }

  #mail(name: string): void {
    assert.equal(this.#isOpen, false, `MAIL of ${name} inside the transaction of ${this.#name}`);
    this.#clear();
    this.#name = name;
    this.#isOpen = !this.#refuses();
    this.#say(this.#isOpen ? 250 : 550, `MAIL ${name}`);
  }

  #rcpt(recipient: string): void {
    const isTaken = this.#isOpen && !this.#refuses();
    if (isTaken) this.#recipients.push(recipient);
    this.#say(isTaken ? 250 : this.#isOpen ? 550 : 503, `RCPT ${recipient}`);
  }

  #data(): void {
    // Some servers say 354 to an envelope without recipients.
    const isTaken = this.#recipients.length > 0 ? !this.#refuses() : this.#dice.chance(30);
    if (isTaken) this.#mode = "data";
    this.#say(isTaken ? 354 : 503, `DATA ${this.#name}`);
  }

  #content(content: string, framing: "data" | "bdat"): void {
    const mark = `content ${this.#name}`;
    const recipients = this.#recipients;
    const isEmpty = recipients.length === 0;
    if (this.#leaves(recipients, content)) return;
    const verdicts = this.#behaviour.isLmtp && !isEmpty ? recipients.map(() => !this.#refuses()) : [!this.#refuses()];
    const taken = this.#behaviour.isLmtp ? recipients.filter((_, index) => verdicts[index] === true) : recipients;
    if (!isEmpty && verdicts.includes(true)) this.delivered.push({ name: this.#name, recipients: taken, content });
    // After a refused BDAT the transaction is still there until RSET (RFC 3030 §2); BDAT has no further chunk then.
    if (verdicts.includes(true) || framing === "data") this.#clear();
    else this.#isChunkRefused = true;
    for (const verdict of verdicts) this.#write(verdict && !isEmpty ? 250 : 554, mark);
  }

  /** Says 421 to the content; or goes without a word, the message in its queue or not. */
  #leaves(recipients: readonly string[], content: string): boolean {
    if (!this.#dice.chance(this.#behaviour.goodbyes)) return false;
    if (this.#dice.chance(30)) this.#write(421, `content ${this.#name}`);
    else if (this.#dice.chance(50) && recipients.length > 0) {
      this.delivered.push({ name: this.#name, recipients, content });
    }
    this.isClosed = true;
    return true;
  }

  #clear(): void {
    this.#isOpen = false;
    this.#recipients = [];
    this.#chunks = "";
    this.#isChunkRefused = false;
  }

  #refuses(): boolean {
    return this.#dice.chance(this.#behaviour.refusals);
  }

  #say(code: number, mark: string): void {
    this.isClosed = this.#dice.chance(this.#behaviour.goodbyes);
    this.#write(this.isClosed ? 421 : code, mark);
  }

  #write(code: number, mark: string): void {
    const isLong = this.#dice.chance(20);
    this.#output += isLong ? `${code}-${mark}\r\n${code} more\r\n` : `${code} ${mark}\r\n`;
  }
}
