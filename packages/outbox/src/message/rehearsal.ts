/**
 * A server in memory that takes everything: what a client writes to it is the envelope and the content as they would leave.
 *
 * The library checks a message, finds its envelope, leaves Bcc out and composes it on the way to a server. To do the same before
 * there is a server, the outbox sends each message once to this one.
 *
 * RFC 5321; no PIPELINING and no CHUNKING, so that one thing is on the way at a time.
 */
import { Duplex } from "node:stream";

/** What was heard, as it is heard. */
export interface RehearsalListener {
  mail(parameters: string): void;
  rcpt(path: string): void;
  /** Content without its dots; the promise holds the client back. @returns undefined to go on at once */
  content(chunk: Uint8Array): Promise<void> | undefined;
}

const EXTENSIONS = ["SMTPUTF8", "DSN", "DELIVERBY", "FUTURERELEASE 999999999 9999-12-31T23:59:59Z", "MT-PRIORITY"];

/** No line of a command is longer: the library checks what it writes. */
const LINE_END = Buffer.from("\r\n");
const STUFFED = Buffer.from("\r\n.");
const CONTENT_END = Buffer.from("\r\n.\r\n");

export class RehearsalServer extends Duplex {
  readonly #extensions: readonly string[];
  #listener: RehearsalListener | undefined;
  #isContent = false;
  /** Before the first byte of the content. */
  #isFirst = false;
  /** What was not understood yet: the start of a line, or what may be the end of the content. */
  #rest: Buffer = Buffer.alloc(0);

  /** @param takesEightBit without it, the library encodes its own messages so that every server takes them */
  constructor(takesEightBit: boolean) {
    super({ decodeStrings: true });
    this.#extensions = takesEightBit ? [...EXTENSIONS, "8BITMIME"] : EXTENSIONS;
    this.push("220 rehearsal.invalid\r\n");
  }

  listen(listener: RehearsalListener | undefined): void {
    this.#listener = listener;
  }

  override _read(): void {
    // Replies are pushed when there are some.
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    try {
      const wait = this.#isContent ? this.#takeContent(chunk) : this.#takeLines(chunk);
      if (wait === undefined) done();
      else wait.then(() => done(), done);
    } catch (error) {
      done(error as Error);
    }
  }

  override _final(done: (error?: Error | null) => void): void {
    this.push(null);
    done();
  }

  #takeLines(chunk: Buffer): undefined {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    for (let end = this.#rest.indexOf(LINE_END); end >= 0 && !this.#isContent; end = this.#rest.indexOf(LINE_END)) {
      const line = this.#rest.toString("utf8", 0, end);
      this.#rest = this.#rest.subarray(end + 2);
      this.push(this.#answer(line));
    }
    return undefined;
  }

  #answer(line: string): string {
    const verb = line.slice(0, 4).toUpperCase();
    if (verb === "EHLO") {
      return ["rehearsal.invalid", ...this.#extensions]
        .map((text, index) => `250${index === this.#extensions.length ? " " : "-"}${text}\r\n`)
        .join("");
    }
    if (verb === "MAIL") this.#listener?.mail(line);
    if (verb === "RCPT") this.#listener?.rcpt(line);
    if (verb === "QUIT") return "221 bye\r\n";
    if (verb !== "DATA") return "250 ok\r\n";
    this.#isContent = true;
    // The first line may begin with a dot too.
    this.#rest = Buffer.from("\r\n");
    this.#isFirst = true;
    return "354 go on\r\n";
  }

  /** Everything but the last bytes, which may be the start of a stuffed dot or of the end. */
  #takeContent(chunk: Buffer): Promise<void> | undefined {
    const whole = Buffer.concat([this.#rest, chunk]);
    const isEnd = whole.subarray(-CONTENT_END.length).equals(CONTENT_END);
    let usable = isEnd ? whole.length - 3 : Math.max(0, whole.length - 4);
    // A stuffed dot is known by the CRLF before it, so that one stays with what follows.
    if (!isEnd && usable > 0 && whole[usable - 1] === 0x0d) usable -= 1;
    else if (!isEnd && usable > 1 && whole[usable - 1] === 0x0a && whole[usable - 2] === 0x0d) usable -= 2;
    if (this.#isFirst && usable < 2) usable = 0;
    let content = unstuffed(whole, usable);
    this.#rest = whole.subarray(usable);
    if (this.#isFirst && usable >= 2) {
      content = content.subarray(2);
      this.#isFirst = false;
    }
    const wait = content.length > 0 ? this.#listener?.content(content) : undefined;
    if (!isEnd) return wait;
    this.#isContent = false;
    this.#rest = Buffer.alloc(0);
    if (wait === undefined) {
      this.push("250 ok\r\n");
      return undefined;
    }
    return wait.then(() => {
      this.push("250 ok\r\n");
    });
  }
}

/** `whole` up to `end`, without the dots that were added. A dot at `end` or behind it belongs to the next call. */
function unstuffed(whole: Buffer, end: number): Buffer {
  const pieces: Buffer[] = [];
  let start = 0;
  for (let at = whole.indexOf(STUFFED); at >= 0 && at + 2 < end; at = whole.indexOf(STUFFED, at + 2)) {
    pieces.push(whole.subarray(start, at + 2));
    start = at + 3;
  }
  pieces.push(whole.subarray(start, end));
  return pieces.length === 1 ? whole.subarray(start, end) : Buffer.concat(pieces);
}
