/**
 * Line ends as a program wants them.
 *
 * Layer: nodemailer.
 */
import { Buffer } from "node:buffer";
import { Readable } from "node:stream";

/** LF for `"unix"`, CRLF for `"windows"`; as they are when nothing is said. */
export function inNewlines(stream: Readable, newline: unknown): Readable {
  const word = String(newline ?? "").toLowerCase();
  if (["unix", "linux", "lf", "\n"].includes(word)) return Readable.from(withoutReturns(stream), { objectMode: false });
  return stream;
}

/** Every CR before an LF is left out, also where the two are in different pieces. */
async function* withoutReturns(stream: Readable): AsyncGenerator<Buffer> {
  let hasReturn = false;
  for await (const piece of stream) {
    const text: string = (hasReturn ? "\r" : "") + Buffer.from(piece as Uint8Array).toString("latin1");
    hasReturn = text.endsWith("\r");
    yield Buffer.from((hasReturn ? text.slice(0, -1) : text).replace(/\r\n/g, "\n"), "latin1");
  }
  if (hasReturn) yield Buffer.from("\r");
}
