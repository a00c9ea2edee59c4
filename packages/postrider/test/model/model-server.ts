/**
 * A server of the model: strict about SMTP, in this process, and wrong where the plan says so. Every reply names the message
 * that it is about.
 *
 * RFC 5321 §4.1, RFC 2920, RFC 3030.
 */
import { Buffer } from "node:buffer";
import { Duplex } from "node:stream";
import type { FaultKind, Offer } from "./plan.js";
import { EXTENSIONS, formatReply, SESSION_TEXTS, TEMPERS, type Temper, type TemperName, takeBehind } from "./temper.js";
import type { World } from "./world.js";

/** The client's end of a new connection. */
export function openModelConnection(
  world: World,
  offer: Offer,
  temper: TemperName = "easy",
  server: number = 0,
): Duplex {
  return new ModelConnection(world, offer, TEMPERS[temper], server).stream;
}

/** For how many turns a verdict is thought over, where it matters what comes in that time. */
const TURNS_TO_JUDGE = 3;

class ModelConnection {
  readonly stream: Duplex;
  readonly #world: World;
  readonly #offer: Offer;
  readonly #temper: Temper;
  /** Which of the plan's servers it is. */
  readonly #server: number;
  #isOpening = true;
  #hasQuit = false;
  #isCleaning = false;
  #input: Buffer = Buffer.alloc(0);
  /** A reply is on its way; the next command waits. */
  #isBusy = false;
  #isRunning = false;
  #isOver = false;
  #reading: "lines" | "content" | number = "lines";
  #isLast = false;
  #mail: string | undefined;
  #recipients: string[] = [];
  #chunks: Buffer[] = [];
  /** A BDAT was refused: nothing but RSET helps (RFC 3030 §2). */
  #isSpoilt = false;
  #mayPipeline = false;
  #hasReset = false;
  /** RSET was refused; an envelope may be on its way behind it, but content must not come. */
  #isUnclean = false;
  #subject = "nobody";
  readonly #handed = new Set<string>();
  /** Refusals since the last message. */
  #errors = 0;
  /** Replies of the group that is being answered. */
  #repliesInGroup = 0;
  #delayed: NodeJS.Timeout | undefined;
  /** Follows the next reply. */
  #appendix = "";

  constructor(world: World, offer: Offer, temper: Temper, server: number) {
    this.#world = world;
    this.#offer = offer;
    this.#temper = temper;
    this.#server = server;
    world.opening++;
    this.stream = this.#makeStream();
    world.connections++;
    world.mostOpen = Math.max(world.mostOpen, ++world.open);
    queueMicrotask(() => this.#answer(220, "greeting"));
  }

  #makeStream(): Duplex {
    const { isSlow } = this.#world.plan;
    return new Duplex({
      ...(isSlow ? { writableHighWaterMark: 100 } : {}),
      read: () => undefined,
      write: (chunk: Buffer, _, done) => {
        this.#world.moved();
        this.#input = this.#input.length === 0 ? chunk : Buffer.concat([this.#input, chunk]);
        if (isSlow) this.#world.later(1, done);
        else done();
        this.#run();
      },
      destroy: (error, done) => {
        this.#world.moved();
        this.#world.open--;
        this.#opened();
        this.#cleaning(false);
        if (!this.#hasQuit) this.#world.troubled(this.#server);
        clearTimeout(this.#delayed);
        this.#isOver = true;
        done(error);
      },
    });
  }

  #run(): void {
    // A reply may bring the next command before this one is done with.
    if (this.#isRunning) return;
    this.#isRunning = true;
    while (!this.#isBusy && !this.#isOver && this.#next());
    this.#isRunning = false;
  }

  /** Takes one command, or the content; false when it has not come whole. */
  #next(): boolean {
    if (this.#reading === "lines") {
      const end = this.#input.indexOf("\r\n");
      if (end === -1) return false;
      if (this.#errors >= (this.#temper.errorLimit ?? Number.POSITIVE_INFINITY)) {
        this.#kill("goodbye");
        return false;
      }
      const line = this.#shift(end + 2).toString("latin1", 0, end);
      this.#command(line);
      return true;
    }
    if (this.#reading === "content") return this.#content();
    if (this.#input.length < this.#reading) return false;
    const chunk = this.#shift(this.#reading);
    this.#reading = "lines";
    this.#chunk(chunk);
    return true;
  }

  #shift(length: number): Buffer {
    const taken = this.#input.subarray(0, length);
    this.#input = this.#input.subarray(length);
    return taken;
  }

  #command(line: string): void {
    const [verb = ""] = line.split(" ", 1);
    if (verb !== "BDAT") this.#checkAlone(line);
    switch (verb) {
      case "EHLO":
        return this.#answer(250, EXTENSIONS[this.#offer], () => {
          this.#opened();
          this.#forget();
          this.#mayPipeline = EXTENSIONS[this.#offer].includes("PIPELINING");
        });
      case "HELO":
        return this.#answer(250, "hello", () => {
          this.#opened();
          this.#forget();
        });
      case "RSET":
        this.#cleaning(true);
        return this.#answer(250, "reset", () => {
          this.#cleaning(false);
          this.#hasReset = true;
          this.#forget();
        });
      case "QUIT":
        this.#hasQuit = true;
        return this.#answer(221, "bye", () => this.#world.later(1, () => this.#hangUp()));
      case "MAIL":
        return this.#mailCommand(line);
      case "RCPT":
        return this.#rcptCommand(line);
      case "DATA":
        return this.#dataCommand();
      case "BDAT":
        return this.#bdatCommand(line);
      default:
        return this.#answer(500, `what is ${JSON.stringify(line.slice(0, 20))}`);
    }
  }

  #mailCommand(line: string): void {
    const id = /<(\w+)@/.exec(line)?.[1] ?? "none";
    this.#subject = id;
    // Asked for again on the same connection it is the same message.
    if (!this.#handed.has(id)) this.#world.handed.push(this.#world.now);
    this.#handed.add(id);
    // Whatever a client sends by BDAT is run by a server that lies twice.
    if (!this.#world.contents.has(id) && this.#offer !== "lies twice") this.#violated(`smuggled: ${line}`);
    if (this.#mail !== undefined || this.#isSpoilt) return this.#outOfPlace(`MAIL of ${id}`);
    this.#answer(250, `${id} MAIL`, () => {
      this.#mail = id;
    });
  }

  #rcptCommand(line: string): void {
    const [, id = "none", recipient = "none"] = /<(\w+)\.(\w+)@/.exec(line) ?? [];
    this.#subject = id;
    if (this.#mail !== undefined && this.#mail !== id && !this.#isUnclean)
      this.#violated(`RCPT of ${id} in the envelope of ${this.#mail}`);
    if (this.#mail === undefined || this.#isSpoilt) return this.#answer(503, `${id} RCPT without MAIL`);
    if (this.#world.isDead(id)) {
      this.#world.refused.add(id);
      return this.#answer(550, `${id} RCPT ${recipient} is unknown`);
    }
    this.#answer(250, `${id} RCPT ${recipient}`, () => this.#recipients.push(`${id}.${recipient}@r.example`));
  }

  #dataCommand(): void {
    const mayAsk = this.#recipients.length > 0 || this.#world.plan.isLenient;
    if (this.#isSpoilt || !mayAsk) return this.#answer(503, `${this.#subject} DATA without recipients`);
    this.#answer(354, `${this.#subject} DATA`, () => {
      this.#reading = "content";
      if (this.#world.peekFault() === "early") this.#answer(552, `${this.#subject} too much`);
    });
  }

  #content(): boolean {
    const isEmpty = this.#input.subarray(0, 3).equals(Buffer.from(".\r\n"));
    const end = isEmpty ? 0 : this.#input.indexOf("\r\n.\r\n") + 2;
    if (!isEmpty && end === 1) return false;
    const content = this.#shift(end + 3).toString("latin1", 0, end);
    this.#reading = "lines";
    this.#checkAlone("the content");
    const [recipients, mail] = [this.#recipients, this.#mail];
    if (recipients.length === 0 || mail === undefined) {
      if (!isEmpty) this.#violated(`content of ${this.#subject} for nobody`);
      this.#answer(554, `${this.#subject} for nobody`);
    } else {
      const id = this.#checkContent(content.replace(/^\./gm, ""), mail);
      this.#judge(id, () => this.#answer(250, `${id} taken`, () => this.#take(id, recipients)), recipients);
    }
    this.#forget();
    return true;
  }

  /** Gives the verdict at once, or looks first at what came behind the dot in the meantime. */
  #judge(id: string, verdict: () => void, recipients: readonly string[]): void {
    if (this.#temper.behind === "takes") return verdict();
    this.#isBusy = true;
    this.#world.later(TURNS_TO_JUDGE, () => {
      this.#isBusy = false;
      if (this.#isOver) return;
      const { replies, rest, isTooMuch } = takeBehind(this.#temper, this.#input);
      this.#input = rest;
      if (isTooMuch) {
        this.#take(id, recipients);
        return this.#kill("hang-up");
      }
      this.#appendix = replies;
      verdict();
      this.#run();
    });
  }

  #bdatCommand(line: string): void {
    if (this.#offer === "lies twice") return this.#answer(500, "what is BDAT");
    const [, size = "", last] = /^BDAT (\d+)( LAST)?$/.exec(line) ?? [];
    if (size === "") this.#violated(line);
    if (this.#temper.runsChunks && (this.#recipients.length === 0 || this.#mail === undefined))
      return this.#answer(503, `${this.#subject} BDAT without recipients`);
    this.#reading = Number(size);
    this.#isLast = last !== undefined;
  }

  #chunk(chunk: Buffer): void {
    this.#checkAlone("a chunk");
    if (this.#offer === "lies") return this.#answer(502, "what is BDAT");
    const subject = this.#subject;
    if (this.#recipients.length === 0 || this.#mail === undefined || this.#isSpoilt) {
      this.#isSpoilt = true;
      return this.#answer(503, `${subject} BDAT without recipients`);
    }
    this.#chunks.push(chunk);
    // Whatever comes of it, nothing but RSET helps a BDAT that was refused.
    this.#isSpoilt = true;
    if (!this.#isLast) {
      return this.#answer(250, `${subject} chunk`, () => {
        this.#isSpoilt = false;
      });
    }
    const id = this.#checkContent(Buffer.concat(this.#chunks).toString("latin1"), this.#mail);
    const recipients = this.#recipients;
    this.#answer(250, `${id} taken`, () => {
      this.#take(id, recipients);
      this.#forget();
    });
  }

  #checkContent(content: string, mail: string): string {
    const id = /^Subject: (\w+)/.exec(content)?.[1] ?? "none";
    if (id !== mail) this.#violated(`content of ${id} in the envelope of ${mail}`);
    if (this.#world.contents.get(id) !== content) this.#violated(`content of ${id} changed on its way`);
    return id;
  }

  #take(id: string, recipients: readonly string[]): void {
    this.#errors = 0;
    this.#world.taken.push({ id, recipients });
  }

  #forget(): void {
    this.#mail = undefined;
    this.#recipients = [];
    this.#chunks = [];
    this.#isSpoilt = false;
  }

  #cleaning(isCleaning: boolean): void {
    if (this.#isCleaning !== isCleaning) this.#world.cleaning += isCleaning ? 1 : -1;
    this.#isCleaning = isCleaning;
  }

  #opened(): void {
    if (this.#isOpening) this.#world.opening--;
    this.#isOpening = false;
  }

  #outOfPlace(what: string): void {
    if (this.#offer !== "lies twice" && !this.#isUnclean) this.#violated(`${what} out of place`);
    this.#answer(503, `${this.#subject} out of place`);
  }

  /** Without PIPELINING nothing may follow before the reply. */
  #checkAlone(what: string): void {
    if (this.#mayPipeline || this.#input.length === 0) return;
    this.#violated(`${this.#input.length} bytes behind ${what} without PIPELINING`);
  }

  #violated(what: string): void {
    this.#world.violations.push(what);
  }

  // --- replies ------------------------------------------------------------------------------------------------------

  /** Answers, or does what the plan has in its place; `commit` is what a success does. */
  #answer(code: number, text: string | readonly string[], commit: () => void = () => undefined): void {
    const fault = this.#world.nextFault();
    if (fault !== undefined) this.#world.faults++;
    const say = (): void => {
      commit();
      this.#say(code, text);
    };
    // Nothing more stands behind it, or the first of a group: it goes out at once.
    const isWaiting = this.#temper.replyDelay > 0 && this.#repliesInGroup++ > 0;
    if (this.#input.length === 0) this.#repliesInGroup = 0;
    if (fault === undefined && isWaiting) return this.#sayAfter(this.#temper.replyDelay, say);
    switch (fault) {
      case "later":
      case "never":
        return this.#refuse(code, text, fault, say);
      case "delay":
      case "drip":
        return this.#sayLater(code, text, fault, commit);
      case "early":
        this.#refuse(code, text, "never", say);
        return this.#kill("hang-up");
      case "answer and hang-up":
      case "answer and goodbye":
        say();
        return this.#kill(fault === "answer and hang-up" ? "hang-up" : "goodbye");
      case "take and hang-up":
      case "take and reset":
        commit();
        return this.#kill(fault === "take and reset" ? "reset" : "hang-up");
      case "goodbye":
      case "hang-up":
      case "reset":
      case "silence":
        return this.#kill(fault);
      case undefined:
        return say();
    }
  }

  #refuse(code: number, text: string | readonly string[], fault: "later" | "never", say: () => void): void {
    // RFC 5321 §4.1.1.5: RSET is accepted. A client can find out that it is not when it asks with nothing behind.
    const isSure = text === "reset" && (this.#hasReset || this.#input.length > 0);
    if (code >= 400 || code === 221 || isSure) return say();
    const isSession = typeof text !== "string" || SESSION_TEXTS.has(text);
    if (text === "reset") this.#isUnclean = true;
    if (isSession) this.#world.kills++;
    else this.#world.refused.add(this.#subject);
    this.#say(fault === "later" ? 451 : 551, isSession ? "not now" : text);
  }

  #sayLater(code: number, text: string | readonly string[], fault: "delay" | "drip", commit: () => void): void {
    this.#isBusy = true;
    const bytes = this.#format(code, text);
    const middle = fault === "drip" ? bytes.length >> 1 : 0;
    this.#world.later(fault === "drip" ? 1 : 4, () => {
      if (middle > 0) this.#push(bytes.subarray(0, middle));
      this.#world.later(1, () => {
        commit();
        this.#push(bytes.subarray(middle));
        this.#isBusy = false;
        this.#run();
      });
    });
  }

  #sayAfter(milliseconds: number, say: () => void): void {
    this.#isBusy = true;
    this.#delayed = setTimeout(() => {
      this.#world.moved();
      this.#isBusy = false;
      if (this.#isOver) return;
      say();
      this.#run();
    }, milliseconds);
  }

  #kill(how: FaultKind): void {
    this.#world.kills++;
    if (how === "goodbye") this.#say(421, "going down");
    if (how === "goodbye" || how === "hang-up") this.#hangUp();
    else if (how === "reset") this.stream.destroy(new Error("read ECONNRESET"));
    this.#isOver = true;
  }

  #hangUp(): void {
    this.#isOver = true;
    if (this.stream.destroyed || this.stream.readableEnded) return;
    this.#world.moved();
    this.stream.push(null);
  }

  #say(code: number, text: string | readonly string[]): void {
    this.#push(this.#format(code, text));
  }

  #format(code: number, text: string | readonly string[]): Buffer {
    if (code >= 400) this.#errors++;
    const appendix = this.#appendix;
    this.#appendix = "";
    return Buffer.concat([formatReply(code, text), Buffer.from(appendix)]);
  }

  #push(bytes: Uint8Array): void {
    this.#world.moved();
    if (!this.#isOver && !this.stream.destroyed) this.stream.push(bytes);
  }
}
