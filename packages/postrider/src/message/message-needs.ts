/**
 * What a message asks of the server before it is composed.
 *
 * Layer: message. RFC 6531 §3.3 (SMTPUTF8), RFC 6152 (8BITMIME).
 */

import { isAscii } from "../text/characters.js";
import { scanContent } from "../text/content-scan.js";
import { contentTypeFacts, isComposite } from "./content-type-facts.js";
import { checkNesting, type Entity } from "./entity.js";
import { fieldNeedsUtf8 } from "./header/field.js";

/** The first header for the wire in which an address has a local part beyond ASCII; undefined when there is none. */
export function findUtf8Field(message: Entity): string | undefined {
  for (const { name, key, value } of message.headers.fields) {
    if (isAscii(value) || !mayNeedUtf8(value)) continue;
    if (!isEnvelopeOnly(key) && fieldNeedsUtf8(name, value)) return name;
  }
  return undefined;
}

// What a local part does not reach across; quoted strings and comments may hold these, so they are left to the parser.
const SEPARATORS: ReadonlySet<string> = new Set(["<", ">", ",", ";", ":", "@"]);

/** PERF: parsing a field costs 2 µs; a look for a character beyond ASCII before an at sign spares it for most. Linear. */
function mayNeedUtf8(value: string): boolean {
  if (value.includes('"') || value.includes("(")) return true;
  let wide = false;
  for (let index = 0; index < value.length; index++) {
    if (value.charCodeAt(index) > 0x7f) wide = true;
    else if (wide && value[index] === "@") return true;
    else if (wide && SEPARATORS.has(value[index] ?? "")) wide = false;
  }
  return false;
}

/** Whether a header for the wire holds an address with a local part beyond ASCII, so that SMTPUTF8 is needed. */
export function messageNeedsUtf8(message: Entity): boolean {
  return findUtf8Field(message) !== undefined;
}

/** Whether the message cannot be written in seven bits: content that may not be encoded, or an encoding that was asked for. */
export function messageNeedsEightBit(message: Entity): boolean {
  return needsEightBit(message, []);
}

function needsEightBit(entity: Entity, path: readonly Entity[]): boolean {
  const { headers, content } = entity;
  // A part that holds itself is refused when it is written.
  if (path.includes(entity)) return false;
  checkNesting(entity, path);
  if (headers.get("Content-Transfer-Encoding")?.trim().toLowerCase() === "8bit") return true;
  const inner = [...path, entity];
  if (content.kind === "parts") return content.parts.some((part) => needsEightBit(part, inner));
  if (content.kind === "message") return messageNeedsUtf8(content.message) || needsEightBit(content.message, inner);
  const type = headers.get("Content-Type");
  if (content.kind === "none" || type === undefined || !isComposite(contentTypeFacts(type, "Content-Type")))
    return false;
  if (content.kind === "source") return true;
  return scanContent(content.kind === "text" ? content.text : content.bytes).eightBitCount > 0;
}

/** Bcc and Resent-Bcc are for the envelope: they never leave (RFC 5322 §3.6.3). Takes the name in lower case. */
export function isEnvelopeOnly(name: string): boolean {
  return name === "bcc" || name === "resent-bcc";
}
