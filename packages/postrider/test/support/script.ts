/**
 * The vocabulary of scripts: what a scripted server may answer, and when.
 *
 * RFC 5321 §4.3. Nothing in here waits for time: what must come later waits for a promise that the test settles.
 */
import type { ScriptedConnection } from "./scripted-connection.js";

/** A line that the client sent. */
export interface ScriptedCommand {
  /** In upper case, `""` for an empty line. */
  readonly verb: string;
  readonly line: string;
  /** What follows the verb and its space. */
  readonly argument: string;
  /** LMTP, for `CONTENT`: the recipient whose reply this is; else undefined. */
  readonly recipient?: string;
}

/** One line, or the lines of one reply; CRLF is added to each. Or an action. */
export type Answer = string | readonly string[] | Action;

export type Action =
  | { readonly kind: "bytes"; readonly segments: readonly (string | Uint8Array)[] }
  | { readonly kind: "ask"; readonly question: Answer; readonly next: (line: string) => Answer | Promise<Answer> }
  | { readonly kind: "all"; readonly answers: readonly Answer[] }
  | { readonly kind: "close" | "reset" | "silence" | "mute" | "handshake" };

/** An answer, or a function that finds one. */
export type Reply = Answer | ((command: ScriptedCommand, connection: ScriptedConnection) => Answer | Promise<Answer>);

/**
 * What differs from the default script. The keys of `replies` are verbs in upper case and three that are none: `GREETING`,
 * `CONTENT` (after the dot, or after the last BDAT), and `*` (a verb that the script does not know).
 */
export interface Script {
  /** The lines of the EHLO reply after the first, without codes. */
  readonly extensions?: readonly string[] | ((connection: ScriptedConnection) => readonly string[]);
  readonly replies?: Readonly<Record<string, Reply>>;
}

/** FIN; what the client still sends is recorded and not answered. */
export const close: Action = { kind: "close" };
/** RST. */
export const reset: Action = { kind: "reset" };
/** No answer; the next line gets one again. */
export const silence: Action = { kind: "silence" };
/** No answer, now and for ever: what comes is no longer read as commands. */
export const mute: Action = { kind: "mute" };

/** Bytes as they are, each segment written apart, in a turn of the event loop of its own. */
export const bytes = (...segments: (string | Uint8Array)[]): Action => ({ kind: "bytes", segments });

/** A question whose answer is the client's next line, such as a 334. */
export const ask = (question: Answer, next: (line: string) => Answer | Promise<Answer>): Action => ({
  kind: "ask",
  question,
  next,
});

/** Several answers one after the other. */
export const all = (...answers: Answer[]): Action => ({ kind: "all", answers });

/** The first reply the first time, the second the second time; the last one for ever after. */
export function inTurn(...replies: [Reply, ...Reply[]]): Reply {
  let next = 0;
  return (command, connection) => {
    const reply = replies[Math.min(next, replies.length - 1)] ?? replies[0];
    next += 1;
    return typeof reply === "function" ? reply(command, connection) : reply;
  };
}

/** A reply by argument: the first pattern that the line matches decides. */
export function byLine(table: readonly (readonly [RegExp, Reply])[], otherwise: Reply): Reply {
  return (command, connection) => {
    const reply = table.find(([pattern]) => pattern.test(command.line))?.[1] ?? otherwise;
    return typeof reply === "function" ? reply(command, connection) : reply;
  };
}

/** How a server cuts what it writes into segments. */
export type Segments = "whole" | "line" | "byte" | ((bytes: Uint8Array) => readonly Uint8Array[]);

export function cut(data: Uint8Array, segments: Segments): readonly Uint8Array[] {
  if (segments === "whole") return [data];
  if (typeof segments === "function") return segments(data);
  if (segments === "byte") return Array.from(data, (byte) => Uint8Array.of(byte));
  const lines: Uint8Array[] = [];
  for (let start = 0; start < data.length; ) {
    const end = data.indexOf(0x0a, start);
    const next = end === -1 ? data.length : end + 1;
    lines.push(data.subarray(start, next));
    start = next;
  }
  return lines;
}
