/**
 * Addresses as objects, for programs that import nodemailer's parser: postrider's own parser behind the names of the other.
 *
 * Layer: nodemailer. RFC 5322 §3.4.
 */
import { type Entry, readAddresses, splitList } from "./addresses.js";
import type { Address, AddressGroup } from "./types.js";

export declare namespace addressparser {
  export type Address = import("./types.js").Address & { name: string };
  export type Group = AddressGroup;
  export type AddressOrGroup = Address | Group;
}

/** Entries that are no addresses come back with an empty `address`, and their text as the name: nothing is guessed. */
export function addressparser(text: string, options: { flatten: true }): addressparser.Address[];
export function addressparser(text: string, options?: { flatten?: false }): addressparser.AddressOrGroup[];
export function addressparser(
  text: string,
  { flatten = false }: { flatten?: boolean } = {},
): addressparser.AddressOrGroup[] {
  const entries = splitList(String(text ?? "")).flatMap(readOne);
  return flatten
    ? entries.flatMap((one) => ("group" in one ? (one.group as addressparser.Address[]) : [one]))
    : entries;
}

function readOne(text: string): addressparser.AddressOrGroup[] {
  try {
    return readAddresses(text, "address", { strict: false }).map(toPlain);
  } catch {
    return [{ address: "", name: text }];
  }
}

function toPlain(entry: Entry): addressparser.AddressOrGroup {
  if (!("members" in entry)) return { address: entry.address, name: entry.name ?? "" };
  const group: Address[] = entry.members.map(({ name, address }) => ({ address, name: name ?? "" }));
  return { name: entry.name, group };
}
