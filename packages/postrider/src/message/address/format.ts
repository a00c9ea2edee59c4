import { type Group, isGroup, type Mailbox } from "./mailbox.js";

export function formatAddress(mailbox: Mailbox): string {
  return mailbox.name === undefined
    ? mailbox.address
    : `"${mailbox.name.replace(/["\\]/g, "\\$&")}" <${mailbox.address}>`;
}

export function formatAddressList(list: readonly (Mailbox | Group)[]): string {
  return list
    .map((entry) =>
      isGroup(entry) ? `${entry.name}:${entry.members.map(formatAddress).join(", ")};` : formatAddress(entry),
    )
    .join(", ");
}
