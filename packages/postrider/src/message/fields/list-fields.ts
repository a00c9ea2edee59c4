/**
 * What a newsletter or a mailing list says of itself: how to leave it, where to ask, what it is called.
 *
 * Layer: message. RFC 2369 (List-Help and its like), RFC 2919 (List-ID), RFC 8058 (one-click).
 */

import { formatPhrase } from "../../address/format.js";
import { MessageError } from "../../errors.js";
import { describe } from "../../given.js";
import type { MessageHeaders } from "../header/headers.js";
import { checkLine, readKeys } from "../plain-data.js";
import { type CheckedUrl, formatListUrls, type ListUrls, readListUrls } from "./list-urls.js";

/**
 * The List- fields of a message.
 *
 * @example
 * const list = {
 *   id: { id: "news.example.org", name: "News of Example" },
 *   unsubscribe: ["https://example.org/leave/8f3a", "mailto:leave@example.org?subject=8f3a"],
 *   unsubscribePost: true,
 * };
 */
export interface ListFields {
  /** List-ID (RFC 2919): a name with a dot, below a domain of yours; the same in all messages of the list. */
  readonly id?: string | { readonly id: string; readonly name?: string | undefined } | undefined;
  /** List-Unsubscribe: how to leave. */
  readonly unsubscribe?: ListUrls | undefined;
  /**
   * List-Unsubscribe-Post (RFC 8058), for true: a POST to the https URL of `unsubscribe` is enough to leave. There must be
   * exactly one such URL, and no http one.
   */
  readonly unsubscribePost?: boolean | "List-Unsubscribe=One-Click" | undefined;
  /** List-Help: where to ask. */
  readonly help?: ListUrls | undefined;
  /** List-Subscribe: how to join. */
  readonly subscribe?: ListUrls | undefined;
  /** List-Post: how to write to the list; `"NO"` when nobody may (RFC 2369 §3.4). */
  readonly post?: ListUrls | "NO" | undefined;
  /** List-Owner: who answers for it. */
  readonly owner?: ListUrls | undefined;
  /** List-Archive: where its messages are kept. */
  readonly archive?: ListUrls | undefined;
}

const URL_FIELDS = [
  ["help", "List-Help"],
  ["unsubscribe", "List-Unsubscribe"],
  ["subscribe", "List-Subscribe"],
  ["post", "List-Post"],
  ["owner", "List-Owner"],
  ["archive", "List-Archive"],
] as const;
const KEYS: readonly (keyof ListFields)[] = ["id", ...URL_FIELDS.map(([key]) => key), "unsubscribePost"];
const ONE_CLICK = "List-Unsubscribe=One-Click";

/** @throws MessageError that names the key: `list.unsubscribe[1].comment`. */
export function applyList(headers: MessageHeaders, value: unknown, field: string): void {
  const list: ListFields = readKeys(value, KEYS, field, "list");
  if (list.id !== undefined) headers.set("List-ID", formatId(list.id, `${field}.id`));
  const isOneClick = readOneClick(list.unsubscribePost, `${field}.unsubscribePost`);
  if (isOneClick && list.unsubscribe === undefined) throw noOneClick(field);
  for (const [key, name] of URL_FIELDS) {
    const given: unknown = list[key];
    if (given === undefined) continue;
    if (key === "post" && given === "NO") {
      headers.set(name, given);
      continue;
    }
    const urls = readListUrls(given, `${field}.${key}`);
    headers.set(name, formatListUrls(urls));
    if (key !== "unsubscribe" || !isOneClick) continue;
    if (!allowsOneClick(urls)) throw noOneClick(field);
    headers.set("List-Unsubscribe-Post", ONE_CLICK);
  }
}

// RFC 2919 §3: a label, a dot, a namespace; letters beyond ASCII have no way in.
const ID = /^[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)+$/;
const MAX_ID_LENGTH = 255;

function formatId(value: unknown, field: string): string {
  if (typeof value === "string") return `<${checkId(value, field)}>`;
  const { id, name } = readKeys(value, ["id", "name"], field, "an id that is an object");
  const bracketed = `<${checkId(id, `${field}.id`)}>`;
  if (name === undefined || name === "") return bracketed;
  checkLine(name, `${field}.name`);
  // SECURITY: readers look for the identifier at the first "<".
  if (/[<>]/.test(name)) throw new MessageError(`${field}.name`, "must not hold angle brackets");
  return `${formatPhrase(name)} ${bracketed}`;
}

function checkId(value: unknown, field: string): string {
  if (typeof value !== "string") throw new MessageError(field, `must be a string, not ${describe(value)}`);
  const id = value.startsWith("<") && value.endsWith(">") ? value.slice(1, -1) : value;
  if (id.length <= MAX_ID_LENGTH && ID.test(id) && !id.includes("=?")) return id;
  throw new MessageError(field, "must be a name with a dot, such as news.example.org (RFC 2919 §3)");
}

function readOneClick(value: unknown, field: string): boolean {
  if (value === undefined || value === false) return false;
  if (value === true || value === ONE_CLICK) return true;
  throw new MessageError(field, `must be true or false, not ${describe(value)}`);
}

/** RFC 8058 §3.1: one https URL, and beside it none of HTTP. */
function allowsOneClick(urls: readonly CheckedUrl[]): boolean {
  const web = urls.filter(({ protocol }) => protocol === "https:" || protocol === "http:");
  return web.length === 1 && web[0]?.protocol === "https:";
}

function noOneClick(field: string): MessageError {
  return new MessageError(
    `${field}.unsubscribePost`,
    `needs exactly one https URL in ${field}.unsubscribe, and no http one (RFC 8058 §3.1)`,
  );
}
