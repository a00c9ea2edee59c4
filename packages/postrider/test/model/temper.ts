/**
 * What a server of the model is like: what it offers, how it takes what is written ahead of a verdict, what it does with
 * commands that are out of place. Each temper is that of a real server.
 *
 * RFC 2920 §3.1, RFC 3030 §2.
 */
import { Buffer } from "node:buffer";
import type { Offer } from "./plan.js";

export type TemperName =
  | "easy"
  | "refuses behind"
  | "swallows behind"
  | "counts errors"
  | "runs chunks"
  | "slow in groups";

export interface Temper {
  /**
   * What becomes of commands that came behind the final dot before its verdict. `"refuses"`: each line gets 503, and more than
   * `mostBehind` bytes end the connection, although the message is taken. `"swallows"`: no word, but only as far as the buffer
   * of `mostBehind` bytes goes; what stands behind is read as commands, from the middle of a line.
   */
  readonly behind: "takes" | "refuses" | "swallows";
  readonly mostBehind: number;
  /** After so many 4yz and 5yz without a message in between, the next command gets 421 and the end; undefined is never. */
  readonly errorLimit: number | undefined;
  /** The octets of a BDAT without recipients are not read as its content but run as commands. */
  readonly runsChunks: boolean;
  /** Each reply but the first of a group takes so long, in milliseconds: small writes that wait for an acknowledgement. */
  readonly replyDelay: number;
}

const EASY: Temper = {
  behind: "takes",
  mostBehind: Number.POSITIVE_INFINITY,
  errorLimit: undefined,
  runsChunks: false,
  replyDelay: 0,
};

/** Fewer errors than a real server takes (Postfix: 20), since a dialogue is short. */
const FEW_ERRORS = 3;

export const TEMPERS: Readonly<Record<TemperName, Temper>> = {
  easy: EASY,
  /** Haraka 3.3. */
  "refuses behind": { ...EASY, behind: "refuses", mostBehind: 8192 },
  /** chasquid 1.11. */
  "swallows behind": { ...EASY, behind: "swallows", mostBehind: 4096 },
  /** Postfix. */
  "counts errors": { ...EASY, errorLimit: FEW_ERRORS },
  /** go-smtp; Dovecot's submission before a login. */
  "runs chunks": { ...EASY, runsChunks: true },
  /** Haraka, nginx and qpsmtpd in the same network. */
  "slow in groups": { ...EASY, replyDelay: 40 },
};

/** What becomes of the bytes that stand behind a final dot when its verdict is due. */
export interface Behind {
  /** Replies that follow the verdict. */
  readonly replies: string;
  /** What is read on as commands. */
  readonly rest: Buffer;
  /** The connection ends in place of the verdict, although the message is taken. */
  readonly isTooMuch: boolean;
}

export function takeBehind({ behind, mostBehind }: Temper, input: Buffer): Behind {
  if (behind === "takes") return { replies: "", rest: input, isTooMuch: false };
  if (behind === "swallows") return { replies: "", rest: input.subarray(mostBehind), isTooMuch: false };
  const lines = input.toString("latin1").split("\r\n").length - 1;
  return {
    replies: "503 pipelined behind the final dot\r\n".repeat(lines),
    rest: Buffer.alloc(0),
    isTooMuch: input.length > mostBehind,
  };
}

export const EXTENSIONS: Readonly<Record<Offer, readonly string[]>> = {
  nothing: ["SIZE"],
  pipelining: ["SIZE", "PIPELINING"],
  chunking: ["SIZE", "PIPELINING", "CHUNKING"],
  "chunking only": ["CHUNKING"],
  lies: ["PIPELINING", "CHUNKING"],
  "lies twice": ["PIPELINING", "CHUNKING"],
};

/** Replies that are about no message. */
export const SESSION_TEXTS: ReadonlySet<string> = new Set(["greeting", "hello", "reset"]);

/** Replies of one line, and of two, by turns of their length. */
export function formatReply(code: number, text: string | readonly string[]): Buffer {
  const lines = typeof text !== "string" ? ["model", ...text] : text.length % 3 === 0 ? [text, "and more"] : [text];
  return Buffer.from(
    lines.map((line, index) => `${code}${index < lines.length - 1 ? "-" : " "}${line}\r\n`).join(""),
    "latin1",
  );
}
