/**
 * The search of the list: which messages fit a query.
 */
import type { InboxAddress, InboxMessage } from "../message.js";
import type { StoredMessage } from "../store/message-store.js";
import { htmlText } from "./html-text.js";
import { bytesOf, parseQuery, type QueryField, type QueryTerm } from "./query.js";
import { tagsOf } from "./tags.js";

/** PERF: of a longer text only the beginning is searched; ten thousand long messages must not stop the server. */
const MAX_SEARCHED_TEXT = 100_000;

/** What tells whether a message fits; undefined when nothing is searched for. */
export function searchFor(query: string): ((stored: StoredMessage) => boolean) | undefined {
  const terms = parseQuery(query);
  if (terms.length === 0) return undefined;
  return (stored) => {
    // PERF: put together for the first word that needs it, and once for all words.
    let whole: string | undefined;
    const anywhere = (word: string): boolean => {
      whole ??= searchable(stored.message);
      return whole.includes(word);
    };
    return terms.every((term) => fits(stored, term, anywhere) !== term.not);
  };
}

function fits(stored: StoredMessage, { field, value }: QueryTerm, anywhere: (word: string) => boolean): boolean {
  return field === undefined ? anywhere(value) : FITS[field](stored.message, value, stored);
}

type Fits = (message: InboxMessage, value: string, stored: StoredMessage) => boolean;

const FITS: Readonly<Record<QueryField, Fits>> = {
  from: ({ from, envelope }, value) => among([...named(from), envelope.sender], value),
  to: ({ to, cc, bcc, envelope }, value) =>
    among([...[...to, ...cc].flatMap(named), ...bcc, ...envelope.recipients], value),
  cc: ({ cc }, value) => among(cc.flatMap(named), value),
  bcc: ({ bcc }, value) => among(bcc, value),
  rcpt: ({ envelope }, value) => among(envelope.recipients, value),
  subject: ({ subject = "" }, value) => holds(subject, value),
  text: (message, value) => holds(contentOf(message), value),
  filename: ({ attachments }, value) => attachments.some(({ filename = "" }) => holds(filename, value)),
  tag: (message, value) => tagsOf(message).some((tag) => tag.toLowerCase() === value),
  user: ({ username }, value) => username?.toLowerCase() === value,
  header: ({ headers }, value) => {
    const [name = "", wanted] = splitOnce(value, "=");
    const values = headers.getAll(name);
    return wanted === undefined ? values.length > 0 : values.some((one) => holds(one, wanted));
  },
  has: ({ attachments, html, text }, value) => {
    if (value === "attachment") return attachments.length > 0;
    if (value === "link") return /<a\s[^>]*href/i.test(html ?? "") || /https?:\/\//.test(text ?? "");
    return (value === "html" ? html : text) !== undefined;
  },
  is: ({ secure }, value, { read }) => (value === "secure" ? secure : read === (value === "read")),
  larger: ({ size }, value) => size > (bytesOf(value) ?? 0),
  smaller: ({ size }, value) => size < (bytesOf(value) ?? 0),
  // Days of this machine, as the list shows them.
  after: ({ receivedAt }, value) => receivedAt >= new Date(`${value}T00:00:00`),
  before: ({ receivedAt }, value) => receivedAt < new Date(`${value}T00:00:00`),
};

function searchable(message: InboxMessage): string {
  const { envelope, from, to, cc, subject, attachments } = message;
  const people = [from, ...to, ...cc].map((one) => (one === undefined ? "" : `${one.name} ${one.address}`));
  const files = attachments.map(({ filename }) => filename);
  // A line end between the parts: no word can span two of them.
  return [envelope.sender, ...envelope.recipients, ...people, subject, ...files, contentOf(message)]
    .join("\n")
    .toLowerCase();
}

function contentOf({ text, html }: InboxMessage): string {
  return text?.slice(0, MAX_SEARCHED_TEXT) ?? htmlText(html ?? "");
}

function named(person: InboxAddress | undefined): readonly string[] {
  return person === undefined ? [] : [`${person.name} ${person.address}`, person.address];
}

/** `<ann@example.com>` is that address and no longer one that ends like it. */
function among(texts: readonly string[], value: string): boolean {
  const whole = /^<(.*)>$/.exec(value)?.[1];
  return texts.some((text) => (whole === undefined ? holds(text, value) : text.toLowerCase() === whole));
}

function holds(text: string, value: string): boolean {
  return text.toLowerCase().includes(value);
}

function splitOnce(text: string, separator: string): readonly [before: string, after: string | undefined] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}
