/**
 * The address parser: every address of a message, an envelope, a header or a command passes here. It is strict, reads the text once,
 * and reports the position of a fault.
 *
 * Layer: address. RFC 5322 §3.4 (address-list), §4.4 (obsolete forms), RFC 6854 (groups in From), RFC 5321 §4.1.2 (Mailbox) and
 * §4.5.3.1.3 (length), RFC 6531 §3.3, RFC 6532 §3.2, RFC 5890 (domains).
 *
 * Obsolete forms that are accepted: dots in names, comments and white space around `@`, quoted words in a local part. Refused: routes
 * (`<@a:b@c>`), empty list elements, white space around the dots of an address.
 */
import { Buffer } from "node:buffer";
import { AddressError } from "../errors/errors.js";
import { describe } from "../given/values.js";
import { findLineFault, isAscii } from "../text/characters.js";
import { decodeEncodedWords, isEncodedWord } from "../text/decode-words.js";
import { domainToAscii, isAddressLiteral } from "./domain.js";
import { type Group, isGroup, type Mailbox } from "./mailbox.js";
import { AddressScanner, checkAddressText, joinLocalPart, type Token, type TokenKind } from "./scanner.js";

// PERF: the fast path for the usual input: an address alone, or in brackets after words of letters. Each dot and each space matches
// in one place only, so backtracking is bounded. Labels that start with "xn--" go to the parser.
const LABEL = "(?!xn--|XN--|Xn--|xN--)[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?";
const PLAIN = new RegExp(`^[\\w!#$%&'*+/=?^\`{|}~-]+(?:\\.[\\w!#$%&'*+/=?^\`{|}~-]+)*@${LABEL}(?:\\.${LABEL})*$`);
/** RFC 1035 §2.3.4: a shorter address has no domain that is too long. */
const MAX_PLAIN_LENGTH = 253;
/** 256 with the angle brackets (RFC 5321 §4.5.3.1.3). QUIRK: local parts above 64 bytes (VERP) are common, and servers accept them. */
const MAX_ADDRESS_BYTES = 254;
const PLAIN_WORDS = /^[\w'-]+(?: [\w'-]+)*$/;

/**
 * Parses a list of one or more addresses, as in To or Cc. The text must be unfolded: TAB and space are white space, line breaks are
 * refused. Encoded words in names are decoded; comments are skipped.
 *
 * @throws AddressError (`"address"`) with the position of the fault; `field` (default `"address"`) names the field in it.
 * @example
 * parseAddressList('"Doe, Jane" <jane@example.com>, team: a@example.org, b@example.org;');
 * // [{ name: "Doe, Jane", address: "jane@example.com", ... }, { name: "team", members: [...] }]
 */
export function parseAddressList(text: string, field: string = "address"): (Mailbox | Group)[] {
  const plain = parsePlain(text, field);
  if (plain !== undefined) return [plain];
  return new AddressParser(text, field).list();
}

/**
 * Parses exactly one mailbox, with or without a name.
 *
 * @throws AddressError (`"address"`) when the text is not one mailbox.
 */
export function parseMailbox(text: string, field: string = "address"): Mailbox {
  const plain = parsePlain(text, field);
  if (plain !== undefined) return plain;
  const [mailbox, ...others] = new AddressParser(text, field).list();
  if (mailbox === undefined || isGroup(mailbox)) throw new AddressError(field, "must be one address, not a group");
  if (others.length > 0) throw new AddressError(field, `must be one address, not ${others.length + 1}`);
  return mailbox;
}

/**
 * Parses an address alone: no name, no angle brackets, no comment, no white space.
 *
 * @throws AddressError (`"address"`) when the text is anything else.
 */
export function parseBareAddress(text: string, field: string = "address"): Mailbox {
  if (typeof text !== "string") throw new AddressError(field, `must be a string, not ${describe(text)}`);
  const plain = plainAddress(text, undefined);
  if (plain !== undefined) return plain;
  checkAddressText(text, field);
  return new AddressParser(text, field).bareAddress();
}

/** Recursive descent over one text. Groups do not nest, so the call depth does not depend on the input. */
export class AddressParser {
  readonly #scanner: AddressScanner;
  #token: Token;

  constructor(text: string, field: string) {
    this.#scanner = new AddressScanner(text, field);
    this.#token = this.#scanner.next();
  }

  /** @throws AddressError when the text is anything but a list of one or more addresses. */
  list(): (Mailbox | Group)[] {
    const list: (Mailbox | Group)[] = [];
    for (;;) {
      list.push(this.#address());
      if (this.#is("end")) return list;
      this.#expectComma();
    }
  }

  /** @throws AddressError when the text is anything but one address alone: no name, brackets, comment or white space. */
  bareAddress(): Mailbox {
    const words = this.#words();
    if (this.#is("<")) throw this.#fault("must be an address alone, without a name and angle brackets");
    const mailbox = this.#addrSpec(words);
    if (this.#is(",") || this.#is(";")) throw this.#fault("must be exactly one address");
    if (!this.#is("end")) throw this.#unexpected();
    if (this.#scanner.hasSkipped) throw this.#scanner.fault("an address has white space or a comment around it", 0);
    return mailbox;
  }

  #address(): Mailbox | Group {
    const words = this.#words();
    return this.#is(":") ? this.#group(words) : this.#mailbox(words);
  }

  #group(words: readonly Token[]): Group {
    if (words.length === 0) throw this.#fault('a group needs a name before ":"');
    if (isScheme(words)) throw this.#hasScheme(words);
    const colon = this.#token;
    const name = joinPhrase(words, this.#scanner);
    if (name === "") throw this.#fault('a group needs a name before ":"');
    const members: Mailbox[] = [];
    this.#advance();
    while (!this.#is(";")) {
      if (this.#is("end") && members.length === 0) throw this.#unclosed(colon);
      members.push(this.#mailbox(this.#words()));
      if (this.#is("end")) throw this.#unclosed(colon);
      if (this.#is(";")) break;
      this.#expectComma();
      if (this.#is(";")) throw this.#fault('an address is missing after ","');
    }
    this.#advance();
    return { name, members };
  }

  #mailbox(words: readonly Token[]): Mailbox {
    if (!this.#is("<")) return this.#addrSpec(words);
    const name = joinPhrase(words, this.#scanner);
    const bracket = this.#token;
    this.#advance();
    if (this.#is("@")) throw this.#fault("source routes (<@a:b@c>) are obsolete and not supported");
    const mailbox = this.#addrSpec(this.#words());
    if (this.#is("end")) throw this.#scanner.fault('"<" is never closed', bracket.start);
    if (!this.#is(">")) throw this.#unexpected();
    this.#advance();
    return name === "" ? mailbox : { ...mailbox, name };
  }

  #addrSpec(words: readonly Token[]): Mailbox {
    if (!this.#is("@")) throw this.#noAt(words);
    const localPart = joinLocalPart(words, this.#token, this.#scanner);
    this.#advance();
    const start = this.#token.start;
    const isLiteral = this.#is("literal");
    const domain = this.#domain();
    const ascii = isLiteral ? checkedLiteral(domain) : domainToAscii(domain);
    if (ascii === undefined) {
      const rule = isLiteral ? "this is not an address literal (RFC 5321 §4.1.3)" : "this is not a domain name";
      throw this.#scanner.fault(rule, start);
    }
    const address = `${localPart}@${domain}`;
    if (localPart.length + 1 + ascii.length > MAX_ADDRESS_BYTES || Buffer.byteLength(address) > MAX_ADDRESS_BYTES) {
      const rule = `an address must not be longer than ${MAX_ADDRESS_BYTES} bytes (RFC 5321 §4.5.3.1.3)`;
      throw this.#scanner.fault(rule, words[0]?.start ?? start);
    }
    return { name: undefined, address, asciiAddress: isAscii(localPart) ? `${localPart}@${ascii}` : undefined };
  }

  #domain(): string {
    const first = this.#token;
    if (first.kind !== "atom" && first.kind !== "literal") throw this.#fault('a domain is missing after "@"');
    this.#advance();
    if (first.kind === "literal") return first.value;
    let domain = first.value;
    while (this.#is(".") || this.#is("atom")) {
      if (this.#token.spaced) throw this.#fault("a domain has white space or a comment in it, or a comma is missing");
      domain += this.#token.value;
      this.#advance();
    }
    return domain;
  }

  /** Words up to the next special, which tells whether they are a local part, a name, or the name of a group. */
  #words(): Token[] {
    const words: Token[] = [];
    while (this.#is("atom") || this.#is("quoted") || this.#is(".")) {
      words.push(this.#token);
      this.#advance();
    }
    return words;
  }

  #is(kind: TokenKind): boolean {
    return this.#token.kind === kind;
  }

  #advance(): void {
    this.#token = this.#scanner.next();
  }

  #expectComma(): void {
    if (!this.#is(",")) throw this.#unexpected();
    this.#advance();
  }

  #noAt(words: readonly Token[]): Error {
    const { kind } = this.#token;
    if (words.length > 0) {
      if (isScheme(words) && kind === ":") return this.#hasScheme(words);
      if (kind === ":")
        return this.#fault('":" is inside a group or a name: groups do not nest, and a name with ":" needs quotes');
      if (kind === "literal") return this.#fault('"[" in a name needs quotes');
      return this.#fault('"@" is missing, or a name with a special character needs quotes');
    }
    return this.#fault("an address is missing");
  }

  #unexpected(): Error {
    if (this.#is("@")) return this.#fault('an address has a second "@"');
    if (this.#is(";")) return this.#fault('";" does not separate addresses; use ","');
    if (this.#is("<"))
      return this.#fault('"<" follows an address: a name with "@" needs quotes, and an address has one "<"');
    return this.#fault("text follows an address: a comma is missing, or a name needs quotes");
  }

  #hasScheme(words: readonly Token[]): Error {
    return this.#scanner.fault('an address must not begin with "mailto:"', words[0]?.start ?? 0);
  }

  #unclosed(colon: Token): Error {
    return this.#scanner.fault('":" opens a group that is never closed with ";"', colon.start);
  }

  #fault(rule: string): Error {
    return this.#scanner.fault(rule, this.#token.start);
  }
}

function parsePlain(text: string, field: string): Mailbox | undefined {
  if (typeof text !== "string") throw new AddressError(field, `must be a string, not ${describe(text)}`);
  const plain = plainAddress(text, undefined) ?? plainMailbox(text);
  if (plain === undefined) checkAddressText(text, field, "white-space");
  return plain;
}

/** `Words <address>`: one space before the bracket, nothing after it. */
function plainMailbox(text: string): Mailbox | undefined {
  const bracket = text.indexOf(" <");
  if (bracket === -1 || !text.endsWith(">")) return undefined;
  const name = text.slice(0, bracket);
  return PLAIN_WORDS.test(name) ? plainAddress(text.slice(bracket + 2, -1), name) : undefined;
}

function plainAddress(address: string, name: string | undefined): Mailbox | undefined {
  return address.length <= MAX_PLAIN_LENGTH && PLAIN.test(address)
    ? { name, address, asciiAddress: address }
    : undefined;
}

const checkedLiteral = (text: string): string | undefined => (isAddressLiteral(text) ? text : undefined);

/** `mailto`, as in a URL. */
function isScheme(words: readonly Token[]): boolean {
  return words.length === 1 && /^mailto$/i.test(words[0]?.value ?? "");
}

/**
 * Joins the words of a name: quotes removed, encoded words decoded, white space and comments between words become one space.
 *
 * @throws AddressError where white space between two words is missing, or the decoded name holds control characters.
 */
function joinPhrase(words: readonly Token[], scanner: AddressScanner): string {
  const [first] = words;
  if (first === undefined) return "";
  if (first.kind === ".") throw scanner.fault("a name must not begin with a dot: put it in quotes", first.start);
  const pieces: string[] = [];
  let encoded: string[] = [];
  for (const run of joinRuns(words, scanner)) {
    if (run.isEncoded) {
      encoded.push(run.text);
      continue;
    }
    if (encoded.length > 0) pieces.push(decodeEncodedWords(encoded.join(" ")));
    encoded = [];
    pieces.push(run.text);
  }
  if (encoded.length > 0) pieces.push(decodeEncodedWords(encoded.join(" ")));
  const name = pieces.join(" ");
  // SECURITY: an encoded word can hold a line break.
  if (findLineFault(name) !== undefined) {
    throw scanner.fault("the name holds a control character once it is decoded", first.start);
  }
  return name;
}

interface Run {
  readonly text: string;
  readonly isEncoded: boolean;
}

/** Words without white space between them are one run: `J.`, `R.R.`, and encoded words with unquoted dots. */
function joinRuns(words: readonly Token[], scanner: AddressScanner): Run[] {
  const runs: Run[] = [];
  let text = "";
  let hasQuotes = false;
  let previous: Token | undefined;
  for (const word of words) {
    if (previous !== undefined && word.spaced) {
      runs.push({ text, isEncoded: !hasQuotes && isEncodedWord(text) });
      text = "";
      hasQuotes = false;
    } else if (previous !== undefined && previous.kind !== "." && word.kind !== ".") {
      throw scanner.fault("white space is missing between two words of a name", word.start);
    }
    // Unfolding leaves a TAB.
    text += word.kind === "quoted" ? word.value.replaceAll("\t", " ") : word.value;
    if (word.kind === "quoted") hasQuotes = true;
    previous = word;
  }
  runs.push({ text, isEncoded: !hasQuotes && isEncodedWord(text) });
  return runs;
}
