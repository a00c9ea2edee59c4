/** Composing in tests, and reading back with a parser that is not ours. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import PostalMime, { type Email } from "postal-mime";
import { type AnySmtpError, isSmtpError } from "../../src/errors/errors.js";
import { compose } from "../../src/message/compose.js";
import type { EmailMessage } from "../../src/message/email-message.js";
import type { ComposeTarget } from "../../src/message/entity.js";
import type { MimePart } from "../../src/message/mime-part.js";

export const SEVEN: ComposeTarget = { eightBit: false, utf8: false };
export const EIGHT: ComposeTarget = { eightBit: true, utf8: false };

/** The message as text, one character a byte, boundaries by their order: `B1`, `B2`. */
export async function wire(message: MimePart, target: ComposeTarget = SEVEN): Promise<string> {
  const { content, size } = compose(message, target);
  const bytes = content instanceof Uint8Array ? content : await drain(content());
  if (size !== undefined) assert.equal(bytes.length, size, "the size that was announced");
  const text = Buffer.from(bytes).toString("latin1");
  assert.doesNotMatch(text.replaceAll("\r\n", ""), /[\r\n]/, "only CRLF");
  for (const line of text.split("\r\n")) assert.ok(line.length <= 998, "no line over 998");
  return nameBoundaries(text);
}

/** What follows the generated headers; the message must have Date and Message-ID of its own or they are cut out. */
export function withoutGenerated(text: string): string {
  return text.replace(/^Date: .*\r\n/m, "").replace(/^Message-ID: .*\r\n/m, "");
}

function nameBoundaries(text: string): string {
  const names = new Map<string, string>();
  return text.replace(/=_[0-9a-f]{32}/g, (boundary) => {
    const name = names.get(boundary) ?? `B${names.size + 1}`;
    names.set(boundary, name);
    return name;
  });
}

export async function drain(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces);
}

export async function readBack(message: MimePart, target: ComposeTarget = SEVEN): Promise<Email> {
  const { content } = compose(message, target);
  return await PostalMime.parse(content instanceof Uint8Array ? content : await drain(content()), {
    attachmentEncoding: "arraybuffer",
  });
}

/** The bytes of an attachment as the parser gives it. */
export function attached(email: Email, index = 0): Buffer {
  const content = email.attachments[index]?.content;
  assert.ok(content !== undefined, `attachment ${index}`);
  return typeof content === "string" ? Buffer.from(content) : Buffer.from(content as ArrayBuffer);
}

/** Media types of the tree, indented. */
export function shape(part: MimePart | EmailMessage, depth = 0): string {
  const own = `${"  ".repeat(depth)}${(part.headers.get("Content-Type") ?? "none").split(";")[0]}`;
  return [own, ...part.parts.map((inner) => shape(inner, depth + 1))].join("\n");
}

/** A check for `assert.throws`: the code, the field, and a part of the message. */
export function fault(code: AnySmtpError["code"], field: string | RegExp, text: RegExp = /./): (e: unknown) => true {
  return (error) => {
    assert.ok(isSmtpError(error), String(error));
    assert.equal(error.code, code, error.message);
    const found = "field" in error ? error.field : undefined;
    if (typeof field === "string") assert.equal(found, field);
    else assert.match(String(found), field);
    assert.match(error.message, text);
    return true;
  };
}
