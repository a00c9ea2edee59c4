/**
 * Tags of a message: what programs and providers write into header fields to tell kinds of mail apart.
 */
import type { InboxMessage } from "../message.js";

/** X-Tags is the inbox's (and Mailpit's); the others are Postmark's, Mailgun's, Mandrill's, Brevo's and Mailjet's. */
const FIELDS: ReadonlySet<string> = new Set([
  "x-tags",
  "x-tag",
  "x-pm-tag",
  "x-mailgun-tag",
  "x-mc-tags",
  "x-mailin-tag",
  "x-mj-customid",
]);
const MAX_TAGS = 10;
const MAX_LENGTH = 40;

// PERF: a list has a thousand messages, and their fields do not change.
const known = new WeakMap<object, readonly string[]>();

/** Each once, in the order of the message; at most ten. */
export function tagsOf({ headers }: InboxMessage): readonly string[] {
  const before = known.get(headers);
  if (before !== undefined) return before;
  const found = new Set<string>();
  for (const { name, value } of headers) {
    if (!FIELDS.has(name.toLowerCase())) continue;
    for (const tag of value.split(",")) if (tag.trim() !== "") found.add(tag.trim().slice(0, MAX_LENGTH));
  }
  const tags = [...found].slice(0, MAX_TAGS);
  known.set(headers, tags);
  return tags;
}
