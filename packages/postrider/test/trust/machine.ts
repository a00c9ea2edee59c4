/**
 * A strict SMTP server without I/O: bytes in, replies out. It remembers every line it was told and every message that it took,
 * and notes what no client may ever write.
 *
 * RFC 5321 §4.1, RFC 3030 (BDAT), RFC 2033 (LMTP), RFC 3207 (STARTTLS), RFC 4954 (AUTH).
 */
import { Buffer } from "node:buffer";

export interface MachineSetup {
  /** Lines of the EHLO reply after the first. */
  readonly extensions: readonly string[];
  /** What EHLO says inside TLS; default: the same. */
  readonly secureExtensions?: readonly string[];
  readonly lmtp?: boolean;
  /** Recipients whose address holds this are refused with 550. */
  readonly refuses?: string;
  /** Takes the bytes of a reply. */
  say(bytes: Uint8Array): void;
  /** After the reply to STARTTLS: from now on bytes come and go inside TLS. */
  secure?(): void;
  /** After the reply to QUIT. */
  leave?(): void;
}

/** A message that the server is responsible for; it is kept before the reply goes out. */
export interface Committed {
  readonly mail: string;
  readonly recipients: readonly string[];
  /** Dots undone. */
  readonly content: string;
}

/** What a command line may hold, to any server: UTF-8 without controls. */
const FORBIDDEN = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;
/** RFC 4954 §4, for the answers in AUTH; commands are shorter. */
const LONGEST_LINE = 12_288;

type Reading = "lines" | "content" | "answer" | "nothing" | { readonly chunk: number; readonly isLast: boolean };

export class Machine {
  /** Without line ends; contents are not among them. */
  readonly lines: string[] = [];
  readonly committed: Committed[] = [];
  /** What no client may write. */
  readonly violations: string[] = [];
  /** How many bytes came. */
  taken = 0;
  readonly #setup: MachineSetup;
  #input: Buffer = Buffer.alloc(0);
  #reading: Reading = "lines";
  #mail: string | undefined;
  #recipients: string[] = [];
  #chunks: string[] = [];
  #isSecure = false;
  #answersOwed = 0;

  constructor(setup: MachineSetup) {
    this.#setup = setup;
  }

  greet(): void {
    this.#say("220 strict");
  }

  get verbs(): readonly string[] {
    return this.lines.map((line) => (line.split(" ", 1)[0] ?? "").toUpperCase());
  }

  take(bytes: Uint8Array): void {
    this.taken += bytes.length;
    this.#input = this.#input.length === 0 ? Buffer.from(bytes) : Buffer.concat([this.#input, bytes]);
    while (this.#next());
  }

  #next(): boolean {
    const reading = this.#reading;
    if (reading === "nothing") return false;
    if (reading === "content") return this.#content();
    if (typeof reading === "object") return this.#chunk(reading);
    const end = this.#input.indexOf("\r\n");
    if (end === -1) return false;
    const bytes = this.#shift(end + 2).subarray(0, end);
    const line = bytes.toString("utf8");
    this.lines.push(line);
    if (!Buffer.from(line).equals(bytes))
      this.violations.push(`a command that is no UTF-8: ${bytes.toString("hex", 0, 100)}`);
    if (FORBIDDEN.test(line)) this.violations.push(`a command with a control: ${JSON.stringify(line.slice(0, 200))}`);
    if (line.length > LONGEST_LINE) this.violations.push(`a command of ${line.length} characters`);
    if (reading === "answer") this.#answered(line);
    else this.#command(line);
    return true;
  }

  #shift(length: number): Buffer {
    const taken = this.#input.subarray(0, length);
    this.#input = this.#input.subarray(length);
    return taken;
  }

  #command(line: string): void {
    const [verb = ""] = line.split(" ", 1);
    switch (verb.toUpperCase()) {
      case "EHLO":
      case "LHLO": {
        const { extensions, secureExtensions = extensions } = this.#setup;
        this.#forget();
        return this.#say("250 strict", ...(this.#isSecure ? secureExtensions : extensions).map((one) => `250 ${one}`));
      }
      case "HELO":
      case "NOOP":
      case "VRFY":
      case "EXPN":
      case "HELP":
        return this.#say("250 OK");
      case "RSET":
        this.#forget();
        return this.#say("250 OK");
      case "AUTH":
        return this.#auth(line);
      case "STARTTLS":
        this.#say("220 go ahead");
        if (this.#input.length > 0) this.violations.push("bytes behind STARTTLS");
        this.#isSecure = true;
        this.#forget();
        return this.#setup.secure?.();
      case "MAIL":
        return this.#from(line);
      case "RCPT":
        return this.#to(line);
      case "DATA":
        if (this.#recipients.length === 0) return this.#say("503 no recipients");
        this.#reading = "content";
        return this.#say("354 go on");
      case "BDAT":
        return this.#bdat(line);
      case "QUIT":
        this.#reading = "nothing";
        this.#say("221 bye");
        return this.#setup.leave?.();
      default:
        return this.#say("500 what is that");
    }
  }

  #auth(line: string): void {
    const [, mechanism = "", initial] = line.split(" ");
    // LOGIN asks for the name and for the password, CRAM-MD5 for a digest.
    this.#answersOwed = mechanism === "LOGIN" ? 2 : 1;
    if (initial !== undefined) this.#answersOwed--;
    this.#challenge(mechanism === "CRAM-MD5" ? "PDFAYj4=" : "");
  }

  #challenge(text: string): void {
    this.#reading = this.#answersOwed > 0 ? "answer" : "lines";
    this.#say(this.#answersOwed > 0 ? `334 ${text}` : "235 welcome");
  }

  #answered(line: string): void {
    this.#answersOwed = line === "*" ? 0 : this.#answersOwed - 1;
    if (line !== "*") return this.#challenge("");
    this.#reading = "lines";
    this.#say("501 cancelled");
  }

  #from(line: string): void {
    if (this.#mail !== undefined) return this.#say("503 one after the other");
    this.#mail = line;
    this.#say("250 OK");
  }

  #to(line: string): void {
    if (this.#mail === undefined) return this.#say("503 MAIL first");
    const { refuses } = this.#setup;
    if (refuses !== undefined && line.includes(refuses)) return this.#say("550 not here");
    this.#recipients.push(line);
    this.#say("250 OK");
  }

  #bdat(line: string): void {
    const [, size = "", last] = /^BDAT (\d+)( LAST)?$/.exec(line) ?? [];
    if (size === "") this.violations.push(`a BDAT that is none: ${line}`);
    this.#reading = { chunk: Number(size), isLast: last !== undefined };
  }

  #chunk({ chunk, isLast }: { readonly chunk: number; readonly isLast: boolean }): boolean {
    if (this.#input.length < chunk) return false;
    this.#chunks.push(this.#shift(chunk).toString("latin1"));
    this.#reading = "lines";
    if (this.#recipients.length === 0) {
      this.#chunks = [];
      this.#say("503 no recipients");
    } else if (isLast) this.#commit(this.#chunks.join(""));
    else this.#say("250 OK");
    return true;
  }

  #content(): boolean {
    const isEmpty = this.#input.subarray(0, 3).equals(EMPTY_CONTENT);
    const end = isEmpty ? 0 : this.#input.indexOf("\r\n.\r\n") + 2;
    if (!isEmpty && end === 1) return false;
    const content = this.#shift(end + 3).toString("latin1", 0, end);
    const lone = /\r(?!\n)|(?<!\r)\n/.exec(content);
    if (lone !== null) this.violations.push(`a lone CR or LF in the content, at ${lone.index}`);
    this.#reading = "lines";
    this.#commit(content.replace(/^\./gm, ""));
    return true;
  }

  #commit(content: string): void {
    const recipients = this.#recipients;
    this.committed.push({ mail: this.#mail ?? "", recipients, content });
    this.#forget();
    if (this.#setup.lmtp !== true) return this.#say("250 taken");
    for (const one of recipients) this.#say(`250 taken for ${one.slice(8)}`);
  }

  #forget(): void {
    this.#mail = undefined;
    this.#recipients = [];
    this.#chunks = [];
  }

  #say(...lines: readonly string[]): void {
    const text = lines.map((line, index) => (index < lines.length - 1 ? line.replace(" ", "-") : line));
    this.#setup.say(Buffer.from(`${text.join("\r\n")}\r\n`));
  }
}

const EMPTY_CONTENT = Buffer.from(".\r\n");
