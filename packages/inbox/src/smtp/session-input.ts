/**
 * The bytes of a client, taken apart: lines of commands, or content of a length that is known or not.
 *
 * RFC 5321 §4.5.3.1.4 (length of lines), RFC 3030 (BDAT: content of a known length).
 */
import { Buffer } from "node:buffer";
import { DotUnstuffer } from "postrider/wire";
import { BareLineEnds } from "./bare-line-ends.js";

/** RFC 4954 §4 asks for 12 288 bytes; SECURITY: a line without end must not fill the memory. */
const MAX_LINE_BYTES = 64 * 1024;
const LF = 0x0a;

/** What content has come to: pieces of it, and whether it is complete, or cannot be told from commands. */
export interface ContentStep {
  readonly pieces: readonly Uint8Array[];
  readonly state: "more" | "complete" | "bare-line-ends";
}

/** How the first record of a TLS client begins: a handshake of any version. */
const TLS_HANDSHAKE = [0x16, 0x03];
/** SECURITY: a page in a browser can post commands to any port, behind the lines of its request. The first of them ends a session. */
const HTTP_REQUEST = / HTTP\/\d(?:\.\d)?$/;

export class SessionInput {
  #bytes: Buffer = Buffer.alloc(0);
  /** How far the search for LF has come. */
  #searched = 0;
  #isFirstLine = true;
  #unstuffer: DotUnstuffer | undefined;
  #lineEnds = new BareLineEnds();
  #octets: number | undefined;

  push(bytes: Uint8Array): void {
    const fresh = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#bytes = this.#bytes.length === 0 ? fresh : Buffer.concat([this.#bytes, fresh]);
  }

  /** Forgets what has come in: it was not inside TLS (RFC 3207 §4.2). */
  clear(): void {
    this.#bytes = Buffer.alloc(0);
    this.#searched = 0;
  }

  /**
   * The next line without its CRLF or LF; `"too-long"`; for the first one also `"tls"` and `"http"`, when the client speaks that;
   * undefined when more bytes are needed.
   *
   * @param isSecure inside TLS, where no handshake is looked for
   */
  line(isSecure: boolean): { readonly text: string } | "too-long" | "tls" | "http" | undefined {
    if (!this.#isFirstLine) return this.#line();
    if (!isSecure) {
      const isTls = this.#startsWith(TLS_HANDSHAKE);
      if (isTls !== false) return isTls === true ? "tls" : undefined;
    }
    const line = this.#line();
    if (line === undefined) return undefined;
    this.#isFirstLine = false;
    return line !== "too-long" && HTTP_REQUEST.test(line.text) ? "http" : line;
  }

  /** Whether these are the first bytes; undefined as long as too few are there. */
  #startsWith(bytes: readonly number[]): boolean | undefined {
    const length = Math.min(this.#bytes.length, bytes.length);
    if (!bytes.slice(0, length).every((byte, index) => this.#bytes[index] === byte)) return false;
    return length === bytes.length ? true : undefined;
  }

  #line(): { readonly text: string } | "too-long" | undefined {
    const end = this.#bytes.indexOf(LF, this.#searched);
    if ((end === -1 ? this.#bytes.length : end) > MAX_LINE_BYTES) return "too-long";
    if (end === -1) {
      this.#searched = this.#bytes.length;
      return undefined;
    }
    const text = this.#bytes.toString("utf8", 0, end).replace(/\r$/, "");
    this.#bytes = this.#bytes.subarray(end + 1);
    this.#searched = 0;
    return { text };
  }

  /** From now on there is the content of DATA. */
  beginContent(): void {
    this.#unstuffer = new DotUnstuffer();
    this.#lineEnds = new BareLineEnds();
  }

  /** So many bytes from now on are content, whatever they are. */
  beginOctets(length: number): void {
    this.#octets = length;
  }

  /** The content that has come in; undefined when there is none, or a command is expected. */
  content(): ContentStep | undefined {
    if (this.#octets !== undefined) return this.#takeOctets(this.#octets);
    if (this.#unstuffer === undefined || this.#bytes.length === 0) return undefined;
    const bytes = this.#bytes;
    if (this.#lineEnds.findIn(bytes)) return { pieces: [], state: "bare-line-ends" };
    const pieces = this.#unstuffer.push(bytes);
    const { rest } = this.#unstuffer;
    this.#bytes = rest === undefined ? Buffer.alloc(0) : bytes.subarray(bytes.length - rest.length);
    if (rest === undefined) return { pieces, state: "more" };
    this.#unstuffer = undefined;
    return { pieces, state: "complete" };
  }

  #takeOctets(left: number): ContentStep | undefined {
    if (this.#bytes.length === 0 && left > 0) return undefined;
    const taken = this.#bytes.subarray(0, left);
    this.#bytes = this.#bytes.subarray(taken.length);
    this.#octets = left === taken.length ? undefined : left - taken.length;
    const pieces = taken.length === 0 ? [] : [taken];
    return { pieces, state: this.#octets === undefined ? "complete" : "more" };
  }
}
