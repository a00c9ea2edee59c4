/** Addresses, domains, and what makes them. */
import assert from "node:assert/strict";
import { decodePunycode, domainToAscii, domainToUtf8 } from "../../../src/address/domain.js";
import { formatAddressList } from "../../../src/address/format.js";
import { isGroup } from "../../../src/address/mailbox.js";
import { parseAddressList, parseBareAddress } from "../../../src/address/parser.js";
import { AddressError } from "../../../src/errors/errors.js";
import { type FuzzTarget, fuzzTarget } from "../fuzz-target.js";
import { soupOf } from "../soup.js";

const PIECES = [
  "a",
  "b.c",
  "@",
  ".",
  ",",
  ";",
  ":",
  "<",
  ">",
  '"',
  "\\",
  "(",
  ")",
  "[",
  "]",
  " ",
  "example.com",
  "[192.0.2.1]",
  "b\u00fccher.example",
  "xn--",
  "\u3002",
  "\u00ad",
  "=?utf-8?q?x?=",
  "g: ",
  "\r\n ",
];

/** Letters, digits, hyphens, underscores (hosts have them) and dots, or an address literal: what may stand in a command. */
const WIRE_DOMAIN =
  /^(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?(?:\.[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?)*|\[[\x21-\x5a\x5e-\x7e]+\])$/;
const CONTROL = /[\u0000-\u001f\u007f]/;

function unlessAddressError<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch (error) {
    assert.ok(error instanceof AddressError, String(error));
    assert.ok(error.message.length < 1000, "a message is bounded");
    return undefined;
  }
}

function checkList(text: string): void {
  const list = unlessAddressError(() => parseAddressList(text));
  if (list === undefined) return;
  for (const mailbox of list.flatMap((entry) => (isGroup(entry) ? entry.members : [entry]))) {
    assert.doesNotMatch(mailbox.address, CONTROL);
    if (mailbox.asciiAddress !== undefined) {
      const ascii = mailbox.asciiAddress;
      assert.match(ascii.slice(ascii.lastIndexOf("@") + 1), WIRE_DOMAIN);
      // An address too long for a command may still stand in a header.
      const wire = unlessAddressError(() => parseBareAddress(ascii, "recipients"));
      if (wire !== undefined) assert.equal(wire.asciiAddress, ascii, "header and envelope agree");
    }
  }
  assert.deepEqual(parseAddressList(formatAddressList(list)), list, "what is written reads back the same");
}

function checkWire(text: string): void {
  const mailbox = unlessAddressError(() => parseBareAddress(text, "recipients"));
  if (mailbox === undefined) return;
  assert.doesNotMatch(`${mailbox.address}${mailbox.asciiAddress ?? ""}`, CONTROL);
  const { asciiAddress } = mailbox;
  if (asciiAddress !== undefined) assert.match(asciiAddress.slice(asciiAddress.lastIndexOf("@") + 1), WIRE_DOMAIN);
}

function checkDomain(text: string): void {
  const ascii = domainToAscii(text);
  if (ascii === undefined) return;
  assert.match(ascii, WIRE_DOMAIN);
  assert.equal(domainToAscii(ascii), ascii, "an A-label stays as it is");
  assert.equal(domainToAscii(domainToUtf8(ascii)), ascii, "there and back");
}

function checkPunycode(text: string): void {
  const decoded = decodePunycode(text);
  if (decoded !== undefined) assert.ok([...decoded].length <= text.length, "a label never grows");
}

const LABELS = [
  "a",
  "b\u00fccher",
  "xn--",
  "xn--bcher-kva",
  ".",
  "-",
  "\u3002",
  "\u00ad",
  "\u200d",
  "example",
  "\u4f8b\u3048",
  "1",
  "_",
  "\u00df",
  "\uff0e",
];

export const ADDRESS_TARGETS: readonly FuzzTarget[] = [
  fuzzTarget("address list", soupOf(PIECES), checkList),
  fuzzTarget("address of a command", soupOf(PIECES, 12), checkWire),
  fuzzTarget("domain", soupOf(LABELS, 10), checkDomain),
  fuzzTarget("punycode", soupOf(["a", "b", "9", "-", "z", "kva"], 12), checkPunycode),
];
