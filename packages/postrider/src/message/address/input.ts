import type { Group, Mailbox } from "./mailbox.js";
import { parseAddressList, parseMailbox } from "./parse.js";

export interface MailboxInput {
  readonly name?: string | undefined;
  readonly address: string;
}
export interface GroupInput {
  readonly name: string;
  readonly members: readonly (string | MailboxInput)[];
}
export type AddressInput = string | MailboxInput | GroupInput;
export type AddressesInput = AddressInput | readonly AddressInput[];

export function toAddressList(input: AddressesInput, field: string): (Mailbox | Group)[] {
  const all = Array.isArray(input) ? (input as readonly AddressInput[]) : [input as AddressInput];
  return all.flatMap((one): (Mailbox | Group)[] => {
    if (typeof one === "string") return parseAddressList(one, field);
    if ("members" in one)
      return [
        { name: one.name, members: one.members.map((m) => parseMailbox(typeof m === "string" ? m : m.address, field)) },
      ];
    return [{ ...parseMailbox(one.address, field), name: one.name }];
  });
}
