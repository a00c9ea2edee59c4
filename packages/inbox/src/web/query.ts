/**
 * The language of the search: words, "quoted words", operators such as `to:` and `has:attachment`, and `-` for what must not be.
 * The page reads queries too, so nothing of Node is used here.
 */

export type QueryField =
  | "from"
  | "to"
  | "cc"
  | "bcc"
  | "rcpt"
  | "subject"
  | "text"
  | "filename"
  | "tag"
  | "user"
  | "header"
  | "has"
  | "is"
  | "larger"
  | "smaller"
  | "after"
  | "before";

/** One condition; all of them must hold. */
export interface QueryTerm {
  /** Undefined for a word that may be anywhere. */
  readonly field: QueryField | undefined;
  /** In lower case. */
  readonly value: string;
  /** The message must not fit. */
  readonly not: boolean;
}

/** The operators with what they find, for the page and the guide. */
export const OPERATORS: Readonly<Record<QueryField, string>> = {
  from: "the sender: header and envelope",
  to: "any recipient: To, Cc, Bcc and envelope",
  cc: "the Cc header",
  bcc: "recipients that neither To nor Cc names",
  rcpt: "recipients of the envelope",
  subject: "the subject",
  text: "text or HTML",
  filename: "names of attachments",
  tag: "a tag",
  user: "the user that logged in",
  header: "a header field: header:x-id or header:x-id=17",
  has: "attachment, html, text, link",
  is: "unread, read, secure",
  larger: "more bytes than this: larger:100k",
  smaller: "fewer bytes than this",
  after: "received on this day or later: after:2026-11-30",
  before: "received before this day",
};

/** The values that `has:` and `is:` know. */
const STATES: Readonly<Record<"has" | "is", readonly string[]>> = {
  has: ["attachment", "html", "text", "link"],
  is: ["unread", "read", "secure"],
};

/** SECURITY: a query of thousands of words would be asked of every message. */
const MAX_TERMS = 20;
const TERM = /(-?)(?:([a-z]{2,8}):)?(?:"([^"]*)"?|(\S+))/gi;

/** The conditions of a query. An operator that is not known, or has no value of its kind, is a word as it stands. */
export function parseQuery(query: string): readonly QueryTerm[] {
  const terms: QueryTerm[] = [];
  for (const [whole, minus = "", operator = "", quoted, bare = ""] of query.matchAll(TERM)) {
    if (terms.length === MAX_TERMS) break;
    // "to:" while its value is being typed says nothing yet; neither does a lone hyphen.
    if (operator === "" && quoted === undefined && (bare === "-" || (bare.endsWith(":") && isField(bare.slice(0, -1)))))
      continue;
    const field = fieldOf(operator.toLowerCase());
    const value = (quoted ?? bare).toLowerCase();
    if (field !== undefined && isValue(field, value)) terms.push({ field, value, not: minus !== "" });
    else if (field === undefined || value !== "") {
      const word = operator === "" ? value : whole.slice(minus.length).toLowerCase();
      if (word !== "") terms.push({ field: undefined, value: word, not: minus !== "" });
    }
  }
  return terms;
}

/** Words to mark in what is shown of a field; those of no field are marked everywhere. */
export function wordsToMark(query: string, field: "from" | "to" | "subject" | "text"): readonly string[] {
  return parseQuery(query)
    .filter((term) => !term.not && (term.field === undefined || term.field === field))
    .map(({ value }) => value.replace(/^<|>$/g, ""))
    .filter((value) => value !== "");
}

/** Bytes of "100", "100k" or "2m"; undefined for anything else. */
export function bytesOf(text: string): number | undefined {
  const found = /^(\d{1,12}(?:\.\d{1,3})?)([km]?)b?$/.exec(text);
  if (found === null) return undefined;
  return Number(found[1]) * (found[2] === "k" ? 1000 : found[2] === "m" ? 1_000_000 : 1);
}

function fieldOf(name: string): QueryField | undefined {
  return isField(name) ? name : undefined;
}

function isField(name: string): name is QueryField {
  return Object.hasOwn(OPERATORS, name.toLowerCase());
}

function isValue(field: QueryField, value: string): boolean {
  if (value === "") return false;
  if (field === "has" || field === "is") return STATES[field].includes(value);
  if (field === "larger" || field === "smaller") return bytesOf(value) !== undefined;
  if (field === "after" || field === "before")
    return /^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(Date.parse(value));
  return true;
}
