/**
 * How errors quote a reply: bounded, with invisible characters escaped.
 *
 * Layer: errors, importable by all.
 */
import type { SmtpReply } from "../reply.js";
import { escapeUnseen } from "../text/characters.js";

/** An error message with an advice. */
export const withHint = (text: string, hint: string | undefined): string =>
  hint === undefined ? text : `${text}. ${hint}`;

/** SECURITY: a reply may hold a megabyte of text. */
const MAX_QUOTED_REPLY_LENGTH = 500;

/** A reply on one line for an error message: code and text, bounded, invisible characters escaped. */
export function quoteReply(reply: SmtpReply): string {
  const text = escapeUnseen(oneLine(reply).slice(0, MAX_QUOTED_REPLY_LENGTH)).trim();
  return text === "" ? String(reply.code) : `${reply.code} ${text}`;
}

/** QUIRK: many servers repeat the enhanced code on every line, where it would interrupt the text. */
function oneLine({ lines, enhancedCode }: SmtpReply): string {
  let hasCode = false;
  const texts = lines.map((line) => {
    const isCoded = enhancedCode !== undefined && (line === enhancedCode || line.startsWith(`${enhancedCode} `));
    const text = isCoded && hasCode ? line.slice(enhancedCode.length) : line;
    hasCode ||= isCoded;
    return text.trim();
  });
  return texts.filter((text) => text !== "").join(" ");
}
