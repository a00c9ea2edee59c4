/**
 * The search of the list: every word must occur in sender, recipients, subject or text, in any case.
 */
import type { InboxMessage } from "../message.js";
import { htmlText } from "./html-text.js";

/** PERF: of a longer text only the beginning is searched; ten thousand long messages must not stop the server. */
const MAX_SEARCHED_TEXT = 100_000;
const MAX_WORDS = 20;

/** What tells whether a message fits; undefined when nothing is searched for. */
export function searchFor(query: string): ((message: InboxMessage) => boolean) | undefined {
  const words = query
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "")
    .slice(0, MAX_WORDS);
  if (words.length === 0) return undefined;
  return (message) => {
    const content = searchable(message);
    return words.every((word) => content.includes(word));
  };
}

function searchable({ envelope, from, to, cc, subject, text, html }: InboxMessage): string {
  const content = text?.slice(0, MAX_SEARCHED_TEXT) ?? htmlText(html ?? "");
  const people = [from, ...to, ...cc].map((one) => (one === undefined ? "" : `${one.name} ${one.address}`));
  const parts = [envelope.sender, ...envelope.recipients, ...people, subject, content];
  // A line end between the parts: no word can span two of them.
  return parts.join("\n").toLowerCase();
}
