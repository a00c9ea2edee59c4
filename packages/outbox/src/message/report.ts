/**
 * Reads a delivery report: which message it is about, and which recipients failed.
 *
 * RFC 3464 (message/delivery-status), RFC 6522 (multipart/report), RFC 3461 §6.
 */
import { MessageError, parseHeaders, type RawMessage } from "postrider";
import type { BouncedRecipient, ReportedMessage } from "../store/decide.js";

export interface Report {
  readonly about: ReportedMessage;
  /** Those that failed for good. */
  readonly failed: readonly BouncedRecipient[];
}

/** A report is a few kilobytes, and brings the message at most. */
const MAX_REPORT_BYTES = 64 * 1024 * 1024;
/** SECURITY: parts within parts, and parts of parts. */
const MAX_PARTS = 100;

/** @returns undefined for what is no report of a failed delivery */
export function readReport(raw: Buffer, verp: string | undefined): Report | undefined {
  const whole = readPart(withoutMboxLine(raw));
  const report = findReport(whole);
  if (report === undefined) return undefined;
  const parts = splitParts(report);
  const status = parts.find((part) => /^message\/(?:global-)?delivery-status\b/i.test(part.type));
  if (status === undefined) return undefined;
  const [perMessage = new Map(), ...perRecipient] = groups(decoded(status));
  const original = parts.find((part) =>
    /^(?:message\/(?:rfc822|global|global-headers)|text\/rfc822-headers)(?![\w-])/i.test(part.type),
  );
  const originalHead = original === undefined ? undefined : readPart(decoded(original));
  const to = ENVELOPE_FIELDS.flatMap((name) => whole.all(name)).join(" ");
  // QUIRK: Gmail and Amazon SES name the message in the status too, with or without the X.
  const messageId =
    originalHead?.all("message-id")[0] ??
    perMessage.get("x-original-message-id") ??
    perMessage.get("original-message-id");
  return {
    about: {
      id: verp === undefined ? undefined : idOf(to, verp),
      envelopeIds: written(perMessage.get("original-envelope-id") ?? ""),
      messageId: messageId?.trim(),
    },
    failed: perRecipient.filter((fields) => /^\s*failed\b/i.test(fields.get("action") ?? "")).map(recipientOf),
  };
}

/** Where servers note for whom the report came, besides the header of its sender. */
const ENVELOPE_FIELDS = ["to", "delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-delivered-to"];

/** QUIRK: what delivers to a program or a file may put a line of the mbox format before the header. */
function withoutMboxLine(raw: Buffer): Buffer {
  return raw.subarray(0, 5).toString("latin1") === "From " ? raw.subarray(raw.indexOf("\r\n") + 2) : raw;
}

/** QUIRK: gateways that add a note make multipart/mixed of the report and the note. */
function findReport(part: Part, depth = 0): Part | undefined {
  if (/^multipart\/report\b/i.test(part.type)) return part;
  if (depth === 2 || !/^multipart\/mixed\b/i.test(part.type)) return undefined;
  for (const one of splitParts(part)) {
    const report = findReport(one, depth + 1);
    if (report !== undefined) return report;
  }
  return undefined;
}

function recipientOf(fields: ReadonlyMap<string, string>): BouncedRecipient {
  const addresses = ["original-recipient", "final-recipient"]
    .flatMap((name) => written((fields.get(name) ?? "").replace(/^[^;]*;/, "")))
    .map((address) => address.replace(/^<(.*)>$/, "$1"));
  const diagnostic =
    fields
      .get("diagnostic-code")
      ?.replace(/^[^;]*;\s*/, "")
      .trim() ?? "";
  const status = /\b[245]\.\d{1,3}\.\d{1,3}\b/.exec(fields.get("status") ?? "")?.[0];
  const code = Number(/^([245]\d\d)\b/.exec(diagnostic)?.[1] ?? 0);
  const message = diagnostic
    .slice(0, 1000)
    .replaceAll(/\s+/g, " ")
    .replaceAll(/\0|\p{Surrogate}/gu, "");
  return { addresses, reply: { code, enhancedCode: status, message } };
}

/**
 * What a value may mean, the likelier first: as it is, and decoded where servers have copied it as it went over the wire.
 *
 * RFC 3461 §4: `+2B` is a plus, but `user+2024@example.com` is an address. RFC 6533 §3: `\x{F6}` is a character that is not ASCII.
 */
function written(value: string): string[] {
  const text = value.trim();
  if (text === "") return [];
  const decoded = text
    .replaceAll(/\+([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replaceAll(/\\x\{(0?[0-9A-F]{2,5}|10[0-9A-F]{4})\}/gi, (_, hex: string) =>
      String.fromCodePoint(Number.parseInt(hex, 16)),
    );
  return [...new Set([text, decoded])];
}

/** `bounces+ID@example.org` among the recipients of the report. */
function idOf(to: string, verp: string): string | undefined {
  const at = verp.lastIndexOf("@");
  const pattern = `${escaped(verp.slice(0, at))}\\+([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})${escaped(verp.slice(at))}`;
  return new RegExp(pattern, "i").exec(to)?.[1]?.toLowerCase();
}

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");

interface Part {
  readonly type: string;
  readonly body: Buffer;
  all(name: string): string[];
}

function readPart(raw: Buffer): Part {
  const end = headerEnd(raw);
  const fields = parsed(raw.subarray(0, end.header));
  const all = (name: string): string[] =>
    fields.filter(([own]) => own.toLowerCase() === name).map(([, value]) => value);
  return { type: all("content-type")[0]?.trim() ?? "text/plain", body: raw.subarray(end.body), all };
}

function headerEnd(raw: Buffer): { header: number; body: number } {
  // A part may have no header at all.
  if (raw.indexOf("\r\n") === 0) return { header: 0, body: 2 };
  const at = raw.indexOf("\r\n\r\n");
  return at < 0 ? { header: raw.length, body: raw.length } : { header: at + 2, body: at + 4 };
}

function parsed(header: Buffer): [string, string][] {
  try {
    return parseHeaders(header);
  } catch {
    // SECURITY: a stranger wrote it. What is no header tells nothing.
    return [];
  }
}

function splitParts(whole: Part): Part[] {
  const boundary = /\bboundary\s*=\s*(?:"([^"]+)"|([^\s;]+))/i.exec(whole.type);
  const mark = boundary?.[1] ?? boundary?.[2];
  if (mark === undefined) return [];
  const delimiter = Buffer.from(`\r\n--${mark}`, "latin1");
  const body = Buffer.concat([Buffer.from("\r\n"), whole.body]);
  const parts: Part[] = [];
  let start = body.indexOf(delimiter);
  while (start >= 0 && parts.length < MAX_PARTS) {
    const line = body.indexOf("\r\n", start + delimiter.length);
    if (line < 0 || body.toString("latin1", start + delimiter.length, start + delimiter.length + 2) === "--") break;
    const end = body.indexOf(delimiter, line);
    // QUIRK: a report that was cut off has no last delimiter.
    parts.push(readPart(body.subarray(line + 2, end < 0 ? body.length : end)));
    start = end;
  }
  return parts;
}

function decoded(part: Part): Buffer {
  const encoding = part.all("content-transfer-encoding")[0]?.trim().toLowerCase();
  if (encoding === "base64") return canonical(Buffer.from(part.body.toString("latin1"), "base64"));
  if (encoding !== "quoted-printable") return part.body;
  const text = part.body.toString("latin1").replaceAll(/=[ \t]*\r\n/g, "");
  return Buffer.from(
    text.replaceAll(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    "latin1",
  );
}

/** The blocks of fields between empty lines: the first is about the message, each other about one recipient. */
function groups(body: Buffer): Map<string, string>[] {
  return body
    .toString("utf8")
    .split(/\r\n[ \t]*\r\n/)
    .map(
      (block) =>
        new Map(parsed(Buffer.from(`${block.trim()}\r\n`)).map(([name, value]) => [name.toLowerCase(), value])),
    )
    .filter((block) => block.size > 0);
}

/** CRLF at every line end. */
function canonical(raw: Buffer): Buffer {
  return Buffer.from(raw.toString("latin1").replaceAll(/\r\n|\r|\n/g, "\r\n"), "latin1");
}

/** Reads a report whole. @throws MessageError when it is no raw message, or too large */
export async function collectReport(report: RawMessage): Promise<Buffer> {
  if (typeof report === "string") return canonical(within(Buffer.from(report, "utf8")));
  if (ArrayBuffer.isView(report))
    return canonical(within(Buffer.from(report.buffer, report.byteOffset, report.byteLength)));
  const given = report as { arrayBuffer?: () => Promise<ArrayBuffer>; size?: unknown };
  if (typeof report === "object" && report !== null && typeof given.arrayBuffer === "function") {
    checkSize(Number(given.size ?? 0));
    return canonical(within(Buffer.from(await given.arrayBuffer())));
  }
  if (typeof report !== "object" || report === null || !(Symbol.asyncIterator in report))
    throw new MessageError("report", "must be a raw message: a string, bytes or a stream");
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of report as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    checkSize(size);
    chunks.push(chunk);
  }
  return canonical(Buffer.concat(chunks));
}

function within(bytes: Buffer): Buffer {
  checkSize(bytes.length);
  return bytes;
}

function checkSize(size: number): void {
  if (size > MAX_REPORT_BYTES) throw new MessageError("report", `must not be larger than ${MAX_REPORT_BYTES} bytes`);
}
