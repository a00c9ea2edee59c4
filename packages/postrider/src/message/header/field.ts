import { formatAddressList } from "../address/format.js";
import type { Group, Mailbox } from "../address/mailbox.js";
import { checkFieldName, checkFieldValue } from "./field-text.js";

/** `"ascii"`: encoded words and A-labels. `"utf8"`: text as it is (RFC 6532), for a message sent with SMTPUTF8. */
export type HeaderForm = "ascii" | "utf8";

export function formatField(name: string, value: string, _form: HeaderForm): string {
  checkFieldName(name);
  checkFieldValue(name, value);
  return `${name}: ${value}\r\n`;
}

export function formatAddressField(name: string, list: readonly (Mailbox | Group)[], form: HeaderForm): string {
  return formatField(name, formatAddressList(list), form);
}

export function fieldNeedsUtf8(_name: string, _value: string): boolean {
  return false;
}
