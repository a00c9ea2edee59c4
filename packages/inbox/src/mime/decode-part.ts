/**
 * The content of a leaf: its transfer encoding removed, its characters decoded.
 *
 * RFC 2045 §6 (transfer encodings), RFC 2046 §4.1.2 (charset), RFC 3676 §4 (format=flowed).
 */
import { Buffer } from "node:buffer";
import iconv from "iconv-lite";
import type { MimePart } from "./split-message.js";

/** The bytes without their transfer encoding; as they came where the encoding is unknown. Never a view of the message. */
export async function decodedBytes({ body, encoding, quotedPrintable }: MimePart): Promise<Uint8Array> {
  if (encoding === "base64") {
    const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString("latin1");
    return new Uint8Array(Buffer.from(text, "base64"));
  }
  if (encoding !== "quoted-printable") return new Uint8Array(body);
  const decoder = quotedPrintable();
  decoder.end(body);
  const chunks: Uint8Array[] = [];
  for await (const chunk of decoder as AsyncIterable<Uint8Array>) chunks.push(chunk);
  return new Uint8Array(Buffer.concat(chunks));
}

/** The text of a leaf, its lines ended by LF. */
export async function decodedText(part: MimePart): Promise<string> {
  const text = decodeCharset(await decodedBytes(part), part.charset).replace(/\r\n/g, "\n");
  return part.flowed === false ? text : unflowed(text, part.flowed === "delsp");
}

/** Whether the inbox can decode a charset. */
export function isKnownCharset(charset: string): boolean {
  return decoderOf(charset) !== undefined || iconv.encodingExists(charset);
}

function decodeCharset(bytes: Uint8Array, charset: string | undefined): string {
  // Bytes above 127 are no ASCII. Where that, or nothing, is said they are UTF-8 nearly always.
  const label = charset === undefined || /^(?:us-)?ascii$/i.test(charset.trim()) ? undefined : charset;
  if (label !== undefined) {
    const decoder = decoderOf(label);
    if (decoder !== undefined) return decoder.decode(bytes);
    if (iconv.encodingExists(label)) return iconv.decode(Buffer.from(bytes), label);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

function decoderOf(label: string): InstanceType<typeof TextDecoder> | undefined {
  try {
    return new TextDecoder(label.trim());
  } catch {
    return undefined;
  }
}

// A line that ends with a space goes on in the next one, but for the mark of a signature. Quoted lines stay as they are.
function unflowed(text: string, deletesSpace: boolean): string {
  const whole: string[] = [];
  let goesOn = false;
  for (const line of text.split("\n")) {
    const unstuffed = line.startsWith(" ") ? line.slice(1) : line;
    const quoted = unstuffed.startsWith(">");
    const before = goesOn && !quoted ? (whole.pop() ?? "") : "";
    const flows = unstuffed.endsWith(" ") && unstuffed !== "-- " && !quoted;
    whole.push(before + (flows && deletesSpace ? unstuffed.slice(0, -1) : unstuffed));
    goesOn = flows;
  }
  return whole.join("\n");
}
