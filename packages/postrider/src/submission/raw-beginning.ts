/**
 * How a raw message must not begin: what stands before the first field of some files, and makes the header another one.
 *
 * Layer: submission. RFC 5322 §2.1 (an empty line ends the header), RFC 4155 (mbox), RFC 3629 §6 (byte order mark).
 */
import { Buffer } from "node:buffer";
import { MessageError } from "../errors.js";

/** Enough to tell. */
const LOOK_BYTES = 16;
const BYTE_ORDER_MARK = "\u00ef\u00bb\u00bf";
const UTF_16 = /^(?:\u00ff\u00fe|\u00fe\u00ff|\u0000[^\u0000]|[^\u0000]\u0000)/;
// "From :" with white space before its colon is an obsolete form of a field (RFC 5322 §4.5).
const MBOX = /^From (?![ \t]*:)/;

/**
 * Looks at the first bytes, of a message in memory or of the first chunks of a stream.
 *
 * @throws MessageError that says what stands there.
 */
export function checkRawBeginning(message: Uint8Array | readonly Uint8Array[]): void {
  const fault = findFault(firstBytes(message).toString("latin1"));
  if (fault !== undefined) throw new MessageError("message", fault);
}

function firstBytes(message: Uint8Array | readonly Uint8Array[]): Buffer {
  if (ArrayBuffer.isView(message)) return Buffer.from(message.subarray(0, LOOK_BYTES));
  let first = Buffer.alloc(0);
  for (const chunk of message) {
    if (first.length >= LOOK_BYTES) break;
    first = Buffer.concat([first, chunk.subarray(0, LOOK_BYTES)]);
  }
  return first;
}

function findFault(text: string): string | undefined {
  if (text.startsWith(BYTE_ORDER_MARK)) {
    return "begins with a byte order mark (U+FEFF), which would belong to the name of the first field: take it away";
  }
  if (UTF_16.test(text)) return "is UTF-16 text, as its first bytes say; a message is ASCII or UTF-8";
  if (MBOX.test(text))
    return 'begins with a line "From ...", which belongs to an mbox file and not to the message: take it away';
  if (/^[\r\n]/.test(text)) {
    return "begins with an empty line, which ends the header before its first field: take it away";
  }
  return undefined;
}
