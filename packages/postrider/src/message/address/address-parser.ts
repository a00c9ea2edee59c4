/**
 * The grammar of address fields: mailboxes, groups and lists of them.
 *
 * Layer: message. RFC 5322 §3.4 (address-list), §4.4 (obsolete forms), RFC 6854 (groups in From).
 *
 * Taken of the obsolete forms: dots in names, comments and white space around `@`, quoted words in a local part. Refused:
 * routes (`<@a:b@c>`), empty list elements, white space around the dots of an address.
 */
import { domainToAscii } from "../../idna.js";
import { isAddressLiteral } from "./address-literal.js";
import { AddressScanner, type Token, type TokenKind } from "./address-scanner.js";
import { joinLocalPart } from "./local-part.js";
import type { Group, Mailbox } from "./mailbox.js";
import { joinPhrase } from "./phrase.js";

const ASCII = /^[\x00-\x7f]*$/;

/** Parses one text; nesting ends at groups, so that the call depth never depends on the input. */
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
    const mailbox = this.#addrSpec(this.#words());
    if (!this.#is("end")) throw this.#unexpected();
    if (this.#scanner.hasSkipped) throw this.#scanner.fault("white space or a comment around an address", 0);
    return mailbox;
  }

  #address(): Mailbox | Group {
    const words = this.#words();
    return this.#is(":") ? this.#group(words) : this.#mailbox(words);
  }

  #group(words: readonly Token[]): Group {
    if (words.length === 0) throw this.#fault('a group needs a name before ":"');
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
      const rule = isLiteral ? "this is no address literal (RFC 5321 §4.1.3)" : "this is no domain name";
      throw this.#scanner.fault(rule, start);
    }
    return {
      name: undefined,
      address: `${localPart}@${domain}`,
      asciiAddress: ASCII.test(localPart) ? `${localPart}@${ascii}` : undefined,
    };
  }

  #domain(): string {
    const first = this.#token;
    if (first.kind !== "atom" && first.kind !== "literal") throw this.#fault('a domain is missing after "@"');
    this.#advance();
    if (first.kind === "literal") return first.value;
    let domain = first.value;
    while (this.#is(".") || this.#is("atom")) {
      if (this.#token.spaced) throw this.#fault("white space or a comment inside a domain, or a comma is missing");
      domain += this.#token.value;
      this.#advance();
    }
    return domain;
  }

  /** Everything up to the special that tells what it is: a local part, a name, or the name of a group. */
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
      if (kind === ":")
        return this.#fault('":" inside a group or a name: groups do not nest, names with ":" need quotes');
      if (kind === "literal") return this.#fault('"[" in a name needs quotes');
      return this.#fault('no address here: "@" is missing, or a name with a special character needs quotes');
    }
    return this.#fault(kind === "," || kind === "end" || kind === ";" ? "an address is missing" : "no address here");
  }

  #unexpected(): Error {
    if (this.#is("@")) return this.#fault('a second "@" in one address');
    if (this.#is("<"))
      return this.#fault('"<" after an address: a name with "@" needs quotes, and an address has one "<"');
    return this.#fault("text after an address: a comma is missing, or a name needs quotes");
  }

  #unclosed(colon: Token): Error {
    return this.#scanner.fault('":" opens a group that no ";" closes', colon.start);
  }

  #fault(rule: string): Error {
    return this.#scanner.fault(rule, this.#token.start);
  }
}

const checkedLiteral = (text: string): string | undefined => (isAddressLiteral(text) ? text : undefined);
