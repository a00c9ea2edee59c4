/**
 * The MIME tree of a message: every part with its header block, and the body of each leaf as it came.
 *
 * RFC 2045 §5.2 (default type), RFC 2046 §5.1 (multipart), §5.1.5 (digest), §5.2.1 (message/rfc822 is a leaf here).
 */
import { Buffer } from "node:buffer";
import { type MimeNode, Splitter } from "@zone-eu/mailsplit";
import type { InboxHeader } from "../inbox-headers.js";

/** SECURITY: a message whose header or tree is larger has no reader; it is kept unparsed. */
const LIMITS = { maxHeadSize: 2 * 1024 * 1024, maxChildNodes: 1000, ignoreEmbedded: true } as const;

export interface MimePart {
  /** Undefined for the message itself. */
  readonly parent: MimePart | undefined;
  /** The header block as it came, with the empty line at its end. */
  readonly header: Uint8Array;
  /** The fields of that block, in order. */
  readonly fields: readonly InboxHeader[];
  /** Type and subtype in lower case; the default where there is none. */
  readonly type: string;
  /** The charset parameter, as it came. */
  readonly charset: string | undefined;
  /** Content-Transfer-Encoding in lower case; empty when there is none. */
  readonly encoding: string;
  /** Content-Disposition in lower case, without parameters. */
  readonly disposition: string | undefined;
  /** Decoded, from Content-Disposition or Content-Type. */
  readonly filename: string | undefined;
  /** The boundary of a multipart; undefined when it has none that can be used. */
  readonly boundary: string | undefined;
  /** `format=flowed` (RFC 3676); `"delsp"` with `delsp=yes`. */
  readonly flowed: boolean | "delsp";
  /** True when nothing is below it: also a multipart without boundary, or whose boundary never comes. */
  readonly isLeaf: boolean;
  /** False for a multipart whose last boundary line is missing. */
  readonly isClosed: boolean;
  /** Bytes between the header and the next boundary, still encoded. */
  readonly body: Uint8Array;
  /** Removes quoted-printable; mailsplit's decoder. */
  readonly quotedPrintable: () => NodeJS.ReadWriteStream;
}

/**
 * Splits a message, without decoding anything but header parameters. The first part is the message itself.
 *
 * @throws Error when the header or the number of parts is beyond the limits.
 */
export async function splitMessage(raw: Uint8Array): Promise<readonly MimePart[]> {
  const splitter = new Splitter(LIMITS);
  splitter.end(Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength));
  const found = new Map<MimeNode, Draft>();
  for await (const chunk of splitter as AsyncIterable<Chunk>) {
    if (chunk.type === "node") {
      found.set(chunk, { node: chunk, chunks: [], isLeaf: true });
      const above = chunk.parentNode === false ? undefined : found.get(chunk.parentNode);
      if (above !== undefined) above.isLeaf = false;
    } else if (chunk.type === "body" || chunk.node.multipart !== false) {
      // Of a multipart this is what stands around its parts. Where there are none it is all that it has.
      found.get(chunk.node)?.chunks.push(chunk.value);
    }
  }
  const parts = new Map<MimeNode, MimePart>();
  for (const draft of found.values()) {
    const { parentNode } = draft.node;
    parts.set(draft.node, partOf(draft, parentNode === false ? undefined : parts.get(parentNode)));
  }
  return [...parts.values()];
}

type Chunk = MimeNode | { readonly type: "body" | "data"; readonly node: MimeNode; readonly value: Buffer };

interface Draft {
  readonly node: MimeNode;
  readonly chunks: Buffer[];
  isLeaf: boolean;
}

function partOf({ node, chunks, isLeaf }: Draft, parent: MimePart | undefined): MimePart {
  const header = node.getHeaders();
  const fields = readFields(header);
  const [only] = chunks;
  const body = chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks);
  const boundary = node._boundary === false ? undefined : node._boundary.toString();
  return {
    parent,
    header,
    fields,
    type: typeOf(node, fields, parent),
    charset: node.charset === false ? undefined : node.charset,
    encoding: node.encoding === false ? "" : node.encoding,
    disposition: node.disposition === false ? undefined : node.disposition,
    filename: node.filename === false ? undefined : node.filename,
    boundary,
    flowed: node.flowed && node.delSp ? "delsp" : node.flowed,
    isLeaf,
    isClosed: node.multipart === false || boundary === undefined || body.includes(`--${boundary}--`),
    body: isLeaf && node.multipart !== false ? beforeEndOf(parent, body) : body,
    quotedPrintable: () => node.getDecoder(),
  };
}

// QUIRK: mailsplit counts the end of the multipart around it to a multipart that has no parts.
function beforeEndOf(multipart: MimePart | undefined, body: Buffer): Buffer {
  const end =
    multipart?.boundary === undefined ? -1 : `\n${body.toString("latin1")}`.indexOf(`\n--${multipart.boundary}--`);
  if (end === -1) return body;
  const before = body.subarray(0, Math.max(0, end - 1));
  return before.at(-1) === 13 ? before.subarray(0, -1) : before;
}

// What is no type at all is text (RFC 2045 §5.2). QUIRK: mailsplit would guess it from the file name.
function typeOf({ contentType }: MimeNode, fields: readonly InboxHeader[], parent: MimePart | undefined): string {
  const said = fields.some(({ name }) => name.toLowerCase() === "content-type");
  if (said && contentType !== false && /^[^\s/]+\/[^\s/]+$/.test(contentType)) return contentType;
  return !said && parent?.type === "multipart/digest" ? "message/rfc822" : "text/plain";
}

/** The fields of a header block, unfolded; encoded words stay as they are. */
function readFields(block: Uint8Array): readonly InboxHeader[] {
  return headerText(block)
    .split(/\r?\n(?![ \t])/)
    .filter((line) => line !== "")
    .map((line) => {
      const colon = line.indexOf(":");
      // A CR that is left would begin a line of its own wherever the value is written again.
      const whole = line.replace(/\r?\n/g, "").replace(/\r/g, " ");
      const end = colon === -1 ? whole.length : whole.indexOf(":");
      return { name: trimmed(whole.slice(0, end)), value: trimmed(whole.slice(end + 1)) };
    });
}

// UTF-8 (RFC 6532); what is none was most likely meant as Latin-1. A BOM stays: without it another field would begin.
function headerText(block: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(block);
  } catch {
    return new TextDecoder("windows-1252").decode(block);
  }
}

function trimmed(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && (text[start] === " " || text[start] === "\t")) start += 1;
  while (end > start && (text[end - 1] === " " || text[end - 1] === "\t")) end -= 1;
  return text.slice(start, end);
}
