/**
 * Address fields: lists of mailboxes and groups as complete header fields.
 *
 * Layer: message. RFC 5322 §3.6.2, §3.6.3 and §3.6.6, RFC 2047 §5 (3), RFC 6532, RFC 5890.
 */

import { formatPhrase } from "../../address/format.js";
import { type Group, headerAddress, isGroup, type Mailbox } from "../../address/mailbox.js";
import { parseAddressList } from "../../address/parser.js";
import { AddressError } from "../../errors/errors.js";
import { isPrintableAscii } from "../../text/characters.js";
import { encodeWords, MAX_ENCODED_LINE_LENGTH } from "./encoded-word.js";
import type { HeaderForm } from "./field-text.js";
import { foldChunks, MAX_LINE_LENGTH, splitChunks } from "./fold.js";

// The common form of a list: bare addresses, or plain words before an address in angle brackets.
// PERF: taken as it stands when it fits one line, without parsing. Labels that start with "xn--" are left to the parser.
const LABEL = "(?!xn--|XN--|Xn--|xN--)[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?";
const SPEC = `[\\w!#$%&'*+/=^{|}~-]+(?:\\.[\\w!#$%&'*+/=^{|}~-]+)*@${LABEL}(?:\\.${LABEL})*`;
const ONE = `(?:${SPEC}|[\\w'-]+(?: [\\w'-]+)* <${SPEC}>)`;
const PLAIN_LIST = new RegExp(`^${ONE}(?:, ${ONE})*$`);

/**
 * The complete field: parsed, formatted, folded between addresses, ended by CRLF.
 *
 * @throws AddressError when the value does not parse, or needs UTF-8 and may not have it.
 */
export function formatAddressValue(name: string, value: string, form: HeaderForm, single: boolean): string {
  // PERF: the pattern matches only text that the parser and formatter would leave unchanged.
  if (!single && name.length + 2 + value.length <= MAX_LINE_LENGTH && PLAIN_LIST.test(value)) {
    return `${name}: ${value}\r\n`;
  }
  const list = parseAddressList(value, name);
  const [first] = list;
  if (single && (list.length !== 1 || first === undefined || isGroup(first))) {
    throw new AddressError(name, "must be exactly one mailbox (RFC 5322 §3.6.2)");
  }
  return formatAddressField(name, list, form);
}

/**
 * A parsed list as a complete field: names quoted or encoded, domains as A-labels, folded, ended by CRLF.
 *
 * @throws AddressError when an address needs UTF-8 and `form` is `"ascii"`.
 */
export function formatAddressField(name: string, list: readonly (Mailbox | Group)[], form: HeaderForm): string {
  const chunks: string[] = [];
  // Only the first address shares a line with the name of the field.
  let column = name.length + 2;
  const add = (text: string): void => {
    chunks.push(...(chunks.length === 0 ? besideName(` ${text}`, name.length + 1) : wholeOrSplit(` ${text}`)));
    column = 1;
  };
  for (const [index, entry] of list.entries()) {
    const comma = index === list.length - 1 ? "" : ",";
    if (!isGroup(entry)) {
      add(mailboxText(name, entry, form, column) + comma);
      continue;
    }
    const { members } = entry;
    const text = nameText(entry.name, form, column);
    // RFC 2047 §5: an encoded word is separated by white space from the text beside it.
    add(`${text}${text.endsWith("?=") ? " " : ""}:${members.length === 0 ? `;${comma}` : ""}`);
    for (const [at, member] of members.entries()) {
      add(mailboxText(name, member, form, 1) + (at === members.length - 1 ? `;${comma}` : ","));
    }
  }
  // RFC 2047 §2 bounds a line with an encoded word, which may need its own line; other text begins beside the name.
  return foldChunks(name, chunks, chunks[0]?.includes("=?") === true ? "free" : "joined");
}

/** True when an address of the field has a local part that is not ASCII (RFC 6531). */
export function addressValueNeedsUtf8(name: string, value: string): boolean {
  if (isPrintableAscii(value)) return false;
  return parseAddressList(value, name).some((entry) =>
    isGroup(entry) ? entry.members.some(needsUtf8) : needsUtf8(entry),
  );
}

const needsUtf8 = (mailbox: Mailbox): boolean => mailbox.asciiAddress === undefined;

function mailboxText(field: string, mailbox: Mailbox, form: HeaderForm, column: number): string {
  const address = headerAddress(mailbox, form);
  if (address === undefined) {
    throw new AddressError(
      field,
      `${JSON.stringify(mailbox.address)} has a local part that is not ASCII: the header must be UTF-8 (SMTPUTF8)`,
    );
  }
  return mailbox.name === undefined || mailbox.name === ""
    ? address
    : `${nameText(mailbox.name, form, column)} <${address}>`;
}

/** The first address of a field: if it does not fit beside the name, it is folded before its address, else at any space. */
function besideName(text: string, column: number): string[] {
  const limit = text.includes("=?") ? MAX_ENCODED_LINE_LENGTH : MAX_LINE_LENGTH;
  if (column + text.length <= limit) return [text];
  const bracket = text.lastIndexOf(" <");
  if (bracket <= 0 || column + bracket > limit) return splitChunks(text);
  return [text.slice(0, bracket), text.slice(bracket)];
}

/** An address stays on one line where it fits one. */
function wholeOrSplit(text: string): string[] {
  return text.length <= MAX_LINE_LENGTH - 2 ? [text] : splitChunks(text);
}

/** A display name for a header; a quoted string is folded only at single spaces, else the name is encoded. */
export function phraseText(name: string, form: HeaderForm, column: number): string {
  const isPlain = form === "utf8" || isPrintableAscii(name);
  return isPlain && isFoldable(name) && !name.includes("=?") ? formatPhrase(name) : encodeWords(name, "phrase", column);
}

// QUIRK: readers trim a quoted string, and change runs of spaces where it is folded.
const OUTER_SPACE = /^ | $/;

function isFoldable(name: string): boolean {
  if (OUTER_SPACE.test(name)) return false;
  if (name.length <= MAX_LINE_LENGTH / 2) return true;
  return !name.includes("  ") && name.split(" ").every((word) => word.length <= MAX_LINE_LENGTH - 4);
}

const ATOM = /^[\w!#$%&'*+/=?^`{|}~-]+$/;

/**
 * The name in an address. QUIRK: Python 3.11 shows a space between two encoded words of a name. So the name is one
 * encoded word where it fits a line of its own, else one for each run of words that needs it, cut between words as far as may be.
 */
export function nameText(name: string, form: HeaderForm, column: number): string {
  const text = phraseText(name, form, column);
  if (!text.startsWith("=?") || !text.includes(" ")) return text;
  const alone = phraseText(name, form, 1);
  return alone.includes(" ") ? encodeRuns(name, column) : alone;
}

function encodeRuns(name: string, column: number): string {
  const texts: string[] = [];
  let run: string[] = [];
  const close = (): void => {
    if (run.length > 0) texts.push(cutAtSpaces(run, texts.length === 0 ? column : 1));
    run = [];
  };
  for (const word of name.split(" ")) {
    if (!ATOM.test(word) || word.includes("=?")) {
      run.push(word);
      continue;
    }
    close();
    texts.push(word);
  }
  close();
  return texts.join(" ");
}

/** As many words in each encoded word as it holds; the space between two encoded words stands inside the first. */
function cutAtSpaces(words: readonly string[], column: number): string {
  const texts: string[] = [];
  let held = "";
  let encoded = "";
  for (const [index, word] of words.entries()) {
    const next = index === words.length - 1 ? word : `${word} `;
    const longer = encodeWords(held + next, "phrase", texts.length === 0 ? column : 1);
    const fits = held === "" || !longer.includes(" ");
    if (!fits) texts.push(encoded);
    held = fits ? held + next : next;
    encoded = fits ? longer : encodeWords(next, "phrase", 1);
  }
  return [...texts, encoded].join(" ");
}
