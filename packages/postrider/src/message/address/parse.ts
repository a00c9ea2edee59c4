import { AddressError } from "../../errors.js";
import { domainToAscii } from "../../idna.js";
import type { Group, Mailbox } from "./mailbox.js";

export function parseAddressList(text: string, field = "address"): (Mailbox | Group)[] {
  return text.split(",").map((one) => parseMailbox(one.trim(), field));
}

export function parseMailbox(text: string, field = "address"): Mailbox {
  const match = /^(?:"?([^"<>]*?)"? ?<([^<>\s]+)>|([^<>\s]+))$/.exec(text);
  const address = match?.[2] ?? match?.[3];
  if (address === undefined) throw new AddressError(field, `${JSON.stringify(text)} is no address`);
  const at = address.lastIndexOf("@");
  const domain = domainToAscii(address.slice(at + 1));
  if (at < 1 || domain === undefined) throw new AddressError(field, `${JSON.stringify(text)} is no address`);
  const name = match?.[1];
  return { name: name === "" ? undefined : name, address, asciiAddress: `${address.slice(0, at)}@${domain}` };
}
