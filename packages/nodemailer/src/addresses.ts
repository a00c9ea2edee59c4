/**
 * Addresses as programs for nodemailer give them: what has one reading is put in order, and passes postrider's parser then; what
 * has none, or more than one, is an EENVELOPE that names the entry.
 *
 * Layer: nodemailer. RFC 5322 §3.4.
 */
import { type AddressError, type Group, isSmtpError, type Mailbox, parseAddressList } from "postrider";
import { mailError } from "./errors.js";

export type Entry = Mailbox | Group;

/** Whether only what postrider itself takes is taken. */
export interface Reading {
  readonly strict: boolean;
}

/** @throws an EENVELOPE that names the entry: `to[1]` */
export function readAddresses(input: unknown, field: string, reading: Reading): Entry[] {
  if (input === undefined || input === null || input === false || input === "") return [];
  if (typeof input === "string") return readText(input, field, reading);
  if (Array.isArray(input)) {
    return input.flatMap((one, index) =>
      readAddresses(one, input.length === 1 ? field : `${field}[${index}]`, reading),
    );
  }
  if (typeof input === "object") return readObject(input as Record<string, unknown>, field, reading);
  throw refusal(field, `must be an address, not ${typeof input}`);
}

/** The mailboxes of all entries, groups by their members. */
export function mailboxesOf(entries: readonly Entry[]): Mailbox[] {
  return entries.flatMap((entry) => ("members" in entry ? entry.members : [entry]));
}

/** The addresses as an envelope has them: each once, domains as A-labels where that is possible. */
export function envelopeAddresses(entries: readonly Entry[]): string[] {
  return [...new Set(mailboxesOf(entries).map(({ address, asciiAddress }) => asciiAddress ?? address))];
}

function readObject(input: Record<string, unknown>, field: string, reading: Reading): Entry[] {
  const { address } = input;
  const name = displayName(input["name"], field);
  const members = input["group"] ?? input["members"];
  if (members !== undefined) {
    return [{ name: name ?? "", members: mailboxesOf(readAddresses(members, `${field}.group`, reading)) }];
  }
  if (typeof address !== "string") throw refusal(`${field}.address`, "must be a string");
  const text = address.trim();
  if (text === "") return [];
  if (reading.strict && text !== address) throw refusal(`${field}.address`, "must not have white space around it");
  const [only, ...others] = parsed(text, `${field}.address`);
  if (only === undefined || "members" in only || others.length > 0) {
    throw refusal(`${field}.address`, `${shown(text)} must be exactly one address`);
  }
  return [{ ...only, name: name === undefined || name === "" ? only.name : name }];
}

/** A name is text: a line break in it is a space. */
function displayName(name: unknown, field: string): string | undefined {
  if (name === undefined || name === null) return undefined;
  if (typeof name !== "string") throw refusal(`${field}.name`, "must be a string");
  return oneLine(name);
}

/** Line breaks, with the white space around them, as one space. */
export function oneLine(text: string): string {
  return /[\r\n]/.test(text) ? text.replace(/[ \t]*[\r\n]+[ \t]*/g, " ").trim() : text;
}

function readText(text: string, field: string, { strict }: Reading): Entry[] {
  if (strict) return parsed(text, field);
  try {
    return parseAddressList(text, field);
  } catch {
    const unfolded = unfold(text);
    // SECURITY: a line break that folds nothing is no part of an address, and of nothing that stands beside one.
    if (/[\r\n]/.test(unfolded)) throw refusal(field, `${shown(text)} must not hold a line break`);
    return splitList(unfolded).flatMap((entry) => readEntry(entry, field));
  }
}

/** RFC 5322 §2.2.3: a header that was copied as it stood. */
function unfold(text: string): string {
  return text.replace(/\r?\n(?=[ \t])/g, "");
}

// A colon before an address may begin a group, or be what somebody wants to be a command: two readings.
const NAME_AND_ADDRESS = /^([^<>:]*)<([^<>]*)>$/;

function readEntry(entry: string, field: string): Entry[] {
  try {
    return parseAddressList(entry, field);
  } catch (error) {
    const [, name, address] = NAME_AND_ADDRESS.exec(entry) ?? [];
    // "a@b.c <a@b.c>", "Dr. J. (home) <j@d.e>": what stands before the angle brackets can only be the name.
    if (name !== undefined && address !== undefined) {
      const [only, ...others] = tryParse(address.trim(), field);
      if (only !== undefined && others.length === 0 && !("members" in only)) {
        const shown = oneLine(unquoted(name.trim()));
        return [{ ...only, name: shown === "" || shown === only.address ? undefined : shown }];
      }
    }
    throw unreadable(entry, field, error);
  }
}

function unquoted(name: string): string {
  const quote = /^(["'])(.*)\1$/s.exec(name);
  return quote === null ? name : (quote[2] ?? "").replace(/\\(.)/gs, "$1");
}

function tryParse(text: string, field: string): Entry[] {
  try {
    return parseAddressList(text, field);
  } catch {
    return [];
  }
}

function parsed(text: string, field: string): Entry[] {
  try {
    return parseAddressList(text, field);
  } catch (error) {
    throw unreadable(text, field, error);
  }
}

/** Entries between commas and semicolons that stand outside quotes, angle brackets, comments and groups; empty ones are left out. */
export function splitList(text: string): string[] {
  const entries: string[] = [];
  let entry = "";
  let closer = "";
  let isGroup = false;
  for (let at = 0; at < text.length; at += 1) {
    const sign = text.charAt(at);
    if (sign === "\\" && closer !== ">") {
      entry += text.slice(at, at + 2);
      at += 1;
      continue;
    }
    if (closer !== "") {
      if (sign === closer) closer = "";
    } else if (CLOSERS.has(sign)) {
      closer = CLOSERS.get(sign) ?? "";
    } else if (sign === ":" && !entry.includes("@")) {
      isGroup = true;
    } else if (sign === ";" && isGroup) {
      isGroup = false;
      entry += sign;
      continue;
    } else if ((sign === "," && !isGroup) || sign === ";") {
      entries.push(entry);
      entry = "";
      continue;
    }
    entry += sign;
  }
  return [...entries, entry].map((one) => one.trim()).filter((one) => one !== "");
}

const CLOSERS: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ["<", ">"],
  ["(", ")"],
]);

function unreadable(entry: string, field: string, cause: unknown): Error {
  const rule = isSmtpError(cause) ? (cause as AddressError).message.replace(/^[^:]*: /, "") : "is not an address";
  return refusal(field, `${shown(entry)}: ${rule}`, cause);
}

function refusal(field: string, rule: string, cause?: unknown): Error {
  return mailError("EENVELOPE", `${field}: ${rule}`, { command: "API", outcome: "not-sent", retry: "never", cause });
}

function shown(text: string): string {
  return JSON.stringify(text.slice(0, 100));
}
